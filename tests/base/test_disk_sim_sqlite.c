/* SQLite on the simulated disk: what it acknowledged is there after a power cut
 * at any instant, if and only if it syncs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/disk_sim.h"
#include "base/hash.h"

#define ROWS 40
/* Small, so that checkpoints and wrapping of the WAL happen often. */
#define SETTINGS_WAL                                                                     \
    "PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=9;"
#define SETTINGS_DELETE "PRAGMA page_size=512; PRAGMA journal_mode=DELETE;"

static struct disk *d;
static struct err e;

#define OK(call)                                                                         \
    do {                                                                                 \
        if ((call) != 0)                                                                 \
            fail_msg("%s: %s", #call, e.text);                                           \
    } while (0)

static sqlite3 *db_open(void)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    (void)sqlite3_open_v2("data/tram.db", &db, flags, d->vfs); /* told by what follows */
    return db;
}

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* -1 when there is no answer. */
static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t out = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        out = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s); /* repeats the failure of step */
    return out;
}

static bool is_sound(sqlite3 *db)
{
    return number(db, "SELECT integrity_check='ok' FROM pragma_integrity_check") == 1;
}

/* Rows acknowledged before the machine dies, or all. */
static unsigned write_rows(const char *settings)
{
    unsigned acknowledged = 0;
    sqlite3 *db = NULL;
    char sql[200];

    if (disk_make_dirs(d, "data", &e) != 0)
        return 0;
    db = db_open();
    if (run(db, settings) && run(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, b)") &&
        disk_sync_dir(d, "data", &e) == 0) {
        for (unsigned n = 1; n <= ROWS; n++) {
            (void)snprintf(sql, sizeof sql, "INSERT INTO t VALUES(%u, zeroblob(%u))", n,
                           n * 97 % 1500);
            if (!run(db, sql))
                break;
            acknowledged = n;
        }
    }
    (void)sqlite3_close(db); /* of a dead machine */
    return acknowledged;
}

/* Rows 1…n are there without a gap; -1 for a damaged database. */
static int64_t rows_found(void)
{
    int64_t found = 0;
    sqlite3 *db;

    OK(disk_make_dirs(d, "data", &e));
    db = db_open();
    if (number(db, "SELECT count(*) FROM sqlite_schema") > 0)
        found = number(db, "SELECT CASE WHEN count(*)=ifnull(max(n),0) THEN count(*) "
                           "ELSE -1 END FROM t");
    if (!is_sound(db))
        found = -1;
    (void)sqlite3_close(db); /* nothing is open in it */
    return found;
}

static uint64_t calls_of(const char *settings)
{
    uint64_t calls;

    OK(disk_sim_create(&d, 1, &e));
    assert_int_equal(write_rows(settings), ROWS);
    calls = disk_sim_calls(d);
    disk_sim_destroy(d);
    return calls;
}

/* Dies at each call in turn, each time with another seed. */
static void keeps_every_row(const char *settings)
{
    uint64_t calls = calls_of(settings);

    assert_true(calls >= 200);
    for (uint64_t n = 1; n <= calls; n++) {
        struct disk_sim_faults faults = {.die_at_call = n};
        int64_t acknowledged, found;

        OK(disk_sim_create(&d, n, &e));
        disk_sim_set_faults(d, &faults);
        acknowledged = write_rows(settings);
        disk_sim_power_cut(d);
        found = rows_found();
        /* One more may have been on its way. */
        if (found < acknowledged || found > acknowledged + 1)
            fail_msg("cut at call %d: %d rows acknowledged, %d found", (int)n,
                     (int)acknowledged, (int)found);
        disk_sim_destroy(d);
    }
}

static void wal_database_keeps_every_committed_row_over_200_cuts(void **state)
{
    (void)state;
    keeps_every_row(SETTINGS_WAL "PRAGMA synchronous=FULL;");
}

static void rollback_journal_keeps_every_committed_row_over_200_cuts(void **state)
{
    (void)state;
    keeps_every_row(SETTINGS_DELETE "PRAGMA synchronous=EXTRA;");
}

/* Cuts out of 200 after which an acknowledged row is missing. */
static unsigned cuts_that_lose(const char *settings, struct disk_sim_faults faults)
{
    uint64_t calls = calls_of(settings);
    unsigned lost = 0;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        int64_t acknowledged;

        OK(disk_sim_create(&d, seed, &e));
        faults.die_at_call = 1 + seed * calls / 200;
        disk_sim_set_faults(d, &faults);
        acknowledged = write_rows(settings);
        disk_sim_power_cut(d);
        lost += rows_found() < acknowledged;
        disk_sim_destroy(d);
    }
    return lost;
}

