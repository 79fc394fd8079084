#include "tests/lib/box_story.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"

#define IMPORT_RECORDS 120

static const struct {
    const char *file, *paper;
} morning[] =
    {
        {"cong-van.jpg", "fake jpeg\npage: công văn số 101 về đường làng\nend\n"},
        {"bao-cao.pdf", "fake pdf\npage: báo cáo quý một\npage: báo cáo quý hai\n"
                        "page: báo cáo quý ba\nend\n"},
        {"mat.png", "fake png\npage mat: phương án kín\nend\n"},
        {"ghi-chu.txt", "một tờ giấy nháp\n"},
        {"ho-so.zip",
         "fake zip\nentry a.jpg\n|fake jpeg\n|page: giấy khai sinh số 7\n|end\n"
         "refuse bad_path ../b.jpg\n"
         "entry cong-van.jpg\n|fake jpeg\n|page: công văn số 101 về đường làng\n"
         "|end\n"
         "entry c.tiff\n|fake tiff\n|page: sổ ruộng tờ một\n|page: sổ ruộng tờ "
         "hai\n|end\nend\n"},
},
  afternoon[] = {
      {"ban-do.tiff", "fake tiff\npage: bản đồ thửa đất\npage read=crashed: mờ\nend\n"},
      {"cong-van-2.jpg", "fake jpeg\npage: công văn số 101 về đường làng\nend\n"},
      {"mat-2.png", "fake png\npage mat: phương án kín\nend\n"},
      {"don.jpg", "fake jpeg\npage: đơn xin xác nhận\nend\n"},
};

static int import_records(struct story *s, struct box_world *w, struct err *e)
{
    struct import_counts counts = {0};
    struct buffer lines;
    int rc;

    buffer_init(&lines, 1 << 20);
    for (int n = 0; n < IMPORT_RECORDS; n++)
        buffer_append_format(
            &lines,
            "{\"key\": %d, \"dossier\": \"D%d\", \"fields\": {\"so\": %d},"
            " \"pages\": [{\"text\": \"bản ghi nhập %d\"}]}\n",
            n, n % 3, n, n);
    rc = world_import(w, (const char *)lines.bytes, &counts, e);
    buffer_release(&lines);
    s->records = counts.added; /* on failure too: what was counted is kept */
    return rc;
}

static int read_pages(struct story *s, struct box_world *w, struct err *e)
{
    struct queue_progress p;
    int rc = world_read(w, &p, e);

    s->pages_read += p.done;
    return rc;
}

static int run_sql(struct box_world *w, const char *sql, struct err *e)
{
    if (store_write_begin(w->box->store, e) != 0)
        return -1;
    if (sql_run(store_db(w->box->store), sql, e) == 0)
        return store_write_commit(w->box->store, NULL, e);
    store_write_rollback(w->box->store);
    return -1;
}

/* Then a page is turned, and the centre has an original safe. */
static int afterwards(struct box_world *w, struct err *e)
{
    struct afterwards_counts c;

    if (world_afterwards(w, &c, e) != 0 ||
        run_sql(w,
                "UPDATE page SET rotation = rotation + 1 WHERE id ="
                " (SELECT max(page) FROM image)",
                e) != 0 ||
        run_sql(w,
                "INSERT INTO blob_sent (sha256, state)"
                " SELECT original, 2 FROM packing WHERE here = 1 LIMIT 1",
                e) != 0)
        return -1;
    return world_afterwards(w, &c, e);
}

int story_live(struct story *s, struct box_world *w, struct err *e)
{
    s->phase = STORY_INTAKE;
    for (size_t n = 0; n < sizeof morning / sizeof morning[0]; n++)
        if (world_take(w, morning[n].file, morning[n].paper, e) != 0)
            return -1;
    s->phase = STORY_READING;
    if (read_pages(s, w, e) != 0)
        return -1;
    s->phase = STORY_AFTERWARDS;
    if (afterwards(w, e) != 0)
        return -1;
    s->phase = STORY_IMPORT;
    if (s->with_import && import_records(s, w, e) != 0)
        return -1;
    s->phase = STORY_INTAKE;
    for (size_t n = 0; n < sizeof afternoon / sizeof afternoon[0]; n++)
        if (world_take_as(w, afternoon[n].file, afternoon[n].paper, "HS-2", "khac", e) !=
            0)
            return -1;
    s->phase = STORY_READING;
    if (read_pages(s, w, e) != 0)
        return -1;
    s->phase = STORY_AFTERWARDS;
    if (afterwards(w, e) != 0)
        return -1;
    s->phase = STORY_OVER;
    return 0;
}

