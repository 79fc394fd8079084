/* A box that was put back without noticing: what it made after the fork is renamed. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "schema/fork_ids.h"
#include "schema/id_text.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "tests/lib/scratch.h"

#define OLD_EPOCH   1
#define NEW_EPOCH   3
#define OTHER_EPOCH 2 /* neither the frames' nor the new one */

static struct scratch s;
static uint64_t before, after, page_before, page_after;
static uint64_t last_common;

static void begin(void)
{
    must(store_write_begin(s.store, &s.err), &s.err);
}

static uint64_t commit(void)
{
    uint64_t sequence;

    must(store_write_commit(s.store, &sequence, &s.err), &s.err);
    return sequence;
}

/* A document with everything that can hang on one. */
static void a_document(const char *code, const char *text, uint64_t *document,
                       uint64_t *page)
{
    struct err *e = &s.err;
    struct document_row d = {.type = "letter"};
    struct original_row o = {
        .bytes = 3, .media = "image/png", .name = "a.png", .pages = 1};
    struct page_row p = {.ordinal = 1};
    struct image_row i = {.kind = IMAGE_SMALL, .bytes = 3, .width = 9, .height = 9};
    uint64_t reading;
    char sql[1024];

    begin();
    must(record_dossier(s.records, code, &d.dossier, e), e);
    must(record_document(s.records, &d, document, e), e);
    hash_of(&o.sha256, code, strlen(code));
    must(record_original(s.records, &o, &p.original, e), e);
    p.document = *document;
    must(record_page(s.records, &p, page, e), e);
    must(record_reading(s.records, *page, text, NULL, 0, "test", &reading, e), e);
    i.page = *page;
    must(record_image(s.records, &i, e), e);
    must(record_field(s.records, *document, "number", 0, "clerk", code, e), e);
    must(record_event(s.records, *page, "read", "test", NULL, e), e);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO correction VALUES (%llu + 900, %llu, 0, 1, 1, 1, 1, 'a', 'b', 0);"
        "INSERT OR IGNORE INTO fonds VALUES (%llu + 901, 'F', 'Phông', 0);"
        "UPDATE dossier SET fonds = %llu + 901 WHERE id = %llu;"
        "UPDATE field SET page = %llu WHERE document = %llu;"
        "INSERT INTO job (page, state) VALUES (%llu, 'done');"
        "INSERT INTO image_refused VALUES (%llu, 0, 'crashed');"
        "INSERT INTO intake (sha256, state, name, bytes, document)"
        " VALUES (x'%02x', 'captured', 'a.png', 3, %llu)",
        (unsigned long long)reading, (unsigned long long)reading,
        (unsigned long long)reading, (unsigned long long)reading,
        (unsigned long long)d.dossier, (unsigned long long)*page,
        (unsigned long long)*document, (unsigned long long)*page,
        (unsigned long long)*page, (unsigned)code[0], (unsigned long long)*document);
    must(sql_run(store_db(s.store), sql, e), e);
    (void)commit();
}

static int start(void **state)
{
    (void)state;
    scratch_start(&s);
    a_document("A-1", "tờ khai cũ", &before, &page_before);
    last_common = (uint64_t)scratch_number(&s, "SELECT max(sequence) FROM changelog");
    a_document("B-2", "giấy mời mới", &after, &page_after);
    /* A later frame changes an older row, and one makes it refer to a new row. */
    begin();
    {
        char sql[256];

        (void)snprintf(sql, sizeof sql,
                       "UPDATE document SET dossier = (SELECT dossier FROM document"
                       " WHERE id = %llu) WHERE id = %llu",
                       (unsigned long long)after, (unsigned long long)before);
        must(sql_run(store_db(s.store), sql, &s.err), &s.err);
    }
    (void)commit();
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&s);
    return 0;
}

static void fork_now(void)
{
    must(fork_line(s.records, last_common, NEW_EPOCH, "test", &s.err), &s.err);
}

