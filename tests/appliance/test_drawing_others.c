/* One document's drawing next to others': it does not hold them up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/drawing.h"
#include "tests/lib/box_world.h"

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

static uint64_t taken(const char *file, unsigned pages)
{
    char paper[8192] = "fake pdf\n";

    for (unsigned i = 0; i < pages; i++)
        (void)strcat(strcat(strcat(paper, "page: "), file), "\n");
    (void)strcat(paper, "end\n");
    must(world_take_as(&w, file, paper, NULL, NULL, &w.err), &w.err);
    assert_true(world_told(&w, file)->document != 0);
    return world_told(&w, file)->document;
}

static void write_sql(const char *sql)
{
    must(store_write_begin(w.box->store, &w.err), &w.err);
    assert_int_equal(sqlite3_exec(store_db(w.box->store), sql, NULL, NULL, NULL),
                     SQLITE_OK);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

static int count_one(void *arg)
{
    ++*(int64_t *)arg;
    return 0;
}

/* What looking for something to draw costs, while the last page of so many waits. */
static int64_t steps_of_half_read(const char *file, unsigned pages)
{
    uint64_t document = taken(file, pages);
    sqlite3 *db = store_db(w.box->store);
    int64_t steps = 0;
    char sql[256];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE job SET state = 'done', undrawn = 1 WHERE page IN (SELECT id"
                   " FROM page WHERE document = %llu AND ordinal < %u)",
                   (unsigned long long)document, pages);
    write_sql(sql);
    sqlite3_progress_handler(db, 1, count_one, &steps);
    assert_int_equal(drawing_next(w.box, &w.err), 0);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    write_sql("UPDATE job SET state = 'done', undrawn = 0");
    return steps;
}

/* Twice the pages are twice the work, not four times. */
static void a_half_read_sheaf_is_looked_at_once_not_for_each_of_its_pages(void **state)
{
    int64_t few = steps_of_half_read("it.pdf", 40),
            many = steps_of_half_read("nhieu.pdf", 160);

    (void)state;
    assert_true(few > 0);
    assert_true(many < 5 * few);
}

/* More to search in than one document may have, by somebody else's values. */
static void fill(uint64_t document)
{
    for (int i = 0; i < 12; i++) {
        char sql[256];

        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO field (document, name, ordinal, source, value)"
                       " VALUES (%llu, 'note', %d, 'clerk', hex(zeroblob(45000)))",
                       (unsigned long long)document, i);
        write_sql(sql);
    }
}

static void a_document_that_cannot_be_drawn_does_not_keep_the_others_waiting(void **state)
{
    uint64_t full = taken("day.pdf", 1);

    (void)state;
    (void)taken("khac.pdf", 1);
    fill(full);
    /* What was drawn once goes, and the search row is to be made anew. */
    write_sql("INSERT INTO field (document, name, ordinal, source, value, rule)"
              " SELECT id, 'number', 0, 'machine', '7', 'head.number' FROM document");
    write_sql("UPDATE job SET state = 'done', undrawn = 1");
    must(drawing_all(w.box, &w.err), &w.err);
    assert_int_equal(drawing_next(w.box, &w.err), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM field WHERE source ="
                                      " 'machine' AND deleted = 0"),
                     1);
    assert_int_equal(world_number(&w,
                                  "SELECT count(*) FROM event WHERE kind = 'not_drawn'"
                                  " AND detail ->> 'reason' = 'too_large'"),
                     1);
}

int main(void)
{
#define CLAIM(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        CLAIM(a_half_read_sheaf_is_looked_at_once_not_for_each_of_its_pages),
        CLAIM(a_document_that_cannot_be_drawn_does_not_keep_the_others_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
