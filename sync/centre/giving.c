#include "sync/centre/giving.h"

#include <inttypes.h>
#include <stdio.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/centre/frames.h"

/* ---------------------------------------------------------------- what may be given */

static int tell_left_out(struct centre *c, uint16_t site, const struct rows_frame *f,
                         struct err *e)
{
    char detail[160];

    (void)snprintf(detail, sizeof detail,
                   "frame %" PRIu64 " of epoch %u is not given back whole: some of it"
                   " can be no change of a row",
                   f->frame->sequence, f->epoch);
    return site_alarm(c, site, "damaged", detail, e);
}

/* The changes of it that rows.h would not refuse, or all of it as it is. *all is false if
 * something was left out. */
static int gather_sound(struct rows *r, const struct frame *f, struct buffer *out,
                        bool *all, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    sqlite3_changegroup *group = NULL;
    void *bytes = NULL;
    int count = 0, rc = sqlite3changegroup_new(&group), failed = 0;

    *all = f->changeset_bytes <= INT32_MAX &&
           sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                                  (void *)(uintptr_t)f->changeset) == SQLITE_OK;
    while (failed == 0 && rc == SQLITE_OK && iter != NULL &&
           sqlite3changeset_next(iter) == SQLITE_ROW) {
        struct row_change change;

        failed = change_read(&change, iter, e);
        if (failed == 0)
            failed = rows_table_find(&r->tables, change.name, &change.table, e);
        if (failed == 0 && rows_objection(r, &change) == NULL)
            rc = sqlite3changegroup_add_change(group, iter);
        else
            *all = false;
    }
    if (iter != NULL && sqlite3changeset_finalize(iter) != SQLITE_OK)
        *all = false; /* malformed: nothing of it was applied */
    if (rc != SQLITE_OK)
        *all = false; /* one table in two shapes */
    if (failed == 0 && rc != SQLITE_NOMEM && !*all)
        rc = sqlite3changegroup_output(group, &count, &bytes);
    if (*all)
        buffer_append(out, f->changeset, f->changeset_bytes);
    else
        buffer_append(out, bytes, (size_t)count);
    sqlite3_free(bytes);
    sqlite3changegroup_delete(group);
    if (rc == SQLITE_NOMEM)
        return err_set(e, ERR_MEMORY, "a frame to be given back");
    return failed != 0 ? -1 : buffer_check(out, e);
}

static int read_sound(struct centre *c, uint16_t site, const struct rows_frame *f,
                      struct buffer *out, bool *all, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(c->store, &names);
    struct rows rows;
    int rc = rows_init(&rows, store_db(c->store), names, count, e);

    rows.site = site;
    rows.at = f;
    if (rc == 0)
        rc = gather_sound(&rows, f->frame, out, all, e);
    rows_release(&rows);
    return rc;
}

int giving_frame(struct centre *c, uint16_t site, const struct rows_frame *f,
                 uint64_t seen, uint8_t seen_epoch, struct err *e)
{
    struct down_given given = {.schema = f->frame->schema,
                               .seen = seen,
                               .seen_epoch = seen_epoch,
                               .epoch = f->epoch,
                               .sequence = f->frame->sequence};
    struct buffer changeset;
    bool all;
    int rc = -1;

    buffer_init(&changeset, BUNDLE_PLAIN_MAX);
    if (read_sound(c, site, f, &changeset, &all, e) != 0 ||
        (!all && tell_left_out(c, site, f, e) != 0))
        goto out;
    given.changeset = changeset.bytes;
    given.changeset_bytes = changeset.count;
    rc = changeset.count == 0 ? 0 : down_give(c, site, &given, e);
out:
    buffer_release(&changeset);
    return rc;
}

/* ----------------------------------------------------------------------- the walk */

struct giving {
    struct centre *centre;
    const struct site_row *site;
    uint8_t epoch; /* of the new line */
    const struct line_path *from, *to;
    struct frames frames;
    uint64_t next; /* of the old line: the next one that was applied */
    uint64_t seen; /* of the new line: applied before that */
};

/* One of our own, as a row of down_frame. */
struct ours {
    uint64_t sequence, seen, given;
    uint32_t schema;
    uint8_t seen_epoch;
    int given_epoch; /* -1: made here */
    const void *changeset;
    size_t changeset_bytes;
};

/* Whether one of our frames brings the box this: a frame of the box's, or (epoch 0) one of
 * ours. */
static int is_brought(struct giving *g, uint8_t epoch, uint64_t sequence, bool *brought,
                      struct err *e)
{
    sqlite3_stmt *s;
    int row = 0;

