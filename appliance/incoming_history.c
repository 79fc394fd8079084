#include "appliance/incoming_history.h"

#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "sync/dictionary.h"
#include "sync/history.h"

static int prepare(struct box *b, sqlite3_stmt **out, const char *sql, struct err *e)
{
    return statements_prepare(store_db(b->store), out, &sql, 1, e);
}

/* What the bundle leans on: the frames up to the one whose hash it names, whichever of
 * the centre's epochs they are of. */
struct walk {
    struct history_filling filling;
    uint64_t next;     /* all after it is in `filling` */
    struct hash chain; /* after `next` */
};

/* Takes frame `next` from the row at hand if it is of this line. */
static void take_row(struct walk *w, sqlite3_stmt *s, bool *taken)
{
    const void *changeset = sqlite3_column_blob(s, 1);
    size_t count = (size_t)sqlite3_column_bytes(s, 1);
    struct hash before, after;

    *taken = false;
    if (!column_hash(s, 2, &before))
        return;
    chain_next(&after, &before, w->next, (uint32_t)sqlite3_column_int64(s, 0), changeset,
               count);
    if (!hash_equal(&after, &w->chain))
        return;
    history_put(&w->filling, changeset, count);
    w->next--;
    w->chain = before;
    *taken = true;
}

/* The frame, with each hash that is kept after the one before it. */
static int step_back(struct walk *w, struct box *b, sqlite3_stmt *s, bool *taken,
                     struct err *e)
{
    struct hash start;
    int row;

    *taken = false;
    chain_start_down(&start, store_identity(b->store)->site);
    (void)sqlite3_bind_int64(statement_fresh(s), 1, (sqlite3_int64)w->next);
    bind_blob(s, 2, start.bytes, HASH_BYTES);
    while (!*taken && (row = statement_step(s, e)) != 0) {
        if (row < 0)
            return -1;
        take_row(w, s, taken);
    }
    return 0;
}

/* The whole hash whose first bytes are named. */
static int find_named(struct walk *w, struct box *b, const struct history_name *name,
                      bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int row = 0;

    *found = false;
    if (prepare(b, &s, "SELECT chain FROM incoming_frame WHERE sequence = ?1", e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)name->last);
    while (!*found && (row = statement_step(s, e)) == 1)
        *found = column_hash(s, 0, &w->chain) &&
                 memcmp(w->chain.bytes, name->chain, sizeof name->chain) == 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int walk_back(struct walk *w, struct box *b, bool *found, struct err *e)
{
    sqlite3_stmt *s;
    int rc = 0;

    if (prepare(b, &s,
                "SELECT f.schema, f.changeset, iif(?1 = 1, ?2, p.chain)"
                " FROM incoming_frame f LEFT JOIN incoming_frame p"
                " ON p.sequence = f.sequence - 1 WHERE f.sequence = ?1",
                e) != 0)
        return -1;
    while (rc == 0 && *found && w->filling.left > 0 && w->next > 0)
        rc = step_back(w, b, s, found, e);
    statements_finalize(&s, 1);
    return rc;
}

static int find_history(void *arg, const struct bundle_header *h,
                        const struct history_name *name, struct buffer *out,
                        struct err *e)
{
    struct box *b = arg;
    struct walk w = {.next = name->last};
    bool found;
    int rc = -1;

    (void)h;
    if (history_filling_init(&w.filling, name->bytes, e) != 0 ||
        find_named(&w, b, name, &found, e) != 0 || walk_back(&w, b, &found, e) != 0)
        goto out;
    rc = found ? history_filling_give(&w.filling, out, e) : 0;
out:
    history_filling_release(&w.filling);
    return rc;
}

static int find_dictionary(void *arg, uint32_t number, struct buffer *out, struct err *e)
{
    struct box *b = arg;

    return dictionary_find(b->disk, b->dir, number, out, e);
}

void incoming_sources(struct box *b, struct bundle_sources *out)
{
    *out = (struct bundle_sources){
        .history = find_history, .dictionary = find_dictionary, .arg = b};
}