/* Every id that was given out after the fork, as it was called before it. */
static struct fork_ids old_ids(void)
{
    static const char *const sql =
        "SELECT changeset, epoch FROM changelog WHERE sequence > ?1";
    struct fork_ids ids = {.site = store_identity(s.store)->site, .epoch = NEW_EPOCH};
    sqlite3_stmt *walk;

    must(statements_prepare(store_db(s.store), &walk, &sql, 1, &s.err), &s.err);
    (void)sqlite3_bind_int64(walk, 1, (sqlite3_int64)last_common);
    while (statement_step(walk, &s.err) == 1)
        must(fork_ids_collect(&ids, (uint8_t)sqlite3_column_int(walk, 1),
                              sqlite3_column_blob(walk, 0),
                              (size_t)sqlite3_column_bytes(walk, 0), &s.err),
             &s.err);
    statements_finalize(&walk, 1);
    fork_ids_sort(&ids);
    return ids;
}

/* The fork, and what this id is called after it. */
static uint64_t renamed_by_fork(uint64_t id)
{
    struct fork_ids ids = old_ids();
    uint64_t name = fork_ids_rename(&ids, id);

    fork_ids_release(&ids);
    fork_now();
    return name;
}

/* Looks into every column of a table for a number that is one of these. */
static void no_old_id_in(const char *table, const struct fork_ids *ids)
{
    char sql[128];
    const char *text = sql;
    sqlite3_stmt *walk;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    must(statements_prepare(store_db(s.store), &walk, &text, 1, &s.err), &s.err);
    while (statement_step(walk, &s.err) == 1)
        for (int i = 0; i < sqlite3_column_count(walk); i++) {
            uint64_t id = (uint64_t)sqlite3_column_int64(walk, i);

            if (sqlite3_column_type(walk, i) == SQLITE_INTEGER &&
                fork_ids_rename(ids, id) != id)
                fail_msg("%s.%s still holds %llu", table, sqlite3_column_name(walk, i),
                         (unsigned long long)id);
        }
    statements_finalize(&walk, 1);
}

static void no_old_id_is_left_in_any_table(void **state)
{
    static const char *const sql = "SELECT name FROM table_kind";
    struct fork_ids ids = old_ids();
    sqlite3_stmt *tables;
    unsigned looked = 0;

    (void)state;
    assert_true(ids.count >= 8); /* one of each table that has ids, and a fonds */
    fork_now();
    must(statements_prepare(store_db(s.store), &tables, &sql, 1, &s.err), &s.err);
    while (statement_step(tables, &s.err) == 1) {
        no_old_id_in((const char *)sqlite3_column_text(tables, 0), &ids);
        looked++;
    }
    statements_finalize(&tables, 1);
    assert_true(looked > 20);
    fork_ids_release(&ids);
}

static void rows_are_reachable_by_their_new_ids(void **state)
{
    struct fork_ids ids = old_ids();
    uint64_t document, page;

    (void)state;
    fork_now();
    must(record_find(s.records, fork_ids_rename(&ids, page_after), &document, &page,
                     &s.err),
         &s.err);
    assert_true(document == fork_ids_rename(&ids, after));
    assert_true(page == fork_ids_rename(&ids, page_after));
    fork_ids_release(&ids);
    must(record_find(s.records, after, &document, &page, &s.err), &s.err);
    assert_true(document == 0 && page == 0);
}

static void what_was_common_keeps_its_ids(void **state)
{
    uint64_t document, page;

    (void)state;
    fork_now();
    must(record_find(s.records, page_before, &document, &page, &s.err), &s.err);
    assert_true(document == before && page == page_before);
}

