#include "schema/search/documents.h"

#include <stdlib.h>

#include "base/order.h"
#include "schema/search/field_look.h"
#include "schema/search/match.h"
#include "schema/statements.h"

enum { ID_OF, SLOTS_OF, ALL_SLOTS, STATEMENTS };

static const char *const documents_sql[STATEMENTS] = {
    [ID_OF] = "SELECT id FROM search WHERE slot = ?1",
    [SLOTS_OF] = "SELECT slot FROM search WHERE id = ?1 UNION ALL"
                 " SELECT slot FROM page JOIN search ON search.id = page.id"
                 " WHERE page.document = ?1",
    [ALL_SLOTS] = "SELECT slot FROM document JOIN search ON search.id = document.id",
};

/* Documents, the newest in the index first. */
struct named {
    uint64_t *ids; /* owned */
    size_t count;
};

struct looking {
    struct search_documents *out;
    struct records *records;
    const struct search_query *query;
    sqlite3_stmt *statements[STATEMENTS];
    struct field_look *look;
    size_t group; /* the one that is looked for */
};

static int id_of(struct looking *l, uint64_t slot, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->statements[ID_OF]);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)slot);
    row = statement_step(s, e);
    *id = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* -------------------------------------------------------------------- slots */

static int add_slot(struct search_slots *s, uint64_t slot, struct err *e)
{
    if (s->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 256 : 2 * s->capacity;
        uint64_t *at = realloc(s->at, capacity * sizeof *at);

        if (at == NULL)
            return err_set(e, ERR_MEMORY, "slots");
        s->at = at;
        s->capacity = capacity;
    }
    s->at[s->count++] = slot;
    return 0;
}

/* What the statement gives, behind those that are there. */
static int add_slots(struct search_slots *slots, sqlite3_stmt *s, struct err *e)
{
    int row;

    while ((row = statement_step(s, e)) == 1)
        if (add_slot(slots, (uint64_t)sqlite3_column_int64(s, 0), e) != 0)
            break;
    (void)statement_fresh(s);
    return row == 0 ? 0 : -1;
}

static void slots_order(struct search_slots *s)
{
    if (s->count > 0)
        qsort(s->at, s->count, sizeof *s->at, order_u64);
}

/* Adds those of the documents. */
static int find_slots(struct looking *l, const struct named *n, struct search_slots *out,
                      struct err *e)
{
    sqlite3_stmt *s = l->statements[SLOTS_OF];

    for (size_t i = 0; i < n->count; i++) {
        (void)statement_fresh(s);
        bind_id(s, 1, n->ids[i]);
        if (add_slots(out, s, e) != 0)
            return -1;
    }
    slots_order(out);
    return 0;
}

/* ---------------------------------------------------------------- one field */

/* Of what the index knows for the group: those whose field says so. */
static int take_named(struct looking *l, const struct match *m, struct named *out,
                      struct err *e)
{
    out->ids = calloc(m->count + 1, sizeof *out->ids);
    if (out->ids == NULL)
        return err_set(e, ERR_MEMORY, "documents");
    for (size_t i = 0; i < m->count; i++) {
        uint64_t id, document, page;
        bool found;

        if (id_of(l, m->hits[i].slot, &id, e) != 0 ||
            record_find(l->records, id, &document, &page, e) != 0)
            return -1;
        if (document == 0 || page != 0)
            continue;
        if (field_look_at(l->look, l->group, document, &found, e) != 0)
            return -1;
        if (found)
            out->ids[out->count++] = document;
    }
    return 0;
}

/* The index has pages beside documents, and many pages hold what one field says: where
 * they are too many, documents alone are asked for. */
static int match_documents(struct looking *l, struct match *m, struct err *e)
{
    sqlite3 *db = store_db(records_store(l->records));
    struct match_wish wish = {.query = l->query,
                              .newest = true,
                              .count = SEARCH_DOCUMENTS_MAX,
                              .field_group = l->group};
    struct search_slots slots = {0};
    int rc = -1;

    if (match_run(m, db, &wish, e) != 0)
        return -1;
    if (m->total <= m->count)
        return 0;
    match_release(m);
    if (add_slots(&slots, statement_fresh(l->statements[ALL_SLOTS]), e) != 0)
        goto out;
    slots_order(&slots);
    wish.only = slots.at == NULL ? &(const uint64_t){0} : slots.at;
    wish.only_count = slots.count;
    rc = match_run(m, db, &wish, e);
out:
    free(slots.at);
    return rc;
}

static int find_named(struct looking *l, struct named *out, struct err *e)
{
    struct match m = {0};
    int rc;

    if (match_documents(l, &m, e) != 0)
        return -1;
    l->out->narrowed = l->out->narrowed || m.narrowed || m.total > m.count;
    rc = take_named(l, &m, out, e);
    match_release(&m);
    return rc;
}

/* --------------------------------------------------------------- all of them */

