/* Capture and guard: every write to a synced table is a frame, and nobody writes
 * past the store. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/capture.h"
#include "schema/statements.h"

#define IMPORT_ROWS 20000

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

static uint64_t write_dossier(struct scratch *s, const char *code)
{
    uint64_t id, sequence;

    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_dossier(s->records, code, &id, &s->err), &s->err);
    must(store_write_commit(s->store, &sequence, &s->err), &s->err);
    return sequence;
}

/* A row in every synced table that records.c writes. */
static void write_document(struct scratch *s, uint64_t *document, uint64_t *page)
{
    struct document_row d = {.type = "quyết định"};
    struct original_row o = {.bytes = 3, .media = "image/png", .name = "a", .pages = 1};
    struct page_row p = {.ordinal = 1};
    uint64_t reading;

    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_dossier(s->records, "HS-1", &d.dossier, &s->err), &s->err);
    must(record_document(s->records, &d, document, &s->err), &s->err);
    must(record_original(s->records, &o, &p.original, &s->err), &s->err);
    p.document = *document;
    must(record_page(s->records, &p, page, &s->err), &s->err);
    must(record_reading(s->records, *page, "một hai ba", NULL, 0, "test", &reading,
                        &s->err),
         &s->err);
    must(record_field(s->records, *document, "số", 0, "clerk", "12/QĐ", &s->err),
         &s->err);
    must(record_event(s->records, *document, "taken", "test", NULL, &s->err), &s->err);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
}

static void sequences_are_dense_and_nothing_takes_none(void **state)
{
    struct scratch *s = *state;
    uint64_t sequence = 99, id;

    assert_int_equal(write_dossier(s, "A"), 1);
    assert_int_equal(write_dossier(s, "A"), 0); /* found, not made */
    assert_int_equal(write_dossier(s, "B"), 2);

    must(store_write_begin(s->store, &s->err), &s->err); /* a local table only */
    must(sql_run(store_db(s->store), "INSERT INTO job (page, state) VALUES (1, 'done')",
                 &s->err),
         &s->err);
    must(store_write_commit(s->store, &sequence, &s->err), &s->err);
    assert_int_equal(sequence, 0);

    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_dossier(s->records, "rolled back", &id, &s->err), &s->err);
    store_write_rollback(s->store);
    assert_int_equal(write_dossier(s, "C"), 3);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM changelog"), 3);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM dossier"), 3);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void a_frame_says_when_and_under_what_it_was_made(void **state)
{
    struct scratch *s = *state;

    s->clock.mono_ms_now = 4711;
    (void)write_dossier(s, "A");
    assert_int_equal(scratch_number(s, "SELECT mono_ms FROM changelog"), 4711);
    assert_int_equal(scratch_number(s, "SELECT boot FROM changelog"), 1);
    assert_int_equal(scratch_number(s, "SELECT schema FROM changelog"),
                     scratch_number(s, "PRAGMA user_version"));
    assert_int_equal(scratch_number(s, "SELECT epoch FROM changelog"), 1);
    assert_int_equal(scratch_number(s, "SELECT seen FROM changelog"), 0);
    assert_int_equal(scratch_number(s, "SELECT changes FROM changelog"), 1);
}

/* All tables that any frame names, counted; fails for one that is not synced. */
static uint64_t changes_in_all_frames(struct scratch *s)
{
    static const char *const sql = "SELECT changeset FROM changelog";
    const char *const *tables;
    size_t count = store_synced_tables(s->store, &tables);
    uint64_t all = 0;
    sqlite3_stmt *find;

    must(statements_prepare(store_db(s->store), &find, &sql, 1, &s->err), &s->err);
    while (statement_step(find, &s->err) == 1) {
        struct buffer changeset = {
            .bytes = (unsigned char *)(uintptr_t)sqlite3_column_blob(find, 0),
            .count = (size_t)sqlite3_column_bytes(find, 0),
        };
        uint64_t changes;

        must(changeset_count(&changeset, tables, count, &changes, &s->err), &s->err);
        all += changes;
    }
    statements_finalize(&find, 1);
    return all;
}

