#include "sync/rows/change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/hash.h"

/* Words are for a person, and travel as rows of their own: what is longer is told in
 * brief, each long value by its beginning. The change itself is kept elsewhere. */
#define WORDS_BYTES_MAX 32768
#define VALUE_BYTES_MAX 262144 /* a conflict's values: longer than any record has */
#define KEY_BYTES_MAX   1024
#define BRIEF_BYTES     256

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

int change_put(sqlite3_changegroup *group, bool new, int column, sqlite3_value *v)
{
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        return sqlite3changegroup_change_int64(group, new, column,
                                               sqlite3_value_int64(v));
    case SQLITE_FLOAT:
        return sqlite3changegroup_change_double(group, new, column,
                                                sqlite3_value_double(v));
    case SQLITE_TEXT:
        return sqlite3changegroup_change_text(group, new, column,
                                              (const char *)sqlite3_value_text(v),
                                              sqlite3_value_bytes(v));
    case SQLITE_BLOB:
        return sqlite3changegroup_change_blob(group, new, column, sqlite3_value_blob(v),
                                              sqlite3_value_bytes(v));
    default:
        return sqlite3changegroup_change_null(group, new, column);
    }
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

/* A text's first bytes, whole characters of it; NULL: it is none. */
static json_t *beginning_json(sqlite3_value *v)
{
    const unsigned char *text = sqlite3_value_text(v);
    size_t count = BRIEF_BYTES;

    while (count > 0 && (text[count] & 0xc0) == 0x80)
        count--;
    return json_stringn((const char *)text, count);
}

/* {"bytes": …, "sha256": "…", "begins": "…"} of a longer one. */
static json_t *brief_json(sqlite3_value *v)
{
    char hex[HASH_HEX_BYTES];
    json_t *j, *begins = NULL;
    struct hash h;

    hash_of(&h, sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
    hash_to_hex(hex, &h);
    j = json_pack("{s:i, s:s}", "bytes", sqlite3_value_bytes(v), "sha256", hex);
    if (sqlite3_value_type(v) == SQLITE_TEXT)
        begins = beginning_json(v);
    if (begins != NULL)
        (void)json_object_set_new(j, "begins", begins);
    return j;
}

static json_t *whole_json(sqlite3_value *v)
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

/* In brief if it is longer than `bytes_max`, which is no less than BRIEF_BYTES. */
static json_t *value_json(sqlite3_value *v, int bytes_max)
{
    int type = sqlite3_value_type(v);
    bool is_long = (type == SQLITE_TEXT || type == SQLITE_BLOB) &&
                   sqlite3_value_bytes(v) > bytes_max;

    return is_long ? brief_json(v) : whole_json(v);
}

/* The values that `get` has, by the columns' names; by their numbers in a table that
 * is unknown here. */
static json_t *values_json(const struct row_change *c,
                           sqlite3_value *(*get)(const struct row_change *c, int column),
                           int bytes_max)
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
            (void)json_object_set_new(object, name, value_json(v, bytes_max));
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

/* The text, which is taken, if it is short enough to go. */
static char *if_short(char *text, size_t bytes_max)
{
    if (text == NULL || strlen(text) <= bytes_max)
        return text;
    free(text);
    return NULL;
}

char *words_value(sqlite3_value *v)
{
    char *text = if_short(text_of(value_json(v, VALUE_BYTES_MAX)), VALUE_BYTES_MAX);

    return text != NULL ? text : text_of(value_json(v, BRIEF_BYTES));
}

static char *row_text(const struct rows_table *t, sqlite3_stmt *here, int bytes_max)
{
    json_t *object = json_object();

    for (int i = 0; i < t->columns; i++)
        (void)json_object_set_new(object, t->column_names[i],
                                  value_json(sqlite3_column_value(here, i), bytes_max));
    return text_of(object);
}

char *words_row(const struct rows_table *t, sqlite3_stmt *here)
{
    char *text = if_short(row_text(t, here, WORDS_BYTES_MAX), WORDS_BYTES_MAX);

    return text != NULL ? text : row_text(t, here, BRIEF_BYTES);
}

/* It names the row, so that it is unlike any other row's. */
char *words_key(const struct row_change *c)
{
    json_t *object = json_object();

    for (int i = 0; c->table != NULL && i < c->columns && i < c->table->columns; i++)
        if (c->table->is_key[i] && change_key(c, i) != NULL)
            (void)json_object_set_new(object, c->table->column_names[i],
                                      value_json(change_key(c, i), KEY_BYTES_MAX));
    return text_of(object);
}

static const char *verb_name(int verb)
{
    return verb == SQLITE_INSERT ? "insert" : verb == SQLITE_UPDATE ? "update" : "delete";
}

static char *change_text(const struct row_change *c, int bytes_max)
{
    return text_of(json_pack("{s:s, s:o, s:o}", "verb", verb_name(c->verb), "old",
                             values_json(c, change_old, bytes_max), "new",
                             values_json(c, change_new, bytes_max)));
}

char *words_change(const struct row_change *c)
{
    char *text = if_short(change_text(c, WORDS_BYTES_MAX), WORDS_BYTES_MAX);

    return text != NULL ? text : change_text(c, BRIEF_BYTES);
}
