#include "appliance/images.h"

#include "appliance/duplicates.h"
#include "appliance/loose.h"
#include "appliance/room.h"
#include "schema/statements.h"

/* ------------------------------------------------------------- which are missing */

/* Pages after ?1 that were read, are not deleted, and lack an image as they are
 * turned now; of documents that were touched after frame ?2. */
#define MISSING                                                                          \
    "SELECT p.id, p.original_page, p.rotation, o.sha256 FROM page p"                     \
    " JOIN original o ON o.id = p.original"                                              \
    " JOIN document d ON d.id = p.document AND d.deleted = 0"                            \
    " LEFT JOIN image i ON i.page = p.id AND i.kind = 'small'"                           \
    " LEFT JOIN image_refused r ON r.page = p.id"                                        \
    " WHERE p.id > ?1 AND p.deleted = 0"                                                 \
    " AND EXISTS (SELECT 1 FROM reading WHERE reading.page = p.id)"                      \
    " AND (i.page IS NULL OR i.rotation <> p.rotation)"                                  \
    " AND (r.page IS NULL OR r.rotation <> p.rotation)"

/* The first pass looks at all: there is no frame 0. */
static const char all_sql[] = MISSING " AND ?2 = 0 ORDER BY p.id LIMIT ?3";
static const char since_sql[] =
    MISSING " AND p.document IN (SELECT document FROM document_frame WHERE sequence > ?2)"
            " ORDER BY p.id LIMIT ?3";

static void take_task(struct image_task *out, sqlite3_stmt *s)
{
    *out = (struct image_task){
        .page = (uint64_t)sqlite3_column_int64(s, 0),
        .original_page = (uint32_t)sqlite3_column_int64(s, 1),
        .rotation = (uint8_t)(sqlite3_column_int(s, 2) & 3),
    };
    (void)column_hash(s, 3, &out->sha256); /* else the blob of no hash is not there */
}

static int fill_batch(struct box *b, struct images *i, struct err *e)
{
    const char *sql = i->looked == 0 ? all_sql : since_sql;
    sqlite3_stmt *s;
    int row = 0;

    i->batch_count = i->batch_at = 0;
    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)i->after);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)i->looked);
    (void)sqlite3_bind_int(s, 3, IMAGES_BATCH);
    while (i->batch_count < IMAGES_BATCH && (row = statement_step(s, e)) == 1)
        take_task(&i->batch[i->batch_count++], s);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* The next page of this pass, or of a new one if frames came since the last. */
static int next_task(struct box *b, struct images *i, struct image_task *out,
                     struct err *e)
{
    int64_t last;

    *out = (struct image_task){0};
    if (i->batch_at == i->batch_count) {
        if (sql_number(store_db(b->store), "SELECT max(sequence) FROM changelog", &last,
                       e) != 0)
            return -1;
        if (i->pass == 0 && (uint64_t)last == i->looked)
            return 0;
        if (i->pass == 0) {
            i->pass = (uint64_t)last;
            i->after = 0;
        }
        if (fill_batch(b, i, e) != 0)
            return -1;
    }
    if (i->batch_count == 0) { /* the pass is over */
        i->looked = i->pass;
        i->pass = 0;
        return 0;
    }
    *out = i->batch[i->batch_at++];
    i->after = out->page;
    return 0;
}

/* -------------------------------------------------------------------- one page */

#define AWAY "away"

