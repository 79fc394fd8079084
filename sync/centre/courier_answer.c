#include <stdlib.h>

#include "schema/statements.h"
#include "sync/centre/courier.h"
#include "sync/centre/courier_lines.h"
#include "sync/centre/down.h"
#include "sync/centre/receipts.h"
#include "sync/courier_reader.h"
#include "sync/courier_writer.h"
#include "sync/known_lines.h"

/* A down tar that is being written. */
struct answering {
    struct courier *courier;
    struct courier_site *site;
    struct site_row row;
    struct courier_writer *writer;
    unsigned receipts, bundles;
    bool full;
};

/* ------------------------------------------------------------------- what is said */

static int add(struct answering *a, struct courier_entry n, const struct buffer *bytes,
               struct err *e)
{
    return courier_writer_add(a->writer, n, bytes == NULL ? "" : (char *)bytes->bytes,
                              bytes == NULL ? 0 : bytes->count, e);
}

static int add_receipt(struct answering *a, struct receipt_blob *blobs, size_t count,
                       struct err *e)
{
    struct centre *c = a->courier->centre;
    struct receipt r;
    struct buffer bytes;
    int rc = -1;

    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    if (site_receipt(c, a->site->line.site, &r, e) == 0) {
        r.blobs = blobs;
        r.blobs_count = count;
        receipt_encode(&r, &c->key, &bytes);
        if (buffer_check(&bytes, e) == 0)
            rc = add(a, (struct courier_entry){.what = COURIER_RECEIPT}, &bytes, e);
    }
    buffer_release(&bytes);
    a->receipts += rc == 0;
    return rc;
}

