#include "appliance/export_select.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/order.h"
#include "schema/search/search.h"
#include "schema/statements.h"

/* ?1 a dossier's code, ?2 a type; NULL: any */
static const char *const sql =
    "SELECT d.id FROM document d"
    " LEFT JOIN dossier o ON o.id = d.dossier AND o.deleted = 0"
    " WHERE d.deleted = 0 AND (?1 IS NULL OR o.code = ?1)"
    " AND (?2 IS NULL OR d.type = ?2) ORDER BY d.id";

struct selecting {
    struct box *box;
    uint64_t *ids; /* owned */
    size_t count;
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "export: out of memory");
}

static int add_id(struct selecting *l, uint64_t id, struct err *e)
{
    if ((l->count & (l->count - 1)) == 0) { /* full: at 0 and at every power of two */
        uint64_t *more = realloc(l->ids, (l->count * 2 + 1) * sizeof *more);

        if (more == NULL)
            return out_of_memory(e);
        l->ids = more;
    }
    l->ids[l->count++] = id;
    return 0;
}

static void sort_ids(struct selecting *l)
{
    size_t kept = 0;

    if (l->count > 0)
        qsort(l->ids, l->count, sizeof *l->ids, order_u64);
    for (size_t i = 0; i < l->count; i++)
        if (i == 0 || l->ids[i] != l->ids[i - 1])
            l->ids[kept++] = l->ids[i];
    l->count = kept;
}

/* All that the query finds, not the best of it: what is taken away must be whole. */
static int add_found(struct selecting *l, const char *query, struct err *e)
{
    uint64_t *ids;
    size_t count;
    int rc = search_all_documents(l->box->records, query, &ids, &count, e);

    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = add_id(l, ids[i], e);
    free(ids);
    return rc;
}

static int add_named(struct selecting *l, const struct export_selection *what,
                     struct err *e)
{
    for (size_t i = 0; i < what->ids_count; i++) {
        uint64_t document, page;

        if (record_find(l->box->records, what->ids[i], &document, &page, e) != 0)
            return -1;
        if (document == 0)
            return err_set(e, ERR_USAGE, "no document or page has the number %" PRIu64,
                           what->ids[i]);
        if (add_id(l, document, e) != 0)
            return -1;
    }
    return 0;
}

static bool has(const struct selecting *l, uint64_t id)
{
    return l->count > 0 && bsearch(&id, l->ids, l->count, sizeof id, order_u64) != NULL;
}

/* What hits and numbers name, sorted, if there are any. */
static int find_named(struct selecting *among, const struct export_selection *what,
                      struct err *e)
{
    if (what->query != NULL && add_found(among, what->query, e) != 0)
        return -1;
    if (add_named(among, what, e) != 0)
        return -1;
    sort_ids(among);
    return 0;
}

int export_select(struct box *b, const struct export_selection *what, uint64_t **ids,
                  size_t *count, struct err *e)
{
    struct selecting l = {.box = b}, among = {.box = b};
    bool limited = what->query != NULL || what->ids_count > 0;
    sqlite3_stmt *s = NULL;
    int row = -1;

    if (find_named(&among, what, e) != 0 ||
        statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        goto out;
    if (what->dossier != NULL)
        bind_text(s, 1, what->dossier);
    if (what->type != NULL)
        bind_text(s, 2, what->type);
    while ((row = statement_step(s, e)) == 1) {
        uint64_t id = (uint64_t)sqlite3_column_int64(s, 0);

        if ((!limited || has(&among, id)) && add_id(&l, id, e) != 0) {
            row = -1;
            break;
        }
    }
out:
    statements_finalize(&s, 1);
    free(among.ids);
    if (row < 0) {
        free(l.ids);
        l = (struct selecting){0};
    }
    *ids = l.ids;
    *count = l.count;
    return row < 0 ? -1 : 0;
}
