#include "appliance/import_apply.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/export.h"
#include "appliance/import_parts.h"
#include "schema/statements.h"

static const char *const apply_sql[APPLY_SQL_COUNT] = {
    [APPLY_DOCUMENT] = "SELECT dossier, type, deleted FROM document WHERE id = ?1",
    [APPLY_PAGE_COUNT] = "SELECT count(*) FROM page WHERE document = ?1",
    [APPLY_FIELD_BYTES] = "SELECT coalesce(sum(length(CAST(value AS BLOB))), 0)"
                          " FROM field WHERE document = ?1",
    [APPLY_FIELD] = "SELECT value FROM field WHERE document = ?1 AND name = ?2"
                    " AND ordinal = ?3 AND source = '" IMPORT_FIELD_SOURCE "'"
                    " AND deleted = 0",
    [APPLY_FIELD_COUNT] = "SELECT count(*) FROM field WHERE document = ?1"
                          " AND source = '" IMPORT_FIELD_SOURCE "' AND deleted = 0",
    [APPLY_PAGES] = "SELECT id, ordinal FROM page WHERE document = ?1 AND deleted = 0"
                    " ORDER BY ordinal, id",
    /* As imported, without corrections: a person's work is not what differs. */
    [APPLY_TEXT] = "SELECT text FROM reading WHERE page = ?1 ORDER BY id DESC LIMIT 1",
    [APPLY_SCANNED] = "SELECT count(*) FROM document WHERE id = ?1 AND deleted = 0"
                      " AND source IS NULL",
};

int import_apply_create(struct import_apply **out, struct box *b, struct err *e)
{
    struct import_apply *a = calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for an import");
    a->box = b;
    if (statements_prepare(store_db(b->store), a->sql, apply_sql, APPLY_SQL_COUNT, e) !=
        0) {
        free(a);
        return -1;
    }
    *out = a;
    return 0;
}

void import_apply_destroy(struct import_apply *a)
{
    if (a == NULL)
        return;
    statements_finalize(a->sql, APPLY_SQL_COUNT);
    free(a);
}

sqlite3_stmt *import_apply_sql(struct import_apply *a, enum apply_sql which)
{
    return statement_fresh(a->sql[which]);
}

