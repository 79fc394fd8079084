#include <stdlib.h>
#include <string.h>

#include "appliance/courier_internal.h"
#include "appliance/incoming.h"
#include "schema/statements.h"

#define HAVES_MAX    100000
#define SLICE_FRAMES 100

static int add_have(struct stick *s, const struct courier_entry *n, struct err *e)
{
    struct stick_have *more;

    if (s->haves_count == HAVES_MAX)
        return 0; /* it is sent from its beginning again */
    more = realloc(s->haves, (s->haves_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    s->haves = more;
    s->haves[s->haves_count] = (struct stick_have){.object = n->object,
                                                   .total_bytes = n->end,
                                                   .order = (uint32_t)s->haves_count,
                                                   .bytes = n->at};
    s->haves_count++;
    return 0;
}

/* What does not fit any more is not said to be heard: the centre says it again. */
static void add_heard(struct stick *s, const struct buffer *receipt)
{
    if (s->heard.count + 4 + receipt->count > s->heard.count_max)
        return;
    buffer_append_u32(&s->heard, (uint32_t)receipt->count);
    buffer_append(&s->heard, receipt->bytes, receipt->count);
}

static int take_receipt(struct stick *s, const struct buffer *bytes,
                        struct courier_imported *out, struct err *e)
{
    bool vouched;

    if (stick_vouches(s, bytes, &vouched, e) != 0)
        return -1;
    if (!vouched) {
        out->refused++;
        return 0;
    }
    if (outbox_store_receipt(s->outbox, bytes->bytes, bytes->count, e) == 0) {
        out->receipts++;
        add_heard(s, bytes);
        return 0;
    }
    if (e->code != ERR_REFUSED)
        return -1;
    out->refused++;
    return 0;
}

/* What the centre changed of our records. One after a gap is on another stick, or comes
 * again: the centre goes on from what this box says to have applied. */
static int take_bundle(struct stick *s, const struct buffer *bytes,
                       struct courier_imported *out, struct err *e)
{
    enum incoming_verdict verdict;

    if (incoming_take(s->options->box, bytes->bytes, bytes->count, &verdict, e) != 0)
        return -1;
    out->bundles += verdict == INCOMING_TAKEN;
    out->refused += verdict == INCOMING_FORK || verdict == INCOMING_REFUSED;
    return 0;
}

static int apply(struct stick *s, struct courier_imported *out, struct err *e)
{
    unsigned applied = 1;

    while (applied > 0) {
        if (incoming_apply(s->options->box, SLICE_FRAMES, &applied, e) != 0)
            return -1;
        out->changes += applied;
    }
    return 0;
}

static int take_entry(struct stick *s, struct courier_reader *r,
                      const struct courier_entry *n, struct courier_imported *out,
                      struct err *e)
{
    struct buffer bytes;
    bool sound;
    int rc;

    buffer_init(&bytes, COURIER_ENTRY_BYTES_MAX);
    rc = courier_reader_bytes(r, &bytes, &sound, e);
    if (rc == 0 && !sound)
        out->damaged++;
    else if (rc == 0 && n->what == COURIER_RECEIPT)
        rc = take_receipt(s, &bytes, out, e);
    else if (rc == 0 && n->what == COURIER_LINES)
        rc = stick_lines(s, &bytes, out, e);
    else if (rc == 0 && n->what == COURIER_BUNDLE)
        rc = take_bundle(s, &bytes, out, e);
    else if (rc == 0 && n->what == COURIER_HAVE)
        rc = add_have(s, n, e);
    else if (n->what == COURIER_TOOK && n->end <= COURIER_NUMBER_MAX)
        s->took = n->end > s->took ? (uint32_t)n->end : s->took;
    buffer_release(&bytes);
    return rc;
}

/* -1 only for our own trouble: a tar that cannot be read on is a damaged one. */
static int take_tar(struct stick *s, const struct courier_name *name,
                    struct courier_imported *out, struct err *e)
{
    struct courier_reader *r = NULL;
    char path[DISK_PATH_BYTES];
    struct courier_entry n;
    struct err unread;
    int found = -1, rc = 0;

    if (courier_path(path, s->options->dir, name, e) != 0)
        return -1;
    if (courier_reader_open(&r, s->options->stick, path, &unread) == 0)
        while (rc == 0 && (found = courier_reader_next(r, &n, &unread)) == 1)
            if (courier_line_equal(&n.line, &s->line))
                rc = take_entry(s, r, &n, out, e);
    if (found < 0)
        out->damaged++;
    else
        out->damaged += courier_reader_stretches(r) + courier_reader_cut_off(r);
    courier_reader_close(r);
    return rc;
}

static int read_numbers(struct stick *s, struct courier_imported *out, struct err *e)
{
    struct outbox_numbers n;

    if (outbox_numbers(s->outbox, &n, e) != 0)
        return -1;
    out->news =
        out->received != n.received || out->applied != n.applied || out->safe != n.safe;
    out->received = n.received;
    out->applied = n.applied;
    out->safe = n.safe;
    return 0;
}

/* How many blobs the centre has, and how many of them it holds safe: a receipt may
 * tell of nothing else. */
static int count_blobs(struct stick *s, int64_t *out, struct err *e)
{
    return sql_number(store_db(s->options->box->store),
                      "SELECT coalesce(sum(state), 0) FROM blob_sent", out, e);
}

int stick_hear(struct stick *s, struct courier_imported *out, struct err *e)
{
    int64_t before, after;

    if (read_numbers(s, out, e) != 0 || count_blobs(s, &before, e) != 0)
        return -1;
    for (size_t i = 0; i < s->list.count; i++) {
        const struct courier_name *n = &s->list.names[i];

        if (strcmp(n->line.tag, s->line.tag) != 0)
            out->foreign++;
        if (n->direction != DIRECTION_DOWN || n->part ||
            !courier_line_equal(&n->line, &s->line))
            continue;
        out->tars++;
        if (take_tar(s, n, out, e) != 0)
            return -1;
        (void)stick_go_on(s, s->list.bytes[i]); /* a few receipts: to the end */
    }
    stick_sort_haves(s);
    if (apply(s, out, e) != 0 || read_numbers(s, out, e) != 0 ||
        count_blobs(s, &after, e) != 0)
        return -1;
    out->news = out->news || before != after || out->bundles > 0 || out->changes > 0 ||
                out->forked;
    return 0;
}

int courier_import(const struct courier_options *o, struct courier_imported *out,
                   struct err *e)
{
    struct stick s;
    int rc = -1;

    *out = (struct courier_imported){0};
    if (stick_open(&s, o, e) != 0)
        return err_wrap(e, "courier");
    for (size_t i = 0; i < s.list.count; i++)
        if (courier_line_equal(&s.list.names[i].line, &s.line))
            s.bytes_in_all += s.list.bytes[i];
    if (stick_hear(&s, out, e) == 0 && stick_survey(&s, e) == 0 &&
        stick_want_all(&s, e) == 0 && stick_clear(&s, false, &out->removed, e) == 0)
        rc = 0;
    stick_close(&s);
    return rc == 0 ? 0 : err_wrap(e, "courier");
}
