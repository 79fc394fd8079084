#include "appliance/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/incoming.h"
#include "appliance/room.h"
#include "schema/statements.h"
#include "sync/bundle.h"
#include "sync/partial.h"
#include "sync/sealed_blob.h"

/* Larger than any file that intake takes. */
#define ORIGINAL_BYTES_MAX (8ull << 30)
#define APPLY_FRAMES       64

struct arrivals {
    struct box *box; /* not owned */
    uint16_t site;
    uint8_t shared[SHARED_BYTES];
    struct partial *partials[OBJECT_KINDS]; /* what is arriving, or NULL */
    bool bundle_came;                       /* since it was created */
};

static struct partial_place place_of(const struct arrivals *a)
{
    return (struct partial_place){
        .disk = a->box->disk, .dir = a->box->dir, .site = a->site};
}

/* ----------------------------------------------------------------- originals */

/* 1: this box has an original of that name, or a small image, and its hash. */
static int find_original(struct box *b, const struct object_id *object, struct hash *out,
                         struct err *e)
{
    static const char *const sql =
        "SELECT sha256 FROM original WHERE sha256 BETWEEN ?1 AND ?2 UNION ALL"
        " SELECT sha256 FROM image WHERE sha256 BETWEEN ?1 AND ?2 LIMIT 1";
    uint8_t lowest[HASH_BYTES], highest[HASH_BYTES];
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    memset(lowest, 0, sizeof lowest);
    memset(highest, 0xff, sizeof highest);
    memcpy(lowest, object->id, OBJECT_ID_BYTES);
    memcpy(highest, object->id, OBJECT_ID_BYTES);
    bind_blob(s, 1, lowest, sizeof lowest);
    bind_blob(s, 2, highest, sizeof highest);
    row = statement_step(s, e);
    if (row == 1 && !column_hash(s, 0, out))
        row = err_set(e, ERR_CORRUPT, "an original's hash is malformed");
    statements_finalize(&s, 1);
    return row;
}

/* Before anything of it is kept: *settled if it is here, or none of ours. */
static int settle_original(struct arrivals *a, const struct object_id *object,
                           struct sync_taken *out, bool *settled, struct err *e)
{
    struct hash sha256;
    bool here = false;
    int found = find_original(a->box, object, &sha256, e);

    if (found < 0 || (found == 1 && blob_exists(a->box->blobs, &sha256, &here, e) != 0))
        return -1;
    if (here && room_is_back(a->box, &sha256, e) != 0)
        return -1;
    *settled = found == 0 || here;
    if (found == 0)
        *out =
            (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_NOT_YOURS};
    else if (here)
        *out = (struct sync_taken){.state = SYNC_TAKING_DONE};
    return 0;
}

static int sink(void *arg, const void *bytes, size_t count, struct err *e)
{
    return blob_writer_add(arg, bytes, count, e);
}

/* ERR_REFUSED: it is not what it claims to be. */
static int keep_original(struct arrivals *a, struct partial *p, struct err *e)
{
    struct blob_writer *w = NULL;
    struct disk_file *f;
    struct hash claimed;
    int rc = -1;

    if (partial_whole(p, &f, e) != 0 || blob_writer_create(&w, a->box->blobs, e) != 0 ||
        sealed_blob_open(f, a->site, a->shared, &claimed, sink, w, e) != 0)
        goto out;
    if (memcmp(claimed.bytes, partial_object(p)->id, OBJECT_ID_BYTES) != 0) {
        (void)err_set(e, ERR_REFUSED, "another original than it was offered as");
        goto out;
    }
    rc = room_take_written(a->box, w, &claimed, e);
out:
    blob_writer_destroy(w);
    return rc;
}

static int take_original(struct arrivals *a, struct partial *p, struct sync_taken *out,
                         struct err *e)
{
    *out = (struct sync_taken){.state = SYNC_TAKING_DONE};
    if (keep_original(a, p, e) == 0)
        return 0;
    if (e->code != ERR_REFUSED)
        return -1;
    *out = (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_FORGED};
    return 0;
}

