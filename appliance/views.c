#include "appliance/views.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/page_words.h"
#include "schema/statements.h"

static const char *const page_sql =
    "SELECT p.original_page, p.rotation, o.sha256 FROM page p"
    " JOIN original o ON o.id = p.original WHERE p.id = ?1";

/* What a picture is of. */
struct view_key {
    struct hash sha256;
    uint32_t page;
    unsigned turns;
};

struct view {
    struct view_key key;
    struct buffer jpeg;
    enum refusal refusal; /* that it cannot be drawn is kept, too */
    uint64_t used;        /* the higher, the later; 0: nothing is here */
};

struct views {
    pthread_mutex_t lock;
    struct ocr_client *client;
    struct view kept[VIEWS_KEPT];
    uint64_t asked;
};

int views_create(struct views **out, bool uncaged, struct err *e)
{
    const struct ocr_options options = {.jobs = 1, .uncaged = uncaged};
    struct views *v = calloc(1, sizeof *v);

    *out = NULL;
    if (v == NULL)
        return err_set(e, ERR_MEMORY, "views");
    if (ocr_client_create(&v->client, &options, e) != 0) {
        free(v);
        return -1;
    }
    (void)pthread_mutex_init(&v->lock, NULL);
    *out = v;
    return 0;
}

void views_destroy(struct views *v)
{
    if (v == NULL)
        return;
    ocr_client_destroy(v->client);
    for (size_t i = 0; i < VIEWS_KEPT; i++)
        buffer_release(&v->kept[i].jpeg);
    (void)pthread_mutex_destroy(&v->lock);
    free(v);
}

void views_interrupt(struct views *v)
{
    ocr_client_interrupt(v->client);
}

void views_idle(struct views *v)
{
    if (pthread_mutex_trylock(&v->lock) != 0)
        return; /* it is at work */
    ocr_client_idle(v->client);
    pthread_mutex_unlock(&v->lock);
}

/* ----------------------------------------------------------------------- kept */

static struct view *find_kept(struct views *v, const struct view_key *k)
{
    for (size_t i = 0; i < VIEWS_KEPT; i++)
        if (v->kept[i].used > 0 && v->kept[i].key.page == k->page &&
            v->kept[i].key.turns == k->turns &&
            hash_equal(&v->kept[i].key.sha256, &k->sha256))
            return &v->kept[i];
    return NULL;
}

static struct view *oldest(struct views *v)
{
    struct view *found = &v->kept[0];

    for (size_t i = 1; i < VIEWS_KEPT; i++)
        if (v->kept[i].used < found->used)
            found = &v->kept[i];
    return found;
}

/* --------------------------------------------------------------------- making */

static int make(struct views *v, struct box *b, const struct view_key *k,
                struct buffer *jpeg, enum refusal *refusal, struct err *e)
{
    struct disk_file *f = NULL;
    int fd, rc = -1;

    if (blob_open(b->blobs, &f, &k->sha256, e) == 0 &&
        disk_file_descriptor(f, &fd, e) == 0) {
        rc = ocr_view(v->client, fd, k->page, k->turns, jpeg, refusal, e);
        (void)close(fd); /* it was only for reading */
    }
    disk_close(f);
    return rc;
}

/* Under the lock. */
static int get(struct views *v, struct box *b, const struct view_key *k,
               struct buffer *out, enum refusal *refusal, struct err *e)
{
    struct view *view = find_kept(v, k);

    if (view == NULL) {
        view = oldest(v);
        buffer_release(&view->jpeg);
        buffer_init(&view->jpeg, VIEW_BYTES_MAX);
        view->key = *k;
        view->used = 0;
        view->refusal = REFUSAL_NONE;
        if (make(v, b, k, &view->jpeg, &view->refusal, e) != 0)
            return -1;
    }
    view->used = ++v->asked;
    *refusal = view->refusal;
    buffer_append(out, view->jpeg.bytes, view->jpeg.count);
    return buffer_check(out, e);
}

/* How the page lies, and in which original; false in *any: in none. */
static int find_page(struct box *b, uint64_t page, struct view_key *k, bool *any,
                     struct err *e)
{
    struct page_row row = {.id = page};
    struct page_words words = {0};
    sqlite3_stmt *s = NULL;
    int step, rc = -1;

    *k = (struct view_key){0};
    if (statements_prepare(store_db(b->store), &s, &page_sql, 1, e) != 0)
        return -1;
    bind_id(s, 1, page);
    step = statement_step(s, e);
    *any = step == 1 && column_hash(s, 2, &k->sha256);
    if (*any) {
        k->page = (uint32_t)sqlite3_column_int64(s, 0);
        row.rotation = (uint8_t)(sqlite3_column_int(s, 1) & 3);
    }
    if (step >= 0 && (!*any || page_words_read(&words, b->records, page, e) == 0))
        rc = 0;
    k->turns = page_words_turns(&words, &row);
    page_words_release(&words);
    statements_finalize(&s, 1);
    return rc;
}

int views_get(struct views *v, struct box *b, uint64_t page, struct buffer *out,
              enum view_lack *lack, struct err *e)
{
    struct view_key k;
    enum refusal refusal = REFUSAL_NONE;
    bool any, there;
    int rc;

    *lack = VIEW_NONE;
    if (find_page(b, page, &k, &any, e) != 0)
        return -1;
    if (!any)
        return 0;
    *lack = VIEW_AWAY;
    if (blob_exists(b->blobs, &k.sha256, &there, e) != 0)
        return -1;
    if (!there)
        return 0;
    pthread_mutex_lock(&v->lock);
    rc = get(v, b, &k, out, &refusal, e);
    pthread_mutex_unlock(&v->lock);
    *lack = refusal == REFUSAL_NONE ? VIEW_HERE : VIEW_REFUSED;
    return rc;
}
