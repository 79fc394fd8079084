#include <string.h>

#include <sodium/utils.h>

#include "appliance/courier_internal.h"

/* A stretch of a blob is worth an entry of its own. */
#define PART_BYTES_MIN 4096

/* What is being written to the stick. */
struct loading {
    struct stick *stick;
    struct courier_exported *out;
    struct courier_writer *writer; /* NULL: the next one is not begun */
    uint64_t reach;                /* sequence that the stick reaches with it; 0: none */
    struct buffer bytes;           /* of the entry at hand */
};

/* ------------------------------------------------------------------- tar by tar */

/* 1: there is a tar to write into. 0: the stick has no room for one. */
static int tar_begin(struct loading *l, struct err *e)
{
    const struct courier_options *o = l->stick->options;
    struct courier_name name = {.line = l->stick->line, .direction = DIRECTION_UP};
    uint64_t room;

    if (l->writer != NULL)
        return 1;
    if (disk_free_bytes(o->stick, o->dir, &room, e) != 0)
        return -1;
    if (room < COURIER_MARGIN_BYTES + PART_BYTES_MIN)
        return 0;
    name.number = stick_next_number(l->stick);
    if (name.number > COURIER_NUMBER_MAX)
        return err_set(e, ERR_FAILED, "no number is left on this stick: empty it");
    return courier_writer_create(&l->writer, o->stick, o->dir, &name,
                                 room - COURIER_MARGIN_BYTES, e) == 0
               ? 1
               : -1;
}

/* What is in it has left, now that it is on the stick for good. */
static int tar_finish(struct loading *l, struct err *e)
{
    int rc = 0;

    if (l->writer == NULL)
        return 0;
    if (courier_writer_entries(l->writer) > 0) {
        rc = courier_writer_finish(l->writer, e);
        if (rc == 0) {
            l->out->tars++;
            l->out->bytes += courier_writer_bytes(l->writer);
        }
    }
    courier_writer_destroy(l->writer);
    l->writer = NULL;
    if (rc == 0 && l->reach > l->out->last) {
        l->out->last = l->reach;
        rc = outbox_sent(l->stick->outbox, l->reach, e);
    }
    return rc;
}

/* Room for an entry of `bytes`, in this tar or the next: 1. 0: the stick is full. */
static int room_for(struct loading *l, uint64_t bytes, struct err *e)
{
    for (int tars = 0; tars < 2; tars++) {
        int there = tar_begin(l, e);

        if (there != 1 || courier_writer_room(l->writer) >= bytes)
            return there;
        if (courier_writer_entries(l->writer) == 0)
            return 0;
        if (tar_finish(l, e) != 0)
            return -1;
    }
    return 0;
}

static int add_bytes(struct loading *l, struct courier_entry n, struct err *e)
{
    if (buffer_check(&l->bytes, e) != 0 ||
        courier_writer_add(l->writer, n, l->bytes.bytes, l->bytes.count, e) != 0)
        return -1;
    if (!stick_go_on(l->stick, l->bytes.count))
        l->out->stopped = true;
    return 0;
}

/* ------------------------------------------------------------------------- words */

/* CLAIM, as long as it may have to be heard. */
static int write_claim(struct loading *l, struct err *e)
{
    const struct sync_config *c = &l->stick->config;
    struct claim claim = {.site = c->site, .epoch = c->epoch, .key = c->box.public_key};
    uint8_t bytes[CLAIM_BYTES];

    if (c->claimed)
        return 0;
    claim_encode(&claim, c->secret, &c->box, bytes);
    buffer_clear(&l->bytes);
    buffer_append(&l->bytes, bytes, sizeof bytes);
    return add_bytes(l, (struct courier_entry){.what = COURIER_CLAIM}, e);
}