static int refuse(struct box *b, const struct image_task *t, const char *why,
                  struct err *e)
{
    static const char *const sql =
        "INSERT INTO image_refused (page, rotation, reason) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (page) DO UPDATE SET rotation = ?2, reason = ?3";
    sqlite3_stmt *s = NULL;
    int rc = -1;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) == 0) {
        bind_id(s, 1, t->page);
        (void)sqlite3_bind_int(s, 2, t->rotation);
        bind_text(s, 3, why);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    if (rc == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

static int keep_bytes(struct box *b, const struct buffer *bytes, struct image_row *row,
                      struct err *e)
{
    struct blob_writer *w = NULL;
    int rc = -1;

    if (blob_writer_create(&w, b->blobs, e) == 0 &&
        blob_writer_add(w, bytes->bytes, bytes->count, e) == 0)
        rc = loose_keep(b, w, &row->sha256, &row->bytes, e);
    blob_writer_destroy(w);
    return rc;
}

/* Whether the page is still to be shown, and as it was when we began. */
static int is_as_it_was(struct box *b, const struct image_task *t, bool *same,
                        struct err *e)
{
    static const char *const sql = "SELECT 1 FROM page p JOIN document d"
                                   " ON d.id = p.document AND d.deleted = 0"
                                   " WHERE p.id = ?1 AND p.deleted = 0"
                                   " AND p.rotation = ?2";
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    bind_id(s, 1, t->page);
    (void)sqlite3_bind_int(s, 2, t->rotation);
    row = statement_step(s, e);
    *same = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* Inside the write. *old is zeroed unless another blob was let go of. */
static int put_row(struct box *b, const struct image_row *row, struct hash *old,
                   struct err *e)
{
    struct image_row before;
    bool found;

    *old = (struct hash){0};
    if (record_page_image(b->records, row->page, row->kind, &before, &found, e) != 0 ||
        record_image(b->records, row, e) != 0 || loose_named(b, &row->sha256, e) != 0)
        return -1;
    if (!found || hash_equal(&before.sha256, &row->sha256))
        return 0;
    *old = before.sha256;
    return loose_let_go(b, old, e);
}

/* All in one write; what they replace goes after it. */
static int put_rows(struct box *b, const struct image_task *t,
                    const struct image_row rows[2], const struct likeness *likeness,
                    struct err *e)
{
    static const struct hash none;
    struct hash old[2];
    bool same = false;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (is_as_it_was(b, t, &same, e) != 0 ||
        (same && (put_row(b, &rows[0], &old[0], e) != 0 ||
                  put_row(b, &rows[1], &old[1], e) != 0 ||
                  duplicates_add(b, t->page, t->rotation, likeness, e) != 0))) {
        store_write_rollback(b->store);
        return -1;
    }
    if (store_write_commit(b->store, NULL, e) != 0)
        return -1;
    for (int n = 0; n < 2; n++) {
        const struct hash *gone = same ? &old[n] : &rows[n].sha256;

        if (!hash_equal(gone, &none) && loose_remove(b, gone, e) != 0)
            return -1;
    }
    return 0;
}

static int keep_images(struct box *b, const struct image_task *t,
                       const struct small *made, struct err *e)
{
    struct image_row rows[2];

    for (int n = 0; n < 2; n++) {
        rows[n] = (struct image_row){.page = t->page,
                                     .kind = n == 0 ? IMAGE_SMALL : IMAGE_THUMBNAIL,
                                     .width = made->width,
                                     .height = made->height,
                                     .rotation = t->rotation};
        if (keep_bytes(b, n == 0 ? &made->image : &made->thumbnail, &rows[n], e) != 0)
            return -1;
    }
    return put_rows(b, t, rows, &made->likeness, e);
}

/* An original that left to make room is asked for, and the page tried again when it is
 * back: at the next start, since nothing is looked at twice before. */
static int do_without(struct box *b, const struct image_task *t, struct err *e)
{
    bool away;

    if (room_is_away(b, &t->sha256, &away, e) != 0 ||
        (away && room_want(b, &t->sha256, e) != 0))
        return -1;
    return refuse(b, t, away ? AWAY : refusal_name(REFUSAL_DAMAGED), e);
}

static int make_images(struct box *b, const struct image_task *t, bool *made,
                       struct err *e)
{
    struct disk_file *f = NULL;
    struct small small = {0};
    bool there;
    int rc = -1;

    *made = false;
    if (blob_exists(b->blobs, &t->sha256, &there, e) != 0)
        return -1;
    if (!there)
        return do_without(b, t, e);
    if (blob_open(b->blobs, &f, &t->sha256, e) != 0 ||
        b->reader->small(b->reader, f, t->original_page, t->rotation, &small, e) != 0)
        goto out;
    *made = small.refusal == REFUSAL_NONE;
    rc = *made ? keep_images(b, t, &small, e)
               : refuse(b, t, refusal_name(small.refusal), e);
out:
    small_release(&small);
    disk_close(f);
    return rc;
}

/* Below the floor it waits, and the page is not passed over. */
static int has_room(struct box *b, bool *has, struct err *e)
{
    struct disk_space space;
    uint64_t floor = IMAGES_FLOOR_BYTES_MAX;

    if (disk_space(b->disk, b->dir, &space, e) != 0)
        return -1;
    if (floor > space.total_bytes / IMAGES_FLOOR_SHARE)
        floor = space.total_bytes / IMAGES_FLOOR_SHARE;
    *has = space.free_bytes >= floor;
    return 0;
}

int images_next(struct box *b, struct images *i, bool *made, struct err *e)
{
    struct image_task t;
    bool has;

    *made = false;
    if (has_room(b, &has, e) != 0)
        return err_wrap(e, "small images");
    if (!has)
        return 0;
    if (next_task(b, i, &t, e) != 0)
        return err_wrap(e, "small images");
    if (t.page == 0)
        return 0;
    if (make_images(b, &t, made, e) == 0)
        return 1;
    *i = (struct images){.looked = i->looked}; /* the same page again, another time */
    return err_wrap(e, "small images");
}