/* Bundles come one at a time: what is left of another one was cut otherwise since. And an
 * original that nobody wants back any more does not come. */
static int is_over(void *arg, uint16_t site, const struct object_id *object, bool *is,
                   struct err *e)
{
    struct arrivals *a = arg;
    struct hash sha256;
    bool here, wanted;
    int found;

    *is = site != a->site || (object->kind == OBJECT_BUNDLE && a->bundle_came);
    if (*is || object->kind == OBJECT_BUNDLE)
        return 0;
    *is = true;
    found = find_original(a->box, object, &sha256, e);
    if (found <= 0)
        return found;
    if (blob_exists(a->box->blobs, &sha256, &here, e) != 0 ||
        room_is_wanted(a->box, &sha256, &wanted, e) != 0)
        return -1;
    *is = here || !wanted;
    return here ? room_is_back(a->box, &sha256, e) : 0;
}

static int sweep(struct arrivals *a, struct err *e)
{
    return partial_sweep(a->box->disk, a->box->dir, false, is_over, a, e);
}

/* ----------------------------------------------------------- create, destroy */

static int make_place(struct box *b, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/partial", b->dir) != 0)
        return -1;
    return disk_make_dirs(b->disk, path, e);
}

int arrivals_create(struct arrivals **out, struct box *b, const struct sync_config *c,
                    struct err *e)
{
    struct arrivals *a = calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL)
        return err_set(e, ERR_MEMORY, "arrivals");
    a->box = b;
    a->site = c->site;
    if (!key_agree(&c->box, &c->centre, a->shared)) {
        (void)err_set(e, ERR_CORRUPT, "the centre's key is no key");
        goto failed;
    }
    if (make_place(b, e) != 0 || sweep(a, e) != 0)
        goto failed;
    *out = a;
    return 0;
failed:
    arrivals_destroy(a);
    return err_wrap(e, "arrivals");
}

void arrivals_end(struct arrivals *a)
{
    struct err ignored; /* what is not durable is asked for again */

    for (size_t i = 0; i < OBJECT_KINDS; i++) {
        if (a->partials[i] != NULL)
            (void)partial_sync(a->partials[i], &ignored);
        partial_close(a->partials[i]);
        a->partials[i] = NULL;
    }
}

void arrivals_destroy(struct arrivals *a)
{
    if (a == NULL)
        return;
    arrivals_end(a);
    sodium_memzero(a, sizeof *a);
    free(a);
}

/* ------------------------------------------------------------------- bundles */

/* Applied at once, as far as it can be: what waits for a newer program is kept. */
static int apply(struct box *b, struct sync_taken *out, struct err *e)
{
    struct incoming_numbers n;
    unsigned applied = 0;

    do {
        if (incoming_apply(b, APPLY_FRAMES, &applied, e) != 0)
            return -1;
    } while (applied > 0);
    if (incoming_numbers(b, &n, e) != 0)
        return -1;
    *out = (struct sync_taken){
        .state = SYNC_TAKING_DONE, .seen = n.seen, .epoch = n.seen_epoch};
    return 0;
}

static int take_bytes(struct box *b, const void *bytes, size_t count,
                      struct sync_taken *out, struct err *e)
{
    enum incoming_verdict verdict;

    if (incoming_take(b, bytes, count, &verdict, e) != 0)
        return -1;
    switch (verdict) {
    case INCOMING_TAKEN:
    case INCOMING_KNOWN:
    case INCOMING_GAP: /* what is seen says from where it is needed */
        return apply(b, out, e);
    case INCOMING_LACKS:
        *out = (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_HISTORY};
        return 0;
    case INCOMING_FORK:
        *out = (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_FORK};
        return 0;
    case INCOMING_REFUSED:
        break;
    }
    *out = (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_FORGED};
    return 0;
}

static int take_bundle(struct arrivals *a, struct partial *p, struct sync_taken *out,
                       struct err *e)
{
    size_t got, total = (size_t)partial_total(p);
    unsigned char *whole = malloc(total + 1);
    struct disk_file *f;
    int rc = -1;

