#include "schema/records_internal.h"

#include <stdlib.h>
#include <string.h>

#include "schema/search/tags.h"
#include "schema/statements.h"

static const char *const sql[WRITE_STATEMENTS] = {
    [WRITE_DOSSIER_BY_CODE] = "SELECT id FROM dossier WHERE code = ?1 AND deleted = 0"
                              " ORDER BY id LIMIT 1",
    [WRITE_DOSSIER] = "INSERT INTO dossier (id, code) VALUES (?1, ?2)",
    [WRITE_DOCUMENT] = "INSERT INTO document (id, dossier, type, source, source_key,"
                       "  configuration) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WRITE_DOCUMENT_BY_SOURCE] = "SELECT id FROM document"
                                 " WHERE source = ?1 AND source_key = ?2"
                                 " ORDER BY id LIMIT 1",
    [WRITE_DOCUMENT_DELETED] = "SELECT deleted FROM document WHERE id = ?1",
    [WRITE_DOCUMENT_CHANGE] = "UPDATE document SET dossier = ?2, type = ?3, deleted = ?4"
                              " WHERE id = ?1",
    [WRITE_ORIGINAL] = "INSERT INTO original (id, sha256, bytes, media, pages, name)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WRITE_PAGE] = "INSERT INTO page (id, document, ordinal, original, original_page,"
                   "  rotation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WRITE_PAGE_DELETE] = "UPDATE page SET deleted = 1 WHERE id = ?1",
    [WRITE_READING] = "INSERT INTO reading (id, page, text, layout, engine,"
                      "  configuration) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [WRITE_CORRECTION] = "INSERT INTO correction (id, reading, word, box_left, box_top,"
                         "  box_width, box_height, old_text, new_text)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [WRITE_FIELD] = "INSERT INTO field (document, name, ordinal, source, value)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)"
                    " ON CONFLICT (document, name, ordinal, source) DO UPDATE"
                    " SET value = excluded.value, deleted = 0",
    [WRITE_FIELDS_OF_SOURCE] = "SELECT name, ordinal FROM field"
                               " WHERE document = ?1 AND source = ?2 AND deleted = 0",
    [WRITE_FIELD_DELETE] = "UPDATE field SET deleted = 1 WHERE document = ?1"
                           " AND name = ?2 AND ordinal = ?3 AND source = ?4",
    [WRITE_EVENT] = "INSERT INTO event (id, subject, kind, actor, detail, boot, mono_ms,"
                    "  wall_ms, wall_confidence)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [WRITE_IMAGE] = "INSERT INTO image (page, kind, sha256, bytes, media, width, height,"
                    "  rotation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                    " ON CONFLICT (page, kind) DO UPDATE SET sha256 = excluded.sha256,"
                    "  bytes = excluded.bytes, media = excluded.media,"
                    "  width = excluded.width, height = excluded.height,"
                    "  rotation = excluded.rotation",
};

int records_create(struct records **out, struct store *s, struct err *e)
{
    struct records *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    r->store = s;
    if (statements_prepare(store_db(s), r->writes, sql, WRITE_STATEMENTS, e) != 0 ||
        records_reads_prepare(r, e) != 0) {
        records_destroy(r);
        return err_wrap(e, "records");
    }
    *out = r;
    return 0;
}

void records_destroy(struct records *r)
{
    if (r == NULL)
        return;
    statements_finalize(r->writes, WRITE_STATEMENTS);
    statements_finalize(r->reads, READ_STATEMENTS);
    free(r);
}

struct store *records_store(const struct records *r)
{
    return r->store;
}

static sqlite3_stmt *fresh(struct records *r, int which)
{
    return statement_fresh(r->writes[which]);
}

/* The id in the first row, 0 without one. */
static int step_id(sqlite3_stmt *s, uint64_t *id, struct err *e)
{
    int row = statement_step(s, e);

    if (row < 0)
        return -1;
    *id = row == 1 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return 0;
}

int records_insert(struct records *r, sqlite3_stmt *s, uint64_t *id, struct err *e)
{
    uint64_t made;

    if (store_new_id(r->store, &made, e) != 0)
        return -1;
    bind_id(s, 1, made);
    if (statement_run(s, e) != 0)
        return -1;
    *id = made;
    return 0;
}

int records_refresh(struct records *r, uint64_t id, struct err *e)
{
    struct buffer text;
    int rc = -1;

    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    if (record_search_text(r, id, &text, e) == 0)
        rc = search_put(r->store, id, text.count == 0 ? "" : (const char *)text.bytes, e);
    buffer_release(&text);
    return rc == 0 ? tags_put(r, id, e) : -1;
}

int record_dossier(struct records *r, const char *code, uint64_t *id, struct err *e)
{
    sqlite3_stmt *find = fresh(r, WRITE_DOSSIER_BY_CODE);
    sqlite3_stmt *s = fresh(r, WRITE_DOSSIER);

    bind_text(find, 1, code);
    if (step_id(find, id, e) != 0)
        return -1;
    if (*id != 0)
        return 0;
    bind_text(s, 2, code);
    return records_insert(r, s, id, e);
}

int record_document(struct records *r, const struct document_row *d, uint64_t *id,
                    struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_DOCUMENT);

    bind_id(s, 2, d->dossier);
    bind_text(s, 3, d->type);
    bind_text(s, 4, d->source);
    bind_text(s, 5, d->source_key);
    bind_text(s, 6, CONFIGURATION_BUILT_IN);
    if (records_insert(r, s, id, e) != 0)
        return -1;
    return records_refresh(r, *id, e);
}

int record_find_source(struct records *r, const char *source, const char *source_key,
                       uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_DOCUMENT_BY_SOURCE);

    bind_text(s, 1, source);
    bind_text(s, 2, source_key);
    return step_id(s, id, e);
}

