#include "schema/statements.h"

#include <errno.h>
#include <string.h>

#include "schema/statement_shelf.h"

int statements_prepare(sqlite3 *db, sqlite3_stmt **out, const char *const *sql,
                       size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++)
        out[i] = NULL;
    for (size_t i = 0; i < count; i++) {
        out[i] = shelf_take(db, sql[i]);
        if (out[i] != NULL)
            continue;
        if (sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i],
                               NULL) == SQLITE_OK)
            continue;
        (void)sqlite_err(db, e, "prepare");
        statements_finalize(out, count);
        return -1;
    }
    return 0;
}

void statements_finalize(sqlite3_stmt **statements, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        shelf_give(statements[i]);
        statements[i] = NULL;
    }
}

sqlite3_stmt *statement_fresh(sqlite3_stmt *s)
{
    (void)sqlite3_reset(s); /* repeats the last step's failure, told then */
    (void)sqlite3_clear_bindings(s);
    return s;
}

int statement_step(sqlite3_stmt *s, struct err *e)
{
    int rc = sqlite3_step(s);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        (void)sqlite_err(sqlite3_db_handle(s), e, "database");
    (void)sqlite3_reset(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

int statement_run(sqlite3_stmt *s, struct err *e)
{
    int row;

    do
        row = statement_step(s, e);
    while (row == 1);
    return row;
}

static enum err_code code_of(sqlite3 *db)
{
    int code = sqlite3_extended_errcode(db);
    int system = sqlite3_system_errno(db);

    if (code == SQLITE_IOERR_NOMEM)
        return ERR_MEMORY;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return ERR_NO_SPACE;
    case SQLITE_IOERR:
        /* A sync or a truncate that finds the disk full says so only here. */
        return system == ENOSPC || system == EDQUOT ? ERR_NO_SPACE : ERR_IO;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_IO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* lost the race for the WAL's locks too often */
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_TOOBIG:
        return ERR_TOO_BIG;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    default:
        return ERR_FAILED;
    }
}

int sqlite_err(sqlite3 *db, struct err *e, const char *what)
{
    return err_set(e, code_of(db), "%s: %s", what, sqlite3_errmsg(db));
}

int sql_run(sqlite3 *db, const char *sql, struct err *e)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_err(db, e, "database");
    return 0;
}

int sql_again(sqlite3 *db, const char *sql, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int sql_number(sqlite3 *db, const char *sql, int64_t *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = 0;
    if (statements_prepare(db, &s, &sql, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    if (row == 1)
        *out = sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* A failed bind leaves NULL behind, and a NULL that nobody meant is a lost value:
 * a blob as long as SQLite's limit costs no memory and cannot be stored. */
static void poison_unless(int rc, sqlite3_stmt *s, int place)
{
    if (rc != SQLITE_OK)
        (void)sqlite3_bind_zeroblob(
            s, place, sqlite3_limit(sqlite3_db_handle(s), SQLITE_LIMIT_LENGTH, -1));
}

void bind_text(sqlite3_stmt *s, int place, const char *text)
{
    poison_unless(sqlite3_bind_text64(s, place, text, text == NULL ? 0 : strlen(text),
                                      SQLITE_TRANSIENT, SQLITE_UTF8),
                  s, place);
}

void bind_blob(sqlite3_stmt *s, int place, const void *bytes, size_t count)
{
    poison_unless(sqlite3_bind_blob64(s, place, bytes, count, SQLITE_TRANSIENT), s,
                  place);
}

void bind_id(sqlite3_stmt *s, int place, uint64_t id)
{
    if (id == 0)
        (void)sqlite3_bind_null(s, place);
    else
        (void)sqlite3_bind_int64(s, place, (sqlite3_int64)id);
}

void bind_moment(sqlite3_stmt *s, int place, const struct moment *m)
{
    (void)sqlite3_bind_int64(s, place, m->boot);
    (void)sqlite3_bind_int64(s, place + 1, m->mono_ms);
    (void)sqlite3_bind_int64(s, place + 2, m->wall_ms);
    (void)sqlite3_bind_int64(s, place + 3, m->confidence);
}

bool column_hash(sqlite3_stmt *s, int column, struct hash *out)
{
    if (sqlite3_column_bytes(s, column) != HASH_BYTES)
        return false;
    memcpy(out->bytes, sqlite3_column_blob(s, column), HASH_BYTES);
    return true;
}

struct moment column_moment(sqlite3_stmt *s, int column)
{
    return (struct moment){.boot = (uint32_t)sqlite3_column_int64(s, column),
                           .mono_ms = sqlite3_column_int64(s, column + 1),
                           .wall_ms = sqlite3_column_int64(s, column + 2),
                           .confidence =
                               (enum wall_confidence)sqlite3_column_int(s, column + 3)};
}
