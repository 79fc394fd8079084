#include "sync/centre/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/search.h"
#include "schema/statements.h"
#include "sync/centre/fold.h"
#include "sync/centre/history.h"
#include "sync/centre/journal.h"

struct verification {
    struct centre *centre;
    const struct centre_verify_sink *sink;
    uint16_t site;      /* whose journal is at hand; 0: none's */
    uint64_t originals; /* looked at so far */
};

/* One site's journal, on its way through. */
struct journal_walk {
    struct verification *v;
    const struct site_row *site;
    struct fold *fold;
    uint64_t next; /* the sequence that must come */
    struct hash chain;
};

__attribute__((format(printf, 2, 3))) static void problem(struct verification *v,
                                                          const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut text is fine */
    va_end(args);
    if (v->site != 0 && v->sink->of_site != NULL)
        v->sink->of_site(v->sink->arg, v->site, text);
    else
        v->sink->problem(v->sink->arg, text);
}

static int check_integrity(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(v->centre, &s, "PRAGMA integrity_check", e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        const char *text = (const char *)sqlite3_column_text(s, 0);

        if (text == NULL || strcmp(text, "ok") != 0)
            problem(v, "database: %s", text == NULL ? "?" : text);
    }
    statements_finalize(&s, 1);
    return row;
}

/* ------------------------------------------------------------------ the journal */

static int fold_frame(struct journal_walk *w, const struct bundle *b,
                      const struct frame *f, struct err *e)
{
    const struct rows_frame frame = {
        .frame = f, .epoch = b->header.epoch, .seen_epoch = b->header.seen_epoch};

    return fold_add(w->fold, &frame, e);
}

/* Every frame's chain against what is remembered; new ones into the fold. Those after
 * `common` are of a line that the box has left: they came down to it again. */
static int walk_frames(struct journal_walk *w, const struct bundle *b, uint64_t common,
                       struct hash *chain_last, struct err *e)
{
    struct centre *c = w->v->centre;
    struct hash before, kept;

    if (journal_chain(c, w->site->site, b->header.first - 1, &before, e) != 0)
        return -1;
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        chain_next(chain_last, &before, f->sequence, f->schema, f->changeset,
                   f->changeset_bytes);
        before = *chain_last;
        if (f->sequence > common)
            continue;
        if (journal_chain(c, w->site->site, f->sequence, &kept, e) != 0)
            return -1;
        if (!hash_equal(&kept, chain_last))
            problem(w->v, "site %u: the chain breaks at frame %" PRIu64, w->site->site,
                    f->sequence);
        if (f->sequence != w->next)
            continue;
        w->next++;
        w->chain = kept;
        if (f->sequence <= w->site->applied && fold_frame(w, b, f, e) != 0)
            return -1;
    }
    return 0;
}

static int walk_bundle(struct journal_walk *w, sqlite3_stmt *s, struct err *e)
{
    const char *state = (const char *)sqlite3_column_text(s, 0);
    const void *bytes = sqlite3_column_blob(s, 1);
    size_t count = (size_t)sqlite3_column_bytes(s, 1);
    uint64_t common = (uint64_t)sqlite3_column_int64(s, 3);
    uint16_t site = w->site->site;
    struct hash chain = {{0}};
    struct bundle b = {0};
    struct err why;
    int rc = -1;

    if (journal_open(w->v->centre, w->site, s, 1, &b, &why) != 0) {
        if (b.lacks != BUNDLE_LACKS_NOTHING && strcmp(state, "held") == 0)
            return 0; /* what it leans on may be what is missing before it */
        problem(w->v, "site %u: a bundle of the journal: %s", site, why.text);
        return why.code == ERR_MEMORY ? err_set(e, ERR_MEMORY, "verify") : 0;
    }
    if (strcmp(state, "held") == 0 || b.header.first > common + 1) {
        rc = 0; /* proved when the gap closes; or when it came, of a line that was left */
        goto out;
    }
    if (b.header.first > w->next)
        problem(w->v, "site %u: frames %" PRIu64 " to %" PRIu64 " are not in the journal",
                site, w->next, b.header.first - 1);
    if (walk_frames(w, &b, common, &chain, e) != 0)
        goto out;
    if (!bundle_proved(bytes, count, &w->site->key, &chain))
        problem(w->v,
                "site %u: the signature over frames %" PRIu64 " to %" PRIu64
                " is not the box's",
                site, b.header.first, b.header.first + b.frames_count - 1);
    if (strcmp(state, "applied") == 0 && common == INT64_MAX &&
        b.header.first + b.frames_count - 1 > w->site->applied)
        problem(w->v, "site %u: a bundle is called applied that is not", site);
    rc = 0;
out:
    bundle_release(&b);
    return rc;
}