static int document_deleted(struct records *r, uint64_t id, bool *deleted, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_DOCUMENT_DELETED);
    int row;

    bind_id(s, 1, id);
    row = statement_step(s, e);
    if (row < 0)
        return -1;
    if (row == 0)
        return err_set(e, ERR_FAILED, "there is no document %llu",
                       (unsigned long long)id);
    *deleted = sqlite3_column_int(s, 0) != 0;
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return 0;
}

static int refresh_page(void *arg, const struct page_row *p, struct err *e)
{
    return records_refresh(arg, p->id, e);
}

int record_document_change(struct records *r, uint64_t id, uint64_t dossier,
                           const char *type, bool deleted, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_DOCUMENT_CHANGE);
    bool was_deleted = false;

    if (document_deleted(r, id, &was_deleted, e) != 0)
        return -1;
    bind_id(s, 1, id);
    bind_id(s, 2, dossier);
    bind_text(s, 3, type);
    (void)sqlite3_bind_int(s, 4, deleted);
    if (statement_run(s, e) != 0 || records_refresh(r, id, e) != 0)
        return -1;
    if (deleted == was_deleted)
        return 0;
    return record_each_page(r, id, refresh_page, r, e);
}

int record_original(struct records *r, const struct original_row *o, uint64_t *id,
                    struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_ORIGINAL);

    bind_blob(s, 2, o->sha256.bytes, sizeof o->sha256.bytes);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)o->bytes);
    bind_text(s, 4, o->media);
    (void)sqlite3_bind_int64(s, 5, o->pages);
    bind_text(s, 6, o->name);
    return records_insert(r, s, id, e);
}

int record_page(struct records *r, const struct page_row *p, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_PAGE);

    bind_id(s, 2, p->document);
    (void)sqlite3_bind_int64(s, 3, p->ordinal);
    bind_id(s, 4, p->original);
    if (p->original != 0)
        (void)sqlite3_bind_int64(s, 5, p->original_page);
    (void)sqlite3_bind_int64(s, 6, p->rotation);
    return records_insert(r, s, id, e);
}

int record_page_delete(struct records *r, uint64_t page, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_PAGE_DELETE);

    bind_id(s, 1, page);
    if (statement_run(s, e) != 0)
        return -1;
    return records_refresh(r, page, e);
}

