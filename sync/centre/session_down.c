#include "sync/centre/session_internal.h"

#include <string.h>

#include <sodium/utils.h>

#include "schema/statements.h"

/* What a box keeps without taking it: then it is asked where it is. */
#define WINDOW_BYTES SYNC_INCOMING_BYTES_MAX

/* ------------------------------------------------------------------- beginning */

/* The first of the site's frames that a box has not seen whose last one is this. */
static int first_unseen(struct session *s, const struct status_vector *v, uint64_t *out,
                        struct err *e)
{
    sqlite3_stmt *q;
    int row;

    *out = v->seen + 1;
    if (centre_statement(s->centre, &q,
                         "SELECT min(sequence) FROM down_frame WHERE site = ?1"
                         " AND (sequence > ?2 OR centre_epoch > ?3)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(q, 1, s->site.site);
    (void)sqlite3_bind_int64(q, 2, (sqlite3_int64)v->seen);
    (void)sqlite3_bind_int(q, 3, v->seen_epoch);
    row = statement_step(q, e);
    if (row == 1 && sqlite3_column_type(q, 0) != SQLITE_NULL)
        *out = (uint64_t)sqlite3_column_int64(q, 0);
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

int session_down_begin(struct session *s, const struct status_vector *v,
                       struct buffer *out, struct err *e)
{
    struct session_down *d = &s->down;

    if (v->schema == 0)
        return 0; /* of the first version: it takes nothing but receipts */
    if (down_seen(s->centre, s->site.site, v->seen_epoch, v->seen, e) != 0 ||
        down_schema(s->centre, s->site.site, v->schema, e) != 0 ||
        first_unseen(s, v, &d->next, e) != 0)
        return -1;
    d->open = true;
    return session_down_offer(s, out, e);
}

static void end_blob(struct session_down *d)
{
    disk_close(d->file);
    d->file = NULL;
    sealed_window_clear(&d->window);
    d->blob = (struct departure){0};
}

static void end_bundle(struct session_down *d)
{
    down_sealed_release(&d->sealed);
    d->sealed = (struct down_sealed){0};
    d->bundle = (struct departure){0};
}

void session_down_end(struct session *s)
{
    end_bundle(&s->down);
    end_blob(&s->down);
    sealed_window_release(&s->down.window);
    sodium_memzero(s->down.shared, sizeof s->down.shared);
}

/* -------------------------------------------------------------------- offering */

static void offer(struct departure *d, const struct object_id *object,
                  uint64_t total_bytes, struct buffer *out)
{
    *d =
        (struct departure){.active = true, .object = *object, .total_bytes = total_bytes};
    message_offer(out, object, total_bytes);
}

int session_down_offer(struct session *s, struct buffer *out, struct err *e)
{
    struct session_down *d = &s->down;
    bool found;

    if (!d->open || d->stopped || d->bundle.active)
        return 0;
    if (down_bundle(s->centre, s->site.site, d->next, &d->sealed, &found, e) != 0)
        return -1;
    if (found)
        offer(&d->bundle, &d->sealed.object, d->sealed.bytes.count, out);
    return buffer_check(out, e);
}

/* Opens the blob; *there is false if this centre does not hold it for this box. */
static int open_blob(struct session *s, const struct object_id *object,
                     uint64_t *total_bytes, bool *there, struct err *e)
{
    struct session_down *d = &s->down;
    struct receipt_blob held;
    uint64_t bytes;

    if (original_held(s->centre, s->site.site, object, &held, there, e) != 0)
        return -1;
    if (*there && blob_exists(s->centre->blobs, &held.sha256, there, e) != 0)
        return -1;
    *there = *there && memcmp(held.sha256.bytes, object->id, OBJECT_ID_BYTES) == 0 &&
             key_agree(&s->centre->key, &s->site.key, d->shared);
    if (!*there)
        return 0;
    if (blob_open(s->centre->blobs, &d->file, &held.sha256, e) != 0 ||
        disk_file_size(d->file, &bytes, e) != 0)
        return -1;
    d->sha256 = held.sha256;
    *total_bytes = sealed_bytes(bytes);
    return 0;
}

/* The next of those that are wanted and are here. */
static int next_wanted(struct session *s, struct buffer *out, struct err *e)
{
    struct session_down *d = &s->down;

    while (!d->blob.active && d->wanted_count > 0) {
        struct object_id object = d->wanted[0];
        uint64_t total_bytes;
        bool there;

        d->wanted_count--;
        memmove(d->wanted, d->wanted + 1, d->wanted_count * sizeof d->wanted[0]);
        end_blob(d);
        if (open_blob(s, &object, &total_bytes, &there, e) != 0)
            return -1;
        if (there)
            offer(&d->blob, &object, total_bytes, out);
        else
            message_refused(out, &object, REFUSED_NOT_HERE);
    }
    return buffer_check(out, e);
}

int session_want(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e)
{
    struct session_down *d = &s->down;
    const struct object_id *object = &m->as.block.object;

    if (object->kind != OBJECT_BLOB) {
        message_refused(out, object, REFUSED_UNKNOWN_KIND);
        return 1;
    }
    for (size_t i = 0; i < d->wanted_count; i++)
        if (object_id_equal(&d->wanted[i], object))
            return 1;
    if (d->wanted_count == SYNC_WANTED_MAX)
        return 1; /* more than a box may ask for at a time: it asks again */
    d->wanted[d->wanted_count++] = *object;
    return next_wanted(s, out, e) == 0 ? 1 : -1;
}

/* --------------------------------------------------------------------- answers */

static struct departure *find(struct session *s, const struct object_id *object)
{
    struct session_down *d = &s->down;

    if (d->bundle.active && object_id_equal(&d->bundle.object, object))
        return &d->bundle;
    return d->blob.active && object_id_equal(&d->blob.object, object) ? &d->blob : NULL;
}

int session_have(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e)
{
    struct session_down *d = &s->down;
    struct departure *p = find(s, &m->as.block.object);
    uint64_t offset = m->as.block.offset;

    if (p == NULL)
        return 1; /* of what was ended meanwhile */
    if (offset > p->total_bytes)
        return session_refuse(s, &p->object, REFUSED_FORGED, out);
    if (offset < p->total_bytes) {
        p->granted = true;
        p->offset = offset;
        p->until = offset + WINDOW_BYTES;
        return 1;
    }
    if (p == &d->blob) {
        end_blob(d);
        return next_wanted(s, out, e) == 0 ? 1 : -1;
    }
    d->done_first = d->sealed.first;
    d->next = d->sealed.last + 1;
    end_bundle(d);
    return session_down_offer(s, out, e) == 0 ? 1 : -1;
}

/* What a stick brought needs no link; what the box has not, although it took a later
 * bundle, goes again, once. */
int session_seen(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e)
{
    struct session_down *d = &s->down;
    uint64_t seen = m->as.seen.sequence;

    if (!d->open)
        return 1;
    if (down_seen(s->centre, s->site.site, m->as.seen.epoch, seen, e) != 0)
        return -1;
    if (m->as.seen.epoch != s->centre->epoch)
        return 1;
    if ((d->bundle.active && seen >= d->sealed.last) ||
        (!d->bundle.active && seen >= d->next) ||
        (d->done_first > seen + 1 && d->gone_back != seen + 1)) {
        d->gone_back = d->next = seen + 1;
        end_bundle(d);
    }
    return session_down_offer(s, out, e) == 0 ? 1 : -1;
}

/* One thing that it will not have does not end the contact: what it sends is worth
 * more. */
int session_refused(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e)
{
    struct session_down *d = &s->down;
    struct departure *p = find(s, &m->as.refused.object);

    if (p == NULL)
        return 1;
    if (p == &d->blob) {
        end_blob(d);
        return next_wanted(s, out, e) == 0 ? 1 : -1;
    }
    if (m->as.refused.reason == REFUSED_HISTORY && !d->remade) {
        struct object_id object = p->object;

        d->remade = true; /* it leans on nothing that the box lacks: once is enough */
        end_bundle(d);
        return down_lacks(s->centre, s->site.site, &object, e) == 0 &&
                       session_down_offer(s, out, e) == 0
                   ? 1
                   : -1;
    }
    end_bundle(d);
    d->stopped = true;
    return site_alarm(s->centre, s->site.site, refused_name(m->as.refused.reason),
                      "the box will not take what the centre changed", e) == 0
               ? 1
               : -1;
}

/* --------------------------------------------------------------------- sending */

static bool is_ready(const struct departure *p)
{
    return p->active && p->granted && p->offset < p->total_bytes && p->offset < p->until;
}

bool session_has_more(const struct session *s)
{
    return s->state == SESSION_OPEN &&
           (is_ready(&s->down.bundle) || is_ready(&s->down.blob));
}

static int send_block(struct session *s, struct departure *p, struct buffer *out,
                      struct err *e)
{
    struct session_down *d = &s->down;
    struct buffer block;
    uint64_t left = p->total_bytes - p->offset;
    size_t count = left < BLOCK_BYTES_MAX ? (size_t)left : BLOCK_BYTES_MAX;
    int rc = 0;

    buffer_init(&block, BLOCK_BYTES_MAX);
    if (p == &d->bundle)
        buffer_append(&block, d->sealed.bytes.bytes + p->offset, count);
    else
        rc = sealed_window_read(&d->window, d->file, s->site.site, &d->sha256, d->shared,
                                p->offset, count, &block, e);
    if (rc == 0)
        rc = buffer_check(&block, e);
    if (rc == 0) {
        message_block(out, &p->object, p->total_bytes, p->offset, block.bytes,
                      block.count);
        p->offset += block.count;
        if (p->offset >= p->until && p->offset < p->total_bytes) {
            message_offer(out, &p->object, p->total_bytes);
            p->granted = false;
        }
        rc = buffer_check(out, e);
    }
    buffer_release(&block);
    return rc;
}

int session_room(struct session *s, struct buffer *out, struct err *e)
{
    struct session_down *d = &s->down;
    bool blob;

    if (!session_has_more(s))
        return 0;
    blob =
        is_ready(&d->blob) && (!is_ready(&d->bundle) || d->passed >= SYNC_SHARE_BLOCKS);
    d->passed = blob ? 0 : d->passed + 1;
    return send_block(s, blob ? &d->blob : &d->bundle, out, e) == 0
               ? 1
               : err_wrap(e, "session");
}
