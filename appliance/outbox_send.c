#include "appliance/outbox_internal.h"

#include <assert.h>

#include "appliance/loose.h"
#include "schema/statements.h"

/* -------------------------------------------------------------------- blobs */

static void forget_blob(struct outbox_blob *b)
{
    disk_close(b->file);
    b->file = NULL;
    sealed_window_clear(&b->window);
    b->object = (struct sync_object){0};
}

/* The next row of the class: 1 and its place, hash and whether some of it has left; 0:
 * none. Places are in the order of rows: an image's is twice its page's id, and one
 * more for the thumbnail (ids have 52 bits); an original's is its id. */
static int next_blob(struct outbox *o, struct outbox_blob *b, uint64_t after,
                     struct err *e)
{
    sqlite3_stmt *s =
        outbox_fresh(o, b == &o->image ? OUTBOX_NEXT_IMAGE : OUTBOX_NEXT_ORIGINAL);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
    row = statement_step(s, e);
    if (row <= 0)
        return row;
    b->object.class = b == &o->image ? SYNC_CLASS_IMAGES : SYNC_CLASS_ORIGINALS;
    b->object.first = b->object.last = (uint64_t)sqlite3_column_int64(s, 0);
    b->object.sent_before = sqlite3_column_int(s, 2) != 0;
    if (!column_hash(s, 1, &b->sha256))
        row = err_set(e, ERR_CORRUPT, "blob %llu: its hash is malformed",
                      (unsigned long long)b->object.first);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row;
}

/* *there is false if its file is not, or if the disk does not give it. */
static int open_blob(struct outbox *o, struct outbox_blob *b, bool *there, struct err *e)
{
    uint64_t bytes;

    *there = false;
    if (blob_exists(o->box->blobs, &b->sha256, there, e) != 0 ||
        (*there && (blob_open(o->box->blobs, &b->file, &b->sha256, e) != 0 ||
                    disk_file_size(b->file, &bytes, e) != 0))) {
        *there = false;
        return e->code == ERR_IO ? 0 : -1;
    }
    if (!*there)
        return 0;
    outbox_object(&b->object.id, OBJECT_BLOB, &b->sha256);
    b->object.total_bytes = sealed_bytes(bytes);
    return 0;
}

/* A packed form whose file is gone, or cannot be read, travels no more: its original does.
 * *packed says whether it was one. What may be left of it is loose. */
static int forget_packed(struct outbox *o, const struct outbox_blob *b, bool *packed,
                         struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_PACKED_GONE);
    struct store *store = o->box->store;

    bind_blob(s, 1, b->sha256.bytes, HASH_BYTES);
    if (store_write_begin(store, e) != 0)
        return -1;
    if (statement_run(s, e) != 0)
        goto failed;
    *packed = sqlite3_changes(store_db(store)) > 0; /* the commit changes rows too */
    if (*packed && loose_let_go(o->box, &b->sha256, e) != 0)
        goto failed;
    return store_write_commit(store, NULL, e);
failed:
    store_write_rollback(store);
    return -1;
}

int outbox_next_blob(struct outbox *o, enum sync_class class, uint64_t after,
                     struct sync_object *out, struct err *e)
{
    struct outbox_blob *b = class == SYNC_CLASS_IMAGES ? &o->image : &o->original;
    bool there = false, packed;
    int row = 1;

    while (row == 1 && !there) {
        packed = false;
        forget_blob(b);
        row = next_blob(o, b, after, e);
        if (row == 1 && (open_blob(o, b, &there, e) != 0 ||
                         (!there && forget_packed(o, b, &packed, e) != 0)))
            row = -1;
        if (!packed)
            after = b->object.last;
    }
    if (row == 1)
        *out = b->object;
    return row < 0 ? err_wrap(e, "outbox: blobs") : row;
}

/* ------------------------------------------------------------------ reading */

static enum outbox_sabotage sabotage = OUTBOX_SOUND;

void outbox_sabotage(enum outbox_sabotage how)
{
    sabotage = how;
}

static int mark_blob_received(struct outbox *o, const struct outbox_blob *b,
                              struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_BLOB_STATE);

    bind_blob(s, 1, b->sha256.bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, BLOB_RECEIVED);
    return outbox_run_alone(o, s, e);
}

static int mark_blob_begun(struct outbox *o, const struct outbox_blob *b, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_BLOB_BEGUN);

    bind_blob(s, 1, b->sha256.bytes, HASH_BYTES);
    return outbox_run_alone(o, s, e);
}