static void tell_of(uint64_t page, uint64_t other)
{
    char name[ID_TEXT_BYTES], detail[128];

    id_text(name, other);
    (void)snprintf(detail, sizeof detail,
                   "{\"way\":\"worn\",\"other\":\"%s\",\"said\":\"\\\"%s\\\"\"}", name,
                   name);
    must(record_event(s.records, page, "not_a_duplicate", "test", detail, &s.err),
         &s.err);
}

/* Events and frames that name this id as a row; what a person typed stays. */
static void expect_told(uint64_t id, int64_t events)
{
    char name[ID_TEXT_BYTES], sql[256];

    id_text(name, id);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM event WHERE detail ->> 'other' = '%s'", name);
    assert_int_equal(scratch_number(&s, sql), events);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM changelog WHERE instr(changeset,"
                   " CAST('\"other\":\"%s\"' AS BLOB)) > 0",
                   name);
    assert_int_equal(scratch_number(&s, sql), events);
}

static void an_id_in_an_events_detail_gets_its_new_name_in_row_and_frame(void **state)
{
    uint64_t name;
    char said[ID_TEXT_BYTES], sql[128];

    (void)state;
    begin();
    tell_of(page_before, page_after);
    (void)commit();
    begin();
    tell_of(page_after, page_before);
    (void)commit();
    name = renamed_by_fork(page_after);
    assert_true(name != page_after);
    expect_told(name, 1);
    expect_told(page_after, 0);
    expect_told(page_before, 1);
    id_text(said, page_after);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM event WHERE detail ->> 'said' = '\"%s\"'", said);
    assert_int_equal(scratch_number(&s, sql), 1);
    assert_int_equal(scratch_problems(&s, "told"), 0);
}

/* As a changeset that somebody else made may bring it: an id of its own is none of ours. */
static void tell_of_with_nul(uint64_t page, uint64_t other)
{
    char name[ID_TEXT_BYTES], sql[512];

    id_text(name, other);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO event (id, subject, kind, actor, detail, boot, mono_ms,"
                   " wall_ms, wall_confidence) SELECT max(id) + 1, %llu,"
                   " 'not_a_duplicate', 'test', '{\"other\":\"%s\"}' || char(0) ||"
                   " hex(zeroblob(2000)), 1, 1, 1, 0 FROM event",
                   (unsigned long long)page, name);
    assert_int_equal(sqlite3_exec(store_db(s.store), sql, NULL, NULL, NULL), SQLITE_OK);
}

static void an_events_detail_with_a_nul_in_it_is_renamed_and_kept_whole(void **state)
{
    char name[ID_TEXT_BYTES], sql[256];

    (void)state;
    begin();
    tell_of_with_nul(page_before, page_after);
    (void)commit();
    id_text(name, renamed_by_fork(page_after));
    (void)snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM event WHERE instr(detail, '\"other\":\"%s\"') > 0"
        " AND substr(CAST(detail AS BLOB), -4001) ="
        " CAST(char(0) || hex(zeroblob(2000)) AS BLOB)",
        name);
    assert_int_equal(scratch_number(&s, sql), 1);
}

/* A page of a clone's, under the epoch that is ours now, was the later one by its id. */
static void a_pair_of_twins_is_kept_under_the_greater_new_id(void **state)
{
    uint64_t theirs = id_make(store_identity(s.store)->site, NEW_EPOCH, 70), name;
    char sql[256];

    (void)state;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO document (id) VALUES (%llu);"
                   "INSERT INTO twin (page, other, agreeing) VALUES (%llu, %llu, 90),"
                   " (%llu, %llu, 80)",
                   (unsigned long long)theirs, (unsigned long long)theirs,
                   (unsigned long long)page_after, (unsigned long long)page_after,
                   (unsigned long long)page_before);
    must(store_apply_begin(s.store, &s.err), &s.err);
    must(sql_run(store_db(s.store), sql, &s.err), &s.err);
    must(store_apply_commit(s.store, &s.err), &s.err);
    fork_now();
    name = (uint64_t)scratch_number(&s, "SELECT max(id) FROM page");
    assert_true(name > theirs);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM twin WHERE page = %llu AND (other = %llu AND"
                   " agreeing = 90 OR other = %llu AND agreeing = 80)",
                   (unsigned long long)name, (unsigned long long)theirs,
                   (unsigned long long)page_before);
    assert_int_equal(scratch_number(&s, sql), 2);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM twin"), 2);
}