static int walk_journal(struct journal_walk *w, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    w->next = 1;
    chain_start(&w->chain, w->site->site);
    if (centre_statement(w->v->centre, &s,
                         "SELECT state, bytes, frames, coalesce(left_after, ?2)"
                         " FROM journal"
                         " WHERE site = ?1"
                         " ORDER BY first, last",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, w->site->site);
    (void)sqlite3_bind_int64(s, 2, INT64_MAX);
    while ((row = statement_step(s, e)) == 1)
        if (walk_bundle(w, s, e) != 0) {
            row = -1;
            break;
        }
    statements_finalize(&s, 1);
    if (row < 0)
        return -1;
    if (w->next != w->site->received + 1)
        problem(w->v, "site %u: received is %" PRIu64 ", the journal ends with %" PRIu64,
                w->site->site, w->site->received, w->next - 1);
    else if (!hash_equal(&w->chain, &w->site->chain))
        problem(w->v, "site %u: its chain is not the journal's", w->site->site);
    return 0;
}

/* What a box of an older schema cannot hold is told to it later: in between the frames do
 * not say all that was written. */
static int compare_rows(struct journal_walk *w, struct err *e)
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
        problem(w->v, "site %u: %" PRIu64 " changes of what goes down cannot be applied",
                w->site->site, fold_conflicts(w->fold));
    for (size_t i = 0; i < count; i++) {
        bool equal;

        if (fold_compare(w->fold, tables[i], &equal, e) != 0)
            return -1;
        if (!equal)
            problem(w->v, "site %u: %s differs from what its frames made of it",
                    w->site->site, tables[i]);
    }
    return 0;
}

static int check_site(struct verification *v, const struct site_row *row, struct err *e)
{
    struct journal_walk w = {.v = v, .site = row};
    int rc = -1;

    if (row->applied > row->received || row->safe > row->received)
        problem(w.v, "site %u: its numbers contradict each other", row->site);
    if (fold_create(&w.fold, w.v->centre, row->site, e) != 0)
        return -1;
    if (walk_journal(&w, e) == 0)
        rc = compare_rows(&w, e);
    if (rc != 0 && e->code == ERR_CORRUPT) {
        problem(w.v, "site %u: %s", row->site, e->text); /* the damage is the answer */
        rc = 0;
    }
    fold_destroy(w.fold);
    return rc;
}

static int check_claimed(void *arg, const struct site_row *row, struct err *e)
{
    struct verification *v = arg;
    int rc;

    if (!row->claimed)
        return 0; /* nobody could have sent anything */
    v->site = row->site;
    rc = check_site(v, row, e);
    v->site = 0;
    return rc;
}

/* ------------------------------------------------------------ originals, search */

/* What the disk cannot give is as good as gone: the others are still looked at. */
static int check_original(struct verification *v, const struct hash *sha256,
                          struct err *e)
{
    char hex[HASH_HEX_BYTES];
    bool sound = false;

    if (blob_check(v->centre->blobs, sha256, &sound, e) != 0 && e->code != ERR_IO)
        return -1;
    hash_to_hex(hex, sha256);
    if (!sound && v->sink->of_original != NULL)
        v->sink->of_original(v->sink->arg, sha256);
    else if (!sound)
        problem(v, "original %s is absent or altered", hex);
    return 0;
}

static int check_originals(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    struct hash h;
    int row;

    if (centre_statement(v->centre, &s, "SELECT DISTINCT sha256 FROM held_blob", e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        if (!column_hash(s, 0, &h))
            problem(v, "a row of what was delivered names no SHA-256");
        else if (check_original(v, &h, e) != 0)
            break;
        if (v->sink->progress != NULL &&
            v->sink->progress(v->sink->arg, ++v->originals) != 0) {
            (void)err_set(e, ERR_FAILED, "stopped");
            break;
        }
    }
    statements_finalize(&s, 1);
    return row == 0 ? 0 : -1;
}

/* What cannot be made what it was is no loss while it is kept, but a person's matter. */
static int check_unpacking(struct verification *v, struct err *e)
{
    sqlite3_stmt *s;
    char text[256];
    int row;

    if (v->sink->unrestored == NULL)
        return 0;
    if (centre_statement(v->centre, &s,
                         "SELECT site, lower(hex(original)), reason FROM unpacking"
                         " WHERE state = 'failed'",
                         e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        (void)snprintf(text, sizeof text,
                       "site %d: original %s came packed and cannot be restored: %s",
                       sqlite3_column_int(s, 0), (const char *)sqlite3_column_text(s, 1),
                       (const char *)sqlite3_column_text(s, 2));
        v->sink->unrestored(v->sink->arg, text);
    }
    statements_finalize(&s, 1);
    return row;
}

static int check_index(struct verification *v, struct err *e)
{
    uint64_t missing, surplus;

    if (search_verify(v->centre->records, &missing, &surplus, e) != 0)
        return -1;
    if (missing > 0 || surplus > 0)
        problem(v, "search index lacks %" PRIu64 " rows and has %" PRIu64 " too many",
                missing, surplus);
    return 0;
}

int centre_verify(struct centre *c, const struct centre_verify_sink *sink, struct err *e)
{
    struct verification v = {.centre = c, .sink = sink};
    int rc = -1;

    /* One snapshot: a serve beside us goes on meanwhile. */
    if (store_read_begin(c->store, e) != 0)
        return err_wrap(e, "verify");
    if (check_integrity(&v, e) == 0 && site_each(c, check_claimed, &v, e) == 0 &&
        check_index(&v, e) == 0 && check_unpacking(&v, e) == 0 &&
        check_originals(&v, e) == 0)
        rc = 0;
    store_read_end(c->store);
    return rc == 0 ? 0 : err_wrap(e, "verify");
}
