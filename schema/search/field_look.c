#include "schema/search/field_look.h"

#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

/* Numbers and symbols of one document that are put together; one that names others has
 * some. */
#define PARTS_MAX 64

static const char *const head_sql =
    "SELECT document.type, dossier.code FROM document"
    " LEFT JOIN dossier ON dossier.id = document.dossier WHERE document.id = ?1";

struct part {
    unsigned ordinal;
    bool is_symbol;
    size_t at; /* of its value in `values` */
};

struct field_look {
    struct records *records;
    const struct search_query *query;
    sqlite3_stmt *head;
    size_t group; /* the one that is looked for */
    const struct query_group *asked;
    /* The document at hand: */
    bool found;
    struct part parts[PARTS_MAX];
    size_t parts_count;
    struct buffer values; /* of the parts, each with its NUL */
    struct buffer whole;
};

static void look_at_value(struct field_look *l, const char *value)
{
    uint32_t from, to;

    if (value == NULL || l->found)
        return;
    if (!l->asked->is_range)
        l->found = search_query_find_group(l->query, l->group, value, strlen(value));
    else if (search_days(value, strlen(value), &from, &to))
        l->found = from <= l->asked->to && to >= l->asked->from;
}

static void take_part(struct field_look *l, const char *name, unsigned ordinal,
                      const char *value)
{
    bool is_symbol = strcmp(name, "symbol") == 0;

    if (value == NULL || l->parts_count == PARTS_MAX ||
        (!is_symbol && strcmp(name, "number") != 0))
        return;
    l->parts[l->parts_count++] = (struct part){ordinal, is_symbol, l->values.count};
    buffer_append(&l->values, value, strlen(value) + 1);
}

static int look_at_field(void *arg, const char *name, unsigned ordinal,
                         const char *source, const char *value, struct err *e)
{
    struct field_look *l = arg;
    enum search_field field = l->asked->field;

    (void)source;
    (void)e;
    if (field == SEARCH_FIELD_NUMBER)
        take_part(l, name, ordinal, value);
    /* A kind is written in the symbol too: 12/QĐ-UBND is a QĐ. */
    if (search_field_is(field, name) ||
        (field == SEARCH_FIELD_KIND && search_field_is(SEARCH_FIELD_NUMBER, name)))
        look_at_value(l, value);
    return 0;
}

static int look_at_pair(struct field_look *l, const struct part *number,
                        const struct part *symbol, struct err *e)
{
    const char *values = (const char *)l->values.bytes;

    buffer_clear(&l->whole);
    buffer_append_format(&l->whole, "%s/%s", values + number->at, values + symbol->at);
    if (buffer_check(&l->whole, e) != 0)
        return -1;
    look_at_value(l, (const char *)l->whole.bytes);
    return 0;
}

/* A drawn 12 and QĐ-UBND are fields of their own, of one ordinal; it is 12/QĐ-UBND that
 * is asked for. */
static int look_at_pairs(struct field_look *l, struct err *e)
{
    if (buffer_check(&l->values, e) != 0)
        return -1;
    for (size_t i = 0; i < l->parts_count; i++)
        for (size_t j = 0; j < l->parts_count && !l->found; j++)
            if (!l->parts[i].is_symbol && l->parts[j].is_symbol &&
                l->parts[i].ordinal == l->parts[j].ordinal &&
                look_at_pair(l, &l->parts[i], &l->parts[j], e) != 0)
                return -1;
    return 0;
}

int field_look_at(struct field_look *l, size_t group, uint64_t document, bool *found,
                  struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->head);
    const struct query_group *groups;
    enum search_field field;
    int row;

    (void)search_query_groups(l->query, &groups);
    l->group = group;
    l->asked = &groups[group];
    field = l->asked->field;
    l->found = false;
    l->parts_count = 0;
    buffer_clear(&l->values);
    bind_id(s, 1, document);
    row = statement_step(s, e);
    if (row == 1 && (field == SEARCH_FIELD_KIND || field == SEARCH_FIELD_DOSSIER))
        look_at_value(
            l, (const char *)sqlite3_column_text(s, field == SEARCH_FIELD_KIND ? 0 : 1));
    (void)statement_fresh(s); /* lets go of the row */
    if (row < 0 || record_each_field(l->records, document, look_at_field, l, e) != 0 ||
        look_at_pairs(l, e) != 0)
        return -1;
    *found = l->found;
    return 0;
}

int field_look_create(struct field_look **out, struct records *r,
                      const struct search_query *q, struct err *e)
{
    struct field_look *l = calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "documents");
    l->records = r;
    l->query = q;
    buffer_init(&l->values, RECORD_CURRENT_BYTES_MAX);
    buffer_init(&l->whole, RECORD_CURRENT_BYTES_MAX);
    if (statements_prepare(store_db(records_store(r)), &l->head, &head_sql, 1, e) != 0) {
        field_look_destroy(l);
        return -1;
    }
    *out = l;
    return 0;
}

void field_look_destroy(struct field_look *l)
{
    if (l == NULL)
        return;
    statements_finalize(&l->head, 1);
    buffer_release(&l->values);
    buffer_release(&l->whole);
    free(l);
}
