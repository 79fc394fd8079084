#include "schema/guard.h"

#include <string.h>

#include "schema/statements.h"
#include "schema/store.h"

/* A row may be written a few times in a transaction, and an upsert calls twice.
 * Beyond this the cap on rows is surely passed, and the session, which is kept in
 * memory, must not grow further. */
#define GUARD_WRITES_MAX (8 * STORE_CHANGES_MAX)

static const char *const immutable_tables[] = {"reading", "event"};

enum verb { VERB_INSERT, VERB_UPDATE, VERB_DELETE, VERB_COUNT };

static void tram_store_writes(sqlite3_context *c, int count, sqlite3_value **values)
{
    struct guard *g = sqlite3_user_data(c);

    (void)count;
    (void)values;
    /* Autocommit: SQLite has rolled the write back by itself, after a full disk
     * for instance, and the caller goes on all the same. */
    if (!g->open || sqlite3_get_autocommit(sqlite3_context_db_handle(c)))
        sqlite3_result_error(c, "synced tables are written inside the store's writes",
                             -1);
    else if (g->writes >= GUARD_WRITES_MAX && !g->uncapped)
        sqlite3_result_error_toobig(c);
    else
        sqlite3_result_int64(c, ++g->writes);
}

int guard_register(sqlite3 *db, struct guard *g, struct err *e)
{
    /* Innocuous, because an untrusted schema may call nothing else; not
     * deterministic, because it must run for every row. */
    if (sqlite3_create_function_v2(db, "tram_store_writes", 0,
                                   SQLITE_UTF8 | SQLITE_INNOCUOUS, g, tram_store_writes,
                                   NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_err(db, e, "guard");
    return 0;
}

bool guard_is_immutable(const char *table)
{
    for (size_t i = 0; i < sizeof immutable_tables / sizeof *immutable_tables; i++)
        if (strcmp(table, immutable_tables[i]) == 0)
            return true;
    return false;
}

/* The trigger's name and SQL, to be released with sqlite3_free(); NULL: no memory. */
static char *trigger_name(const char *table, enum verb verb)
{
    static const char *const names[VERB_COUNT] = {"insert", "update", "delete"};

    return sqlite3_mprintf("guard_%s_%s", names[verb], table);
}

static char *trigger_sql(const char *name, const char *table, enum verb verb)
{
    static const char *const verbs[VERB_COUNT] = {"INSERT", "UPDATE", "DELETE"};
    const char *refusal = NULL;

    if (verb == VERB_DELETE)
        refusal = "rows are never deleted";
    else if (verb == VERB_UPDATE && guard_is_immutable(table))
        refusal = "rows never change";
    if (refusal != NULL)
        return sqlite3_mprintf("CREATE TRIGGER \"%w\" BEFORE %s ON \"%w\" BEGIN"
                               " SELECT RAISE(ABORT, '%q: %s'); END",
                               name, verbs[verb], table, table, refusal);
    return sqlite3_mprintf("CREATE TRIGGER \"%w\" BEFORE %s ON \"%w\" BEGIN"
                           " SELECT tram_store_writes(); END",
                           name, verbs[verb], table);
}

/* Runs `sql`, that is sqlite3_mprintf's and released here. */
static int run_and_free(sqlite3 *db, char *sql, struct err *e)
{
    int rc = sql == NULL ? err_set(e, ERR_MEMORY, "out of memory") : sql_run(db, sql, e);

    sqlite3_free(sql);
    return rc;
}

/* Makes the trigger anew. */
static int mend(sqlite3 *db, const char *table, enum verb verb, struct err *e)
{
    char *name = trigger_name(table, verb);
    char *sql = name == NULL ? NULL : trigger_sql(name, table, verb);
    int rc = -1;

    if (sql == NULL)
        (void)err_set(e, ERR_MEMORY, "out of memory");
    else if (run_and_free(db, sqlite3_mprintf("DROP TRIGGER IF EXISTS \"%w\"", name),
                          e) == 0)
        rc = sql_run(db, sql, e);
    sqlite3_free(sql);
    sqlite3_free(name);
    return rc;
}

static int mend_all(sqlite3 *db, const char *const *tables, size_t count, struct err *e)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++)
        for (enum verb v = VERB_INSERT; rc == 0 && v < VERB_COUNT; v++)
            rc = mend(db, tables[i], v, e);
    return rc;
}

/* 1: this is what the trigger of this name shall be; 0: it is not; -1: no memory. */
static int is_as_wanted(const char *there, const char *table, enum verb verb,
                        struct err *e)
{
    char *name = trigger_name(table, verb);
    char *sql = name == NULL ? NULL : trigger_sql(name, table, verb);
    int rc =
        sql == NULL ? err_set(e, ERR_MEMORY, "out of memory") : strcmp(there, sql) == 0;

    sqlite3_free(sql);
    sqlite3_free(name);
    return rc;
}

/* Each trigger is seen once: there are more of them than is asked for one by one at
 * every opening. *sound says whether this one is a guard as it shall be. */
static int check_row(sqlite3_stmt *s, const char *const *tables, size_t count,
                     bool *sound, struct err *e)
{
    const char *table = (const char *)sqlite3_column_text(s, 0);
    const char *verb = (const char *)sqlite3_column_text(s, 1);
    const char *sql = (const char *)sqlite3_column_text(s, 2);
    int rc = 0;

    if (table == NULL || verb == NULL || sql == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        if (strcmp(table, tables[i]) == 0)
            rc = is_as_wanted(sql, table,
                              verb[0] == 'i'   ? VERB_INSERT
                              : verb[0] == 'u' ? VERB_UPDATE
                                               : VERB_DELETE,
                              e);
    *sound = rc == 1;
    return rc < 0 ? -1 : 0;
}

static int check_all(sqlite3 *db, const char *const *tables, size_t count, bool *stale,
                     struct err *e)
{
    static const char *const find_sql = "SELECT tbl_name, substr(name, 7, 1), sql FROM "
                                        "sqlite_schema WHERE type = 'trigger'"
                                        " AND name GLOB 'guard_*'";
    sqlite3_stmt *find;
    size_t found = 0;
    int rc = 0, row = 0;
    bool sound = false;

    if (statements_prepare(db, &find, &find_sql, 1, e) != 0)
        return -1;
    while (rc == 0 && (row = statement_step(find, e)) == 1) {
        rc = check_row(find, tables, count, &sound, e);
        found += sound;
    }
    statements_finalize(&find, 1);
    *stale = found != count * VERB_COUNT;
    return rc == 0 && row >= 0 ? 0 : -1;
}

int guard_refresh(sqlite3 *db, const char *const *tables, size_t count, struct err *e)
{
    bool stale;

    if (check_all(db, tables, count, &stale, e) != 0)
        return err_wrap(e, "guard");
    if (!stale)
        return 0;
    if (sql_run(db, "BEGIN IMMEDIATE", e) == 0 && mend_all(db, tables, count, e) == 0 &&
        sql_run(db, "COMMIT", e) == 0)
        return 0;
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL,
                           NULL); /* the first failure tells */
    return err_wrap(e, "guard");
}

int guard_lift(sqlite3 *db, const char *const *tables, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        if (run_and_free(
                db,
                sqlite3_mprintf("DROP TRIGGER IF EXISTS \"guard_update_%w\"", tables[i]),
                e) != 0)
            return err_wrap(e, "guard");
    return 0;
}

int guard_put_back(sqlite3 *db, const char *const *tables, size_t count, struct err *e)
{
    return mend_all(db, tables, count, e) == 0 ? 0 : err_wrap(e, "guard");
}
