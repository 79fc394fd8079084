/* Which frame was the last to change anything of a document. */
#include <stdio.h>

#include "schema/statements.h"
#include "tests/lib/scratch.h"

static struct scratch s;
static uint64_t one, two, page, reading;

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

static uint64_t commit_sql(const char *sql)
{
    begin();
    must(sql_run(store_db(s.store), sql, &s.err), &s.err);
    return commit();
}

static uint64_t frame_of(uint64_t document)
{
    char sql[96];

    (void)snprintf(sql, sizeof sql,
                   "SELECT sequence FROM document_frame WHERE document = %llu",
                   (unsigned long long)document);
    return (uint64_t)scratch_number(&s, sql);
}

/* Two documents; the first has a page with a reading. */
static int start(void **state)
{
    (void)state;
    scratch_start(&s);
    begin();
    must(record_document(s.records, &(struct document_row){0}, &one, &s.err), &s.err);
    must(record_page(s.records, &(struct page_row){.document = one, .ordinal = 1}, &page,
                     &s.err),
         &s.err);
    must(record_reading(s.records, page, "một", NULL, 0, "thử", &reading, &s.err),
         &s.err);
    assert_int_equal(commit(), 1);
    begin();
    must(record_document(s.records, &(struct document_row){0}, &two, &s.err), &s.err);
    assert_int_equal(commit(), 2);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&s);
    return 0;
}

static void each_document_has_the_frame_that_made_it(void **state)
{
    (void)state;
    assert_int_equal(frame_of(one), 1);
    assert_int_equal(frame_of(two), 2);
}

static void whatever_belongs_to_a_document_touches_it(void **state)
{
    uint64_t id, n;

    (void)state;
    begin();
    must(record_field(s.records, one, "trich_yeu", 0, "clerk", "x", &s.err), &s.err);
    assert_int_equal(frame_of(one), 1); /* not before the commit */
    n = commit();
    assert_int_equal(frame_of(one), n);

    begin();
    must(record_reading(s.records, page, "hai", NULL, 0, "thử", &id, &s.err), &s.err);
    n = commit();
    assert_int_equal(frame_of(one), n);

    begin();
    must(record_event(s.records, page, "read", "thử", NULL, &s.err), &s.err);
    n = commit();
    assert_int_equal(frame_of(one), n);

    begin();
    must(record_event(s.records, one, "seen", "thử", NULL, &s.err), &s.err);
    n = commit();
    assert_int_equal(frame_of(one), n);

    begin();
    must(sql_run(store_db(s.store),
                 "INSERT INTO correction (id, reading, word, box_left, box_top,"
                 "  box_width, box_height, old_text, new_text)"
                 " SELECT 77, id, 0, 0, 0, 1, 1, 'mot', 'một' FROM reading LIMIT 1",
                 &s.err),
         &s.err);
    n = commit();
    assert_int_equal(frame_of(one), n);

    for (uint8_t turns = 0; turns < 2; turns++) { /* made, and made anew */
        begin();
        must(record_image(s.records, &(struct image_row){.page = page, .rotation = turns},
                          &s.err),
             &s.err);
        n = commit();
        assert_int_equal(frame_of(one), n);
    }
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM document_frame"), 2);
    n = commit_sql("UPDATE document SET type = 'quyet_dinh' WHERE id ="
                   " (SELECT min(id) FROM document)");
    assert_int_equal(frame_of(one), n);
    assert_int_equal(frame_of(two), 2);
}

static void a_page_that_moves_touches_both_documents(void **state)
{
    char sql[128];
    uint64_t n;

    (void)state;
    (void)snprintf(sql, sizeof sql, "UPDATE page SET document = %llu WHERE id = %llu",
                   (unsigned long long)two, (unsigned long long)page);
    n = commit_sql(sql);
    assert_int_equal(frame_of(one), n);
    assert_int_equal(frame_of(two), n);
}

static void what_changes_nothing_touches_nothing(void **state)
{
    (void)state;
    assert_int_equal(commit_sql("UPDATE document SET type = type"), 0);
    begin();
    must(record_field(s.records, one, "trich_yeu", 0, "clerk", "x", &s.err), &s.err);
    store_write_rollback(s.store);
    assert_int_equal(frame_of(one), 1);
    assert_int_equal(frame_of(two), 2);
}

/* By whichever of its rows they are about. */
static void a_conflict_and_what_is_parked_touch_the_document_of_their_row(void **state)
{
    const uint64_t subjects[] = {one, page, reading};
    char sql[256];
    uint64_t n;

    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO conflict (id, subject, name, row, field, box_value,"
                       " centre_value, taken, epoch, sequence)"
                       " VALUES (%zu, %llu, 'x', '{}', 'y', '1', '2', 'box', 1, 1)",
                       900 + i, (unsigned long long)subjects[i]);
        n = commit_sql(sql);
        assert_int_equal(frame_of(one), n);
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO parked (id, subject, name, row, reason, incoming,"
                       " epoch, sequence) VALUES (%zu, %llu, 'x', '{}', 'y', '{}', 1, 1)",
                       900 + i, (unsigned long long)subjects[i]);
        n = commit_sql(sql);
        assert_int_equal(frame_of(one), n);
    }
    n = commit_sql("UPDATE conflict SET closed_by = 'thử' WHERE id = 902");
    assert_int_equal(frame_of(one), n);
    assert_int_equal(frame_of(two), 2);
}

static void a_dossiers_title_touches_no_document(void **state)
{
    uint64_t dossier;

    (void)state;
    begin();
    must(record_dossier(s.records, "HS-01", &dossier, &s.err), &s.err);
    assert_true(commit() > 2);
    assert_int_equal(frame_of(one), 1);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM document_frame"), 2);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(each_document_has_the_frame_that_made_it),
        claim_test(whatever_belongs_to_a_document_touches_it),
        claim_test(a_page_that_moves_touches_both_documents),
        claim_test(what_changes_nothing_touches_nothing),
        claim_test(a_conflict_and_what_is_parked_touch_the_document_of_their_row),
        claim_test(a_dossiers_title_touches_no_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
