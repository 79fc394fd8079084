/* A paper that was scanned twice is pointed out, and a form for two people is not. */
#include "appliance/duplicates_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/readings.h"
#include "schema/statements.h"
#include "tests/lib/box_world.h"

#define FORM "Form Uỷ ban nhân dân xã Quyết định số %s về việc hỗ trợ cho ông %s năm 2019"

static struct box_world w;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

/* Scan `n` of it: another file, and the reader tells another tail of dirt. */
static void scan(unsigned n, const char *number, const char *name)
{
    char file[32], paper[512];

    (void)snprintf(file, sizeof file, "%u.jpg", n);
    (void)snprintf(paper, sizeof paper, "fake jpeg\npage: " FORM "\nscan %u\nend\n",
                   number, name, n);
    must(world_take(&w, file, paper, &w.err), &w.err);
}

static uint64_t read_all(void)
{
    struct queue_progress progress;
    struct afterwards_counts counts;

    must(world_read(&w, &progress, &w.err), &w.err);
    must(world_afterwards(&w, &counts, &w.err), &w.err);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM likeness WHERE looked = 0"),
                     0);
    return counts.twins;
}

static int count_twin(void *arg, const struct twin_row *t, struct err *e)
{
    unsigned *count = arg;

    (void)e;
    assert_true(t->page > t->other);
    assert_true(t->document != t->other_document);
    assert_in_range(t->agreeing, 70, 100);
    *count += 1;
    return 0;
}

static unsigned told(uint64_t page)
{
    unsigned count = 0;

    must(duplicates_each(w.box, page, count_twin, &count, &w.err), &w.err);
    return count;
}

static void a_paper_scanned_twice_is_pointed_out_and_kept(void **state)
{
    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "15", "Trần Thị Khác");
    assert_int_equal(read_all(), 0);
    scan(3, "12", "Nguyễn Văn Mẫu");
    assert_int_equal(read_all(), 1);
    assert_int_equal(told(0), 1);
    assert_int_equal(told((uint64_t)world_number(&w, "SELECT min(id) FROM page")), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document WHERE deleted = 0"),
                     3);
    assert_null(world_problem(&w));
}

static void one_form_for_two_people_is_not_pointed_out(void **state)
{
    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "12", "Trần Thị Khác");
    scan(3, "13", "Nguyễn Văn Mẫu");
    assert_int_equal(read_all(), 0);
    assert_int_equal(told(0), 0);
}

/* The words of one look like the other's; the picture does not. */
static void the_same_words_on_another_picture_are_another_paper(void **state)
{
    (void)state;
    must(world_take(&w, "a.jpg",
                    "fake jpeg\npage: Ban một hai ba bốn năm sáu bảy tám chín\nend\n",
                    &w.err),
         &w.err);
    must(world_take(&w, "b.jpg",
                    "fake jpeg\npage: X một hai ba bốn năm sáu bảy tám chín\nend\n",
                    &w.err),
         &w.err);
    assert_int_equal(read_all(), 0);
}

static void fields_that_contradict_are_heard(void **state)
{
    uint64_t first, second;

    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    assert_int_equal(read_all(), 0);
    scan(2, "12", "Nguyễn Văn Mẫu");
    first = world_told(&w, "1.jpg")->document;
    second = world_told(&w, "2.jpg")->document;
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_field(w.box->records, first, "number", 0, "clerk", "12", &w.err), &w.err);
    must(record_field(w.box->records, second, "number", 0, "clerk", "17", &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(read_all(), 0);
}

static void what_a_person_dismissed_is_not_told_again(void **state)
{
    uint64_t page, other;
    bool known;

    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    other = (uint64_t)world_number(&w, "SELECT min(id) FROM page");
    page = (uint64_t)world_number(&w, "SELECT max(id) FROM page");
    must(duplicates_dismiss(w.box, other, page, &known, &w.err), &w.err);
    assert_true(known);
    assert_int_equal(told(0), 0);
    must(duplicates_dismiss(w.box, page, other, &known, &w.err), &w.err);
    assert_false(known);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind ="
                                      " 'not_a_duplicate'"),
                     1);
    /* Another scan is told with both. */
    scan(3, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    assert_int_equal(told(0), 2);
}