    if (whole == NULL)
        return err_set(e, ERR_MEMORY, "bundle");
    if (partial_whole(p, &f, e) == 0 && disk_file_read(f, whole, total, 0, &got, e) == 0)
        rc = take_bytes(a->box, whole, got, out, e);
    free(whole);
    return rc;
}

/* -------------------------------------------------------------------- taking */

static int take_whole(struct arrivals *a, struct partial *p, struct sync_taken *out,
                      struct err *e)
{
    enum object_kind kind = (enum object_kind)partial_object(p)->kind;
    int rc =
        kind == OBJECT_BUNDLE ? take_bundle(a, p, out, e) : take_original(a, p, out, e);
    struct partial_place place = place_of(a);
    struct object_id object = *partial_object(p);
    uint64_t total_bytes = partial_total(p);

    partial_close(p);
    a->partials[kind] = NULL;
    if (rc != 0)
        return -1;
    a->bundle_came = a->bundle_came || kind == OBJECT_BUNDLE;
    if (kind == OBJECT_BUNDLE)
        return sweep(a, e);
    return partial_remove(&place, &object, total_bytes, e);
}

static bool is_open(const struct arrivals *a, const struct object_id *object,
                    uint64_t total_bytes)
{
    const struct partial *p = a->partials[object->kind];

    return p != NULL && object_id_equal(partial_object(p), object) &&
           partial_total(p) == total_bytes;
}

/* Makes it the one that arrives of its kind. *settled: no need to. */
static int open_partial(struct arrivals *a, const struct object_id *object,
                        uint64_t total_bytes, struct sync_taken *out, bool *settled,
                        struct err *e)
{
    uint64_t most = object->kind == OBJECT_BUNDLE ? BUNDLE_BYTES_MAX
                                                  : sealed_bytes(ORIGINAL_BYTES_MAX);
    struct partial_place place = place_of(a);

    *settled = total_bytes == 0 || total_bytes > most;
    *out = (struct sync_taken){.state = SYNC_TAKING_REFUSED, .why = REFUSED_TOO_BIG};
    if (*settled || is_open(a, object, total_bytes))
        return 0;
    if (object->kind == OBJECT_BLOB && settle_original(a, object, out, settled, e) != 0)
        return -1;
    if (*settled)
        return 0;
    if (a->partials[object->kind] != NULL &&
        partial_sync(a->partials[object->kind], e) != 0)
        return -1;
    partial_close(a->partials[object->kind]);
    return partial_open(&a->partials[object->kind], &place, object, total_bytes, e);
}

int arrivals_offer(struct arrivals *a, const struct object_id *object,
                   uint64_t total_bytes, struct sync_taken *out, struct err *e)
{
    struct partial *p;
    bool settled;

    if (open_partial(a, object, total_bytes, out, &settled, e) != 0)
        return err_wrap(e, "arrivals");
    if (settled)
        return 0;
    p = a->partials[object->kind];
    if (partial_bytes(p) == total_bytes) /* all of it came, and then the power went */
        return take_whole(a, p, out, e) == 0 ? 0 : err_wrap(e, "arrivals");
    if (partial_sync(p, e) != 0)
        return err_wrap(e, "arrivals");
    *out = (struct sync_taken){.state = SYNC_TAKING_MORE, .bytes = partial_bytes(p)};
    return 0;
}

int arrivals_block(struct arrivals *a, const struct object_id *object, uint64_t offset,
                   const void *bytes, size_t count, struct sync_taken *out, struct err *e)
{
    struct partial *p = a->partials[object->kind];

    if (p == NULL || !object_id_equal(partial_object(p), object) ||
        partial_bytes(p) != offset || count > partial_total(p) - offset)
        return err_set(e, ERR_FAILED, "arrivals: nothing was offered that goes on there");
    if (partial_add(p, bytes, count, e) != 0)
        return err_wrap(e, "arrivals");
    *out = (struct sync_taken){.state = SYNC_TAKING_MORE, .bytes = partial_bytes(p)};
    if (partial_bytes(p) < partial_total(p))
        return 0;
    return take_whole(a, p, out, e) == 0 ? 0 : err_wrap(e, "arrivals");
}
