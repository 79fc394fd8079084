#include "schema/search/documents.h"

#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "schema/search/match.h"
#include "schema/statements.h"

enum { ID_OF, HEAD, SLOTS_OF, STATEMENTS };

static const char *const documents_sql[STATEMENTS] = {
    [ID_OF] = "SELECT id FROM search WHERE slot = ?1",
    [HEAD] = "SELECT document.type, dossier.code FROM document"
             " LEFT JOIN dossier ON dossier.id = document.dossier WHERE document.id = ?1",
    [SLOTS_OF] = "SELECT slot FROM search WHERE id = ?1 UNION ALL"
                 " SELECT slot FROM page JOIN search ON search.id = page.id"
                 " WHERE page.document = ?1",
};

struct looking {
    struct search_documents *out;
    struct records *records;
    const struct search_query *query;
    sqlite3_stmt *statements[STATEMENTS];
    size_t group;                 /* the one that is looked for */
    struct buffer number, symbol; /* of the document at hand */
    bool found;                   /* in the document at hand */
};

static const struct query_group *group_at(const struct looking *l, size_t i)
{
    const struct query_group *groups;

    (void)search_query_groups(l->query, &groups);
    return &groups[i];
}

static void look_at(struct looking *l, const char *value)
{
    const struct query_group *g = group_at(l, l->group);
    uint32_t from, to;

    if (value == NULL || l->found)
        return;
    if (!g->is_range)
        l->found = search_query_find_group(l->query, l->group, value, strlen(value));
    else if (search_days(value, strlen(value), &from, &to))
        l->found = from <= g->to && to >= g->from;
}

static int look_at_field(void *arg, const char *name, unsigned ordinal,
                         const char *source, const char *value, struct err *e)
{
    struct looking *l = arg;
    enum search_field field = group_at(l, l->group)->field;

    (void)ordinal;
    (void)source;
    (void)e;
    if (field == SEARCH_FIELD_NUMBER && strcmp(name, "number") == 0)
        buffer_append_text(&l->number, value);
    if (field == SEARCH_FIELD_NUMBER && strcmp(name, "symbol") == 0)
        buffer_append_text(&l->symbol, value);
    /* A kind is written in the symbol too: 12/QĐ-UBND is a QĐ. */
    if (search_field_is(field, name) ||
        (field == SEARCH_FIELD_KIND && search_field_is(SEARCH_FIELD_NUMBER, name)))
        look_at(l, value);
    return 0;
}

/* A drawn 12 and QĐ-UBND are fields of their own; it is 12/QĐ-UBND that is asked for. */
static int look_at_number_and_symbol(struct looking *l, struct err *e)
{
    if (l->found || l->number.count == 0 || l->symbol.count == 0)
        return 0;
    buffer_append_format(&l->number, "/%s", (const char *)l->symbol.bytes);
    if (buffer_check(&l->number, e) != 0 || buffer_check(&l->symbol, e) != 0)
        return -1;
    look_at(l, (const char *)l->number.bytes);
    return 0;
}

/* Whether the group's field of the document says so. */
static int look_at_document(struct looking *l, uint64_t id, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->statements[HEAD]);
    enum search_field field = group_at(l, l->group)->field;
    int row;

    l->found = false;
    buffer_clear(&l->number);
    buffer_clear(&l->symbol);
    bind_id(s, 1, id);
    row = statement_step(s, e);
    if (row == 1 && (field == SEARCH_FIELD_KIND || field == SEARCH_FIELD_DOSSIER))
        look_at(l,
                (const char *)sqlite3_column_text(s, field == SEARCH_FIELD_KIND ? 0 : 1));
    (void)statement_fresh(s); /* lets go of the row */
    if (row < 0)
        return -1;
    if (record_each_field(l->records, id, look_at_field, l, e) != 0)
        return -1;
    return look_at_number_and_symbol(l, e);
}

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