int story_recover(struct box_world *w, struct err *e)
{
    struct afterwards_counts made;
    struct queue_progress p;

    if (world_open(w, e) != 0 || world_resume(w, e) != 0 || world_read(w, &p, e) != 0)
        return -1;
    return world_afterwards(w, &made, e);
}

/* -------------------------------------------------------------------- losses */

static char loss[400];

__attribute__((format(printf, 1, 2))) static const char *lost(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(loss, sizeof loss, format, args);
    va_end(args);
    return loss;
}

/* -1 if there is no answer; then something is lost too. */
static int64_t number_of(struct box_world *w, const char *sql, const struct hash *sha256)
{
    sqlite3_stmt *s = NULL;
    int64_t n = -1;

    if (sqlite3_prepare_v2(store_db(w->box->store), sql, -1, &s, NULL) != SQLITE_OK)
        return -1;
    if (sha256 != NULL)
        (void)sqlite3_bind_blob(s, 1, sha256->bytes, HASH_BYTES, SQLITE_TRANSIENT);
    if (sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s); /* its answer was taken */
    return n;
}

struct page_check {
    struct box_world *w;
    const struct world_told *told;
    uint32_t pages;
    const char *loss;
};

static int on_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct page_check *c = arg;

    (void)e;
    if (hit->document == c->told->document)
        c->pages++;
    return 0;
}

static const char *check_found(struct box_world *w, const struct world_told *t,
                               const char *text)
{
    struct page_check c = {.told = t};
    char query[512];

    (void)snprintf(query, sizeof query, "\"%s\"", text);
    if (search_run(w->box->records, query, 50, on_hit, &c, &w->err) != 0)
        return lost("%s: search: %s", t->file, w->err.text);
    return c.pages == 0 ? lost("%s: not found by %s", t->file, query) : NULL;
}

/* A page is read, once, and says what its bytes say; or it is in quarantine. */
static int check_page(void *arg, const struct page_row *p, struct err *e)
{
    struct page_check *c = arg;
    struct disk_file *f = NULL;
    struct buffer text, expected = {0};

    c->pages++;
    buffer_init(&text, 1 << 20);
    if (blob_open(c->w->box->blobs, &f, &c->told->sha256, e) != 0 ||
        record_page_text(c->w->box->records, p->id, &text, e) != 0)
        c->loss = lost("%s: %s", c->told->file, e->text);
    else if (!reader_fake_text(f, p->original_page, &expected))
        c->loss =
            lost("%s: its bytes have no page %" PRIu32, c->told->file, p->original_page);
    else if (text.count == 0 && strcmp((char *)expected.bytes, "mờ") == 0)
        c->loss = NULL; /* the one that crashes its reader */
    else if (text.count == 0 || strcmp((char *)text.bytes, (char *)expected.bytes) != 0)
        c->loss = lost("%s: page %" PRIu32 " does not say what it said", c->told->file,
                       p->ordinal);
    else
        c->loss = check_found(c->w, c->told, (const char *)expected.bytes);
    disk_close(f);
    buffer_release(&text);
    buffer_release(&expected);
    return c->loss == NULL ? 0 : err_set(e, ERR_FAILED, "lost");
}

