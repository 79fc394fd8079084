#include "sync/centre/late.h"

#include <inttypes.h>

#include "schema/statements.h"
#include "sync/centre/apply_park.h"
#include "sync/centre/down_internal.h"
#include "sync/centre/giving.h"

/* Nobody had seen it who did not make it. A malformed one was parked whole. */
static int add_newer(struct rows *r, const struct rows_frame *f, struct err *e)
{
    const struct own_frame own = {.epoch = UINT8_MAX,
                                  .sequence = INT64_MAX,
                                  .changeset = f->frame->changeset,
                                  .changeset_bytes = f->frame->changeset_bytes};

    if (rows_own_add(&r->newer, &r->tables, &own, e) == 0)
        return 0;
    return e->code == ERR_CORRUPT ? 0 : -1;
}

/* Whether it holds what is newer than this, as far as it goes. */
static bool holds_newer(const struct late_place *p, uint64_t common)
{
    return p->any && p->common == common && p->to <= p->applied &&
           line_path_common(&p->line, &p->now) >= p->to;
}

int late_bring_newer(struct rows *r, struct late_place *p, const struct rows_frame *f,
                     struct err *e)
{
    struct frames *frames = p->frames;
    struct line_path of_it;
    struct rows_frame newer;
    uint64_t common;

    if (line_path(frames->centre, frames->site->site, f->epoch, f->frame->sequence,
                  &of_it, e) != 0)
        return -1;
    common = line_path_common(&p->now, &of_it);
    if (!holds_newer(p, common)) {
        rows_own_clear(&r->newer);
        p->common = p->to = common;
    }
    p->any = true;
    p->line = p->now;
    for (; p->to < p->applied; p->to++) {
        uint64_t n = p->to + 1;

        if (frames_find(frames, line_path_epoch(&p->now, n), n, &newer, e) != 0 ||
            add_newer(r, &newer, e) != 0)
            return -1;
    }
    return 0;
}

/* ------------------------------------------------------------------------- one frame */

struct late {
    struct applying *applying;
    struct site_row site;
    struct frames of_it, newer;
    struct late_place place;
    struct line_frame name;
    struct rows_frame frame;
};

/* *any is false if there is none, or something of the site's own comes first. */
static int find_next(struct late *l, bool *any, struct err *e)
{
    struct applying *a = l->applying;
    sqlite3_stmt *s;
    int row;

    if (centre_statement(a->centre, &s,
                         "SELECT epoch, sequence FROM left_frame WHERE site = ?1"
                         " AND late < 0 ORDER BY epoch, sequence LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    row = statement_step(s, e);
    *any = row == 1;
    l->name.epoch = (uint8_t)sqlite3_column_int(s, 0);
    l->name.sequence = (uint64_t)sqlite3_column_int64(s, 1);
    statements_finalize(&s, 1);
    if (row <= 0)
        return row;
    if (site_find(a->centre, a->site, &l->site, any, e) != 0)
        return -1;
    *any = *any && l->site.applied == l->site.received;
    return 0;
}

static int run(struct late *l, const char *sql, uint64_t third, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(l->applying->centre, &s, sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, l->site.site);
    (void)sqlite3_bind_int(s, 2, l->name.epoch);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)l->name.sequence);
    if (sqlite3_bind_parameter_count(s) > 3)
        (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)third);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

/* The site is open. Given before it is applied: what applying it makes of ours comes to
 * the box behind it. */
static int give_and_apply(struct late *l, struct err *e)
{
    struct applying *a = l->applying;
    uint64_t last;

    if (down_last(a->centre, a->site, &last, e) != 0 ||
        giving_frame(a->centre, a->site, &l->frame, a->centre->down->seen,
                     a->centre->down->seen_epoch, e) != 0 ||
        run(l,
            "UPDATE left_frame SET late = ?4 WHERE site = ?1 AND epoch = ?2"
            " AND sequence = ?3",
            last + 1, e) != 0 ||
        run(l,
            "UPDATE journal SET state = 'applied' WHERE site = ?1 AND first <= ?3"
            " AND last = ?3 AND state = 'ready' AND epoch = ?2"
            " AND left_after IS NOT NULL", /* what is behind the bytes comes last */
            0, e) != 0)
        return -1;
    return apply_changes(a, &l->frame, e);
}

static int apply_one(struct late *l, struct err *e)
{
    struct applying *a = l->applying;
    int rc = -1;

    l->place.applied = l->site.applied;
    a->late = &l->place;
    a->index.count = 0;
    if (line_path_now(a->centre, &l->site, &l->place.now, e) == 0 &&
        down_open_applied(a->centre, a->site, e) == 0 && give_and_apply(l, e) == 0) {
        down_close(a->centre);
        rc = store_apply_commit(a->centre->store, e);
    } else {
        down_rollback(a->centre);
        a->own_read = false; /* it may hold frames that were rolled back */
    }
    a->late = NULL;
    return rc == 0 ? 0 : err_wrap(e, "late frame %" PRIu64, l->name.sequence);
}

/* *went is false if there is none, or the next one is of a newer schema. */
static int apply_next(struct late *l, bool *went, struct err *e)
{
    struct applying *a = l->applying;

    *went = false;
    if (find_next(l, went, e) != 0)
        return -1;
    if (!*went)
        return 0;
    l->of_it.centre = l->newer.centre = a->centre;
    l->of_it.site = l->newer.site = &l->site;
    if (frames_find(&l->of_it, l->name.epoch, l->name.sequence, &l->frame, e) != 0)
        return -1;
    l->frame.late = true;
    *went = l->frame.frame->schema <= a->rows.schema;
    if (!*went)
        return 0;
    if (store_apply_begin(a->centre->store, e) != 0)
        return -1;
    return apply_one(l, e);
}

int apply_late(struct applying *a, unsigned frames_max, unsigned *count, struct err *e)
{
    struct late l = {.applying = a, .place.frames = &l.newer};
    bool went = true;
    int rc = 0;

    while (rc == 0 && went && *count < frames_max) {
        rc = apply_next(&l, &went, e);
        *count += rc == 0 && went;
    }
    frames_release(&l.of_it);
    frames_release(&l.newer);
    return rc;
}
