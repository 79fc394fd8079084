#include "schema/statement_shelf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHELF_NAME "tram.shelf"

struct shelf {
    struct place {
        sqlite3_stmt *statement;
        uint32_t hash;              /* of its SQL */
    } places[SHELF_STATEMENTS_MAX]; /* longest unused first */
    size_t count;
};

/* FNV-1a. */
static uint32_t hash_sql(const char *sql)
{
    uint32_t h = 2166136261u;

    for (; *sql != '\0'; sql++)
        h = (h ^ (unsigned char)*sql) * 16777619u;
    return h;
}

static void shelf_destroy(void *arg)
{
    struct shelf *shelf = arg;

    for (size_t i = 0; i < shelf->count; i++)
        (void)sqlite3_finalize(shelf->places[i].statement); /* reset: nothing fails */
    free(shelf);
}

int shelf_add(sqlite3 *db, struct err *e)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);

    /* On failure SQLite calls the destructor. */
    if (shelf == NULL ||
        sqlite3_set_clientdata(db, SHELF_NAME, shelf, shelf_destroy) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "out of memory for statements");
    return 0;
}

static sqlite3_stmt *take_place(struct shelf *shelf, size_t i)
{
    sqlite3_stmt *s = shelf->places[i].statement;

    shelf->count--;
    memmove(&shelf->places[i], &shelf->places[i + 1],
            (shelf->count - i) * sizeof shelf->places[0]);
    return s;
}

sqlite3_stmt *shelf_take(sqlite3 *db, const char *sql)
{
    struct shelf *shelf = sqlite3_get_clientdata(db, SHELF_NAME);
    uint32_t hash;

    if (shelf == NULL)
        return NULL;
    hash = hash_sql(sql);
    for (size_t i = shelf->count; i > 0; i--)
        if (shelf->places[i - 1].hash == hash &&
            strcmp(sqlite3_sql(shelf->places[i - 1].statement), sql) == 0)
            return take_place(shelf, i - 1);
    return NULL;
}

/* A pragma may do its work, or read its answer, while it is compiled. */
static bool may_stay(sqlite3_stmt *s)
{
    return strncasecmp(sqlite3_sql(s), "PRAGMA", 6) != 0;
}

void shelf_give(sqlite3_stmt *s)
{
    struct shelf *shelf =
        s == NULL ? NULL : sqlite3_get_clientdata(sqlite3_db_handle(s), SHELF_NAME);

    if (shelf == NULL || !may_stay(s)) {
        (void)sqlite3_finalize(s); /* repeats the last step's failure */
        return;
    }
    (void)sqlite3_reset(s); /* repeats the last step's failure, told then */
    (void)sqlite3_clear_bindings(s);
    if (shelf->count == SHELF_STATEMENTS_MAX)
        (void)sqlite3_finalize(take_place(shelf, 0));
    shelf->places[shelf->count++] =
        (struct place){.statement = s, .hash = hash_sql(sqlite3_sql(s))};
}
