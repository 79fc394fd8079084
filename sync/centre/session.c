#include "sync/centre/session.h"

#include <stdlib.h>
#include <string.h>

#include "sync/bundle.h"
#include "sync/centre/journal.h"
#include "sync/centre/originals.h"
#include "sync/sealed_blob.h"

#define BINDING_BYTES_MAX 256

/* A receipt of this many safe originals is 8 kB, three seconds at 20 kbit/s; the
 * others are named in the next ones. */
#define UNTOLD_MAX 256

/* Larger than any file that intake takes. */
#define ORIGINAL_BYTES_MAX (8ull << 30)

enum session_state { SESSION_NEW, SESSION_OPEN, SESSION_CLOSED };

/* The object of one kind that is on its way in. */
struct arrival {
    bool active;
    bool taken; /* we have it: what is still on its way of it is passed over */
    bool asked; /* HAVE was said, and nothing that fits has come since */
    struct object_id object;
    struct partial *partial; /* NULL once taken */
};

struct session {
    struct centre *centre; /* not owned */
    enum session_state state;
    unsigned char binding[BINDING_BYTES_MAX];
    size_t binding_count;
    struct site_row site;                     /* since the hello */
    struct arrival arrivals[OBJECT_BLOB + 1]; /* by kind */
    struct receipt sent; /* the last one's numbers; it holds no blobs */
    struct receipt_blob untold[UNTOLD_MAX]; /* named as safe, a PONG is awaited */
    size_t untold_count;
};

int session_create(struct session **out, struct centre *c, const void *binding,
                   size_t binding_count, struct err *e)
{
    struct session *s;

    *out = NULL;
    if (binding_count > BINDING_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "binding of %zu bytes", binding_count);
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "session");
    s->centre = c;
    memcpy(s->binding, binding, binding_count);
    s->binding_count = binding_count;
    *out = s;
    return 0;
}

static void arrival_end(struct arrival *a)
{
    partial_close(a->partial);
    *a = (struct arrival){0};
}

void session_destroy(struct session *s)
{
    struct err ignored; /* what is not durable is asked for again */

    if (s == NULL)
        return;
    for (size_t i = 0; i <= OBJECT_BLOB; i++) {
        if (s->arrivals[i].partial != NULL)
            (void)partial_sync(s->arrivals[i].partial, &ignored);
        arrival_end(&s->arrivals[i]);
    }
    free(s);
}

uint16_t session_site(const struct session *s)
{
    return s->state == SESSION_OPEN ? s->site.site : 0;
}

/* -------------------------------------------------------------------- receipts */

static int read_numbers(struct session *s, struct receipt *out, struct err *e)
{
    enum wall_confidence ignored;
    struct centre *c = s->centre;
    struct site_row row;
    bool found;

    if (site_find(c, s->site.site, &row, &found, e) != 0)
        return -1;
    if (!found)
        return err_set(e, ERR_FAILED, "site %u is gone", s->site.site);
    *out = (struct receipt){
        .site = row.site,
        .box_epoch = row.epoch,
        .centre_epoch = c->epoch,
        .received = row.received,
        .applied = row.applied,
        .safe = row.safe,
        .wall_ms = c->clock->wall_ms(c->clock, &ignored),
    };
    return journal_missing(c, row.site, &out->missing_first, &out->missing_last, e);
}

/* Reads committed rows only: no write is open here. */
static int send_receipt(struct session *s, struct receipt *r, struct receipt_blob *blobs,
                        size_t count, struct buffer *out, struct err *e)
{
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    s->sent = *r;
    r->blobs = blobs;
    r->blobs_count = count;
    receipt_encode(r, &s->centre->key, &bytes);
    rc = buffer_check(&bytes, e);
    if (rc == 0)
        message_receipt(out, bytes.bytes, bytes.count);
    buffer_release(&bytes);
    return rc == 0 ? buffer_check(out, e) : -1;
}

/* The current one, naming `blob` if it is not NULL. */
static int answer_receipt(struct session *s, struct receipt_blob *blob,
                          struct buffer *out, struct err *e)
{
    struct receipt r;

    if (read_numbers(s, &r, e) != 0)
        return -1;
    return send_receipt(s, &r, blob, blob == NULL ? 0 : 1, out, e);
}

/* With the originals that became safe. The box answers the PING after it has stored
 * what came before it, so that a receipt which was lost on its way is said again. */
