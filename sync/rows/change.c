#include "sync/rows/change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

int change_read(struct row_change *c, sqlite3_changeset_iter *iter, struct err *e)
{
    int indirect;

    *c = (struct row_change){.iter = iter};
    if (sqlite3changeset_op(iter, &c->name, &c->columns, &c->verb, &indirect) !=
        SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    return 0;
}

sqlite3_value *change_new(const struct row_change *c, int column)
{
    sqlite3_value *v = NULL;

    if (c->verb != SQLITE_DELETE &&
        sqlite3changeset_new(c->iter, column, &v) != SQLITE_OK)
        v = NULL;
    return v;
}

sqlite3_value *change_old(const struct row_change *c, int column)
{
    sqlite3_value *v = NULL;

    if (c->verb != SQLITE_INSERT &&
        sqlite3changeset_old(c->iter, column, &v) != SQLITE_OK)
        v = NULL;
    return v;
}

sqlite3_value *change_key(const struct row_change *c, int column)
{
    return c->verb == SQLITE_INSERT ? change_new(c, column) : change_old(c, column);
}

uint64_t change_subject(const struct row_change *c)
{
    sqlite3_value *v = change_key(c, 0);

    return v == NULL || sqlite3_value_type(v) != SQLITE_INTEGER
               ? 0
               : (uint64_t)sqlite3_value_int64(v);
}

/* ------------------------------------------------------------------------ words */

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

/* JSON has no word for an infinite number, which a column may hold. */
static json_t *real_json(double d)
{
    return isfinite(d) ? json_real(d) : json_string(d > 0 ? "Infinity" : "-Infinity");
}

static json_t *value_json(sqlite3_value *v)
{
    json_t *j;

    switch (sqlite3_value_type(v)) {
    case SQLITE_NULL:
        return json_null();
    case SQLITE_INTEGER:
        return json_integer(sqlite3_value_int64(v));
    case SQLITE_FLOAT:
        return real_json(sqlite3_value_double(v));
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
static json_t *values_json(const struct row_change *c,
                           sqlite3_value *(*get)(const struct row_change *c, int column))
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

/* The JSON's text, which is taken. */
static char *text_of(json_t *j)
{
    char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);

    json_decref(j);
    return text;
}

char *words_value(sqlite3_value *v)
{
    return text_of(value_json(v));
}

char *words_row(const struct rows_table *t, sqlite3_stmt *here)
{
    json_t *object = json_object();

    for (int i = 0; i < t->columns; i++)
        (void)json_object_set_new(object, t->column_names[i],
                                  value_json(sqlite3_column_value(here, i)));
    return text_of(object);
}

char *words_key(const struct row_change *c)
{
    json_t *object = json_object();

    for (int i = 0; c->table != NULL && i < c->columns && i < c->table->columns; i++)
        if (c->table->is_key[i] && change_key(c, i) != NULL)
            (void)json_object_set_new(object, c->table->column_names[i],
                                      value_json(change_key(c, i)));
    return text_of(object);
}

static const char *verb_name(int verb)
{
    return verb == SQLITE_INSERT ? "insert" : verb == SQLITE_UPDATE ? "update" : "delete";
}

char *words_change(const struct row_change *c)
{
    return text_of(json_pack("{s:s, s:o, s:o}", "verb", verb_name(c->verb), "old",
                             values_json(c, change_old), "new",
                             values_json(c, change_new)));
}