/* Of the first group that names a field: what the index knows, looked at. */
static int take_first(struct looking *l, const struct match *m, struct err *e)
{
    l->out->ids = calloc(m->count + 1, sizeof *l->out->ids);
    if (l->out->ids == NULL)
        return err_set(e, ERR_MEMORY, "documents");
    for (size_t i = 0; i < m->count; i++) {
        uint64_t id, document, page;

        if (id_of(l, m->hits[i].slot, &id, e) != 0 ||
            record_find(l->records, id, &document, &page, e) != 0)
            return -1;
        if (document == 0 || page != 0)
            continue;
        if (look_at_document(l, document, e) != 0)
            return -1;
        if (l->found)
            l->out->ids[l->out->count++] = document;
    }
    return 0;
}

/* Of the others: those that are left. */
static int take_next(struct looking *l, struct err *e)
{
    bool negated = group_at(l, l->group)->negated;
    size_t kept = 0;

    for (size_t i = 0; i < l->out->count; i++) {
        if (look_at_document(l, l->out->ids[i], e) != 0)
            return -1;
        if (l->found != negated)
            l->out->ids[kept++] = l->out->ids[i];
    }
    l->out->count = kept;
    return 0;
}

static int find_first(struct looking *l, struct err *e)
{
    struct match_wish wish = {.query = l->query,
                              .newest = true,
                              .count = SEARCH_DOCUMENTS_MAX,
                              .field_group = l->group};
    struct match m;
    int rc;

    if (match_run(&m, store_db(records_store(l->records)), &wish, e) != 0)
        return -1;
    l->out->narrowed = m.narrowed || m.total > m.count;
    rc = take_first(l, &m, e);
    match_release(&m);
    return rc;
}

static int add_slot(struct search_documents *d, uint64_t slot, struct err *e)
{
    if (d->slots_count == d->slots_capacity) {
        size_t capacity = d->slots_capacity == 0 ? 256 : 2 * d->slots_capacity;
        uint64_t *slots = realloc(d->slots, capacity * sizeof *slots);

        if (slots == NULL)
            return err_set(e, ERR_MEMORY, "slots");
        d->slots = slots;
        d->slots_capacity = capacity;
    }
    d->slots[d->slots_count++] = slot;
    return 0;
}

static int find_slots(struct looking *l, struct err *e)
{
    sqlite3_stmt *s = l->statements[SLOTS_OF];

    for (size_t i = 0; i < l->out->count; i++) {
        int row;

        (void)statement_fresh(s);
        bind_id(s, 1, l->out->ids[i]);
        while ((row = statement_step(s, e)) == 1)
            if (add_slot(l->out, (uint64_t)sqlite3_column_int64(s, 0), e) != 0)
                break;
        (void)statement_fresh(s);
        if (row != 0)
            return -1;
    }
    if (l->out->slots_count > 0)
        qsort(l->out->slots, l->out->slots_count, sizeof *l->out->slots, order_u64);
    return 0;
}

/* The first that is asked for leads; without one there is nothing to begin with. */
static int find(struct looking *l, struct err *e)
{
    const struct query_group *groups;
    size_t count = search_query_groups(l->query, &groups), lead = SIZE_MAX;

    for (size_t i = count; i-- > 0;)
        if (groups[i].field != SEARCH_FIELD_NONE && !groups[i].negated)
            lead = i;
    if (lead == SIZE_MAX)
        return 0;
    l->out->any = true;
    l->group = lead;
    if (find_first(l, e) != 0)
        return -1;
    for (l->group = 0; l->group < count; l->group++)
        if (l->group != lead && groups[l->group].field != SEARCH_FIELD_NONE &&
            take_next(l, e) != 0)
            return -1;
    return find_slots(l, e);
}

int search_documents_find(struct search_documents *out, struct records *r,
                          const struct search_query *q, struct err *e)
{
    struct looking l = {.out = out, .records = r, .query = q};
    int rc = -1;

    *out = (struct search_documents){0};
    buffer_init(&l.number, RECORD_CURRENT_BYTES_MAX);
    buffer_init(&l.symbol, RECORD_CURRENT_BYTES_MAX);
    if (statements_prepare(store_db(records_store(r)), l.statements, documents_sql,
                           STATEMENTS, e) == 0)
        rc = find(&l, e);
    statements_finalize(l.statements, STATEMENTS);
    buffer_release(&l.number);
    buffer_release(&l.symbol);
    return rc;
}

void search_documents_release(struct search_documents *d)
{
    free(d->ids);
    free(d->slots);
    *d = (struct search_documents){0};
}
