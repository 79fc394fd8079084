#include "appliance/show.h"

#include <string.h>

#include "appliance/room.h"
#include "appliance/verb_io.h"
#include "appliance/warnings.h"
#include "schema/statements.h"

enum { DOCUMENT, JOB, EVIDENCE, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [DOCUMENT] = "SELECT o.code, d.type, d.source, d.source_key FROM document d"
                 " LEFT JOIN dossier o ON o.id = d.dossier WHERE d.id = ?1",
    [JOB] = "SELECT iif(way IS NOT NULL AND EXISTS (SELECT 1 FROM reading r"
            "  WHERE r.page = job.page), 'done', state), reason,"
            " way IS NOT NULL, EXISTS (SELECT 1 FROM proposal p WHERE p.page = job.page)"
            " FROM job WHERE page = ?1",
    [EVIDENCE] = "SELECT confidence, rule, page, zone_left, zone_top, zone_width,"
                 " zone_height FROM field WHERE document = ?1 AND name = ?2"
                 " AND ordinal = ?3 AND source = ?4 AND rule IS NOT NULL",
};

struct showing {
    struct box *box;
    const struct shown *what;
    sqlite3_stmt *statements[STATEMENTS];
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

static int add_document(struct showing *s, struct err *e)
{
    sqlite3_stmt *q = statement_fresh(s->statements[DOCUMENT]);
    int step;

    bind_id(q, 1, s->what->document);
    step = statement_step(q, e);
    if (step == 1) {
        (void)json_object_set_new(s->object, "dossier", column_json(q, 0));
        (void)json_object_set_new(s->object, "type", column_json(q, 1));
        (void)json_object_set_new(s->object, "source", column_json(q, 2));
        (void)json_object_set_new(s->object, "key", column_json(q, 3));
    }
    (void)statement_fresh(q);
    return step < 0 ? -1 : 0;
}

/* Where a machine's value stands, how sure it is and by which rule; a person's says none. */
static int add_evidence(struct showing *s, json_t *to, const char *name, unsigned ordinal,
                        const char *source, struct err *e)
{
    sqlite3_stmt *q = statement_fresh(s->statements[EVIDENCE]);
    int step;

    bind_id(q, 1, s->what->document);
    bind_text(q, 2, name);
    (void)sqlite3_bind_int64(q, 3, ordinal);
    bind_text(q, 4, source);
    step = statement_step(q, e);
    if (step == 1) {
        (void)json_object_set_new(to, "confidence",
                                  json_integer(sqlite3_column_int64(q, 0)));
        (void)json_object_set_new(to, "rule", column_json(q, 1));
    }
    if (step == 1 && sqlite3_column_type(q, 2) != SQLITE_NULL) {
        (void)json_object_set_new(to, "page", json_integer(sqlite3_column_int64(q, 2)));
        (void)json_object_set_new(
            to, "zone",
            json_pack("[i,i,i,i]", sqlite3_column_int(q, 3), sqlite3_column_int(q, 4),
                      sqlite3_column_int(q, 5), sqlite3_column_int(q, 6)));
    }
    (void)statement_fresh(q);
    return step < 0 ? -1 : 0;
}

static int add_field(void *arg, const char *name, unsigned ordinal, const char *source,
                     const char *value, struct err *e)
{
    json_t *field = json_pack(
        "{s:o, s:i, s:o, s:s}", "name", json_any_text(name), "ordinal", (int)ordinal,
        "value", value == NULL ? json_null() : json_any_text(value), "source", source);

    if (field != NULL && add_evidence(arg, field, name, ordinal, source, e) != 0) {
        json_decref(field);
        return -1;
    }
    return append(arg, field, e);
}

/* How far the page's reading has got; a page without a job was imported as text. */
static int add_page_state(struct showing *s, uint64_t page, json_t *to, struct err *e)
{
    sqlite3_stmt *q = statement_fresh(s->statements[JOB]);
    const char *state = "done";
    int step;

    bind_id(q, 1, page);
    step = statement_step(q, e);
    if (step == 1)
        state = (const char *)sqlite3_column_text(q, 0);
    if (strcmp(state, "done") == 0)
        state = "read";
    else if (strcmp(state, "leased") == 0)
        state = "waiting";
    (void)json_object_set_new(to, "state", json_string(state));
    if (step == 1)
        (void)json_object_set_new(to, "reason", column_json(q, 1));
    if (step == 1 && (sqlite3_column_int(q, 2) || sqlite3_column_int(q, 3)))
        (void)json_object_set_new(
            to, "again", json_string(sqlite3_column_int(q, 2) ? "waiting" : "proposed"));
    (void)statement_fresh(q);
    return step < 0 ? -1 : 0;
}

static int add_page(void *arg, const struct page_row *p, struct err *e)
{
    struct showing *s = arg;
    json_t *page;

    if (s->what->page != 0 && p->id != s->what->page)
        return 0;
    buffer_clear(&s->text);
    if (record_page_text(s->box->records, p->id, &s->text, e) != 0)
        return -1;
    page =
        json_pack("{s:I, s:i, s:o}", "page", (json_int_t)p->id, "number", (int)p->ordinal,
                  "text", json_any_text(s->text.count == 0 ? "" : (char *)s->text.bytes));
    if (page != NULL && add_page_state(s, p->id, page, e) != 0) {
        json_decref(page);
        return -1;
    }
    return append(s, page, e);
}

static int add_original(void *arg, const struct original_row *o, struct err *e)
{
    struct showing *s = arg;
    char hex[HASH_HEX_BYTES];
    bool away;
    json_t *j;

    if (room_is_away(s->box, &o->sha256, &away, e) != 0)
        return -1;
    hash_to_hex(hex, &o->sha256);
    j = json_pack("{s:s, s:o, s:s, s:I, s:i}", "sha256", hex, "name",
                  json_any_text(o->name), "media", o->media, "bytes",
                  (json_int_t)o->bytes, "pages", (int)o->pages);
    if (away)
        (void)json_object_set_new(j, "away", json_true());
    return append(s, j, e);
}

/* Hangs an empty list into the object, for the next calls to fill. */
static void begin_list(struct showing *s, const char *name)
{
    s->list = json_array();
    (void)json_object_set_new(s->object, name, s->list);
}

static int add_lists(struct showing *s, struct err *e)
{
    struct records *r = s->box->records;
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

int show_json(struct box *b, const struct shown *what, json_t **out, struct err *e)
{
    struct showing s = {.box = b, .what = what};
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
    if (statements_prepare(store_db(b->store), s.statements, sql, STATEMENTS, e) != 0 ||
        add_document(&s, e) != 0 || add_lists(&s, e) != 0)
        goto out;
    if (warnings_json(b, what->document, &s.list, e) != 0)
        goto out;
    (void)json_object_set_new(s.object, "warnings", s.list);
    *out = s.object;
    s.object = NULL; /* now the caller's */
    rc = 0;
out:
    statements_finalize(s.statements, STATEMENTS);
    buffer_release(&s.text);
    json_decref(s.object);
    return rc;
}
