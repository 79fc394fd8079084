#include "sync/centre/session_internal.h"

#include <stdlib.h>

#include "sync/bundle.h"
#include "sync/centre/journal.h"
#include "sync/sealed_blob.h"

/* Larger than any file that intake takes. */
#define ORIGINAL_BYTES_MAX (8ull << 30)

static struct partial_place place_of(const struct session *s)
{
    return (struct partial_place){
        .disk = s->centre->disk, .dir = s->centre->dir, .site = s->site.site};
}

static int forget(struct session *s, const struct arrival *a, uint64_t total_bytes,
                  struct err *e)
{
    struct partial_place place = place_of(s);

    return partial_remove(&place, &a->object, total_bytes, e);
}

static void arrival_end(struct arrival *a)
{
    partial_close(a->partial);
    buffer_release(&a->ahead);
    *a = (struct arrival){0};
}

void session_arrivals_end(struct session *s)
{
    struct err ignored; /* what is not durable is asked for again */

    for (size_t i = 0; i < OBJECT_KINDS; i++) {
        if (s->arrivals[i].partial != NULL)
            (void)partial_sync(s->arrivals[i].partial, &ignored);
        arrival_end(&s->arrivals[i]);
    }
}

/* We have it already: the whole size, then the receipt that says so. */
static int answer_taken(struct session *s, struct arrival *a, uint64_t total_bytes,
                        struct receipt_blob *blob, struct buffer *out, struct err *e)
{
    a->taken = true;
    message_have(out, &a->object, total_bytes);
    if (forget(s, a, total_bytes, e) != 0)
        return -1;
    return session_receipt(s, blob, out, e);
}

static uint64_t bytes_max(enum object_kind kind)
{
    return kind == OBJECT_BUNDLE ? BUNDLE_BYTES_MAX : sealed_bytes(ORIGINAL_BYTES_MAX);
}

/* Makes `object` the one that arrives of its kind; what arrived of another one waits
 * for its turn. 1: a->partial is there, or it is taken. */
static int arrival_begin(struct session *s, struct arrival *a,
                         const struct object_id *object, uint64_t total_bytes,
                         struct buffer *out, struct err *e)
{
    struct partial_place place = place_of(s);
    struct receipt_blob blob;
    bool has;

    if (total_bytes > bytes_max((enum object_kind)object->kind))
        return session_refuse(s, object, REFUSED_TOO_BIG, out);
    if (a->partial != NULL && partial_sync(a->partial, e) != 0)
        return -1;
    arrival_end(a);
    *a = (struct arrival){.active = true, .object = *object};
    buffer_init(&a->ahead, SYNC_AHEAD_BYTES_MAX);
    if (object->kind == OBJECT_BUNDLE) {
        if (journal_has(s->centre, s->site.site, object, &has, e) != 0)
            return -1;
        has = has && !centre_sabotaged(CENTRE_FORGET_REPLAY);
        if (has)
            return answer_taken(s, a, total_bytes, NULL, out, e);
    } else {
        if (original_held(s->centre, s->site.site, object, &blob, &has, e) != 0)
            return -1;
        if (has)
            return answer_taken(s, a, total_bytes, &blob, out, e);
    }
    if (partial_open(&a->partial, &place, object, total_bytes, e) != 0)
        return -1;
    return 1;
}

static bool is_same(const struct arrival *a, const struct message *m)
{
    return a->active && object_id_equal(&a->object, &m->as.block.object) &&
           (a->partial == NULL || partial_total(a->partial) == m->as.block.total_bytes);
}

/* Says where to go on: what is durable, after making it so. */
static int answer_have(struct arrival *a, struct buffer *out, struct err *e)
{
    if (partial_sync(a->partial, e) != 0)
        return -1;
    message_have(out, &a->object, partial_bytes(a->partial));
    a->asked = true;
    return buffer_check(out, e) == 0 ? 1 : -1;
}

/* What it leans on is not here: its frames come packed otherwise, in this contact. */
static int answer_lacking(struct session *s, struct arrival *a, enum refused why,
                          struct buffer *out, struct err *e)
{
    if (forget(s, a, partial_total(a->partial), e) != 0)
        return -1;
    message_refused(out, &a->object, why);
    return 1;
}