static void index_and_local_tables_never_appear_in_a_frame(void **state)
{
    struct scratch *s = *state;
    uint64_t document, page;

    write_document(s, &document, &page);
    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_document_change(s->records, document, 0, "công văn", true, &s->err),
         &s->err);
    must(sql_run(store_db(s->store), "INSERT INTO job (page, state) VALUES (1, 'done')",
                 &s->err),
         &s->err);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_true(scratch_number(s, "SELECT slot_next FROM search_state") > 0);
    assert_int_equal(changes_in_all_frames(s), 8);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void a_rolled_back_savepoint_leaves_nothing_in_the_frame(void **state)
{
    struct scratch *s = *state;
    uint64_t id;

    must(store_write_begin(s->store, &s->err), &s->err);
    must(record_dossier(s->records, "kept", &id, &s->err), &s->err);
    must(sql_run(store_db(s->store), "SAVEPOINT line", &s->err), &s->err);
    must(record_dossier(s->records, "refused", &id, &s->err), &s->err);
    must(sql_run(store_db(s->store), "ROLLBACK TO line; RELEASE line", &s->err), &s->err);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(scratch_number(s, "SELECT changes FROM changelog"), 1);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

/* ------------------------------------------------------------------ the guard */

static const char *const writes_past_the_store[] = {
    "INSERT INTO dossier (id, code) VALUES (1, 'x')",
    "INSERT OR REPLACE INTO dossier (id, code) VALUES (1, 'x')",
    "UPDATE dossier SET code = 'x'",
    "DELETE FROM dossier",
    "DELETE FROM reading",
    "UPDATE event SET actor = 'x'",
    "UPDATE reading SET text = 'x'",
};

static void a_plain_connection_cannot_write_a_synced_table(void **state)
{
    struct scratch *s = *state;
    uint64_t document, page;
    char path[128];
    sqlite3 *db;

    write_document(s, &document, &page);
    (void)snprintf(path, sizeof path, "%s/tram.db", s->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof writes_past_the_store / sizeof(char *); i++)
        if (sqlite3_exec(db, writes_past_the_store[i], NULL, NULL, NULL) == SQLITE_OK)
            fail_msg("went through: %s", writes_past_the_store[i]);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void the_sqlite3_shell_cannot_write_a_synced_table(void **state)
{
    struct scratch *s = *state;
    uint64_t document, page;

    if (system("command -v sqlite3 >/dev/null 2>&1") != 0)
        skip();
    write_document(s, &document, &page);
    for (size_t i = 0; i < sizeof writes_past_the_store / sizeof(char *); i++) {
        char command[512], said[256] = "";
        FILE *shell;

        (void)snprintf(command, sizeof command, "sqlite3 %s/tram.db \"%s\" 2>&1", s->dir,
                       writes_past_the_store[i]);
        shell = popen(command, "r");
        assert_non_null(shell);
        said[fread(said, 1, sizeof said - 1, shell)] = '\0';
        assert_int_not_equal(pclose(shell), 0);
        if (strstr(said, "no such function: tram_store_writes") == NULL &&
            strstr(said, "never") == NULL)
            fail_msg("%s: %s", writes_past_the_store[i], said);
    }
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void the_store_itself_cannot_write_outside_a_write(void **state)
{
    struct scratch *s = *state;
    uint64_t document, page;

    write_document(s, &document, &page);
    for (size_t i = 0; i < sizeof writes_past_the_store / sizeof(char *); i++)
        assert_int_equal(sql_run(store_db(s->store), writes_past_the_store[i], &s->err),
                         -1);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void rows_are_never_deleted_and_readings_never_change(void **state)
{
    static const char *const refused[] = {
        "DELETE FROM dossier",
        "DELETE FROM field",
        "UPDATE reading SET text = 'x'",
        "UPDATE event SET actor = 'x'",
        "INSERT OR REPLACE INTO reading (id, page, text, engine)"
        " SELECT id, page, 'x', engine FROM reading",
    };
    struct scratch *s = *state;
    uint64_t document, page;

    write_document(s, &document, &page);
    must(store_write_begin(s->store, &s->err), &s->err);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (sql_run(store_db(s->store), refused[i], &s->err) == 0)
            fail_msg("went through: %s", refused[i]);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void guards_that_were_removed_come_back_at_open(void **state)
{
    struct scratch *s = *state;
    int64_t before = scratch_number(s, "SELECT count(*) FROM sqlite_schema"
                                       " WHERE type = 'trigger' AND name GLOB 'guard_*'");

    assert_int_equal(before, 3 * 12);
    must(sql_run(store_db(s->store),
                 "DROP TRIGGER guard_insert_page; DROP TRIGGER guard_delete_event;"
                 "CREATE TRIGGER guard_delete_event BEFORE DELETE ON event BEGIN"
                 " SELECT 1; END",
                 &s->err),
         &s->err);
    scratch_close(s);
    must(scratch_open(s, &s->err), &s->err);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM sqlite_schema"
                                       " WHERE type = 'trigger' AND name GLOB 'guard_*'"),
                     before);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM sqlite_schema"
                                       " WHERE sql LIKE '%SELECT 1%'"),
                     0);
}

static void a_second_process_is_captured(void **state)
{
    struct scratch *s = *state;
    int status;
    pid_t child;

    assert_int_equal(write_dossier(s, "parent"), 1);
    scratch_close(s); /* a connection is not carried over a fork */
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool done = scratch_open(s, &s->err) == 0 && write_dossier(s, "child") == 2;

        scratch_close(s);
        _exit(done ? 0 : 1);
    }
    must(scratch_open(s, &s->err), &s->err);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(write_dossier(s, "parent again"), 3);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

/* ------------------------------------------------------------------- the caps */

static void write_events(struct scratch *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        must(record_event(s->records, 1, "taken", "test", NULL, &s->err), &s->err);
}

static void too_many_rows_are_rolled_back(void **state)
{
    struct scratch *s = *state;

    must(store_write_begin(s->store, &s->err), &s->err);
    write_events(s, STORE_CHANGES_MAX + 1);
    assert_int_equal(store_write_commit(s->store, NULL, &s->err), -1);
    assert_int_equal(s->err.code, ERR_TOO_BIG);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM event"), 0);

    must(store_write_begin(s->store, &s->err), &s->err);
    write_events(s, STORE_CHANGES_MAX);
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    assert_int_equal(scratch_number(s, "SELECT changes FROM changelog"),
                     STORE_CHANGES_MAX);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void too_many_bytes_are_rolled_back(void **state)
{
    struct scratch *s = *state;
    char *text = calloc(1, RECORD_TEXT_BYTES_MAX + 2);
    uint64_t id;

    memset(text, 'a', RECORD_TEXT_BYTES_MAX + 1);
    must(store_write_begin(s->store, &s->err), &s->err);
    assert_int_equal(record_reading(s->records, 1, text, NULL, 0, "test", &id, &s->err),
                     -1);
    assert_int_equal(s->err.code, ERR_TOO_BIG);
    text[RECORD_TEXT_BYTES_MAX] = '\0';
    for (int i = 0; i < 3; i++)
        must(record_reading(s->records, 1, text, NULL, 0, "test", &id, &s->err), &s->err);
    free(text);
    assert_int_equal(store_write_commit(s->store, NULL, &s->err), -1);
    assert_int_equal(s->err.code, ERR_TOO_BIG);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM reading"), 0);
    assert_int_equal(write_dossier(s, "A"), 1);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

static void a_runaway_statement_is_stopped_early(void **state)
{
    struct scratch *s = *state;

    must(store_write_begin(s->store, &s->err), &s->err);
    assert_int_equal(sql_run(store_db(s->store),
                             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
                             "  FROM n WHERE i < 1000000)"
                             " INSERT INTO dossier (id, code) SELECT i, 'x' FROM n",
                             &s->err),
                     -1);
    assert_int_equal(s->err.code, ERR_TOO_BIG);
    store_write_rollback(s->store);
    assert_int_equal(scratch_number(s, "SELECT count(*) FROM dossier"), 0);
}

/* Four rows; every hundredth document has a long text. */
static void import_document(struct scratch *s, unsigned number, const char *long_text)
{
    struct document_row d = {.source = "sổ", .source_key = "k"};
    struct page_row p = {.ordinal = 1};
    const char *text = number % 100 == 0 ? long_text : "quyết định về việc";
    uint64_t document, page, reading;

    must(record_document(s->records, &d, &document, &s->err), &s->err);
    p.document = document;
    must(record_page(s->records, &p, &page, &s->err), &s->err);
    must(record_reading(s->records, page, text, NULL, 0, "import", &reading, &s->err),
         &s->err);
    must(record_field(s->records, document, "số", 0, "clerk", "1", &s->err), &s->err);
}

static void a_long_import_is_cut_into_transactions_within_the_caps(void **state)
{
    struct scratch *s = *state;
    char *long_text = calloc(1, 90001);
    unsigned cuts = 0;
    bool cut;

    for (unsigned i = 0; i < 90000; i++)
        long_text[i] = i % 8 == 7 ? ' ' : 'a';
    must(store_write_begin(s->store, &s->err), &s->err);
    for (unsigned i = 0; i < IMPORT_ROWS / 4; i++) {
        import_document(s, i, long_text);
        must(store_write_pause(s->store, &cut, &s->err), &s->err);
        cuts += cut;
    }
    must(store_write_commit(s->store, NULL, &s->err), &s->err);
    free(long_text);

    assert_int_equal(scratch_number(s, "SELECT sum(changes) FROM changelog"),
                     IMPORT_ROWS);
    assert_true(scratch_number(s, "SELECT count(*) FROM changelog") >= cuts);
    assert_true(cuts >= IMPORT_ROWS / STORE_CHANGES_MAX);
    assert_true(scratch_number(s, "SELECT max(changes) FROM changelog") <=
                STORE_CHANGES_MAX);
    assert_true(scratch_number(s, "SELECT max(length(changeset)) FROM changelog") <=
                STORE_CHANGESET_BYTES_MAX);
    assert_int_equal(scratch_problems(s, __func__), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sequences_are_dense_and_nothing_takes_none, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_frame_says_when_and_under_what_it_was_made,
                                        start, end),
        cmocka_unit_test_setup_teardown(index_and_local_tables_never_appear_in_a_frame,
                                        start, end),
        cmocka_unit_test_setup_teardown(
            a_rolled_back_savepoint_leaves_nothing_in_the_frame, start, end),
        cmocka_unit_test_setup_teardown(a_plain_connection_cannot_write_a_synced_table,
                                        start, end),
        cmocka_unit_test_setup_teardown(the_sqlite3_shell_cannot_write_a_synced_table,
                                        start, end),
        cmocka_unit_test_setup_teardown(the_store_itself_cannot_write_outside_a_write,
                                        start, end),
        cmocka_unit_test_setup_teardown(rows_are_never_deleted_and_readings_never_change,
                                        start, end),
        cmocka_unit_test_setup_teardown(guards_that_were_removed_come_back_at_open, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_second_process_is_captured, start, end),
        cmocka_unit_test_setup_teardown(too_many_rows_are_rolled_back, start, end),
        cmocka_unit_test_setup_teardown(too_many_bytes_are_rolled_back, start, end),
        cmocka_unit_test_setup_teardown(a_runaway_statement_is_stopped_early, start, end),
        cmocka_unit_test_setup_teardown(
            a_long_import_is_cut_into_transactions_within_the_caps, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