static int receipt_with_safe(struct session *s, struct receipt *r, struct buffer *out,
                             struct err *e)
{
    if (s->untold_count == 0 && originals_untold(s->centre, s->site.site, s->untold,
                                                 UNTOLD_MAX, &s->untold_count, e) != 0)
        return -1;
    if (send_receipt(s, r, s->untold, s->untold_count, out, e) != 0)
        return -1;
    if (s->untold_count > 0)
        message_empty(out, MESSAGE_PING);
    return buffer_check(out, e);
}

static bool numbers_equal(const struct receipt *a, const struct receipt *b)
{
    return a->received == b->received && a->applied == b->applied && a->safe == b->safe &&
           a->missing_first == b->missing_first && a->missing_last == b->missing_last;
}

int session_news(struct session *s, struct buffer *out, struct err *e)
{
    struct receipt r;

    if (s->state != SESSION_OPEN)
        return 0;
    if (read_numbers(s, &r, e) != 0)
        return err_wrap(e, "session");
    return numbers_equal(&r, &s->sent) ? 0 : receipt_with_safe(s, &r, out, e);
}

/* ---------------------------------------------------------------------- opening */

static int refuse(struct session *s, const struct object_id *object, enum refused why,
                  struct buffer *out)
{
    static const struct object_id nothing = {0};

    message_refused(out, object == NULL ? &nothing : object, why);
    s->state = SESSION_CLOSED;
    return 0;
}

static int take_claim(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    enum refused why;
    int rc = site_claim(s->centre, m->as.claim.bytes, CLAIM_BYTES, &why, e);

    if (rc < 0)
        return -1;
    return rc == 0 ? 1 : refuse(s, NULL, why, out);
}

static int take_hello(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    uint16_t site = m->as.hello.site;
    struct receipt r;
    bool found;

    if (site_find(s->centre, site, &s->site, &found, e) != 0)
        return -1;
    if (!found || !s->site.claimed) {
        if (site_alarm(s->centre, site, refused_name(REFUSED_UNKNOWN_SITE),
                       found ? "a box says hello that has not claimed its number"
                             : "a box says hello with a number that was never given out"
                               " here",
                       e) != 0)
            return -1;
        return refuse(s, NULL, REFUSED_UNKNOWN_SITE, out);
    }
    if (!message_hello_proved(m, s->binding, s->binding_count, &s->site.key)) {
        if (site_alarm(s->centre, site, refused_name(REFUSED_FORGED),
                       "somebody without its key poses as this box", e) != 0)
            return -1;
        return refuse(s, NULL, REFUSED_FORGED, out);
    }
    if (site_contact(s->centre, m, e) != 0)
        return -1;
    s->state = SESSION_OPEN;
    if (read_numbers(s, &r, e) != 0 || receipt_with_safe(s, &r, out, e) != 0)
        return -1;
    return 1;
}

static int take_pong(struct session *s, struct err *e)
{
    if (s->untold_count == 0)
        return 1;
    if (originals_told(s->centre, s->site.site, s->untold, s->untold_count, e) != 0)
        return -1;
    s->untold_count = 0;
    return 1;
}

/* --------------------------------------------------------------------- arrivals */

/* We have it already: the whole size, then the receipt that says so. */
static int answer_taken(struct session *s, struct arrival *a, uint64_t total_bytes,
                        struct receipt_blob *blob, struct buffer *out, struct err *e)
{
    a->taken = true;
    message_have(out, &a->object, total_bytes);
    if (partial_remove(s->centre, s->site.site, &a->object, e) != 0)
        return -1;
    return answer_receipt(s, blob, out, e) == 0 ? 1 : -1;
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
    struct receipt_blob blob;
    bool has;

    if (total_bytes > bytes_max((enum object_kind)object->kind))
        return refuse(s, object, REFUSED_TOO_BIG, out);
    if (a->partial != NULL && partial_sync(a->partial, e) != 0)
        return -1;
    arrival_end(a);
    *a = (struct arrival){.active = true, .object = *object};
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
    if (partial_open(&a->partial, s->centre, s->site.site, object, total_bytes, e) != 0)
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

/* It is refused: what came of it goes too. */
static int refuse_arrival(struct session *s, struct arrival *a, enum refused why,
                          struct buffer *out, struct err *e)
{
    if (partial_remove(s->centre, s->site.site, &a->object, e) != 0)
        return -1;
    return refuse(s, &a->object, why, out);
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

static int bundle_whole(struct session *s, struct arrival *a, struct buffer *out,
                        struct err *e)
{
    enum journal_verdict verdict = JOURNAL_REFUSED;
    enum refused why = REFUSED_FORGED;
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    rc = read_bundle(a->partial, &bytes, e);
    if (rc == 0)
        rc = journal_take(s->centre, s->site.site, &a->object, bytes.bytes, bytes.count,
                          &verdict, &why, e);
    buffer_release(&bytes);
    if (rc != 0)
        return -1;
    if (verdict == JOURNAL_REFUSED)
        return refuse_arrival(s, a, why, out, e);
    if (partial_remove(s->centre, s->site.site, &a->object, e) != 0)
        return -1;
    return answer_receipt(s, NULL, out, e) == 0 ? 1 : -1;
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
    if (partial_remove(s->centre, s->site.site, &a->object, e) != 0)
        return -1;
    return answer_receipt(s, &blob, out, e) == 0 ? 1 : -1;
}

static int arrival_whole(struct session *s, struct arrival *a, struct buffer *out,
                         struct err *e)
{
    int rc = a->object.kind == OBJECT_BUNDLE ? bundle_whole(s, a, out, e)
                                             : blob_whole(s, a, out, e);