    *brought = false;
    if (centre_statement(g->centre, &s,
                         "SELECT seen_epoch, seen FROM down_frame WHERE site = ?1"
                         " AND given_epoch = ?2 AND given = ?3 UNION ALL"
                         " SELECT seen_epoch, seen FROM down_frame WHERE site = ?1"
                         " AND sequence = ?3 AND ?2 = 0",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, g->site->site);
    (void)sqlite3_bind_int(s, 2, epoch);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)sequence);
    while (!*brought && (row = statement_step(s, e)) == 1)
        *brought = line_path_stands(g->to, (uint8_t)sqlite3_column_int(s, 0),
                                    (uint64_t)sqlite3_column_int64(s, 1));
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int give_frame(struct giving *g, uint64_t sequence, struct err *e)
{
    uint8_t epoch = line_path_epoch(g->from, sequence);
    struct rows_frame f;
    bool brought;

    if (is_brought(g, epoch, sequence, &brought, e) != 0)
        return -1;
    if (brought)
        return 0;
    if (frames_find(&g->frames, epoch, sequence, &f, e) != 0)
        return -1;
    return giving_frame(g->centre, g->site->site, &f, g->seen, g->epoch, e);
}

static int give_to(struct giving *g, uint64_t last, struct err *e)
{
    for (; g->next <= last; g->next++)
        if (give_frame(g, g->next, e) != 0)
            return -1;
    return 0;
}

static int give_ours(struct giving *g, const struct ours *o, struct err *e)
{
    const struct down_given given = {
        .schema = o->schema,
        .seen = g->seen,
        .seen_epoch = g->epoch,
        .epoch = o->given_epoch < 0 ? 0 : (uint8_t)o->given_epoch,
        .sequence = o->given_epoch < 0 ? o->sequence : o->given,
        .changeset = o->changeset,
        .changeset_bytes = o->changeset_bytes};
    bool brought;

    if (o->changeset_bytes == 0) /* it said that the centre was put back, and no more */
        return 0;
    if (given.epoch != 0 && line_path_has(g->to, given.epoch, given.sequence)) {
        if (g->seen < given.sequence) /* the box made it, and it was applied here now */
            g->seen = given.sequence;
        return 0;
    }
    if (is_brought(g, given.epoch, given.sequence, &brought, e) != 0)
        return -1;
    return brought ? 0 : down_give(g->centre, g->site->site, &given, e);
}

static struct ours ours_of(sqlite3_stmt *s)
{
    return (struct ours){.sequence = (uint64_t)sqlite3_column_int64(s, 0),
                         .schema = (uint32_t)sqlite3_column_int64(s, 1),
                         .seen_epoch = (uint8_t)sqlite3_column_int(s, 2),
                         .seen = (uint64_t)sqlite3_column_int64(s, 3),
                         .given_epoch = sqlite3_column_type(s, 4) == SQLITE_NULL
                                            ? -1
                                            : sqlite3_column_int(s, 4),
                         .given = (uint64_t)sqlite3_column_int64(s, 5),
                         .changeset = sqlite3_column_blob(s, 6),
                         .changeset_bytes = (size_t)sqlite3_column_bytes(s, 6)};
}

/* What stands on the old line and not on the new one, in order. */
static int walk_ours(struct giving *g, uint64_t last, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(g->centre, &s,
                         "SELECT sequence, schema, seen_epoch, seen, given_epoch, given,"
                         " changeset FROM down_frame WHERE site = ?1 AND sequence <= ?2"
                         " ORDER BY sequence",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, g->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)last);
    while ((row = statement_step(s, e)) == 1) {
        struct ours o = ours_of(s);

        if (!line_path_stands(g->from, o.seen_epoch, o.seen) ||
            line_path_stands(g->to, o.seen_epoch, o.seen))
            continue;
        if (give_to(g, o.seen, e) != 0 || give_ours(g, &o, e) != 0) {
            row = -1;
            break;
        }
    }
    statements_finalize(&s, 1);
    return row;
}

int giving_all(struct centre *c, const struct site_row *site, uint8_t epoch,
               const struct line_path *from, const struct line_path *to, struct err *e)
{
    uint64_t common = line_path_common(from, to), last;
    struct giving g = {.centre = c,
                       .site = site,
                       .epoch = epoch,
                       .from = from,
                       .to = to,
                       .frames = {.centre = c, .site = site},
                       .next = common + 1,
                       .seen = common};
    int rc = -1;

    if (down_last(c, site->site, &last, e) == 0 && walk_ours(&g, last, e) == 0)
        rc = give_to(&g, site->received, e);
    frames_release(&g.frames);
    return rc == 0 ? 0 : err_wrap(e, "giving back");
}
