/* The store: opening, identity, transactions, ids, boots. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/migrations.h"
#include "schema/statements.h"

static int start(void **state)
{
    static struct scratch s;

    scratch_start(&s);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void database_path(const struct scratch *s, char out[128])
{
    (void)snprintf(out, 128, "%s/tram.db", s->dir);
}

/* Changes the closed database as another program would. */
static void tamper(const struct scratch *s, const char *sql)
{
    char path[128];
    sqlite3 *db;

    database_path(s, path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void settings_keep_the_promises(void **state)
{
    struct scratch *s = *state;
    size_t newest;

    assert_int_equal(scratch_number(s, "PRAGMA synchronous"), 2);
    assert_int_equal(scratch_number(s, "PRAGMA foreign_keys"), 0);
    assert_int_equal(scratch_number(s, "PRAGMA trusted_schema"), 0);
    assert_int_equal(scratch_number(s, "PRAGMA cell_size_check"), 1);
    assert_int_equal(scratch_number(s, "PRAGMA temp_store"), 2);
    assert_int_equal(scratch_number(s, "PRAGMA application_id"), STORE_APPLICATION_ID);
    (void)migrations_all(&newest);
    assert_int_equal(scratch_number(s, "PRAGMA user_version"), newest);
    assert_int_equal(
        scratch_number(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void no_file_of_the_store_is_for_other_users(void **state)
{
    static const char *const files[] = {"tram.db", "tram.db-wal", "tram.db-shm",
                                        "reserve"};
    struct scratch *s = *state;
    char path[128];
    struct stat file;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", s->dir, files[i]);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
    }
}

static void an_identity_is_remembered(void **state)
{
    struct scratch *s = *state;
    const struct store_identity *who = store_identity(s->store);

    assert_int_equal(who->site, SCRATCH_SITE);
    assert_int_equal(who->epoch, 1);
    assert_string_equal(who->name, "Xã Thử");
}

static void a_second_init_is_busy_and_changes_nothing(void **state)
{
    struct scratch *s = *state;

    assert_int_equal(scratch_init(s, &s->err), -1);
    assert_int_equal(s->err.code, ERR_BUSY);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM identity"), 1);
}

static void opening_nothing_is_told(void **state)
{
    struct scratch s;

    (void)state;
    scratch_dir(&s);
    assert_int_equal(scratch_open(&s, &s.err), -1);
    assert_null(s.store);
    assert_non_null(strstr(s.err.text, "run init"));
    scratch_remove(&s);
}

static void a_half_made_init_is_refused_and_completes_on_retry(void **state)
{
    struct scratch *s = *state;

    scratch_close(s);
    tamper(s, "DELETE FROM identity; DELETE FROM sync_state");
    assert_int_equal(scratch_open(s, &s->err), -1);
    assert_int_equal(s->err.code, ERR_REFUSED);
    must(scratch_init(s, &s->err), &s->err);
    must(scratch_open(s, &s->err), &s->err);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void a_newer_programs_database_is_refused(void **state)
{
    struct scratch *s = *state;

    scratch_close(s);
    tamper(s, "PRAGMA user_version = 9999");
    assert_int_equal(scratch_open(s, &s->err), -1);
    assert_int_equal(s->err.code, ERR_REFUSED);
    assert_non_null(strstr(s->err.text, "newer program"));
}

static void somebody_elses_database_is_refused_and_left_alone(void **state)
{
    struct scratch s;
    char path[128];
    struct disk_stat wal;

    (void)state;
    scratch_dir(&s);
    database_path(&s, path);
    tamper(&s, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_int_equal(scratch_open(&s, &s.err), -1);
    assert_int_equal(s.err.code, ERR_REFUSED);
    assert_int_equal(scratch_init(&s, &s.err), -1);
    assert_int_equal(s.err.code, ERR_REFUSED);
    tamper(&s, "UPDATE theirs SET x = 2");
    (void)strcat(path, "-wal");
    must(disk_stat(s.disk, path, &wal, &s.err), &s.err);
    assert_int_equal(wal.kind, DISK_NOTHING);
    scratch_remove(&s);
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    struct scratch s;
    char path[128];

    (void)state;
    scratch_dir(&s);
    database_path(&s, path);
    must(disk_replace(s.disk, path, "this is a letter, not a database, surely", 40,
                      &s.err),
         &s.err);
    assert_int_equal(scratch_open(&s, &s.err), -1);
    assert_int_equal(s.err.code, ERR_CORRUPT);
    scratch_remove(&s);
}

static void ids_are_site_epoch_counter(void **state)
{
    struct scratch *s = *state;
    uint64_t a, b, after_rollback;

    must(store_write_begin(s->store, &s->err), &s->err);
    must(store_new_id(s->store, &a, &s->err), &s->err);
    must(store_new_id(s->store, &b, &s->err), &s->err);
    store_write_rollback(s->store);
    assert_true(a == id_make(SCRATCH_SITE, 1, 1));
    assert_true(b == id_make(SCRATCH_SITE, 1, 2));
    assert_int_equal(id_site(b), SCRATCH_SITE);
    assert_true(id_make(SITE_DEMO, 255, (1u << ID_COUNTER_BITS) - 1) == (1ull << 52) - 1);

    must(store_write_begin(s->store, &s->err), &s->err);
    must(store_new_id(s->store, &after_rollback, &s->err), &s->err);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_true(after_rollback == a);
}

static void ids_outside_a_write_are_refused(void **state)
{
    struct scratch *s = *state;
    uint64_t id;

    assert_int_equal(store_new_id(s->store, &id, &s->err), -1);
    assert_int_equal(scratch_number(s, "SELECT counter FROM identity"), 0);
}

static void an_epochs_last_id_is_given_and_no_further(void **state)
{
    struct scratch *s = *state;
    uint64_t id;

    scratch_close(s);
    tamper(s, "UPDATE identity SET counter = (1 << 28) - 2");
    must(scratch_open(s, &s->err), &s->err);
    must(store_write_begin(s->store, &s->err), &s->err);
    must(store_new_id(s->store, &id, &s->err), &s->err);
    assert_true(id == id_make(SCRATCH_SITE, 1, (1u << 28) - 1));
    assert_int_equal(store_new_id(s->store, &id, &s->err), -1);
    assert_non_null(strstr(s->err.text, "given out"));
}

static void transactions_do_not_nest_and_reads_do(void **state)
{
    struct scratch *s = *state;

    must(store_write_begin(s->store, &s->err), &s->err);
    assert_int_equal(store_write_begin(s->store, &s->err), -1);
    must(store_read_begin(s->store, &s->err), &s->err);
    store_read_end(s->store);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(store_write_commit(s->store, NULL, &s->err), -1);
    assert_int_equal(store_write_pause(s->store, NULL, &s->err), -1);
    store_write_rollback(s->store);

    must(store_read_begin(s->store, &s->err), &s->err);
    must(store_read_begin(s->store, &s->err), &s->err);
    store_read_end(s->store);
    assert_int_equal(store_write_begin(s->store, &s->err), -1);
    store_read_end(s->store);
    must(store_write_begin(s->store, &s->err), &s->err);
}

static void a_read_is_a_snapshot(void **state)
{
    struct scratch *s = *state;
    struct scratch other = *s;
    uint64_t id;

    must(scratch_open(&other, &s->err), &s->err);
    must(store_read_begin(s->store, &s->err), &s->err);
    must(store_write_begin(other.store, &s->err), &s->err);
    must(record_dossier(other.records, "A", &id, &s->err), &s->err);
    must(store_write_commit(other.store, NULL, &s->err), &s->err);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM dossier"), 0);
    store_read_end(s->store);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM dossier"), 1);
    scratch_close(&other);
}

static void local_write(struct scratch *s)
{
    must(store_write_begin(s->store, &s->err), &s->err);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
}

static void next_boot(struct scratch *s, int64_t wall_passed_ms)
{
    scratch_close(s);
    s->clock.boot++;
    s->clock.mono_ms_now = 500;
    s->clock.wall_ms_now += wall_passed_ms;
    must(scratch_open(s, &s->err), &s->err);
}

static void boots_are_numbered_and_ages_are_at_least(void **state)
{
    struct scratch *s = *state;
    struct moment then, now;
    int64_t age;

    must(store_now(s->store, &then, &s->err), &s->err);
    assert_int_equal(then.boot, 1);
    s->clock.mono_ms_now += 4000;
    s->clock.wall_ms_now += 4000;
    local_write(s);
    must(store_age_ms_min(s->store, &then, &age, &s->err), &s->err);
    assert_int_equal(age, 4000);

    next_boot(s, 60000); /* a minute without power, and the walls are trusted */
    must(store_now(s->store, &now, &s->err), &s->err);
    assert_int_equal(now.boot, 2);
    s->clock.mono_ms_now += 1000;
    must(store_age_ms_min(s->store, &then, &age, &s->err), &s->err);
    assert_true(age >= 4000 + 60000 && age <= 4000 + 60000 + 1500);

    local_write(s);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM boot"), 2);
    assert_int_equal(scratch_number(s, "SELECT last_mono_ms FROM boot WHERE boot = 1"),
                     5000);
    s->clock.confidence = WALL_UNKNOWN;
    next_boot(s, 86400000); /* a day that nobody can vouch for */
    must(store_age_ms_min(s->store, &then, &age, &s->err), &s->err);
    assert_true(age < 86400000);
    local_write(s);
    local_write(s);
    assert_int_equal(scratch_number(s, "SELECT max(boot) FROM boot"), 3);
}

static void verify_tells_what_was_tampered_with(void **state)
{
    static const struct {
        const char *sql, *tells;
    } cases[] = {
        {"UPDATE changelog SET changeset = x'00' WHERE sequence = 1", "chain breaks"},
        {"UPDATE changelog SET chain = zeroblob(32) WHERE sequence = 2", "chain breaks"},
        {"DELETE FROM changelog WHERE sequence = 2", "where 2 must be"},
        {"DELETE FROM changelog WHERE sequence = 3", "no frame made"},
        {"UPDATE changelog SET changes = 5 WHERE sequence = 1", "says 5 rows"},
        {"DROP TRIGGER guard_update_dossier; UPDATE dossier SET code = 'Z'", "differs"},
        {"DROP TRIGGER guard_delete_dossier; DELETE FROM dossier WHERE code = 'A'",
         "not there"},
        {"DROP TRIGGER guard_insert_dossier; INSERT INTO dossier (id, code)"
         " VALUES (1, 'Z')",
         "no frame made"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char *const codes[] = {"A", "B", "C"};
        struct scratch s;
        uint64_t id;

        scratch_start(&s);
        for (size_t j = 0; j < 3; j++) {
            must(store_write_begin(s.store, &s.err), &s.err);
            must(record_dossier(s.records, codes[j], &id, &s.err), &s.err);
            must(store_write_commit(s.store, NULL, &s.err), &s.err);
        }
        assert_int_equal(scratch_problems(&s, "sound"), 0);
        scratch_close(&s);
        tamper(&s, cases[i].sql);
        must(scratch_open(&s, &s.err), &s.err);
        if (!scratch_problem_told(&s, cases[i].tells))
            fail_msg("verify does not tell: %s", cases[i].sql);
        scratch_remove(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_file_of_the_store_is_for_other_users, start,
                                        end),
        cmocka_unit_test_setup_teardown(settings_keep_the_promises, start, end),
        cmocka_unit_test_setup_teardown(an_identity_is_remembered, start, end),
        cmocka_unit_test_setup_teardown(a_second_init_is_busy_and_changes_nothing, start,
                                        end),
        cmocka_unit_test(opening_nothing_is_told),
        cmocka_unit_test_setup_teardown(
            a_half_made_init_is_refused_and_completes_on_retry, start, end),
        cmocka_unit_test_setup_teardown(a_newer_programs_database_is_refused, start, end),
        cmocka_unit_test(somebody_elses_database_is_refused_and_left_alone),
        cmocka_unit_test(a_file_that_is_no_database_is_corrupt),
        cmocka_unit_test_setup_teardown(ids_are_site_epoch_counter, start, end),
        cmocka_unit_test_setup_teardown(ids_outside_a_write_are_refused, start, end),
        cmocka_unit_test_setup_teardown(an_epochs_last_id_is_given_and_no_further, start,
                                        end),
        cmocka_unit_test_setup_teardown(transactions_do_not_nest_and_reads_do, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_read_is_a_snapshot, start, end),
        cmocka_unit_test_setup_teardown(boots_are_numbered_and_ages_are_at_least, start,
                                        end),
        cmocka_unit_test(verify_tells_what_was_tampered_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
