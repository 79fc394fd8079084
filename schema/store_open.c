#include "schema/store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/reserve.h"
#include "schema/statement_shelf.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

/* Longer than any transaction within the caps takes on a slow card. */
#define BUSY_MS_MAX 10000

static const char *const store_sql[STORE_STATEMENTS] = {
    [STORE_NEW_ID] = "UPDATE identity SET counter = counter + 1"
                     " WHERE one = 1 AND counter < ?1 RETURNING site, epoch, counter",
};

static enum store_sabotage sabotage = STORE_SOUND;

void store_sabotage_next_open(enum store_sabotage how)
{
    sabotage = how;
}

/* Nothing is written before this has passed: a database of somebody else's stays
 * as it is. An empty one, or one whose init was cut short, passes. */
static int check_header(sqlite3 *db, struct err *e)
{
    int64_t application, version, tables;
    size_t newest;

    (void)migrations_all(&newest);
    if (sql_number(db, "PRAGMA application_id", &application, e) != 0 ||
        sql_number(db, "PRAGMA user_version", &version, e) != 0 ||
        sql_number(db, "SELECT count(*) FROM sqlite_schema", &tables, e) != 0)
        return -1;
    if (application != STORE_APPLICATION_ID &&
        (application != 0 || version != 0 || tables != 0))
        return err_set(e, ERR_REFUSED, "not a Trạm database");
    if (version < 0 || version > (int64_t)newest)
        return err_set(e, ERR_REFUSED,
                       "made by a newer program: schema version %lld, this one knows %zu",
                       (long long)version, newest);
    return 0;
}

static int set_wal(sqlite3 *db, struct err *e)
{
    static const char *const pragma = "PRAGMA journal_mode = WAL";
    sqlite3_stmt *s;
    const char *mode;
    int row;

    if (statements_prepare(db, &s, &pragma, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    mode = row == 1 ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if (row >= 0 && (mode == NULL || strcmp(mode, "wal") != 0))
        row = err_set(e, ERR_IO, "the write-ahead log cannot be had here");
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int set_up(struct store *s, struct err *e)
{
    bool normal = sabotage == STORE_SYNCHRONOUS_NORMAL;
    int64_t level;

    sabotage = STORE_SOUND;
    if (sql_run(s->db, "PRAGMA cell_size_check = ON", e) != 0 ||
        check_header(s->db, e) != 0 || set_wal(s->db, e) != 0 ||
        sql_run(s->db,
                normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL",
                e) != 0 ||
        sql_number(s->db, "PRAGMA synchronous", &level, e) != 0)
        return -1;
    if (!normal && level != 2)
        return err_set(e, ERR_FAILED, "synchronous is %lld, not FULL", (long long)level);
    /* Recursive triggers, so that the row which REPLACE would push out in silence
     * meets the guard too. */
    return sql_run(s->db,
                   "PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;"
                   "PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY",
                   e);
}

static int open_connection(struct store *s, const char *path, int flags, struct err *e)
{
    int persist = 1;

    if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, s->disk->vfs) !=
        SQLITE_OK) {
        if (s->db == NULL)
            return err_set(e, ERR_MEMORY, "out of memory");
        return sqlite_err(s->db, e, "open");
    }
    /* The log stays when the last one closes: on a full disk there would be no room
     * to make it again. A VFS that does not know this goes without. */
    (void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS_MAX);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Plans do not depend on bound values: else SQLite compiles a statement anew at
     * each use, where an index has a condition. */
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    return 0;
}

static int load_tables(struct store *s, struct err *e)
{
    static const char *const sql =
        "SELECT name FROM table_kind WHERE kind = 'synced' ORDER BY name";
    sqlite3_stmt *find;
    int64_t count;
    int row = -1;

    if (sql_number(s->db, "SELECT count(*) FROM table_kind", &count, e) != 0 ||
        statements_prepare(s->db, &find, &sql, 1, e) != 0)
        return -1;
    s->tables = calloc((size_t)count + 1, sizeof *s->tables);
    if (s->tables == NULL) {
        (void)err_set(e, ERR_MEMORY, "out of memory");
        goto out;
    }
    while (s->tables_count < (size_t)count && (row = statement_step(find, e)) == 1) {
        const char *name = (const char *)sqlite3_column_text(find, 0);

        s->tables[s->tables_count] = strdup(name == NULL ? "" : name);
        if (s->tables[s->tables_count] == NULL) {
            row = err_set(e, ERR_MEMORY, "out of memory");
            goto out;
        }
        s->tables_count++;
    }
out:
    statements_finalize(&find, 1);
    return row < 0 ? -1 : 0;
}

/* Brings the schema up to date and prepares what a write needs. */
static int make_ready(struct store *s, struct err *e)
{
    size_t count;
    const char *const *migrations = migrations_all(&count);
    const char *const *tables;

    if (shelf_add(s->db, e) != 0 || tokenizer_register(s->db, e) != 0 ||
        guard_register(s->db, &s->guard, e) != 0 ||
        migrations_run(s->db, migrations, count, e) != 0 || load_tables(s, e) != 0)
        return -1;
    tables = (const char *const *)s->tables;
    if (guard_refresh(s->db, tables, s->tables_count, e) != 0 ||
        capture_init(&s->capture, s->db, tables, s->tables_count, e) != 0 ||
        boots_init(&s->boots, s->db, s->clock, e) != 0)
        return -1;
    return statements_prepare(s->db, s->statements, store_sql, STORE_STATEMENTS, e);
}

/* All of opening but the identity. */
static int open_file(struct store **out, struct disk *d, struct clock *c,
                     const char *path, int flags, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);
    int rc = -1;

    *out = NULL;
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    s->disk = d;
    s->clock = c;
    if (open_connection(s, path, flags, e) != 0 || set_up(s, e) != 0 ||
        make_ready(s, e) != 0) {
        (void)err_wrap(e, "%s", path);
        goto out;
    }
    *out = s;
    s = NULL; /* now the caller's */
    rc = 0;
out:
    store_close(s);
    return rc;
}