static void synchronous_normal_loses_acknowledged_rows(void **state)
{
    struct disk_sim_faults none = {0};

    (void)state;
    assert_true(cuts_that_lose(SETTINGS_WAL "PRAGMA synchronous=NORMAL;", none) > 0);
}

static void without_file_sync_rows_are_lost(void **state)
{
    struct disk_sim_faults faults = {.ignore_file_sync = true};

    (void)state;
    assert_true(cuts_that_lose(SETTINGS_WAL "PRAGMA synchronous=FULL;", faults) > 0);
}

static void without_directory_sync_the_database_or_its_wal_vanishes(void **state)
{
    struct disk_sim_faults faults = {.ignore_dir_sync = true};

    (void)state;
    assert_true(cuts_that_lose(SETTINGS_WAL "PRAGMA synchronous=FULL;", faults) > 0);
}

static void any_single_failure_leaves_a_sound_database(void **state)
{
    const char *settings = SETTINGS_WAL "PRAGMA synchronous=FULL;";
    uint64_t calls = calls_of(settings);

    (void)state;
    for (uint64_t n = 1; n <= calls; n++) {
        struct disk_sim_faults faults = {.fail_call = n};
        int64_t acknowledged;

        OK(disk_sim_create(&d, n, &e));
        disk_sim_set_faults(d, &faults);
        acknowledged = write_rows(settings);
        disk_sim_power_cut(d);
        assert_true(rows_found() >= acknowledged);
        disk_sim_destroy(d);
    }
}

static void a_full_disk_is_told_and_what_was_there_stays(void **state)
{
    struct disk_sim_faults faults = {.bytes_max = 30000};
    int64_t acknowledged;
    sqlite3 *db;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    disk_sim_set_faults(d, &faults);
    acknowledged = write_rows(SETTINGS_WAL "PRAGMA synchronous=FULL;");
    assert_in_range(acknowledged, 1, ROWS - 1);
    db = db_open();
    assert_int_equal(
        sqlite3_exec(db, "INSERT INTO t VALUES(1000, zeroblob(60000))", 0, 0, 0),
        SQLITE_FULL);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), acknowledged);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_sim_power_cut(d);
    assert_int_equal(rows_found(), acknowledged);
    disk_sim_destroy(d);
}

static void after_the_machine_died_every_statement_fails_with_ioerr(void **state)
{
    struct disk_sim_faults faults = {0};
    sqlite3 *db;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    (void)write_rows(SETTINGS_WAL "PRAGMA synchronous=FULL;");
    db = db_open();
    assert_true(run(db, "INSERT INTO t VALUES(41, 1)"));
    faults.die_at_call = disk_sim_calls(d) + 1;
    disk_sim_set_faults(d, &faults);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES(42, 1)", 0, 0, 0),
                         SQLITE_IOERR);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_sim_power_cut(d);
    assert_int_equal(rows_found(), ROWS + 1);
    disk_sim_destroy(d);
}

static void in_wal_a_reader_keeps_its_view_and_a_second_writer_waits(void **state)
{
    sqlite3 *a, *b;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    (void)write_rows(SETTINGS_WAL);
    a = db_open();
    b = db_open();
    assert_true(run(a, "BEGIN IMMEDIATE; DELETE FROM t WHERE n > 10"));
    assert_true(run(b, "BEGIN"));
    assert_int_equal(number(b, "SELECT count(*) FROM t"), ROWS);
    assert_int_equal(sqlite3_exec(b, "DELETE FROM t", 0, 0, 0), SQLITE_BUSY);
    assert_true(run(a, "COMMIT"));
    assert_int_equal(number(b, "SELECT count(*) FROM t"), ROWS);
    assert_true(run(b, "COMMIT"));
    assert_int_equal(number(b, "SELECT count(*) FROM t"), 10);
    assert_true(run(b, "DELETE FROM t"));
    assert_int_equal(number(a, "SELECT count(*) FROM t"), 0);
    assert_int_equal(sqlite3_close(a), SQLITE_OK);
    assert_int_equal(sqlite3_close(b), SQLITE_OK);
    disk_sim_destroy(d);
}