/* It is refused: what came of it goes too. Of a fork the box may ask where it is. */
static int refuse_arrival(struct session *s, struct arrival *a, enum refused why,
                          struct buffer *out, struct err *e)
{
    if (forget(s, a, partial_total(a->partial), e) != 0)
        return -1;
    if (why == REFUSED_FORK) {
        message_refused(out, &a->object, why);
        return 1;
    }
    return session_refuse(s, &a->object, why, out);
}

static int read_bundle(struct partial *p, struct buffer *out, struct err *e)
{
    struct disk_file *f;
    size_t got;
    int rc = -1;
    unsigned char *bytes = malloc((size_t)partial_total(p) + 1);

    if (bytes == NULL)
        return err_set(e, ERR_MEMORY, "bundle");
    if (partial_whole(p, &f, e) == 0 &&
        disk_file_read(f, bytes, (size_t)partial_total(p), 0, &got, e) == 0) {
        buffer_append(out, bytes, got);
        rc = buffer_check(out, e);
    }
    free(bytes);
    return rc;
}

/* What no receipt speaks of, so that the box would send it for ever: what is held until it
 * can be taken; and of a box whose own line waits to begin here, frames of a line that ours
 * has left. It has none of those that ours is at, and cannot tell where it parts from it. */
static int is_untold(struct session *s, const struct buffer *bytes,
                     enum journal_verdict verdict, bool *untold, struct err *e)
{
    struct bundle_header h;
    bool found;

    *untold = verdict == JOURNAL_HELD;
    if (*untold || verdict == JOURNAL_REFUSED || s->epoch <= s->site.epoch)
        return 0;
    if (bundle_peek(&h, bytes->bytes, bytes->count, e) != 0 ||
        site_find(s->centre, s->site.site, &s->site, &found, e) != 0)
        return -1;
    *untold = s->epoch > s->site.epoch && h.epoch < s->site.epoch;
    return 0;
}

/* What follows a bundle that contradicts ours must not wait here for it: it can never go
 * on, and its box will make it anew. */
static int take_bundle(struct session *s, const struct arrival *a,
                       const struct buffer *bytes, enum journal_verdict *verdict,
                       bool *untold, enum refused *why, struct err *e)
{
    *untold = false;
    if (s->contradicted) {
        *verdict = JOURNAL_REFUSED;
        *why = REFUSED_FORK;
        return 0;
    }
    if (journal_take(s->centre, s->site.site, &a->object, bytes->bytes, bytes->count,
                     verdict, why, e) != 0)
        return -1;
    s->contradicted = *verdict == JOURNAL_REFUSED && *why == REFUSED_FORK;
    return is_untold(s, bytes, *verdict, untold, e);
}

static int bundle_whole(struct session *s, struct arrival *a, struct buffer *out,
                        struct err *e)
{
    enum journal_verdict verdict = JOURNAL_REFUSED;
    enum refused why = REFUSED_FORGED;
    struct buffer bytes;
    bool untold = false;
    int rc;

    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    rc = read_bundle(a->partial, &bytes, e);
    if (rc == 0)
        rc = take_bundle(s, a, &bytes, &verdict, &untold, &why, e);
    buffer_release(&bytes);
    if (rc != 0)
        return -1;
    if (verdict == JOURNAL_REFUSED &&
        (why == REFUSED_HISTORY || why == REFUSED_DICTIONARY))
        return answer_lacking(s, a, why, out, e);
    /* What it has made is kept; but it does not know yet that its line was left. */
    if (verdict == JOURNAL_LATE && s->epoch < s->site.epoch) {
        verdict = JOURNAL_REFUSED;
        why = REFUSED_FORK;
    }
    if (verdict == JOURNAL_REFUSED)
        return refuse_arrival(s, a, why, out, e);
    if (untold)
        message_have(out, &a->object, partial_total(a->partial));
    if (forget(s, a, partial_total(a->partial), e) != 0)
        return -1;
    return session_receipt(s, NULL, out, e);
}

static int blob_whole(struct session *s, struct arrival *a, struct buffer *out,
                      struct err *e)
{
    struct receipt_blob blob;
    bool refused;

    if (original_take(s->centre, &s->site, a->partial, &blob, &refused, e) != 0)
        return -1;
    if (refused)
        return refuse_arrival(s, a, REFUSED_FORGED, out, e);
    if (forget(s, a, partial_total(a->partial), e) != 0)
        return -1;
    return session_receipt(s, &blob, out, e);
}

static int arrival_whole(struct session *s, struct arrival *a, struct buffer *out,
                         struct err *e)
{
    int rc = a->object.kind == OBJECT_BUNDLE ? bundle_whole(s, a, out, e)
                                             : blob_whole(s, a, out, e);

