#include "sync/centre/history.h"

#include <stdlib.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/centre/site_keys.h"
#include "sync/dictionary.h"
#include "sync/history.h"

int journal_open(struct centre *c, const struct site_row *site, sqlite3_stmt *row,
                 int bytes_column, struct bundle *out, struct err *e)
{
    const void *bytes = sqlite3_column_blob(row, bytes_column);
    size_t count = (size_t)sqlite3_column_bytes(row, bytes_column);
    struct history h = {c, site};
    struct bundle_sources sources;
    struct bundle_header header;
    struct public_key key;

    if (sqlite3_column_type(row, bytes_column + 1) != SQLITE_NULL)
        return bundle_open_kept(out, bytes, count,
                                sqlite3_column_blob(row, bytes_column + 1),
                                (size_t)sqlite3_column_bytes(row, bytes_column + 1), e);
    if (bundle_peek(&header, bytes, count, e) != 0 ||
        site_key_at(c, site, header.epoch, &key, e) != 0)
        return -1;
    history_sources(&h, &sources);
    return bundle_open(out, bytes, count, &c->key, &key, &sources, e);
}

/* ---------------------------------------------------------------------- hashes */

/* The nth of the chain hashes that are known after this frame: our line's first. */
static int known_chain(const struct history *h, uint64_t sequence, unsigned nth,
                       struct hash *out, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    chain_start(out, h->site->site);
    *found = sequence == 0 && nth == 0;
    if (sequence == 0)
        return 0;
    if (centre_statement(h->centre, &s,
                         "SELECT chain FROM (SELECT 0 AS line, chain FROM journal_frame"
                         " WHERE site = ?1 AND sequence = ?2 UNION ALL"
                         " SELECT 1, chain FROM left_frame"
                         " WHERE site = ?1 AND sequence = ?2)"
                         " ORDER BY line LIMIT 1 OFFSET ?3",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, h->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int64(s, 3, nth);
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, out);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int find_named(const struct history *h, const struct history_name *name,
                      struct hash *out, bool *found, struct err *e)
{
    *found = true;
    for (unsigned i = 0; *found; i++) {
        if (known_chain(h, name->last, i, out, found, e) != 0)
            return -1;
        if (*found && memcmp(out->bytes, name->chain, sizeof name->chain) == 0)
            return 0;
    }
    return 0;
}

/* --------------------------------------------------------------------- backwards */

/* On its way back: all after `next` is in `filling`. */
struct walk {
    const struct history *history;
    struct history_filling filling;
    uint64_t next;
    struct hash chain; /* after `next` */
};

/* Takes the bundle's frames from the first to walk.next if they end with its hash and
 * begin with `before`. */
static void take_if_ours(struct walk *w, const struct bundle *b,
                         const struct hash *before, bool *ours)
{
    size_t count = (size_t)(w->next - b->header.first + 1);
    struct hash chain = *before;

    for (size_t i = 0; i < count; i++)
        chain_next(&chain, &chain, b->frames[i].sequence, b->frames[i].schema,
                   b->frames[i].changeset, b->frames[i].changeset_bytes);
    *ours = hash_equal(&chain, &w->chain);
    if (!*ours)
        return;
    for (size_t i = count; i > 0; i--)
        history_put(&w->filling, b->frames[i - 1].changeset,
                    b->frames[i - 1].changeset_bytes);
    w->next = b->header.first - 1;
    w->chain = *before;
}

static int take_bundle(struct walk *w, sqlite3_stmt *row, bool *taken, struct err *e)
{
    struct bundle b = {0};
    bool found = true;
    struct hash before;
    struct err why;
    int rc = 0;

    *taken = false;
    /* It leans on nothing, or its frames are beside it: this does not come back here. */
    if (sqlite3_column_type(row, 1) == SQLITE_NULL) {
        struct bundle_header header;

        if (bundle_peek(&header, sqlite3_column_blob(row, 0),
                        (size_t)sqlite3_column_bytes(row, 0), &why) != 0 ||
            !bundle_stands_alone(&header))
            return 0;
    }
    if (journal_open(w->history->centre, w->history->site, row, 0, &b, &why) != 0)
        return why.code == ERR_MEMORY ? err_set(e, ERR_MEMORY, "history") : 0;
    for (unsigned i = 0; rc == 0 && found && !*taken; i++) {
        rc = known_chain(w->history, b.header.first - 1, i, &before, &found, e);
        if (rc == 0 && found)
            take_if_ours(w, &b, &before, taken);
    }
    bundle_release(&b);
    return rc;
}

/* Goes one bundle back: *any is false where none has what comes before. */
static int step_back(struct walk *w, bool *any, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    *any = false;
    if (centre_statement(w->history->centre, &s,
                         "SELECT bytes, frames FROM journal WHERE site = ?1"
                         " AND first <= ?2 AND last >= ?2"
                         " AND (state <> 'held' OR left_after IS NOT NULL)"
                         " ORDER BY first DESC",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, w->history->site->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)w->next);
    while (rc == 0 && !*any && (row = statement_step(s, e)) != 0)
        rc = row < 0 ? -1 : take_bundle(w, s, any, e);
    statements_finalize(&s, 1);
    return rc;
}

static int find_history(void *arg, const struct bundle_header *h,
                        const struct history_name *name, struct buffer *out,
                        struct err *e)
{
    struct walk w = {.history = arg, .next = name->last};
    bool any = true;
    int rc = -1;

    (void)h;
    if (history_filling_init(&w.filling, name->bytes, e) != 0 ||
        find_named(w.history, name, &w.chain, &any, e) != 0)
        goto out;
    while (any && w.filling.left > 0 && w.next > 0)
        if (step_back(&w, &any, e) != 0)
            goto out;
    rc = any ? history_filling_give(&w.filling, out, e) : 0;
out:
    history_filling_release(&w.filling);
    return rc;
}

static int find_dictionary(void *arg, uint32_t number, struct buffer *out, struct err *e)
{
    struct history *h = arg;

    return dictionary_find(h->centre->disk, h->centre->dir, number, out, e);
}

void history_sources(struct history *h, struct bundle_sources *out)
{
    *out = (struct bundle_sources){
        .history = find_history, .dictionary = find_dictionary, .arg = h};
}