/* The signed status, bound to the receipts that this stick brought. */
static int write_hello(struct loading *l, struct err *e)
{
    const struct sync_config *c = &l->stick->config;
    const struct buffer *heard = &l->stick->heard;
    uint8_t binding[COURIER_BINDING_BYTES];
    struct status_vector status;
    struct hash h = {0};

    if (outbox_status(l->stick->outbox, &status, e) != 0)
        return -1;
    if (heard->count > 0) {
        hash_of(&h, heard->bytes, heard->count);
        buffer_clear(&l->bytes);
        buffer_append(&l->bytes, heard->bytes, heard->count);
        if (add_bytes(l, (struct courier_entry){.what = COURIER_HEARD}, e) != 0)
            return -1;
    }
    courier_binding(binding, &h);
    buffer_clear(&l->bytes);
    buffer_append(&l->bytes, h.bytes, HASH_BYTES);
    message_hello(&l->bytes, c->site, c->epoch, &status, binding, sizeof binding,
                  &c->box);
    return add_bytes(l, (struct courier_entry){.what = COURIER_HELLO}, e);
}

static int write_words(struct loading *l, struct err *e)
{
    int room = room_for(l, l->stick->heard.count + PART_BYTES_MIN, e);

    if (room <= 0) {
        l->out->full = room == 0;
        return room;
    }
    return write_claim(l, e) == 0 ? write_hello(l, e) : -1;
}

/* ----------------------------------------------------------------------- bundles */

static int peek(struct loading *l, const struct sync_object *o, uint64_t from,
                uint64_t count, struct err *e)
{
    buffer_clear(&l->bytes);
    while (l->bytes.count < count) {
        size_t before = l->bytes.count;

        if (outbox_peek(l->stick->outbox, &o->id, from + before, (size_t)(count - before),
                        &l->bytes, e) != 0)
            return -1;
        if (l->bytes.count == before)
            return err_set(e, ERR_CORRUPT, "an object ends before its end");
    }
    return 0;
}

static int write_bundle(struct loading *l, const struct sync_object *o, struct err *e)
{
    struct courier_entry n = {
        .what = COURIER_BUNDLE, .object = o->id, .at = o->first, .end = o->last};
    int room;

    if (stick_find(l->stick, &o->id, o->first) != NULL) {
        l->out->carried++;
        l->reach = o->last;
        return 0;
    }
    room = room_for(l, o->total_bytes, e);
    if (room <= 0) {
        l->out->full = room == 0;
        return room;
    }
    if (peek(l, o, 0, o->total_bytes, e) != 0 || add_bytes(l, n, e) != 0)
        return -1;
    l->reach = o->last;
    l->out->bundles++;
    return 0;
}

static bool may_go_on(const struct loading *l)
{
    return !l->out->full && !l->out->stopped;
}