/* Of which the box has not said that it knows. */
static int read_untold(struct courier *c, uint16_t site, struct receipt_blob *out,
                       size_t room, size_t *count, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *count = 0;
    if (centre_statement(c->centre, &s,
                         "SELECT sha256, state FROM held_blob WHERE site = ?1"
                         " AND told < state ORDER BY state DESC, sha256 LIMIT ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)room);
    while ((row = statement_step(s, e)) == 1) {
        if (!column_hash(s, 0, &out[*count].sha256))
            continue;
        out[(*count)++].state = (enum blob_state)sqlite3_column_int(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* As many as there is room for: the others are named another time. */
static int add_blobs(struct answering *a, struct receipt_blob *blobs, size_t count,
                     struct err *e)
{
    for (size_t at = 0; at < count; at += RECEIPT_BLOBS_MAX) {
        size_t some = count - at < RECEIPT_BLOBS_MAX ? count - at : RECEIPT_BLOBS_MAX;

        if (courier_writer_room(a->writer) <
            RECEIPT_BYTES_MAX - (RECEIPT_BLOBS_MAX - some) * RECEIPT_BLOB_BYTES) {
            a->full = true;
            return 0;
        }
        if (add_receipt(a, blobs + at, some, e) != 0)
            return -1;
    }
    return 0;
}

/* To name what is here of blobs. */
static int name_blobs(struct answering *a, struct err *e)
{
    struct receipt_blob *untold = calloc(COURIER_NAMED_MAX, sizeof *untold);
    size_t count;
    int rc = -1;

    if (untold == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    if (read_untold(a->courier, a->site->line.site, untold, COURIER_NAMED_MAX, &count,
                    e) == 0 &&
        add_blobs(a, a->site->blobs, a->site->blobs_count, e) == 0 &&
        add_blobs(a, untold, count, e) == 0)
        rc = 0;
    free(untold);
    return rc;
}

/* A blob on its way here: the next stick goes on where it is. Without room it begins
 * again. */
static int add_have(void *arg, const struct partial_told *p, struct err *e)
{
    struct answering *a = arg;
    struct courier_entry n = {
        .what = COURIER_HAVE, .object = p->object, .at = p->bytes, .end = p->total_bytes};

    if (p->object.kind != OBJECT_BLOB || p->bytes == 0 ||
        courier_writer_room(a->writer) == 0)
        return 0;
    return add(a, n, NULL, e);
}

/* The first of our own frames that the box has not said to have applied; 0: none. By its
 * last status, not by what it ever had: it may have been put back since. */
static int first_unseen(struct answering *a, uint64_t *out, struct err *e)
{
    const struct status_vector *v = &a->row.status;
    sqlite3_stmt *s;
    int row;

    *out = 0;
    if (v->schema == 0)
        return 0; /* of the first version: it takes nothing but receipts */
    if (centre_statement(a->courier->centre, &s,
                         "SELECT min(sequence) FROM down_frame WHERE site = ?1"
                         " AND (sequence > ?2 OR centre_epoch > ?3)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->row.site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)v->seen);
    (void)sqlite3_bind_int(s, 3, v->seen_epoch);
    row = statement_step(s, e);
    if (row == 1)
        *out = (uint64_t)sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int add_bundle(struct answering *a, const struct down_sealed *d, struct err *e)
{
    struct courier_entry n = {
        .what = COURIER_BUNDLE, .object = d->object, .at = d->first, .end = d->last};

    if (courier_writer_room(a->writer) < d->bytes.count) {
        a->full = true;
        return 0;
    }
    a->bundles++;
    return add(a, n, &d->bytes, e);
}

/* What we changed of the box's records, as far as there is room. */
static int add_bundles(struct answering *a, struct err *e)
{
    bool found = true;
    uint64_t next;
    int rc = first_unseen(a, &next, e);

    while (rc == 0 && next > 0 && found && !a->full) {
        struct down_sealed d = {0};

        rc = down_bundle_alone(a->courier->centre, a->site->line.site, next, &d, &found,
                               e);
        if (rc == 0 && found) {
            rc = add_bundle(a, &d, e);
            next = d.last + 1;
        }
        down_sealed_release(&d);
    }
    return rc;
}

/* The numbers first: they fit, or there is no answer. */
/* Before any receipt, so that the box knows of which line those speak. */
static int add_lines(struct answering *a, struct err *e)
{
    struct courier_entry n = {.what = COURIER_LINES};
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, KNOWN_BYTES_MAX);
    rc = courier_lines(a->courier->centre, a->site->line.site, &bytes, e);
    if (rc == 0 && courier_writer_room(a->writer) >= bytes.count)
        rc = add(a, n, &bytes, e);
    buffer_release(&bytes);
    return rc;
}

static int add_all(struct answering *a, struct err *e)
{
    const struct partial_place place = {.disk = a->courier->centre->disk,
                                        .dir = a->courier->centre->dir,
                                        .site = a->site->line.site};
    struct courier_entry took = {.what = COURIER_TOOK, .end = a->site->took};

    if ((a->site->in_doubt && add_lines(a, e) != 0) || add_receipt(a, NULL, 0, e) != 0 ||
        (took.end != 0 && add(a, took, NULL, e) != 0))
        return -1;
    if (name_blobs(a, e) != 0 || partial_each(&place, add_have, a, e) != 0)
        return -1;
    return add_bundles(a, e);
}

/* ----------------------------------------------------------------- what was there */

static bool is_older(const struct courier *c, size_t at, const struct courier_site *s)
{
    const struct courier_name *n = &c->list.names[at];

    return n->direction == DIRECTION_DOWN && courier_line_equal(&n->line, &s->line);
}

/* How far an earlier answer on this stick said that tars have been read. */
static void read_took(struct courier *c, const struct courier_name *name, uint32_t *took)
{
    struct courier_reader *r = NULL;
    char path[DISK_PATH_BYTES];
    struct courier_entry n;
    struct err ignored; /* then tars are read once more */

    if (courier_path(path, c->dir, name, &ignored) == 0 &&
        courier_reader_open(&r, c->stick, path, &ignored) == 0)
        while (courier_reader_next(r, &n, &ignored) == 1)
            if (n.what == COURIER_TOOK && n.end > *took && n.end < COURIER_NUMBER_USED_UP)
                *took = (uint32_t)n.end;
    courier_reader_close(r);
}

/* The number that comes after those of its down tars; what they say of `took` goes into
 * the new one. Numbers that were used up begin anew: what used them goes. */
static uint32_t read_older(struct courier *c, struct courier_site *s)
{
    uint32_t highest = 0;

    for (size_t i = 0; i < c->list.count; i++) {
        if (!is_older(c, i, s))
            continue;
        if (c->list.names[i].number > highest)
            highest = c->list.names[i].number;
        if (!c->list.names[i].part)
            read_took(c, &c->list.names[i], &s->took);
    }
    return courier_number_free(&c->list, &s->line, DIRECTION_DOWN,
                               highest < COURIER_NUMBER_USED_UP ? highest : 0);
}

/* A new answer says all that they said. What is no file is none of them. */
static int remove_older(struct courier *c, const struct courier_site *s, struct err *e)
{
    char path[DISK_PATH_BYTES];

    for (size_t i = 0; i < c->list.count; i++)
        if (is_older(c, i, s) && c->list.files[i] &&
            (courier_path(path, c->dir, &c->list.names[i], e) != 0 ||
             disk_remove(c->stick, path, e) != 0))
            return -1;
    return disk_sync_dir(c->stick, c->dir, e);
}

/* ------------------------------------------------------------------------- answer */

/* 1: written; 0: no room. */
static int write_tar(struct answering *a, const struct courier_name *name, struct err *e)
{
    struct courier *c = a->courier;
    uint64_t room;
    int rc = -1;

    if (disk_free_bytes(c->stick, c->dir, &room, e) != 0)
        return -1;
    if (room / 2 < ANSWER_MARGIN_BYTES)
        return 0;
    if (courier_writer_create(&a->writer, c->stick, c->dir, name,
                              room - ANSWER_MARGIN_BYTES, e) != 0)
        return -1;
    if (add_all(a, e) == 0 && courier_writer_finish(a->writer, e) == 0)
        rc = 1;
    courier_writer_destroy(a->writer);
    return rc < 0 && e->code == ERR_NO_SPACE ? 0 : rc;
}

static int answer_site(struct courier *c, struct courier_site *s,
                       struct courier_answered *out, struct err *e)
{
    struct answering a = {.courier = c, .site = s};
    struct courier_name name = {.line = s->line, .direction = DIRECTION_DOWN};
    bool found;
    int wrote;

    if (site_find(c->centre, s->line.site, &a.row, &found, e) != 0)
        return -1;
    if (!found || !a.row.claimed)
        return 0;
    name.number = read_older(c, s);
    if (name.number > COURIER_NUMBER_MAX)
        return err_set(e, ERR_FAILED, "no number is left on this stick: empty it");
    wrote = write_tar(&a, &name, e);
    if (wrote == 0)
        out->full = true;
    if (wrote <= 0)
        return wrote;
    out->tars++;
    out->receipts += a.receipts;
    out->bundles += a.bundles;
    out->full = out->full || a.full;
    return remove_older(c, s, e);
}

int courier_answer(struct courier *c, struct courier_answered *out, struct err *e)
{
    struct err other;
    int rc = 0;

    *out = (struct courier_answered){0};
    for (size_t i = 0; i < c->sites_count; i++) {
        if (answer_site(c, &c->sites[i], out, rc == 0 ? e : &other) == 0)
            continue;
        if (rc == 0)
            (void)err_wrap(e, "courier: site %u", c->sites[i].line.site);
        rc = -1; /* the others shall have theirs */
    }
    return rc;
}
