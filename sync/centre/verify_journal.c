#include "sync/centre/verify_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/centre/fold.h"
#include "sync/centre/frames.h"
#include "sync/centre/history.h"
#include "sync/centre/site_keys.h"

/* One site's journal, on its way through: bundle by bundle, then frame by frame. */
struct walk {
    struct verification *v;
    const struct site_row *site;
    struct fold *fold;
    struct frames frames, newer;
    struct late_place place; /* of the last late frame */
};

/* --------------------------------------------------------------------- the bundles */

/* Every frame's chain against what is remembered. */
static int walk_frames(struct walk *w, const struct bundle *b, struct hash *chain,
                       struct err *e)
{
    struct centre *c = w->v->centre;
    uint16_t site = w->site->site;
    struct line_frame kept;
    bool found;

    if (line_find(c, site, b->header.epoch, b->header.first - 1, &kept, &found, e) != 0)
        return -1;
    if (!found) {
        verify_problem(w->v, "site %u: no chain hash after frame %" PRIu64, site,
                       b->header.first - 1);
        return 0;
    }
    *chain = kept.chain;
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(chain, chain, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        if (line_nth(c, site, f->sequence, chain, 0, &kept, &found, e) != 0)
            return -1;
        if (!found)
            verify_problem(w->v, "site %u: the chain breaks at frame %" PRIu64, site,
                           f->sequence);
    }
    return 0;
}

static int walk_bundle(struct walk *w, sqlite3_stmt *s, struct err *e)
{
    const char *state = (const char *)sqlite3_column_text(s, 0);
    const void *bytes = sqlite3_column_blob(s, 1);
    size_t count = (size_t)sqlite3_column_bytes(s, 1);
    bool left = sqlite3_column_type(s, 3) != SQLITE_NULL;
    uint16_t site = w->site->site;
    struct hash chain = {{0}};
    struct public_key key;
    struct bundle b = {0};
    struct err why;
    int rc = -1;

    if (journal_open(w->v->centre, w->site, s, 1, &b, &why) != 0) {
        if (b.lacks != BUNDLE_LACKS_NOTHING && strcmp(state, "held") == 0)
            return 0; /* what it leans on may be what is missing before it */
        verify_problem(w->v, "site %u: a bundle of the journal: %s", site, why.text);
        return why.code == ERR_MEMORY ? err_set(e, ERR_MEMORY, "verify") : 0;
    }
    if (strcmp(state, "held") == 0) {
        rc = 0; /* proved when what is before it comes */
        goto out;
    }
    if (walk_frames(w, &b, &chain, e) != 0 ||
        site_key_at(w->v->centre, w->site, b.header.epoch, &key, e) != 0)
        goto out;
    if (!bundle_proved(bytes, count, &key, &chain))
        verify_problem(w->v,
                       "site %u: the signature over frames %" PRIu64 " to %" PRIu64
                       " is not the box's",
                       site, b.header.first, b.header.first + b.frames_count - 1);
    if (strcmp(state, "applied") == 0 && !left &&
        b.header.first + b.frames_count - 1 > w->site->applied)
        verify_problem(w->v, "site %u: a bundle is called applied that is not", site);
    rc = 0;
out:
    bundle_release(&b);
    return rc;
}