int import_apply_number(struct import_apply *a, enum apply_sql which, uint64_t document,
                        size_t *out, struct err *e)
{
    sqlite3_stmt *s = import_apply_sql(a, which);
    int got;

    bind_id(s, 1, document);
    got = statement_step(s, e);
    if (got != 1)
        return got < 0 ? -1 : err_set(e, ERR_CORRUPT, "a count has no row");
    *out = (size_t)sqlite3_column_int64(s, 0);
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

bool import_same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

int import_apply_there(struct import_apply *a, const struct import_record *r,
                       size_t *rows, size_t *bytes, struct err *e)
{
    uint64_t document;
    size_t pages = 0, fields = 0;

    *rows = *bytes = 0;
    if (record_find_source(a->box->records, r->source, r->key, &document, e) != 0)
        return -1;
    if (document == 0)
        return 0;
    if (import_apply_number(a, APPLY_PAGE_COUNT, document, &pages, e) != 0 ||
        import_apply_number(a, APPLY_FIELD_COUNT, document, &fields, e) != 0 ||
        import_apply_number(a, APPLY_FIELD_BYTES, document, bytes, e) != 0)
        return -1;
    *rows = pages + fields;
    return 0;
}

int import_apply_is_own(struct import_apply *a, const struct import_record *r, bool *own,
                        struct err *e)
{
    size_t count = 0;
    char *end;
    uint64_t id;

    *own = false;
    id = strtoull(r->key, &end, 10);
    if (strcmp(r->source, EXPORT_SOURCE) != 0 || *end != '\0' || id > INT64_MAX)
        return 0;
    if (import_apply_number(a, APPLY_SCANNED, id, &count, e) != 0)
        return -1;
    *own = count > 0;
    return 0;
}

/* -------------------------------------------------------------- the document */

/* The row as it is. The caller frees `type`. */
struct document_now {
    uint64_t dossier;
    char *type; /* NULL: none */
    bool deleted;
};

static int read_document(struct import_apply *a, uint64_t document,
                         struct document_now *out, struct err *e)
{
    sqlite3_stmt *s = import_apply_sql(a, APPLY_DOCUMENT);
    const char *type;
    int got, rc = 0;

    *out = (struct document_now){0};
    bind_id(s, 1, document);
    got = statement_step(s, e);
    if (got != 1)
        return got < 0 ? -1 : err_set(e, ERR_CORRUPT, "the document of this key is gone");
    out->dossier = (uint64_t)sqlite3_column_int64(s, 0);
    type = (const char *)sqlite3_column_text(s, 1);
    out->deleted = sqlite3_column_int(s, 2) != 0;
    if (type != NULL) {
        out->type = strdup(type);
        if (out->type == NULL)
            rc = err_set(e, ERR_MEMORY, "out of memory for a type");
    }
    (void)sqlite3_reset(s); /* says only what the last step said */
    return rc;
}

static int find_dossier(struct import_apply *a, const struct import_record *r,
                        uint64_t *id, struct err *e)
{
    *id = 0;
    if (r->dossier == NULL)
        return 0;
    return record_dossier(a->box->records, r->dossier, id, e);
}

static int add_document(struct import_apply *a, const struct import_record *r,
                        uint64_t *document, struct err *e)
{
    struct document_row row = {
        .type = r->type, .source = r->source, .source_key = r->key};

    if (find_dossier(a, r, &row.dossier, e) != 0)
        return -1;
    return record_document(a->box->records, &row, document, e);
}

/* A line about a deleted record brings it back. */
static int change_document(struct import_apply *a, const struct import_record *r,
                           uint64_t document, bool *changed, struct err *e)
{
    struct document_now now;
    uint64_t dossier;
    const char *type;
    int rc = -1;

    if (read_document(a, document, &now, e) != 0 || find_dossier(a, r, &dossier, e) != 0)
        goto out;
    if (!r->has_dossier)
        dossier = now.dossier;
    type = r->has_type ? r->type : now.type;
    rc = 0;
    if (!now.deleted && dossier == now.dossier && import_same_text(type, now.type))
        goto out;
    *changed = true;
    rc = record_document_change(a->box->records, document, dossier, type, false, e);
out:
    free(now.type);
    return rc;
}

static int delete_document(struct import_apply *a, uint64_t document,
                           enum import_outcome *out, struct err *e)
{
    struct records *records = a->box->records;
    struct document_now now;
    int rc = -1;

    *out = IMPORT_UNCHANGED;
    if (document == 0) /* never seen: there is nothing to delete */
        return 0;
    if (read_document(a, document, &now, e) != 0)
        goto out;
    rc = 0;
    if (now.deleted)
        goto out;
    *out = IMPORT_DELETED;
    rc = record_document_change(records, document, now.dossier, now.type, true, e);
    if (rc == 0)
        rc = record_event(records, document, "deleted", a->box->actor, NULL, e);
out:
    free(now.type);
    return rc;
}

int import_apply(struct import_apply *a, const struct import_record *r, bool cut,
                 enum import_outcome *out, struct err *e)
{
    uint64_t document;
    bool added, changed = false;

    if (record_find_source(a->box->records, r->source, r->key, &document, e) != 0)
        return -1;
    if (r->deleted)
        return delete_document(a, document, out, e);
    added = document == 0;
    if (added ? add_document(a, r, &document, e) != 0
              : change_document(a, r, document, &changed, e) != 0)
        return -1;
    if (import_apply_fields(a, document, r, cut, &changed, e) != 0 ||
        import_apply_pages(a, document, r, cut, &changed, e) != 0)
        return -1;
    *out = added ? IMPORT_ADDED : changed ? IMPORT_CHANGED : IMPORT_UNCHANGED;
    if (*out == IMPORT_UNCHANGED)
        return 0;
    return record_event(a->box->records, document, "imported", a->box->actor, NULL, e);
}
