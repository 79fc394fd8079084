#include "sync/merge.h"

#include <string.h>

static sqlite3_value *mutable_value(const sqlite3_value *v)
{
    return (sqlite3_value *)(uintptr_t)v; /* SQLite's readers take no const */
}

bool merge_values_equal(const sqlite3_value *a, const sqlite3_value *b)
{
    sqlite3_value *left = mutable_value(a), *right = mutable_value(b);
    int type = sqlite3_value_type(left);
    int bytes;

    if (type != sqlite3_value_type(right))
        return false;
    switch (type) {
    case SQLITE_NULL:
        return true;
    case SQLITE_INTEGER:
        return sqlite3_value_int64(left) == sqlite3_value_int64(right);
    case SQLITE_FLOAT: {
        double x = sqlite3_value_double(left), y = sqlite3_value_double(right);

        return memcmp(&x, &y, sizeof x) == 0;
    }
    default:
        bytes = sqlite3_value_bytes(left);
        return bytes == sqlite3_value_bytes(right) &&
               (bytes == 0 || memcmp(sqlite3_value_blob(left), sqlite3_value_blob(right),
                                     (size_t)bytes) == 0);
    }
}

enum merge_result merge(const struct merge_case *c)
{
    if (c->incoming_new == NULL)
        return MERGE_KEEP;
    if (c->incoming_old != NULL && merge_values_equal(c->incoming_old, c->incoming_new))
        return MERGE_KEEP;
    if (merge_values_equal(c->incoming_new, c->here))
        return MERGE_KEEP;
    if (c->locked && c->incoming_from_box)
        return MERGE_KEEP_CONFLICT;
    if (!c->concurrent)
        return MERGE_TAKE;
    if (c->incoming_old != NULL && merge_values_equal(c->incoming_old, c->here))
        return c->incoming_from_box ? MERGE_TAKE : MERGE_KEEP;
    return c->incoming_from_box ? MERGE_TAKE_CONFLICT : MERGE_KEEP_CONFLICT;
}