/* A short bundle begins and ends with one block: one transaction for both. */
static int mark_bundle(struct outbox *o, bool begun, bool sent, struct err *e)
{
    const struct sync_object *b = &o->bundle.object;
    struct store *store = o->box->store;
    sqlite3_stmt *begin = outbox_fresh(o, OUTBOX_BEGUN);
    sqlite3_stmt *send = outbox_fresh(o, OUTBOX_SENT);

    if (!begun && !sent)
        return 0;
    (void)sqlite3_bind_int64(begin, 1, (sqlite3_int64)b->first);
    (void)sqlite3_bind_int64(send, 1, (sqlite3_int64)b->last);
    if (store_write_begin(store, e) != 0)
        return -1;
    if ((begun && statement_run(begin, e) != 0) ||
        (sent && statement_run(send, e) != 0)) {
        store_write_rollback(store);
        return -1;
    }
    return store_write_commit(store, NULL, e);
}

static int read_bundle(struct outbox *o, uint64_t offset, size_t count, bool sends,
                       struct buffer *out, struct err *e)
{
    const struct buffer *bytes = &o->bundle.bytes;
    size_t left = bytes->count - (size_t)offset;
    bool begun = offset == 0 && !o->bundle.object.sent_before;

    if (count > left)
        count = left;
    if (mark_bundle(o, begun, sends && count == left, e) != 0)
        return -1;
    buffer_append(out, bytes->bytes + offset, count);
    return buffer_check(out, e);
}

/* Before its first byte: what is altered here the centre would refuse, once it has come all
 * the way, each time anew. Its original goes instead, where it is only the packed form. A
 * very large one is not read twice: a card takes seconds for each 64 MB, and a link that
 * hears nothing meanwhile breaks. */
#define CHECK_BYTES_MAX (64u << 20)

static int check_blob(struct outbox *o, const struct outbox_blob *b, struct err *e)
{
    bool sound, packed;

    if (b->object.total_bytes > CHECK_BYTES_MAX)
        return 0;
    if (blob_check(o->box->blobs, &b->sha256, &sound, e) != 0)
        return -1;
    if (sound)
        return 0;
    if (forget_packed(o, b, &packed, e) != 0)
        return -1;
    return err_set(e, ERR_CORRUPT, "a file was altered here: run verify");
}

static int read_blob(struct outbox *o, struct outbox_blob *b, uint64_t offset,
                     size_t count, struct buffer *out, struct err *e)
{
    if (offset == 0 && check_blob(o, b, e) != 0)
        return -1;
    if (offset == 0 && !b->object.sent_before && mark_blob_begun(o, b, e) != 0)
        return -1;
    if (sealed_window_read(&b->window, b->file, o->site, &b->sha256, o->shared, offset,
                           count, out, e) != 0)
        return -1;
    if (sabotage == OUTBOX_SENT_IS_RECEIVED && count >= b->object.total_bytes - offset &&
        mark_blob_received(o, b, e) != 0)
        return -1;
    return 0;
}

static int read_object(struct outbox *o, const struct object_id *id, uint64_t offset,
                       size_t count, bool sends, struct buffer *out, struct err *e)
{
    bool bundle = object_id_equal(id, &o->bundle.object.id);
    struct outbox_blob *b =
        object_id_equal(id, &o->image.object.id) ? &o->image : &o->original;
    const struct sync_object *object = bundle ? &o->bundle.object : &b->object;
    int rc;

    if (!object_id_equal(id, &object->id) || offset >= object->total_bytes || count == 0)
        return err_set(e, ERR_FAILED, "outbox: nothing to read there");
    rc = bundle ? read_bundle(o, offset, count, sends, out, e)
                : read_blob(o, b, offset, count, out, e);
    return rc == 0 ? 0 : err_wrap(e, "outbox: read");
}

int outbox_read(struct outbox *o, const struct object_id *id, uint64_t offset,
                size_t count, struct buffer *out, struct err *e)
{
    return read_object(o, id, offset, count, true, out, e);
}

int outbox_peek(struct outbox *o, const struct object_id *id, uint64_t offset,
                size_t count, struct buffer *out, struct err *e)
{
    return read_object(o, id, offset, count, false, out, e);
}

int outbox_sent(struct outbox *o, uint64_t last, struct err *e)
{
    sqlite3_stmt *s = outbox_fresh(o, OUTBOX_SENT);

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)last);
    return outbox_run_alone(o, s, e) == 0 ? 0 : err_wrap(e, "outbox: sent");
}