static int walk_bundles(struct walk *w, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(w->v->centre, &s,
                         "SELECT state, bytes, frames, left_after FROM journal"
                         " WHERE site = ?1"
                         " ORDER BY first, last",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, w->site->site);
    while ((row = statement_step(s, e)) == 1)
        if (walk_bundle(w, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

/* The site's own line is there to its end, without gaps, and ends as its row says. */
static int check_end(struct walk *w, struct err *e)
{
    const struct site_row *site = w->site;
    struct line_path path;
    struct line_frame end;
    sqlite3_stmt *s;
    uint64_t frames = 0, last = 0;
    bool found;
    int row;

    if (centre_statement(w->v->centre, &s,
                         "SELECT count(*), max(sequence) FROM journal_frame"
                         " WHERE site = ?1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site->site);
    row = statement_step(s, e);
    if (row == 1) {
        frames = (uint64_t)sqlite3_column_int64(s, 0);
        last = (uint64_t)sqlite3_column_int64(s, 1);
    }
    statements_finalize(&s, 1);
    if (row < 0 || line_path_now(w->v->centre, site, &path, e) != 0 ||
        line_find(w->v->centre, site->site, line_path_epoch(&path, site->received),
                  site->received, &end, &found, e) != 0)
        return -1;
    if (frames != site->received || last != site->received)
        verify_problem(w->v,
                       "site %u: received is %" PRIu64 ", the journal has %" PRIu64
                       " frames up to %" PRIu64,
                       site->site, site->received, frames, last);
    else if (!found || !hash_equal(&end.chain, &site->chain))
        verify_problem(w->v, "site %u: its chain is not the journal's", site->site);
    return 0;
}

/* ----------------------------------------------------------------------- the frames */

/* A row: epoch, sequence, late, and what had been applied before a late one. */
static int fold_frame(struct walk *w, sqlite3_stmt *s, struct err *e)
{
    struct centre *c = w->v->centre;
    uint8_t epoch = (uint8_t)sqlite3_column_int(s, 0);
    uint64_t sequence = (uint64_t)sqlite3_column_int64(s, 1);
    struct late_place *place = &w->place;
    struct rows_frame f;

    if (frames_find(&w->frames, epoch, sequence, &f, e) != 0)
        return -1;
    f.late = sqlite3_column_int64(s, 2) > 0;
    if (!f.late)
        return fold_add(w->fold, &f, e);
    place->applied = (uint64_t)sqlite3_column_int64(s, 4);
    if (line_path(c, w->site->site, (uint8_t)sqlite3_column_int(s, 3), place->applied,
                  &place->now, e) != 0)
        return -1;
    return fold_add_late(w->fold, &f, place, (uint64_t)sqlite3_column_int64(s, 2), e);
}

/* In the order in which they were applied: a line after the other, and what came late of
 * an older one where it was given back. */
static int fold_frames(struct walk *w, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(
            w->v->centre, &s,
            "SELECT t.epoch, t.sequence, t.late, coalesce(d.seen_epoch, t.epoch),"
            " coalesce(d.seen, t.sequence) FROM (SELECT epoch, sequence, late"
            "  FROM journal_frame WHERE site = ?1 AND sequence <= ?2"
            "  UNION ALL SELECT epoch, sequence, late FROM left_frame"
            "  WHERE site = ?1 AND late >= 0) t"
            " LEFT JOIN down_frame d ON d.site = ?1 AND d.sequence = t.late"
            " ORDER BY 4, 5, t.late",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, w->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)w->site->applied);
    while ((row = statement_step(s, e)) == 1)
        if (fold_frame(w, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    return row;
}

/* What a box of an older schema cannot hold is told to it later: in between the frames do
 * not say all that was written. */
static int compare_rows(struct walk *w, struct err *e)
{
    struct centre *c = w->v->centre;
    const char *const *tables;
    size_t count = store_synced_tables(c->store, &tables);
    int64_t waiting;
    char line[128];

    (void)snprintf(line, sizeof line, "SELECT count(*) FROM down_waiting WHERE site = %u",
                   w->site->site);
    if (sql_number(store_db(c->store), line, &waiting, e) != 0 ||
        fold_finish(w->fold, e) != 0)
        return -1;
    if (waiting > 0) {
        (void)snprintf(line, sizeof line,
                       "site %u: %lld rows wait for its program: rows not compared",
                       w->site->site, (long long)waiting);
        if (w->v->sink->note != NULL)
            w->v->sink->note(w->v->sink->arg, line);
        return 0;
    }
    if (fold_conflicts(w->fold) > 0)
        verify_problem(w->v,
                       "site %u: %" PRIu64 " changes of what goes down cannot be applied",
                       w->site->site, fold_conflicts(w->fold));
    for (size_t i = 0; i < count; i++) {
        bool equal;

        if (fold_compare(w->fold, tables[i], &equal, e) != 0)
            return -1;
        if (!equal)
            verify_problem(w->v, "site %u: %s differs from what its frames made of it",
                           w->site->site, tables[i]);
    }
    return 0;
}

int verify_site(struct verification *v, const struct site_row *row, struct err *e)
{
    struct walk w = {.v = v,
                     .site = row,
                     .frames = {.centre = v->centre, .site = row},
                     .newer = {.centre = v->centre, .site = row},
                     .place.frames = &w.newer};
    int rc = -1;

    if (row->applied > row->received || row->safe > row->received)
        verify_problem(v, "site %u: its numbers contradict each other", row->site);
    if (fold_create(&w.fold, v->centre, row->site, e) != 0)
        return -1;
    if (walk_bundles(&w, e) == 0 && check_end(&w, e) == 0 && fold_frames(&w, e) == 0)
        rc = compare_rows(&w, e);
    if (rc != 0 && e->code == ERR_CORRUPT) {
        verify_problem(v, "site %u: %s", row->site, e->text); /* damage is the answer */
        rc = 0;
    }
    fold_destroy(w.fold);
    frames_release(&w.frames);
    frames_release(&w.newer);
    return rc;
}
