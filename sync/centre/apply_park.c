#include "sync/centre/apply_park.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "schema/statements.h"
#include "sync/centre/sites.h"

/* {"hex": "…"} of bytes that are no text. */
static json_t *hex_json(sqlite3_value *v)
{
    const unsigned char *bytes = sqlite3_value_blob(v);
    size_t count = (size_t)sqlite3_value_bytes(v);
    char *hex = malloc(2 * count + 1);
    json_t *j;

    if (hex == NULL)
        return NULL;
    hex[0] = '\0';
    for (size_t i = 0; i < count; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    j = json_pack("{s:s}", "hex", hex);
    free(hex);
    return j;
}

/* NULL without memory. */
static json_t *value_json(sqlite3_value *v)
{
    json_t *j;

    switch (sqlite3_value_type(v)) {
    case SQLITE_NULL:
        return json_null();
    case SQLITE_INTEGER:
        return json_integer(sqlite3_value_int64(v));
    case SQLITE_FLOAT:
        return json_real(sqlite3_value_double(v));
    case SQLITE_TEXT:
        j = json_stringn((const char *)sqlite3_value_text(v),
                         (size_t)sqlite3_value_bytes(v));
        return j != NULL ? j : hex_json(v); /* a text that is not UTF-8 */
    default:
        return hex_json(v);
    }
}

/* The values that `get` has, by the columns' names; by their numbers in a table that
 * is unknown here. */
static json_t *values_json(const struct change *c,
                           sqlite3_value *(*get)(const struct change *c, int column))
{
    json_t *object = json_object();
    char number[16];

    for (int i = 0; i < c->columns; i++) {
        sqlite3_value *v = get(c, i);
        const char *name = number;

        (void)snprintf(number, sizeof number, "%d", i);
        if (c->table != NULL && i < c->table->columns)
            name = c->table->column_names[i];
        if (v != NULL)
            (void)json_object_set_new(object, name, value_json(v));
    }
    return object;
}

static json_t *row_json(const struct change *c, sqlite3_stmt *here)
{
    json_t *object = json_object();

    for (int i = 0; i < c->table->columns; i++)
        (void)json_object_set_new(object, c->table->column_names[i],
                                  value_json(sqlite3_column_value(here, i)));
    return object;
}

static json_t *key_json(const struct change *c)
{
    json_t *object = json_object();

    for (int i = 0; i < c->columns; i++)
        if (i < c->table->columns && c->table->is_key[i] && change_key(c, i) != NULL)
            (void)json_object_set_new(object, c->table->column_names[i],
                                      value_json(change_key(c, i)));
    return object;
}

/* Binds the JSON's text, and takes it. */
static int bind_json(sqlite3_stmt *s, int place, json_t *j, struct err *e)
{
    char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);

    json_decref(j);
    if (text == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a parked change");
    bind_text(s, place, text);
    free(text);
    return 0;
}

static const char *verb_name(int verb)
{
    return verb == SQLITE_INSERT ? "insert" : verb == SQLITE_UPDATE ? "update" : "delete";
}

static json_t *change_json(const struct change *c)
{
    return json_pack("{s:s, s:o, s:o}", "verb", verb_name(c->verb), "old",
                     values_json(c, change_old), "new", values_json(c, change_new));
}

/* The next id of the centre's own in the box's records. */
static int new_id(struct applying *a, uint64_t *id, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(a->centre, &s,
                         "UPDATE site SET down_counter = max(down_counter, ?2 << 20) + 1"
                         " WHERE site = ?1 RETURNING down_counter",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int(s, 2, a->centre->epoch);
    row = statement_step(s, e);
    if (row == 1)
        *id = id_make(a->site, UINT8_MAX, (uint32_t)sqlite3_column_int64(s, 0));
    if (row == 1)
        row = statement_run(s, e);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* Places 1 to 3: id, epoch, sequence. */
static int prepare(struct applying *a, sqlite3_stmt **out, const char *sql, struct err *e)
{
    struct site_row site;
    uint64_t id = 0;
    bool found;

    if (new_id(a, &id, e) != 0 || site_find(a->centre, a->site, &site, &found, e) != 0 ||
        centre_statement(a->centre, out, sql, e) != 0)
        return -1;
    bind_id(*out, 1, id);
    (void)sqlite3_bind_int(*out, 2, site.epoch);
    (void)sqlite3_bind_int64(*out, 3, (sqlite3_int64)a->frame->sequence);
    return 0;
}

static const char parked_sql[] =
    "INSERT INTO parked (id, epoch, sequence, subject, name, row, reason, incoming, here)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

static sqlite3_int64 subject_of(const struct change *c)
{
    sqlite3_value *v = change_key(c, 0);

    return v == NULL ? 0 : sqlite3_value_int64(v);
}

int park_change(struct applying *a, const struct change *c, sqlite3_stmt *here,
                const char *reason, struct err *e)
{
    sqlite3_stmt *s;
    int rc = -1;

    if (prepare(a, &s, parked_sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 4, subject_of(c));
    bind_text(s, 5, c->name);
    bind_text(s, 7, reason);
    if (bind_json(s, 6, c->table == NULL ? json_object() : key_json(c), e) == 0 &&
        bind_json(s, 8, change_json(c), e) == 0 &&
        (here == NULL || bind_json(s, 9, row_json(c, here), e) == 0))
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int park_frame(struct applying *a, const char *reason, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare(a, &s, parked_sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 4, 0);
    bind_text(s, 5, "");
    bind_text(s, 6, "{}");
    bind_text(s, 7, reason);
    bind_text(s, 8, "{}");
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int park_conflict(struct applying *a, const struct change *c, sqlite3_stmt *here,
                  int column, bool taken, struct err *e)
{
    sqlite3_stmt *s;
    int rc = -1;

    if (prepare(a, &s,
                "INSERT INTO conflict (id, epoch, sequence, subject, name, row, field,"
                " box_value, centre_value, taken)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 4, subject_of(c));
    bind_text(s, 5, c->table->name);
    bind_text(s, 7, c->table->column_names[column]);
    bind_text(s, 10, taken ? "box" : "centre");
    if (bind_json(s, 6, key_json(c), e) == 0 &&
        bind_json(s, 8, value_json(change_new(c, column)), e) == 0 &&
        bind_json(s, 9, value_json(sqlite3_column_value(here, column)), e) == 0)
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}