    partial_close(a->partial);
    a->partial = NULL;
    a->taken = true;
    return rc;
}

static int take_offer(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    struct arrival *a = &s->arrivals[m->as.block.object.kind];
    int rc;

    if (!is_same(a, m) || a->taken) {
        rc = arrival_begin(s, a, &m->as.block.object, m->as.block.total_bytes, out, e);
        if (rc != 1 || a->taken)
            return rc;
    }
    if (partial_bytes(a->partial) == partial_total(a->partial))
        return arrival_whole(s, a, out, e); /* all of it came, and then the power went */
    return answer_have(a, out, e);
}

/* Bytes that we have are passed over; bytes after a gap are not taken. Either way the
 * box is told once where to go on. */
static int add_block(struct session *s, struct arrival *a, const struct message *m,
                     struct buffer *out, struct err *e)
{
    uint64_t here = partial_bytes(a->partial), from = m->as.block.offset;
    uint64_t end = from + m->as.block.count;

    if (from > here || (end <= here && here < partial_total(a->partial)))
        return a->asked ? 1 : answer_have(a, out, e);
    if (end > here && partial_add(a->partial, m->as.block.bytes + (here - from),
                                  (size_t)(end - here), e) != 0)
        return -1;
    a->asked = false;
    if (partial_bytes(a->partial) < partial_total(a->partial))
        return 1;
    return arrival_whole(s, a, out, e);
}

static int take_block(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    struct arrival *a = &s->arrivals[m->as.block.object.kind];
    bool begun_again = a->taken && m->as.block.offset == 0;

    if (!is_same(a, m) || begun_again) {
        int rc =
            arrival_begin(s, a, &m->as.block.object, m->as.block.total_bytes, out, e);

        if (rc != 1)
            return rc;
    }
    return a->taken ? 1 : add_block(s, a, m, out, e);
}

/* ---------------------------------------------------------------------- message */

static int take_new(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e)
{
    switch (m->type) {
    case MESSAGE_CLAIM:
        return take_claim(s, m, out, e);
    case MESSAGE_HELLO:
        return take_hello(s, m, out, e);
    case MESSAGE_OFFER:
    case MESSAGE_HAVE:
    case MESSAGE_BLOCK:
    case MESSAGE_RECEIPT:
    case MESSAGE_REFUSED:
    case MESSAGE_LATER:
    case MESSAGE_PING:
    case MESSAGE_PONG:
        break;
    }
    s->state = SESSION_CLOSED; /* a stranger's: no answer */
    return 0;
}

static int take_open(struct session *s, const struct message *m, struct buffer *out,
                     struct err *e)
{
    switch (m->type) {
    case MESSAGE_OFFER:
        return take_offer(s, m, out, e);
    case MESSAGE_BLOCK:
        return take_block(s, m, out, e);
    case MESSAGE_PING:
        message_empty(out, MESSAGE_PONG);
        return 1;
    case MESSAGE_PONG:
        return take_pong(s, e);
    case MESSAGE_CLAIM:
    case MESSAGE_HELLO:
    case MESSAGE_HAVE:
    case MESSAGE_RECEIPT:
    case MESSAGE_REFUSED:
    case MESSAGE_LATER:
        break;
    }
    s->state = SESSION_CLOSED; /* not a box's to send now */
    return 0;
}

int session_message(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e)
{
    int rc = 0;

    switch (s->state) {
    case SESSION_NEW:
        rc = take_new(s, m, out, e);
        break;
    case SESSION_OPEN:
        rc = take_open(s, m, out, e);
        break;
    case SESSION_CLOSED:
        break;
    }
    if (rc >= 0 && buffer_check(out, e) != 0)
        rc = -1;
    return rc >= 0 ? rc : err_wrap(e, "session");
}