    partial_close(a->partial);
    a->partial = NULL;
    buffer_release(&a->ahead);
    a->taken = true;
    return rc;
}

/* Of a later version's box: it goes on without that object. */
static bool is_of_no_kind(const struct message *m, struct buffer *out)
{
    if (m->as.block.object.kind < OBJECT_KINDS)
        return false;
    message_refused(out, &m->as.block.object, REFUSED_UNKNOWN_KIND);
    return true;
}

int session_offer(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e)
{
    struct arrival *a;
    int rc;

    if (is_of_no_kind(m, out))
        return 1;
    a = &s->arrivals[m->as.block.object.kind];
    if (!is_same(a, m) || a->taken) {
        rc = arrival_begin(s, a, &m->as.block.object, m->as.block.total_bytes, out, e);
        if (rc != 1 || a->taken)
            return rc;
    }
    if (partial_bytes(a->partial) == partial_total(a->partial))
        return arrival_whole(s, a, out, e); /* all of it came, and then the power went */
    return answer_have(a, out, e);
}

/* A box goes on before it has heard from where: what is behind the gap is kept, one piece
 * of it, and in memory only. */
static void keep_ahead(struct arrival *a, const struct message *m)
{
    struct buffer *b = &a->ahead;

    if (a->object.kind != OBJECT_BLOB || b->count + m->as.block.count > b->count_max)
        return;
    if (b->count == 0)
        a->ahead_from = m->as.block.offset;
    if (m->as.block.offset == a->ahead_from + b->count)
        buffer_append(b, m->as.block.bytes, m->as.block.count);
}

size_t session_bytes_ahead(const struct session *s)
{
    size_t count = 0;

    for (size_t i = 0; s != NULL && i < OBJECT_KINDS; i++)
        count += s->arrivals[i].ahead.count;
    return count;
}

/* The gap may be filled by now. */
static int add_ahead(struct arrival *a, struct err *e)
{
    uint64_t here = partial_bytes(a->partial);
    size_t known;
    int rc = 0;

    if (a->ahead.count == 0 || here < a->ahead_from)
        return 0;
    known = here - a->ahead_from < a->ahead.count ? (size_t)(here - a->ahead_from)
                                                  : a->ahead.count;
    if (known < a->ahead.count)
        rc = partial_add(a->partial, a->ahead.bytes + known, a->ahead.count - known, e);
    buffer_clear(&a->ahead);
    return rc;
}

/* Bytes that we have are passed over; bytes after a gap are not taken yet. Either way the
 * box is told once where to go on. */
static int add_block(struct session *s, struct arrival *a, const struct message *m,
                     struct buffer *out, struct err *e)
{
    uint64_t here = partial_bytes(a->partial), from = m->as.block.offset;
    uint64_t end = from + m->as.block.count;

    if (from > here)
        keep_ahead(a, m);
    if (from > here || (end <= here && here < partial_total(a->partial)))
        return a->asked ? 1 : answer_have(a, out, e);
    if (end > here && partial_add(a->partial, m->as.block.bytes + (here - from),
                                  (size_t)(end - here), e) != 0)
        return -1;
    if (add_ahead(a, e) != 0)
        return -1;
    a->asked = false;
    if (partial_bytes(a->partial) < partial_total(a->partial))
        return 1;
    return arrival_whole(s, a, out, e);
}

int session_block(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e)
{
    struct arrival *a;
    int rc;

    if (is_of_no_kind(m, out))
        return 1;
    a = &s->arrivals[m->as.block.object.kind];
    if (!is_same(a, m) || (a->taken && m->as.block.offset == 0)) {
        rc = arrival_begin(s, a, &m->as.block.object, m->as.block.total_bytes, out, e);
        if (rc != 1)
            return rc;
    }
    return a->taken ? 1 : add_block(s, a, m, out, e);
}

/* ----------------------------------------------------------------------- sweep */

static int was_taken(void *arg, uint16_t site, const struct object_id *object, bool *is,
                     struct err *e)
{
    struct receipt_blob ignored;
    struct centre *c = arg;

    return object->kind == OBJECT_BUNDLE
               ? journal_has(c, site, object, is, e)
               : original_held(c, site, object, &ignored, is, e);
}

int session_sweep(struct centre *c, struct err *e)
{
    return partial_sweep(c->disk, c->dir, true, was_taken, c, e);
}