int record_reading(struct records *r, uint64_t page, const char *text, const void *layout,
                   size_t layout_bytes, const char *engine, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_READING);

    if (strlen(text) > RECORD_TEXT_BYTES_MAX || layout_bytes > RECORD_LAYOUT_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "a reading of %zu bytes with %zu of layout",
                       strlen(text), layout_bytes);
    bind_id(s, 2, page);
    bind_text(s, 3, text);
    if (layout != NULL)
        bind_blob(s, 4, layout, layout_bytes);
    bind_text(s, 5, engine);
    bind_text(s, 6, CONFIGURATION_BUILT_IN);
    if (records_insert(r, s, id, e) != 0)
        return -1;
    return records_refresh(r, page, e);
}

static int write_field(struct records *r, uint64_t document, const char *source,
                       const struct field_value *f, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_FIELD);

    if (f->value != NULL && strlen(f->value) > RECORD_TEXT_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "field %s: a value of %zu bytes", f->name,
                       strlen(f->value));
    bind_id(s, 1, document);
    bind_text(s, 2, f->name);
    (void)sqlite3_bind_int64(s, 3, f->ordinal);
    bind_text(s, 4, source);
    bind_text(s, 5, f->value);
    return statement_run(s, e);
}

int record_fields(struct records *r, uint64_t document, const char *source,
                  const struct field_value *values, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        if (write_field(r, document, source, &values[i], e) != 0)
            return -1;
    return count == 0 ? 0 : records_refresh(r, document, e);
}

int record_field(struct records *r, uint64_t document, const char *name, unsigned ordinal,
                 const char *source, const char *value, struct err *e)
{
    const struct field_value one = {.name = name, .value = value, .ordinal = ordinal};

    return record_fields(r, document, source, &one, 1, e);
}

static bool is_among(const char *name, sqlite3_int64 ordinal,
                     const struct field_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ordinal == values[i].ordinal && strcmp(name, values[i].name) == 0)
            return true;
    return false;
}

static int field_delete(struct records *r, uint64_t document, const char *name,
                        sqlite3_int64 ordinal, const char *source, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_FIELD_DELETE);

    bind_id(s, 1, document);
    bind_text(s, 2, name);
    (void)sqlite3_bind_int64(s, 3, ordinal);
    bind_text(s, 4, source);
    return statement_run(s, e);
}

int record_fields_keep(struct records *r, uint64_t document, const char *source,
                       const struct field_value *kept, size_t count, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_FIELDS_OF_SOURCE);
    bool deleted = false;
    int row;

    bind_id(s, 1, document);
    bind_text(s, 2, source);
    /* The walk is by key, and a tombstone does not move a row. */
    while ((row = statement_step(s, e)) == 1) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        sqlite3_int64 ordinal = sqlite3_column_int64(s, 1);

        if (name == NULL || is_among(name, ordinal, kept, count))
            continue;
        deleted = true;
        if (field_delete(r, document, name, ordinal, source, e) != 0) {
            (void)sqlite3_reset(s); /* the first failure tells */
            return -1;
        }
    }
    if (row < 0 || !deleted)
        return row;
    return records_refresh(r, document, e);
}

int record_event(struct records *r, uint64_t subject, const char *kind, const char *actor,
                 const char *detail, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_EVENT);
    struct moment now;
    uint64_t id;

    if (store_now(r->store, &now, e) != 0)
        return -1;
    bind_id(s, 2, subject);
    bind_text(s, 3, kind);
    bind_text(s, 4, actor);
    bind_text(s, 5, detail);
    bind_moment(s, 6, &now);
    return records_insert(r, s, &id, e);
}

int record_image(struct records *r, const struct image_row *i, struct err *e)
{
    sqlite3_stmt *s = fresh(r, WRITE_IMAGE);

    bind_id(s, 1, i->page);
    bind_text(s, 2, image_kind_name(i->kind));
    bind_blob(s, 3, i->sha256.bytes, HASH_BYTES);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)i->bytes);
    bind_text(s, 5, image_kind_media(i->kind));
    (void)sqlite3_bind_int64(s, 6, i->width);
    (void)sqlite3_bind_int64(s, 7, i->height);
    (void)sqlite3_bind_int(s, 8, i->rotation);
    return statement_run(s, e) == 0 ? 0 : err_wrap(e, "image");
}