/* Of the other groups: those that are left. */
static int take_next(struct looking *l, bool negated, struct err *e)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->out->count; i++) {
        bool found;

        if (field_look_at(l->look, l->group, l->out->ids[i], &found, e) != 0)
            return -1;
        if (found != negated)
            l->out->ids[kept++] = l->out->ids[i];
    }
    l->out->count = kept;
    return 0;
}

static bool is_without(const struct search_slots *of, const struct match *m)
{
    for (size_t i = 0; i < of->count; i++)
        if (bsearch(&of->at[i], m->found, m->found_count, sizeof *m->found, order_u64) ==
            NULL)
            return false;
    return true;
}

/* Keeps the documents all of whose rows are among those found: no page of theirs holds a
 * word that is not to be there. */
static int keep_without(struct looking *l, struct match *m, struct err *e)
{
    struct search_documents *out = l->out;
    struct search_slots slots = {0};
    size_t kept = 0;
    int rc = 0;

    /* A hit begins with its slot. */
    if (m->found_count > 0)
        qsort(m->found, m->found_count, sizeof *m->found, order_u64);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        slots.count = 0;
        rc = find_slots(l, &(struct named){&out->ids[i], 1}, &slots, e);
        if (rc == 0 && is_without(&slots, m))
            out->ids[kept++] = out->ids[i];
    }
    free(slots.at);
    if (rc == 0)
        out->count = kept;
    return rc;
}

/* Where fields alone say what is meant, a negated word of the text is of the whole
 * document. */
static int leave_out_text(struct looking *l, const struct query_group *groups,
                          size_t count, struct err *e)
{
    struct match_wish wish = {.query = l->query,
                              .newest = true,
                              .found = true,
                              .whole = true,
                              .only = l->out->only.at,
                              .only_count = l->out->only.count,
                              .field_group = SIZE_MAX};
    bool negated = false;
    struct match m;
    int rc;

    for (size_t i = 0; i < count; i++)
        negated = negated || groups[i].field == SEARCH_FIELD_NONE;
    if (!negated || search_query_asks_text(l->query))
        return 0;
    if (match_run(&m, store_db(records_store(l->records)), &wish, e) != 0)
        return -1;
    l->out->narrowed = l->out->narrowed || m.narrowed;
    rc = keep_without(l, &m, e);
    match_release(&m);
    return rc;
}

/* Nothing asks for a field: what negated ones name is left out. */
static int find_but(struct looking *l, const struct query_group *groups, size_t count,
                    struct err *e)
{
    int rc = 0;

    for (l->group = 0; rc == 0 && l->group < count; l->group++) {
        struct named n = {0};

        if (groups[l->group].field == SEARCH_FIELD_NONE)
            continue;
        rc = find_named(l, &n, e) != 0 ? -1 : find_slots(l, &n, &l->out->but, e);
        free(n.ids);
    }
    return rc;
}

/* The first that is asked for leads. */
static int find_only(struct looking *l, const struct query_group *groups, size_t count,
                     size_t lead, struct err *e)
{
    struct search_documents *out = l->out;
    struct named n = {0};
    int rc;

    out->any = true;
    out->only.at = malloc(sizeof *out->only.at);
    if (out->only.at == NULL)
        return err_set(e, ERR_MEMORY, "slots");
    out->only.capacity = 1;
    l->group = lead;
    rc = find_named(l, &n, e);
    out->ids = n.ids;
    out->count = n.count;
    for (l->group = 0; rc == 0 && l->group < count; l->group++)
        if (l->group != lead && groups[l->group].field != SEARCH_FIELD_NONE)
            rc = take_next(l, groups[l->group].negated, e);
    if (rc != 0 ||
        find_slots(l, &(struct named){out->ids, out->count}, &out->only, e) != 0)
        return -1;
    return leave_out_text(l, groups, count, e);
}

static int find(struct looking *l, struct err *e)
{
    const struct query_group *groups;
    size_t count = search_query_groups(l->query, &groups), lead = SIZE_MAX;

    for (size_t i = count; i-- > 0;)
        if (groups[i].field != SEARCH_FIELD_NONE && !groups[i].negated)
            lead = i;
    return lead == SIZE_MAX ? find_but(l, groups, count, e)
                            : find_only(l, groups, count, lead, e);
}

int search_documents_find(struct search_documents *out, struct records *r,
                          const struct search_query *q, struct err *e)
{
    struct looking l = {.out = out, .records = r, .query = q};
    int rc = -1;

    *out = (struct search_documents){0};
    if (statements_prepare(store_db(records_store(r)), l.statements, documents_sql,
                           STATEMENTS, e) == 0 &&
        field_look_create(&l.look, r, q, e) == 0)
        rc = find(&l, e);
    statements_finalize(l.statements, STATEMENTS);
    field_look_destroy(l.look);
    return rc;
}

void search_documents_release(struct search_documents *d)
{
    free(d->ids);
    free(d->only.at);
    free(d->but.at);
    *d = (struct search_documents){0};
}
