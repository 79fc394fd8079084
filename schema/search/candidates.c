#include "schema/search/run.h"

#include <stdlib.h>

#include "schema/search/counts.h"
#include "schema/statements.h"

static int candidate_add(struct run *r, uint64_t slot, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[RUN_ID_OF]);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)slot);
    row = statement_step(s, e);
    if (row == 1)
        r->candidates[r->candidates_count++] = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

static int candidates_take(struct run *r, const struct match_hit *hits, size_t count,
                           struct err *e)
{
    free(r->candidates);
    r->candidates_count = 0;
    r->candidates = calloc(count + 1, sizeof *r->candidates);
    if (r->candidates == NULL)
        return err_set(e, ERR_MEMORY, "candidates");
    for (size_t i = 0; i < count; i++)
        if (candidate_add(r, hits[i].slot, e) != 0)
            return -1;
    return 0;
}

/* What fields and filters leave; nothing is a list too. */
static void wish_only(const struct run *r, struct match_wish *wish)
{
    wish->only = r->documents.any ? r->documents.only.at : r->left;
    wish->only_count = r->documents.any ? r->documents.only.count : r->left_count;
    wish->but = r->documents.but.at;
    wish->but_count = r->documents.but.count;
}

/* Counts what was found, and puts it in the order of days if that is the answer's. */
static int found_look(struct run *r, struct match_hit *found, size_t count, struct err *e)
{
    if (r->request->counts != NULL &&
        counts_take(r->request->counts, r->narrow.tags, found, count, e) != 0)
        return -1;
    if (r->answer.order != SEARCH_BY_DATE)
        return 0;
    return narrow_by_day(&r->narrow, found, count, e);
}

static int first_take(struct run *r, const struct match *m, struct err *e)
{
    size_t limit = r->request->limit;
    bool dated = r->request->order == SEARCH_BY_DATE && m->total <= SEARCH_RANKED_MAX;

    r->answer.total = m->total;
    r->answer.order = dated       ? SEARCH_BY_DATE
                      : m->ranked ? SEARCH_BY_RANK
                                  : SEARCH_BY_COMING;
    r->answer.narrowed = m->narrowed || r->documents.narrowed;
    if (found_look(r, m->found, m->found_count, e) != 0)
        return -1;
    return dated ? candidates_take(r, m->found,
                                   limit < m->found_count ? limit : m->found_count, e)
                 : candidates_take(r, m->hits, m->count, e);
}

static int match(struct run *r, struct match_wish *wish, struct match *out, struct err *e)
{
    wish->query = r->query;
    wish->newest = r->request->order != SEARCH_BY_RANK;
    wish->field_group = SIZE_MAX;
    wish_only(r, wish);
    return match_run(out, store_db(records_store(r->records)), wish, e);
}

int candidates_first(struct run *r, struct err *e)
{
    size_t limit = r->request->limit;
    bool look = search_query_accented(r->query);
    struct match_wish wish = {
        .found = r->request->counts != NULL || r->request->order == SEARCH_BY_DATE,
        .count = look && limit < SEARCH_CANDIDATES_MAX ? SEARCH_CANDIDATES_MAX : limit};
    struct match m;
    int rc;

    if (match(r, &wish, &m, e) != 0)
        return -1;
    rc = first_take(r, &m, e);
    match_release(&m);
    return rc;
}

int candidates_near(struct run *r, struct err *e)
{
    struct match_wish wish = {.near = true, .count = r->request->limit};
    struct match m;
    int rc;

    if (match(r, &wish, &m, e) != 0)
        return -1;
    rc = candidates_take(r, m.hits, m.count, e);
    match_release(&m);
    return rc;
}

/* ----------------------------------------------------------------- by fields */

static int slot_of(struct run *r, uint64_t id, uint64_t *slot, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[RUN_SLOT_OF]);
    int row;

    bind_id(s, 1, id);
    row = statement_step(s, e);
    *slot = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* The documents that fields named, as slots that filters leave. */
static int document_slots(struct run *r, uint64_t *slots, size_t *count, struct err *e)
{
    *count = r->documents.count;
    for (size_t i = 0; i < r->documents.count; i++)
        if (slot_of(r, r->documents.ids[i], &slots[i], e) != 0)
            return -1;
    return r->narrow.any ? narrow_keep(&r->narrow, slots, count, e) : 0;
}

int candidates_documents(struct run *r, struct err *e)
{
    uint64_t *slots = calloc(r->documents.count + 1, sizeof *slots);
    struct match_hit *hits = calloc(r->documents.count + 1, sizeof *hits);
    size_t count;
    int rc = -1;

    if (slots == NULL || hits == NULL) {
        (void)err_set(e, ERR_MEMORY, "documents");
        goto out;
    }
    if (document_slots(r, slots, &count, e) != 0)
        goto out;
    for (size_t i = 0; i < count; i++)
        hits[i].slot = slots[i];
    r->answer.total = count;
    r->answer.order =
        r->request->order == SEARCH_BY_DATE ? SEARCH_BY_DATE : SEARCH_BY_COMING;
    r->answer.narrowed = r->documents.narrowed;
    if (found_look(r, hits, count, e) == 0)
        rc = candidates_take(r, hits, count, e);
out:
    free(slots);
    free(hits);
    return rc;
}

int candidates_narrow(struct run *r, struct err *e)
{
    sqlite3 *db = store_db(records_store(r->records));

    if (narrow_begin(&r->narrow, db, &r->request->filter, e) != 0)
        return -1;
    if (!r->narrow.any)
        return 0;
    return r->documents.any ? narrow_keep(&r->narrow, r->documents.only.at,
                                          &r->documents.only.count, e)
                            : narrow_slots(&r->narrow, &r->left, &r->left_count, e);
}