static void in_wal_a_reader_is_not_overtaken_by_a_checkpoint(void **state)
{
    sqlite3 *a, *b;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    (void)write_rows(SETTINGS_WAL);
    a = db_open();
    b = db_open();
    assert_true(run(a, "UPDATE t SET b = 1"));
    assert_true(run(b, "BEGIN"));
    assert_int_equal(number(b, "SELECT sum(b) FROM t"), ROWS);
    assert_true(run(a, "UPDATE t SET b = 2"));
    assert_int_equal(number(a, "PRAGMA wal_checkpoint(TRUNCATE)"), 1); /* 1: busy */
    assert_int_equal(number(b, "SELECT sum(b) FROM t"), ROWS);
    assert_true(run(b, "COMMIT"));
    assert_int_equal(number(a, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
    assert_int_equal(number(b, "SELECT sum(b) FROM t"), 2 * ROWS);
    assert_int_equal(sqlite3_close(a), SQLITE_OK);
    assert_int_equal(sqlite3_close(b), SQLITE_OK);
    disk_sim_destroy(d);
}

static void with_a_rollback_journal_a_commit_waits_for_the_readers(void **state)
{
    sqlite3 *a, *b;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    (void)write_rows(SETTINGS_DELETE);
    a = db_open();
    b = db_open();
    assert_true(run(b, "BEGIN"));
    assert_int_equal(number(b, "SELECT count(*) FROM t"), ROWS);
    assert_true(run(a, "BEGIN IMMEDIATE; DELETE FROM t"));
    assert_int_equal(sqlite3_exec(a, "COMMIT", 0, 0, 0), SQLITE_BUSY);
    assert_true(run(b, "COMMIT"));
    assert_int_equal(sqlite3_exec(b, "SELECT * FROM t", 0, 0, 0), SQLITE_BUSY);
    assert_true(run(a, "COMMIT"));
    assert_int_equal(number(b, "SELECT count(*) FROM t"), 0);
    assert_int_equal(sqlite3_close(a), SQLITE_OK);
    assert_int_equal(sqlite3_close(b), SQLITE_OK);
    disk_sim_destroy(d);
}

static void temporary_files_without_a_name_leave_nothing(void **state)
{
    uint64_t before;
    sqlite3 *db;

    (void)state;
    OK(disk_sim_create(&d, 1, &e));
    OK(disk_make_dirs(d, "data", &e));
    db = db_open();
    assert_true(run(db, "PRAGMA temp_store=FILE; PRAGMA cache_size=1;"
                        "PRAGMA temp.cache_size=1"));
    before = disk_sim_calls(d);
    assert_true(run(db, "CREATE TEMP TABLE x AS WITH RECURSIVE c(i) AS (SELECT 1 UNION "
                        "ALL SELECT i+1 FROM c WHERE i<2000) "
                        "SELECT i, hex(zeroblob(200)) h FROM c"));
    assert_int_equal(number(db, "SELECT count(*) FROM (SELECT * FROM x ORDER BY h, -i)"),
                     2000);
    assert_true(disk_sim_calls(d) > before);
    assert_true(disk_sim_bytes(d) > 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(disk_sim_bytes(d), 0);
    disk_sim_destroy(d);
}

static void digest_of_run(uint64_t seed, struct hash *out)
{
    struct disk_sim_faults faults = {.die_at_call = 150};

    OK(disk_sim_create(&d, seed, &e));
    disk_sim_set_faults(d, &faults);
    (void)write_rows(SETTINGS_WAL "PRAGMA synchronous=NORMAL;");
    disk_sim_power_cut(d);
    disk_sim_digest(d, out);
    disk_sim_destroy(d);
}

static void the_same_seed_gives_the_same_database_to_the_byte(void **state)
{
    struct hash first, again, other;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        digest_of_run(seed, &first);
        digest_of_run(seed, &again);
        digest_of_run(seed + 2, &other);
        assert_true(hash_equal(&first, &again));
        assert_false(hash_equal(&first, &other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wal_database_keeps_every_committed_row_over_200_cuts),
        cmocka_unit_test(rollback_journal_keeps_every_committed_row_over_200_cuts),
        cmocka_unit_test(synchronous_normal_loses_acknowledged_rows),
        cmocka_unit_test(without_file_sync_rows_are_lost),
        cmocka_unit_test(without_directory_sync_the_database_or_its_wal_vanishes),
        cmocka_unit_test(any_single_failure_leaves_a_sound_database),
        cmocka_unit_test(a_full_disk_is_told_and_what_was_there_stays),
        cmocka_unit_test(after_the_machine_died_every_statement_fails_with_ioerr),
        cmocka_unit_test(in_wal_a_reader_keeps_its_view_and_a_second_writer_waits),
        cmocka_unit_test(in_wal_a_reader_is_not_overtaken_by_a_checkpoint),
        cmocka_unit_test(with_a_rollback_journal_a_commit_waits_for_the_readers),
        cmocka_unit_test(temporary_files_without_a_name_leave_nothing),
        cmocka_unit_test(the_same_seed_gives_the_same_database_to_the_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