static const char *check_kept(struct box_world *w, const struct world_told *t)
{
    struct page_check c = {.w = w, .told = t};
    bool sound = false;

    if (number_of(w, "SELECT count(*) FROM original WHERE sha256 = ?1", &t->sha256) != 1)
        return lost("%s: it is not there exactly once", t->file);
    if ((uint64_t)number_of(w,
                            "SELECT max(page.document) FROM page JOIN original ON"
                            " original.id = page.original WHERE sha256 = ?1",
                            &t->sha256) != t->document)
        return lost("%s: it is not the document that was named", t->file);
    if (blob_check(w->box->blobs, &t->sha256, &sound, &w->err) != 0 || !sound)
        return lost("%s: its bytes are not sound", t->file);
    if (record_each_page(w->box->records, t->document, check_page, &c, &w->err) != 0)
        return c.loss != NULL ? c.loss : lost("%s: %s", t->file, w->err.text);
    if (c.pages != t->pages)
        return lost("%s: %" PRIu32 " pages of %" PRIu32, t->file, c.pages, t->pages);
    return NULL;
}

static const char *check_told(struct box_world *w, const struct world_told *t)
{
    switch (t->state) {
    case INTAKE_KEPT:
    case INTAKE_DUPLICATE:
        return check_kept(w, t);
    case INTAKE_HELD:
        if (number_of(w,
                      "SELECT count(*) FROM intake WHERE sha256 = ?1"
                      " AND state = 'held'",
                      &t->sha256) != 1)
            return lost("%s: it is not held any more", t->file);
        break;
    case INTAKE_REFUSED:
        break;
    }
    if (number_of(w, "SELECT count(*) FROM original WHERE sha256 = ?1", &t->sha256) != 0)
        return lost("%s: %s, and yet captured", t->file, intake_state_name(t->state));
    return NULL;
}

/* Of documents that nobody was told of, too. */
static const char *check_once(struct box_world *w)
{
    static const struct {
        const char *sql, *words;
    } none_of[] = {
        {"SELECT count(*) - count(DISTINCT sha256) FROM original",
         "a file is there twice"},
        {"SELECT count(*) FROM (SELECT 1 FROM reading GROUP BY page HAVING count(*) > 1)",
         "a page was read twice"},
        {"SELECT count(*) FROM job WHERE state IN ('waiting', 'leased')",
         "a page still waits"},
        {"SELECT count(*) FROM intake WHERE state IN ('taken', 'cleared')",
         "a file is still on its way"},
        {"SELECT count(*) FROM page WHERE original IS NOT NULL AND id NOT IN"
         " (SELECT page FROM job)",
         "a page has no job"},
        {"SELECT count(*) FROM document WHERE id NOT IN (SELECT document FROM page)",
         "a document has no page"},
        {"SELECT count(*) FROM page WHERE original IS NULL AND id NOT IN"
         " (SELECT page FROM reading)",
         "an imported page has no text"},
        {"SELECT count(*) FROM page JOIN reading ON reading.page = page.id"
         " WHERE original IS NOT NULL AND (SELECT count(*) FROM image WHERE"
         " image.page = page.id AND image.rotation = page.rotation) <> 2",
         "a page that was read has no images as it is turned"},
        {"SELECT count(*) FROM loose_blob", "a blob of ours is loose"},
        {"SELECT count(*) FROM original WHERE EXISTS (SELECT 1 FROM centre_link)"
         " AND sha256 NOT IN (SELECT original FROM packing)"
         " AND sha256 NOT IN (SELECT sha256 FROM blob_sent)",
         "packing was not tried"},
    };

    for (size_t n = 0; n < sizeof none_of / sizeof none_of[0]; n++)
        if (number_of(w, none_of[n].sql, NULL) != 0)
            return lost("%s", none_of[n].words);
    return NULL;
}

const char *story_loss(const struct story *s, struct box_world *w)
{
    const char *wrong = world_problem(w);

    for (size_t n = 0; wrong == NULL && n < w->told_count; n++)
        wrong = check_told(w, &w->told[n]);
    if (wrong == NULL)
        wrong = check_once(w);
    if (wrong == NULL &&
        number_of(w,
                  "SELECT count(*) FROM reading JOIN page ON page.id = page"
                  " WHERE original IS NOT NULL",
                  NULL) < (int64_t)s->pages_read)
        wrong = lost("a page that was read has no text");
    if (wrong == NULL &&
        number_of(w, "SELECT count(*) FROM document WHERE source = 'thu'", NULL) <
            (int64_t)s->records)
        wrong = lost("a record that was imported is not there");
    return wrong;
}