/* A centre that was put back to its backup had lost a document of another line, and this box
 * gave it back. Whoever made it, or another card of this box, gives it back too, by the name
 * it had: renamed, it would be there twice. */
static void what_a_restored_centre_was_given_back_keeps_its_name(void **state)
{
    uint64_t given = id_make(store_identity(s.store)->site, OTHER_EPOCH, 77);
    uint64_t document, page;
    char sql[256];

    (void)state;
    begin();
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO document (id, type) VALUES (%llu, 'given');"
                   "INSERT INTO field (document, name, ordinal, source, value)"
                   " VALUES (%llu, 'number', 0, 'clerk', '12')",
                   (unsigned long long)given, (unsigned long long)given);
    must(sql_run(store_db(s.store), sql, &s.err), &s.err);
    (void)commit();
    fork_now();
    must(record_find(s.records, given, &document, &page, &s.err), &s.err);
    assert_true(document == given);
    assert_int_equal(scratch_problems(&s, "after"), 0);
}

static void chain_and_fold_hold_after_a_fork(void **state)
{
    (void)state;
    assert_int_equal(scratch_problems(&s, "before"), 0);
    fork_now();
    assert_int_equal(scratch_problems(&s, "after"), 0);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM changelog WHERE epoch = 3"),
                     scratch_number(&s, "SELECT count(*) FROM changelog") -
                         (int64_t)last_common);
}

static void each_epoch_is_known_by_its_last_frame(void **state)
{
    uint64_t lines[STORE_EPOCHS];

    (void)state;
    fork_now();
    must(store_lines(s.store, lines, &s.err), &s.err);
    assert_int_equal(lines[OLD_EPOCH], last_common);
    assert_int_equal(lines[NEW_EPOCH],
                     scratch_number(&s, "SELECT max(sequence) FROM changelog"));
    for (unsigned i = 0; i < STORE_EPOCHS; i++)
        if (i != OLD_EPOCH && i != NEW_EPOCH)
            assert_int_equal(lines[i], 0);
}

static void a_new_line_begins_with_an_event_though_nothing_is_written(void **state)
{
    int64_t last;

    (void)state;
    last_common = (uint64_t)scratch_number(&s, "SELECT max(sequence) FROM changelog");
    last = (int64_t)last_common;
    fork_now();
    assert_int_equal(scratch_number(&s, "SELECT max(sequence) FROM changelog"), last + 1);
    assert_int_equal(scratch_number(&s, "SELECT epoch FROM changelog"
                                        " ORDER BY sequence DESC LIMIT 1"),
                     NEW_EPOCH);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM event WHERE kind = 'forked'"
                                        " AND json_extract(detail, '$.epoch') = 3"),
                     1);
    assert_int_equal(scratch_problems(&s, "begun"), 0);
}

/* Made in epoch 2 of this box, counters from 1 again: without their epoch they would be
 * the same numbers as those of epoch 1. */
static void ids_of_two_epochs_do_not_fall_together(void **state)
{
    uint64_t document, page;
    int64_t events, rows;

    (void)state;
    must(fork_epoch(s.store, 2, &s.err), &s.err);
    a_document("C-3", "đời hai", &document, &page);
    assert_int_equal(document >> ID_COUNTER_BITS & 255, 2);
    events = scratch_number(&s, "SELECT count(*) FROM event");
    rows = scratch_number(&s, "SELECT count(*) FROM document");
    last_common = 0;
    fork_now();
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM document"), rows);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM event"), events + 1);
    assert_int_equal(scratch_problems(&s, "both"), 0);
}