/* *found is false if the database has no identity yet. */
static int load_identity(struct store *s, bool *found, struct err *e)
{
    static const char *const sql = "SELECT site, epoch, name FROM identity";
    sqlite3_stmt *find;
    int row;

    *found = false;
    if (statements_prepare(s->db, &find, &sql, 1, e) != 0)
        return -1;
    row = statement_step(find, e);
    if (row == 1) {
        const char *name = (const char *)sqlite3_column_text(find, 2);

        s->identity.site = (uint16_t)sqlite3_column_int64(find, 0);
        s->identity.epoch = (uint8_t)sqlite3_column_int64(find, 1);
        (void)snprintf(s->identity.name, sizeof s->identity.name, "%s",
                       name == NULL ? "" : name);
        *found = true;
    }
    statements_finalize(&find, 1);
    return row < 0 ? -1 : 0;
}

int store_open(struct store **out, struct disk *d, struct clock *c, const char *dir,
               struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct store *s = NULL;
    bool found;
    int rc = -1;

    *out = NULL;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 || disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return err_set(e, ERR_FAILED, "%s is not there: run init first", path);
    rc = open_file(&s, d, c, path, SQLITE_OPEN_READWRITE, e);
    if (rc != 0 && e->code == ERR_NO_SPACE && reserve_give_up(d, dir))
        rc = open_file(&s, d, c, path, SQLITE_OPEN_READWRITE, e);
    if (rc != 0)
        return -1;
    rc = -1;
    if (load_identity(s, &found, e) != 0)
        goto out;
    if (!found) {
        (void)err_set(e, ERR_REFUSED, "%s was not finished: run init again", path);
        goto out;
    }
    reserve_keep(d, dir);
    *out = s;
    s = NULL; /* now the caller's */
    rc = 0;
out:
    store_close(s);
    return rc;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    store_write_rollback(s);
    statements_finalize(s->statements, STORE_STATEMENTS);
    boots_release(&s->boots);
    capture_release(&s->capture);
    for (size_t i = 0; i < s->tables_count; i++)
        free(s->tables[i]);
    free(s->tables);
    /* v2: waits for statements that a caller has not finalised yet. */
    (void)sqlite3_close_v2(s->db);
    free(s);
}

/* ----------------------------------------------------------------- beginning */

static int write_identity(struct store *s, const struct store_identity *who,
                          struct err *e)
{
    static const char *const sql[] = {
        "INSERT INTO identity (one, site, epoch, counter, name) VALUES (1, ?1, ?2, 0, "
        "?3)",
        "INSERT INTO sync_state (one, seen, sent, received, applied, safe)"
        " VALUES (1, 0, 0, 0, 0, 0)",
    };
    sqlite3_stmt *insert[2];
    int rc = -1;

    if (statements_prepare(s->db, insert, sql, 2, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(insert[0], 1, who->site);
    (void)sqlite3_bind_int64(insert[0], 2, who->epoch);
    bind_text(insert[0], 3, who->name);
    if (statement_run(insert[0], e) == 0)
        rc = statement_run(insert[1], e);
    statements_finalize(insert, 2);
    return rc;
}

/* The identity is what makes a box: it comes last, after the file's name is on
 * disk, so that an init which was cut short is either absent or can be repeated. */
static int give_identity(struct store *s, const struct store_identity *who, struct err *e)
{
    bool found;

    if (store_write_begin(s, e) != 0)
        return -1;
    if (load_identity(s, &found, e) != 0)
        goto failed;
    if (found) {
        (void)err_set(e, ERR_BUSY, "there is a box here already");
        goto failed;
    }
    if (write_identity(s, who, e) == 0)
        return store_write_commit(s, NULL, e);
failed:
    store_write_rollback(s);
    return -1;
}

/* SQLite would make a file that everybody may read; its log and shared memory take
 * the mode of the database. */
static int make_private(struct disk *d, const char *path, struct err *e)
{
    struct disk_file *f = NULL;

    if (disk_open(d, &f, path, DISK_CREATE, e) != 0)
        return e->code == ERR_BUSY ? 0 : -1; /* an init that was cut short made it */
    disk_close(f);
    return 0;
}

int store_init(struct disk *d, struct clock *c, const char *dir,
               const struct store_identity *who, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct store *s = NULL;
    int rc = -1;

    if (disk_path(path, e, "%s/tram.db", dir) != 0)
        return -1;
    if (make_private(d, path, e) != 0)
        return -1;
    if (open_file(&s, d, c, path, SQLITE_OPEN_READWRITE, e) != 0)
        goto out;
    /* SQLite syncs the directory for its journals, not for the database. */
    if (disk_sync_dir(d, dir, e) != 0)
        goto out;
    if (give_identity(s, who, e) != 0) {
        (void)err_wrap(e, "%s", path);
        goto out;
    }
    rc = 0;
out:
    store_close(s);
    return rc;
}
