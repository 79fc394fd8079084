#include "sync/centre/apply_park.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "schema/statements.h"

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
        if (c->table->is_key[i])
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

static int prepare_parked(struct applying *a, sqlite3_stmt **out, const char *name,
                          const char *reason, struct err *e)
{
    if (centre_statement(
            a->centre, out,
            "INSERT INTO parked (site, sequence, name, reason, incoming, here)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(*out, 1, a->site);
    (void)sqlite3_bind_int64(*out, 2, (sqlite3_int64)a->frame->sequence);
    bind_text(*out, 3, name);
    bind_text(*out, 4, reason);
    return 0;
}

int park_change(struct applying *a, const struct change *c, sqlite3_stmt *here,
                const char *reason, struct err *e)
{
    sqlite3_stmt *s;
    int rc = -1;

    if (prepare_parked(a, &s, c->name, reason, e) != 0)
        return -1;
    if (bind_json(s, 5, change_json(c), e) == 0 &&
        (here == NULL || bind_json(s, 6, row_json(c, here), e) == 0))
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int park_frame(struct applying *a, const char *reason, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (prepare_parked(a, &s, "", reason, e) != 0)
        return -1;
    bind_text(s, 5, "{}");
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int park_conflict(struct applying *a, const struct change *c, sqlite3_stmt *here,
                  int column, bool taken, struct err *e)
{
    sqlite3_stmt *s;
    int rc = -1;

    if (centre_statement(a->centre, &s,
                         "INSERT INTO conflict_seen"
                         " (site, sequence, name, row, field, incoming, here, taken)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, a->site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)a->frame->sequence);
    bind_text(s, 3, c->table->name);
    bind_text(s, 5, c->table->column_names[column]);
    (void)sqlite3_bind_int(s, 8, taken);
    if (bind_json(s, 4, key_json(c), e) == 0 &&
        bind_json(s, 6, value_json(change_new(c, column)), e) == 0 &&
        bind_json(s, 7, value_json(sqlite3_column_value(here, column)), e) == 0)
        rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}