/* Rows of a clone's came down from the centre under the epoch that is ours now. */
static void ids_begin_clear_of_what_is_there_in_that_epoch(void **state)
{
    uint64_t document, page,
        theirs = id_make(store_identity(s.store)->site, NEW_EPOCH, 70);
    char sql[160];

    (void)state;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code) VALUES (%llu, 'của hộp kia')",
                   (unsigned long long)theirs);
    must(store_apply_begin(s.store, &s.err), &s.err);
    must(sql_run(store_db(s.store), sql, &s.err), &s.err);
    must(store_apply_commit(s.store, &s.err), &s.err);
    fork_now();
    a_document("C-3", "sau khi rẽ", &document, &page);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM dossier WHERE code = 'của"
                                        " hộp kia' AND id & 268435455 = 70"),
                     1);
    assert_true((page & ((1u << ID_COUNTER_BITS) - 1)) > 70);
}

static void who_reads_a_page_meanwhile_has_lost_its_lease(void **state)
{
    (void)state;
    begin();
    must(sql_run(store_db(s.store), "UPDATE job SET state = 'leased', lease_pid = 7",
                 &s.err),
         &s.err);
    (void)commit();
    fork_now();
    assert_int_equal(
        scratch_number(&s, "SELECT count(*) FROM job WHERE state <> 'waiting'"), 0);
}

static int count_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)e;
    *(uint64_t *)arg = hit->page;
    return 0;
}

static void search_finds_the_new_ids(void **state)
{
    uint64_t missing, surplus, page = 0, name;

    (void)state;
    name = renamed_by_fork(page_after);
    must(search_run(s.records, "moi", 5, count_hit, &page, &s.err), &s.err);
    assert_true(page == name);
    must(search_verify(s.records, &missing, &surplus, &s.err), &s.err);
    assert_true(missing == 0 && surplus == 0);
}

static void new_work_has_ids_of_the_new_epoch(void **state)
{
    uint64_t document, page;

    (void)state;
    fork_now();
    a_document("C-3", "sau khi rẽ", &document, &page);
    assert_int_equal(document >> ID_COUNTER_BITS & 255, NEW_EPOCH);
    assert_int_equal(scratch_problems(&s, "later"), 0);
    scratch_close(&s);
    must(scratch_open(&s, &s.err), &s.err);
    assert_int_equal(store_identity(s.store)->epoch, NEW_EPOCH);
}

static void what_was_sent_of_the_old_line_is_forgotten(void **state)
{
    (void)state;
    must(store_apply_begin(s.store, &s.err), &s.err);
    must(sql_run(
             store_db(s.store),
             "UPDATE sync_state SET sent = 3, received = 3, applied = 2, safe = 1;"
             "INSERT INTO outbox VALUES (1, 1, x'00', x'00', 1), (2, 3, x'01', x'00', 1)",
             &s.err),
         &s.err);
    must(store_apply_commit(s.store, &s.err), &s.err);
    fork_now();
    assert_int_equal(scratch_number(&s, "SELECT sent FROM sync_state"), last_common);
    assert_int_equal(scratch_number(&s, "SELECT received FROM sync_state"), last_common);
    assert_int_equal(scratch_number(&s, "SELECT safe FROM sync_state"), 1);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM outbox"), 1);
}

static void rows_that_never_change_are_guarded_again(void **state)
{
    (void)state;
    fork_now();
    begin();
    assert_int_equal(sql_run(store_db(s.store), "UPDATE reading SET text = 'x'", &s.err),
                     -1);
    assert_non_null(strstr(s.err.text, "rows never change"));
    store_write_rollback(s.store);
}

