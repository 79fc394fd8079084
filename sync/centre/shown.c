#include "sync/centre/shown.h"

#include <string.h>

#include "base/web/json_text.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"

struct showing {
    struct centre *centre;
    const struct shown *what;
    json_t *object, *list; /* list: what the call at hand appends to; borrowed */
    struct buffer text;    /* of the page at hand */
};

/* Takes `j`, as json_array_append_new does. */
static int append(struct showing *s, json_t *j, struct err *e)
{
    if (json_array_append_new(s->list, j) != 0)
        return err_set(e, ERR_MEMORY, "show");
    return 0;
}

static json_t *column_json(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);

    return text == NULL ? json_null() : json_any_text(text);
}

static int add_head(struct showing *s, struct err *e)
{
    static const char *const names[] = {"dossier", "type", "source", "key"};
    struct site_row site = {0};
    sqlite3_stmt *q;
    bool found;
    int row;

    if (site_find(s->centre, id_site(s->what->document), &site, &found, e) != 0 ||
        centre_statement(s->centre, &q,
                         "SELECT o.code, d.type, d.source, d.source_key FROM document d"
                         " LEFT JOIN dossier o ON o.id = d.dossier WHERE d.id = ?1",
                         e) != 0)
        return -1;
    (void)json_object_set_new(s->object, "site_name", json_any_text(site.name));
    bind_id(q, 1, s->what->document);
    row = statement_step(q, e);
    for (int i = 0; row == 1 && i < 4; i++)
        (void)json_object_set_new(s->object, names[i], column_json(q, i));
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

static int add_field(void *arg, const char *name, unsigned ordinal, const char *source,
                     const char *value, struct err *e)
{
    return append(arg,
                  json_pack("{s:o, s:i, s:o, s:o}", "name", json_any_text(name),
                            "ordinal", (int)ordinal, "value",
                            value == NULL ? json_null() : json_any_text(value), "source",
                            json_any_text(source)),
                  e);
}

/* Whether there is a row for this `?1`. */
static int exists(struct centre *c, const char *sql, uint64_t id, bool *out,
                  struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, sql, e) != 0)
        return -1;
    bind_id(s, 1, id);
    row = statement_step(s, e);
    *out = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int add_page(void *arg, const struct page_row *p, struct err *e)
{
    struct showing *s = arg;
    bool read;

    if (s->what->page != 0 && p->id != s->what->page)
        return 0;
    buffer_clear(&s->text);
    if (record_page_text(s->centre->records, p->id, &s->text, e) != 0 ||
        exists(s->centre, "SELECT 1 FROM reading WHERE page = ?1", p->id, &read, e) != 0)
        return -1;
    return append(
        s,
        json_pack("{s:I, s:i, s:o, s:s}", "page", (json_int_t)p->id, "number",
                  (int)p->ordinal, "text",
                  json_any_text(s->text.count == 0 ? "" : (const char *)s->text.bytes),
                  "state", read ? "read" : "waiting"),
        e);
}

static int add_original(void *arg, const struct original_row *o, struct err *e)
{
    struct showing *s = arg;
    char hex[HASH_HEX_BYTES];
    bool here;

    if (exists(s->centre,
               "SELECT 1 FROM held_blob h JOIN original o ON h.sha256 = o.sha256"
               " WHERE o.id = ?1",
               o->id, &here, e) != 0)
        return -1;
    hash_to_hex(hex, &o->sha256);
    return append(s,
                  json_pack("{s:s, s:o, s:o, s:I, s:i, s:b}", "sha256", hex, "name",
                            json_any_text(o->name), "media", json_any_text(o->media),
                            "bytes", (json_int_t)o->bytes, "pages", (int)o->pages, "here",
                            (int)here),
                  e);
}

/* Hangs an empty list into the object, for the next calls to fill. */
static void begin_list(struct showing *s, const char *name)
{
    s->list = json_array();
    (void)json_object_set_new(s->object, name, s->list);
}

static int add_lists(struct showing *s, struct err *e)
{
    struct records *r = s->centre->records;
    uint64_t document = s->what->document;

    begin_list(s, "fields");
    if (record_each_field(r, document, add_field, s, e) != 0)
        return -1;
    begin_list(s, "pages");
    if (record_each_page(r, document, add_page, s, e) != 0)
        return -1;
    begin_list(s, "originals");
    return record_each_original(r, document, add_original, s, e);
}

int shown_json(struct centre *c, const struct shown *what, json_t **out, struct err *e)
{
    struct showing s = {.centre = c, .what = what};
    int rc = -1;

    *out = NULL;
    buffer_init(&s.text, SHOWN_TEXT_BYTES_MAX);
    s.object = json_pack("{s:I, s:i}", "document", (json_int_t)what->document, "site",
                         (int)id_site(what->document));
    if (s.object == NULL) {
        (void)err_set(e, ERR_MEMORY, "show");
        goto out;
    }
    if (what->page != 0)
        (void)json_object_set_new(s.object, "page", json_integer((json_int_t)what->page));
    if (add_head(&s, e) != 0 || add_lists(&s, e) != 0)
        goto out;
    *out = s.object;
    s.object = NULL; /* now the caller's */
    rc = 0;
out:
    buffer_release(&s.text);
    json_decref(s.object);
    return rc;
}
