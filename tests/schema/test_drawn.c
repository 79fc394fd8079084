/* The machine's values of a document, written a slice at a time. */
#include <stdio.h>
#include <string.h>

#include "schema/drawn.h"
#include "tests/lib/scratch.h"

#define VALUES      5
#define VALUE_BYTES 90000

static struct scratch s;

static uint64_t a_document(void)
{
    struct document_row d = {.type = "letter"};
    uint64_t document;

    must(store_write_begin(s.store, &s.err), &s.err);
    must(record_document(s.records, &d, &document, &s.err), &s.err);
    must(store_write_commit(s.store, NULL, &s.err), &s.err);
    return document;
}

/* How many transactions it takes. */
static unsigned draw(uint64_t document, const struct drawn_value *values, size_t count)
{
    unsigned slices = 0;
    size_t at = 0;
    bool done = false;

    for (; !done && slices < 100; slices++) {
        must(store_write_begin(s.store, &s.err), &s.err);
        must(record_drawn(s.records, document, values, count, &at, &done, &s.err),
             &s.err);
        must(store_write_commit(s.store, NULL, &s.err), &s.err);
    }
    assert_true(done);
    return slices;
}

static void draw_all_as(uint64_t document, char letter)
{
    static char text[VALUE_BYTES + 1];
    struct drawn_value values[VALUES];

    memset(text, letter, VALUE_BYTES);
    for (unsigned i = 0; i < VALUES; i++)
        values[i] = (struct drawn_value){
            .name = "note", .value = text, .rule = "label", .ordinal = i};
    assert_true(draw(document, values, VALUES) >= VALUES);
}

static int64_t drawn(const char *condition)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM field WHERE %s", condition);
    return scratch_number(&s, sql);
}

/* A changeset holds what was there as well as what comes in its place. */
static void
long_values_that_take_the_place_of_long_ones_fit_their_transactions(void **state)
{
    uint64_t document;

    (void)state;
    scratch_start(&s);
    document = a_document();
    draw_all_as(document, 'a');
    draw_all_as(document, 'b');
    assert_int_equal(drawn("deleted = 0 AND substr(value, 1, 1) = 'b'"), VALUES);
    scratch_remove(&s);
}

static void long_values_that_are_not_drawn_any_more_go_in_slices_too(void **state)
{
    uint64_t document;

    (void)state;
    scratch_start(&s);
    document = a_document();
    draw_all_as(document, 'a');
    assert_true(draw(document, NULL, 0) > 1);
    assert_int_equal(drawn("deleted = 0"), 0);
    assert_int_equal(drawn("deleted = 1 AND value IS NULL"), VALUES);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            long_values_that_take_the_place_of_long_ones_fit_their_transactions),
        cmocka_unit_test(long_values_that_are_not_drawn_any_more_go_in_slices_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
