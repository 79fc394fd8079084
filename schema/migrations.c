#include "schema/migrations.h"

#include <stdio.h>

#include "base/embed.h"
#include "schema/statements.h"

EMBED(migration_0001, "schema/migrations/0001-records.sql");
EMBED(migration_0002, "schema/migrations/0002-sync.sql");
EMBED(migration_0003, "schema/migrations/0003-images.sql");
EMBED(migration_0004, "schema/migrations/0004-down.sql");
EMBED(migration_0005, "schema/migrations/0005-link.sql");
EMBED(migration_0006, "schema/migrations/0006-room.sql");
EMBED(migration_0007, "schema/migrations/0007-lines.sql");
EMBED(migration_0008, "schema/migrations/0008-history.sql");
EMBED(migration_0009, "schema/migrations/0009-clones.sql");
EMBED(migration_0010, "schema/migrations/0010-parked.sql");
EMBED(migration_0011, "schema/migrations/0011-replaced.sql");
EMBED(migration_0012, "schema/migrations/0012-again.sql");
EMBED(migration_0013, "schema/migrations/0013-twins.sql");
EMBED(migration_0014, "schema/migrations/0014-held.sql");
EMBED(migration_0015, "schema/migrations/0015-search.sql");
EMBED(migration_0016, "schema/migrations/0016-accounts.sql");
EMBED(migration_0017, "schema/migrations/0017-alternatives.sql");
EMBED(migration_0018, "schema/migrations/0018-undrawn.sql");
EMBED(migration_0019, "schema/migrations/0019-search-tags.sql");

static const char *const *pretended;
static size_t pretended_count;

void migrations_pretend(const char *const *sql, size_t count)
{
    pretended = sql;
    pretended_count = count;
}

const char *const *migrations_all(size_t *count)
{
    static const char *const all[] = {
        migration_0001, migration_0002, migration_0003, migration_0004, migration_0005,
        migration_0006, migration_0007, migration_0008, migration_0009, migration_0010,
        migration_0011, migration_0012, migration_0013, migration_0014, migration_0015,
        migration_0016, migration_0017, migration_0018, migration_0019};

    *count = pretended != NULL ? pretended_count : sizeof all / sizeof *all;
    return pretended != NULL ? pretended : all;
}

/* Runs inside the transaction. */
static int apply(sqlite3 *db, const char *sql, size_t version, struct err *e)
{
    char header[128];

    (void)snprintf(header, sizeof header,
                   "PRAGMA user_version = %zu; PRAGMA application_id = %d", version,
                   STORE_APPLICATION_ID);
    if (sql_run(db, sql, e) != 0)
        return -1;
    return sql_run(db, header, e);
}

/* One step, unless somebody else took it while we waited for the lock. */
static int step(sqlite3 *db, const char *sql, size_t version, struct err *e)
{
    int64_t now;

    if (sql_run(db, "BEGIN IMMEDIATE", e) != 0)
        return -1;
    if (sql_number(db, "PRAGMA user_version", &now, e) != 0)
        goto failed;
    if (now < (int64_t)version && apply(db, sql, version, e) != 0)
        goto failed;
    if (sql_run(db, "COMMIT", e) == 0)
        return 0;
failed:
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL,
                           NULL); /* the first failure tells */
    return err_wrap(e, "migration %zu", version);
}

int migrations_run(sqlite3 *db, const char *const *sql, size_t count, struct err *e)
{
    int64_t version;

    if (sql_number(db, "PRAGMA user_version", &version, e) != 0)
        return -1;
    if (version < 0 || version > (int64_t)count)
        return err_set(e, ERR_REFUSED,
                       "schema version %lld was made by a newer program (this one: %zu)",
                       (long long)version, count);
    for (size_t i = (size_t)version; i < count; i++)
        if (step(db, sql[i], i + 1, e) != 0)
            return -1;
    return 0;
}