static void an_epoch_only_rises(void **state)
{
    (void)state;
    assert_int_equal(fork_line(s.records, last_common, OLD_EPOCH, "test", &s.err), -1);
    assert_int_equal(s.err.code, ERR_REFUSED);
    assert_int_equal(fork_epoch(s.store, OLD_EPOCH, &s.err), -1);
    must(fork_epoch(s.store, 2, &s.err), &s.err);
    assert_int_equal(store_identity(s.store)->epoch, 2);
}

static void a_fork_after_the_last_frame_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fork_line(s.records, 99, NEW_EPOCH, "test", &s.err), -1);
    assert_int_equal(s.err.code, ERR_REFUSED);
    assert_int_equal(store_identity(s.store)->epoch, OLD_EPOCH);
}

static void a_damaged_frame_changes_nothing(void **state)
{
    (void)state;
    must(store_apply_begin(s.store, &s.err), &s.err);
    must(sql_run(store_db(s.store),
                 "UPDATE changelog SET changeset = substr(changeset, 1, 40)"
                 " WHERE sequence = (SELECT max(sequence) FROM changelog) - 1",
                 &s.err),
         &s.err);
    must(store_apply_commit(s.store, &s.err), &s.err);
    assert_int_equal(fork_line(s.records, last_common, NEW_EPOCH, "test", &s.err), -1);
    assert_int_equal(s.err.code, ERR_CORRUPT);
    assert_int_equal(
        scratch_number(&s, "SELECT count(*) FROM changelog WHERE epoch <> 1"), 0);
    assert_int_equal(scratch_number(&s, "SELECT epoch FROM identity"), OLD_EPOCH);
}

/* The patch walks bytes itself: every cut of a good changeset is an error or whole. */
static void no_cut_changeset_is_walked_past_its_end(void **state)
{
    static const char *const sql = "SELECT changeset FROM changelog ORDER BY sequence";
    struct fork_ids ids = old_ids();
    unsigned char *copy;
    sqlite3_stmt *walk;
    int count;
    unsigned refused = 0;

    (void)state;
    must(statements_prepare(store_db(s.store), &walk, &sql, 1, &s.err), &s.err);
    assert_int_equal(statement_step(walk, &s.err), 1);
    count = sqlite3_column_bytes(walk, 0);
    for (int i = 1; i <= count; i++) {
        copy = test_malloc((size_t)i); /* so that a byte too many is seen */
        memcpy(copy, sqlite3_column_blob(walk, 0), (size_t)i);
        refused += fork_ids_patch(&ids, copy, (size_t)i, &s.err) != 0;
        test_free(copy);
    }
    assert_true(refused > (unsigned)count / 2 && refused < (unsigned)count);
    statements_finalize(&walk, 1);
    fork_ids_release(&ids);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(no_old_id_is_left_in_any_table),
        story(rows_are_reachable_by_their_new_ids),
        story(what_was_common_keeps_its_ids),
        story(an_id_in_an_events_detail_gets_its_new_name_in_row_and_frame),
        story(an_events_detail_with_a_nul_in_it_is_renamed_and_kept_whole),
        story(a_pair_of_twins_is_kept_under_the_greater_new_id),
        story(what_a_restored_centre_was_given_back_keeps_its_name),
        story(chain_and_fold_hold_after_a_fork),
        story(each_epoch_is_known_by_its_last_frame),
        story(a_new_line_begins_with_an_event_though_nothing_is_written),
        story(ids_of_two_epochs_do_not_fall_together),
        story(ids_begin_clear_of_what_is_there_in_that_epoch),
        story(who_reads_a_page_meanwhile_has_lost_its_lease),
        story(search_finds_the_new_ids),
        story(new_work_has_ids_of_the_new_epoch),
        story(what_was_sent_of_the_old_line_is_forgotten),
        story(rows_that_never_change_are_guarded_again),
        story(an_epoch_only_rises),
        story(a_fork_after_the_last_frame_is_refused),
        story(a_damaged_frame_changes_nothing),
        story(no_cut_changeset_is_walked_past_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