static void a_deleted_document_has_no_twin(void **state)
{
    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    assert_int_equal(told(0), 1);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_document_change(w.box->records, world_told(&w, "1.jpg")->document, 0,
                                NULL, true, &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(told(0), 0);
}

static uint64_t first_page(void)
{
    return (uint64_t)world_number(&w, "SELECT min(id) FROM page");
}

static uint64_t last_page(void)
{
    return (uint64_t)world_number(&w, "SELECT max(id) FROM page");
}

static void run_sql(const char *sql)
{
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(sql_run(store_db(w.box->store), sql, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

/* Reads `page` again, and what is read now is what `from` says. */
static void read_again_as(uint64_t page, uint64_t from)
{
    struct reading_rows like;
    size_t lost;

    must(reading_newest(w.box, from, &like, &w.err), &w.err);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(reading_write(w.box, page, (const char *)like.text.bytes, like.layout.bytes,
                       like.layout.count, "again", &lost, &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    reading_rows_release(&like);
}

static void a_page_that_is_turned_is_looked_at_again(void **state)
{
    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    assert_int_equal(told(0), 1);
    run_sql("UPDATE page SET rotation = 1 WHERE id = (SELECT max(id) FROM page)");
    (void)read_all(); /* the fake's picture lies across the other's now */
    assert_int_equal(told(0), 0);
    run_sql("UPDATE page SET rotation = 0 WHERE id = (SELECT max(id) FROM page)");
    (void)read_all();
    assert_int_equal(told(0), 1);
}

static void a_page_that_is_read_again_is_looked_at_again(void **state)
{
    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "15", "Trần Thị Khác");
    scan(3, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    assert_int_equal(told(last_page()), 1);
    read_again_as(last_page(), first_page() + (last_page() - first_page()) / 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM likeness WHERE looked = 0"),
                     1);
    (void)read_all();
    assert_int_equal(told(first_page()), 0); /* it says something else now */
    assert_int_equal(told(last_page()), 1);
}

/* Others write meanwhile; it must not be they who wait. */
static int note_look(unsigned what, void *arg, void *statement, void *sql)
{
    unsigned *asked = arg;
    sqlite3_stmt *s = statement;

    (void)what;
    if (strstr(sql, "SELECT rotation, cells FROM likeness") != NULL)
        asked[sqlite3_txn_state(sqlite3_db_handle(s), "main") == SQLITE_TXN_WRITE]++;
    return 0;
}

static void a_look_keeps_nobody_from_writing(void **state)
{
    unsigned asked[2] = {0};

    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "12", "Nguyễn Văn Mẫu");
    (void)sqlite3_trace_v2(store_db(w.box->store), SQLITE_TRACE_STMT, note_look, asked);
    assert_int_equal(read_all(), 2); /* each is the other's */
    (void)sqlite3_trace_v2(store_db(w.box->store), 0, NULL, NULL);
    assert_true(asked[0] > 2);
    assert_int_equal(asked[1], 0);
}

static void what_was_read_again_during_a_look_is_looked_at_once_more(void **state)
{
    struct page_verdict v = {.pairs_count = 1};
    bool waits, found = false;

    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    scan(2, "15", "Trần Thị Khác");
    (void)read_all();
    v.page = last_page();
    v.pairs[0] = (struct page_pair){first_page(), true, 90};
    must(duplicates_rests_on(w.box, v.page, &v.rests_on, &waits, &w.err), &w.err);
    assert_false(waits);
    read_again_as(v.page, v.page);
    must(duplicates_rests_on(w.box, v.page, &v.rests_on, &waits, &w.err), &w.err);
    assert_true(waits);
    read_again_as(v.page, v.page);
    must(duplicates_note(w.box, &v, &found, &w.err), &w.err);
    assert_false(found);
    assert_int_equal(told(0), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM likeness WHERE looked = 0"),
                     1);
    (void)read_all();
}

static void a_damaged_layout_is_told_once_and_passed_over(void **state)
{
    struct afterwards_counts counts;
    uint64_t reading;

    (void)state;
    scan(1, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_reading(w.box->records, first_page(), "Form Uỷ ban nhân dân xã",
                        "no layout", 9, "test", &reading, &w.err),
         &w.err);
    must(duplicates_again(w.box, first_page(), &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(world_afterwards(&w, &counts, &w.err), -1);
    assert_int_equal(w.err.code, ERR_CORRUPT);
    assert_non_null(strstr(w.err.text, "page "));
    must(world_afterwards(&w, &counts, &w.err), &w.err);
    /* Nor is it in the way of those that share its words. */
    scan(2, "12", "Nguyễn Văn Mẫu");
    scan(3, "12", "Nguyễn Văn Mẫu");
    (void)read_all();
    assert_int_equal(told(last_page()), 1);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        STORY(a_paper_scanned_twice_is_pointed_out_and_kept),
        STORY(one_form_for_two_people_is_not_pointed_out),
        STORY(the_same_words_on_another_picture_are_another_paper),
        STORY(fields_that_contradict_are_heard),
        STORY(what_a_person_dismissed_is_not_told_again),
        STORY(a_deleted_document_has_no_twin),
        STORY(a_page_that_is_turned_is_looked_at_again),
        STORY(a_page_that_is_read_again_is_looked_at_again),
        STORY(a_look_keeps_nobody_from_writing),
        STORY(what_was_read_again_during_a_look_is_looked_at_once_more),
        STORY(a_damaged_layout_is_told_once_and_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