static int write_bundles(struct loading *l, struct err *e)
{
    uint64_t next = l->stick->config.received + 1;
    struct sync_object o;
    int found = 1;

    while (may_go_on(l) &&
           (found = outbox_bundle_alone(l->stick->outbox, next, &o, e)) == 1) {
        if (write_bundle(l, &o, e) != 0)
            return -1;
        next = o.last + 1;
    }
    return found < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------- blobs */

/* One stretch of it, from `at`; *end is where it ends: at `at` if the stick is full, or if
 * this box cannot read it any more, which `verify` tells of too. */
static int write_part(struct loading *l, const struct sync_object *o, uint64_t at,
                      uint64_t *end, struct err *e)
{
    struct courier_entry n = {
        .what = COURIER_BLOB, .object = o->id, .at = at, .end = o->total_bytes};
    uint64_t count = o->total_bytes - at, room;
    int there;

    *end = at;
    count = count < COURIER_PART_BYTES ? count : COURIER_PART_BYTES;
    there = room_for(l, count < PART_BYTES_MIN ? count : PART_BYTES_MIN, e);
    if (there <= 0) {
        l->out->full = there == 0;
        return there;
    }
    room = courier_writer_room(l->writer);
    count = count < room ? count : room;
    if (peek(l, o, at, count, e) != 0) {
        if (e->code != ERR_IO && e->code != ERR_CORRUPT)
            return -1;
        l->out->unreadable++;
        return 0;
    }
    if (add_bytes(l, n, e) != 0)
        return -1;
    *end = at + count;
    return 0;
}

/* From where the centre is, passing over what this stick carries already. */
static int write_blob(struct loading *l, const struct sync_object *o, struct err *e)
{
    uint64_t at = stick_have(l->stick, o);
    bool wrote = false;

    if (at >= o->total_bytes)
        at = 0;
    while (at < o->total_bytes) {
        const struct stick_entry *there = stick_find(l->stick, &o->id, at);
        uint64_t end;

        if (there != NULL) {
            at = there->to;
            continue;
        }
        if (!may_go_on(l))
            break;
        if (write_part(l, o, at, &end, e) != 0)
            return -1;
        if (end == at)
            break;
        wrote = true;
        at = end;
    }
    if (at >= o->total_bytes)
        l->out->blobs += wrote;
    else
        l->out->parts += wrote;
    l->out->carried += !wrote && at >= o->total_bytes;
    return 0;
}

static int write_blobs(struct loading *l, enum sync_class class, struct err *e)
{
    struct sync_object o = {0};
    int found = 0;

    while (may_go_on(l) &&
           (found = outbox_next_blob(l->stick->outbox, class, o.last, &o, e)) == 1)
        if (write_blob(l, &o, e) != 0)
            return -1;
    return found < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------ export */

/* Records make a tar of their own: who pulls the stick out then has them. */
static int load(struct stick *s, struct courier_exported *out, struct err *e)
{
    struct loading l = {.stick = s, .out = out};
    int rc = -1;

    buffer_init(&l.bytes, COURIER_ENTRY_BYTES_MAX);
    if (write_words(&l, e) == 0 && write_bundles(&l, e) == 0 && tar_finish(&l, e) == 0 &&
        write_blobs(&l, SYNC_CLASS_IMAGES, e) == 0 &&
        write_blobs(&l, SYNC_CLASS_ORIGINALS, e) == 0 && tar_finish(&l, e) == 0)
        rc = 0;
    courier_writer_destroy(l.writer);
    buffer_release(&l.bytes);
    return rc;
}

static int weigh(struct stick *s, struct err *e)
{
    struct status_vector status;

    if (outbox_status(s->outbox, &status, e) != 0)
        return -1;
    for (int class = 0; class < SYNC_CLASSES; class ++)
        s->bytes_in_all += status.waiting_bytes[class];
    return 0;
}

/* Hears, clears, loads, and clears what was replaced. */
static int round_trip(struct stick *s, struct courier_exported *out, struct err *e)
{
    struct outbox_numbers numbers;

    if (stick_hear(s, &out->in, e) != 0 || stick_survey(s, e) != 0 ||
        stick_clear_parts(s, e) != 0 || stick_want_all(s, e) != 0 ||
        stick_clear(s, false, &out->in.removed, e) != 0 || weigh(s, e) != 0 ||
        outbox_numbers(s->outbox, &numbers, e) != 0)
        return -1;
    s->config.received = numbers.received; /* the stick may have told */
    if (load(s, out, e) != 0)
        return -1;
    return stick_clear(s, true, &out->in.removed, e);
}

/* *again: the stick was full, and has more room now than it had. */
static int export_once(const struct courier_options *o, struct courier_exported *out,
                       bool *again, struct err *e)
{
    unsigned removed;
    struct stick s;
    int rc;

    *again = false;
    if (stick_open(&s, o, e) != 0)
        return -1;
    removed = out->in.removed;
    rc = round_trip(&s, out, e);
    stick_close(&s);
    *again = rc == 0 && out->full && !out->stopped && out->in.removed > removed;
    return rc;
}

int courier_export(const struct courier_options *o, struct courier_exported *out,
                   struct err *e)
{
    struct courier_exported first;
    bool again;
    int rc;

    *out = (struct courier_exported){0};
    rc = export_once(o, out, &again, e);
    if (rc == 0 && again) {
        first = *out;
        out->full = false;
        out->in = (struct courier_imported){.removed = first.in.removed};
        rc = export_once(o, out, &again, e);
        out->in.news = out->in.news || first.in.news;
        out->carried = first.carried; /* the second time also what the first wrote */
    }
    return rc == 0 ? 0 : err_wrap(e, "courier");
}
