/* Where on the picture the words are that a query finds: a page of two lines,
 *
 *   Ủy ban nhân        1000 × 2000 pixels, each word 100 × 50, its number × 200 from the
 *   dân xã Mường       left, lines at 400 and 600 from the top
 */
#include "appliance/hit_boxes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/readings.h"
#include "ocr/layout.h"
#include "schema/statements.h"
#include "tests/lib/box_world.h"

#define LINE_WORDS 3

static struct box_world w;
static struct shown page; /* with its document */
static uint64_t reading;

static void pack(struct buffer *out, const char *text)
{
    struct layout l = {.width = 1000, .height = 2000, .dpi = 300};

    for (size_t i = 0; i < layout_count_words(text); i++) {
        const struct word word = {.start = i == LINE_WORDS ? WORD_NEW_LINE : WORD_IN_LINE,
                                  .confidence = 90,
                                  .left = (int32_t)(i % LINE_WORDS * 200),
                                  .top = i < LINE_WORDS ? 400 : 600,
                                  .width = 100,
                                  .height = 50};

        must(layout_add(&l, &word, &w.err), &w.err);
    }
    layout_pack(&l, out);
    layout_release(&l);
}

static void put_page(const char *text, uint8_t rotation)
{
    struct records *r = w.box->records;
    struct page_row p = {.ordinal = 1, .rotation = rotation};
    struct buffer layout;

    buffer_init(&layout, LAYOUT_BYTES_MAX);
    if (text[0] != '\0')
        pack(&layout, text);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(record_document(r, &(struct document_row){0}, &page.document, &w.err), &w.err);
    p.document = page.document;
    must(record_page(r, &p, &page.page, &w.err), &w.err);
    must(record_reading(r, page.page, text, layout.bytes, layout.count, "test", &reading,
                        &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    buffer_release(&layout);
}

static int start(void **state)
{
    (void)state;
    world_start(&w);
    put_page("Ủy ban nhân\ndân xã Mường", 0);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

static json_t *ask(const char *query, bool typing)
{
    const struct hit_boxes_question q = {.query = query, .typing = typing};
    json_t *j;

    must(hit_boxes_json(w.box, &page, &q, &j, &w.err), &w.err);
    return j;
}

static size_t boxes_count(const char *query, bool typing)
{
    json_t *j = ask(query, typing);
    size_t count = json_array_size(
        json_object_get(json_array_get(json_object_get(j, "pages"), 0), "boxes"));

    json_decref(j);
    return count;
}

static void expect_near(const json_t *box, const double want[4])
{
    for (size_t i = 0; i < 4; i++)
        if (fabs(json_real_value(json_array_get(box, i)) - want[i]) > 1e-9)
            fail_msg("number %zu is %f, not %f", i,
                     json_real_value(json_array_get(box, i)), want[i]);
}

/* The nth box of the page. */
static void expect_box(const char *query, size_t n, double left, double top, double width,
                       double height)
{
    json_t *j = ask(query, false);
    json_t *first = json_array_get(json_object_get(j, "pages"), 0);

    assert_int_equal(json_integer_value(json_object_get(first, "page")), page.page);
    expect_near(json_array_get(json_object_get(first, "boxes"), n),
                (const double[]){left, top, width, height});
    json_decref(j);
}

static void a_word_has_its_box_with_accents_or_without(void **state)
{
    (void)state;
    expect_box("nhân", 0, 0.4, 0.2, 0.1, 0.025);
    expect_box("nhan", 0, 0.4, 0.2, 0.1, 0.025);
    assert_int_equal(boxes_count("nhân", false), 1);
    assert_int_equal(boxes_count("huyện", false), 0);
}

static void a_phrase_is_one_box_and_one_more_on_the_next_line(void **state)
{
    (void)state;
    expect_box("\"ban nhân\"", 0, 0.2, 0.2, 0.3, 0.025);
    assert_int_equal(boxes_count("\"ban nhân\"", false), 1);
    assert_int_equal(boxes_count("\"ban nhân dân xã\"", false), 2);
    expect_box("\"ban nhân dân xã\"", 0, 0.2, 0.2, 0.3, 0.025);
    expect_box("\"ban nhân dân xã\"", 1, 0, 0.3, 0.3, 0.025);
}

static void a_beginning_and_a_misread_word_have_theirs(void **state)
{
    (void)state;
    assert_int_equal(boxes_count("mườ", false), 0);
    assert_int_equal(boxes_count("mườ", true), 1);
    assert_int_equal(boxes_count("Mưởmg", false), 1);
}

static void exact_words_are_marked_alone_where_there_are_any(void **state)
{
    (void)state;
    put_page("xa xã xá", 0);
    assert_int_equal(boxes_count("xã", false), 1);
    expect_box("xã", 0, 0.2, 0.2, 0.1, 0.025);
    assert_int_equal(boxes_count("xa", false), 3);
    assert_int_equal(boxes_count("xà", false), 3);
}

static void a_correction_is_marked_where_the_misread_word_stands(void **state)
{
    const struct correction two = {.word = 1, .text = "thôn làng"};

    (void)state;
    must(reading_correct(w.box, page.page, reading, &two, 1, &w.err), &w.err);
    expect_box("\"làng nhân\"", 0, 0.2, 0.2, 0.3, 0.025);
    assert_int_equal(boxes_count("\"ủy ban\"", false), 0);
}

static void a_page_that_is_turned_has_its_boxes_turned(void **state)
{
    (void)state;
    put_page("Ủy ban nhân", 1); /* a quarter clockwise: what was left is above */
    expect_box("nhân", 0, 1 - 0.225, 0.4, 0.025, 0.1);
    put_page("Ủy ban nhân", 2);
    expect_box("nhân", 0, 0.5, 1 - 0.225, 0.1, 0.025);
    put_page("Ủy ban nhân", 3);
    expect_box("nhân", 0, 0.2, 0.5, 0.025, 0.1);
}

static void imported_text_has_no_boxes_and_nothing_asked_marks_nothing(void **state)
{
    (void)state;
    assert_int_equal(boxes_count("", false), 0);
    assert_int_equal(boxes_count("-nhân", false), 0);
    put_page("", 0);
    assert_int_equal(boxes_count("nhân", false), 0);
}

static void draw_issuer(void)
{
    char sql[512];

    must(store_write_begin(w.box->store, &w.err), &w.err);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO field (document, name, ordinal, source, value, confidence,"
        " page, zone_left, zone_top, zone_width, zone_height, rule)"
        " VALUES (%llu, 'issuer', 0, 'machine', 'UBND xã Mường Lạn', 90, %llu,"
        " 100, 200, 500, 100, 'head.issuer')",
        (unsigned long long)page.document, (unsigned long long)page.page);
    must(sql_run(store_db(w.box->store), sql, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

static void a_value_in_the_place_of_a_deleted_one_has_not_its_zone(void **state)
{
    json_t *j;

    (void)state;
    draw_issuer();
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(sql_run(store_db(w.box->store), "UPDATE field SET deleted = 1", &w.err), &w.err);
    must(record_field(w.box->records, page.document, "issuer", 0, "clerk",
                      "UBND xã Mường Lạn", &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    j = ask("cơ quan:lạn", false);
    assert_int_equal(json_array_size(json_object_get(j, "fields")), 0);
    json_decref(j);
}

static void a_field_that_holds_the_words_has_the_zone_it_was_drawn_from(void **state)
{
    json_t *j, *field;

    (void)state;
    draw_issuer();
    j = ask("cơ quan:lạn", false);
    field = json_array_get(json_object_get(j, "fields"), 0);
    assert_string_equal(json_string_value(json_object_get(field, "name")), "issuer");
    expect_near(json_object_get(field, "box"), (const double[]){0.1, 0.1, 0.5, 0.05});
    json_decref(j);
    j = ask("trích yếu:lạn", false);
    assert_int_equal(json_array_size(json_object_get(j, "fields")), 0);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_value_in_the_place_of_a_deleted_one_has_not_its_zone, start, finish),
        cmocka_unit_test_setup_teardown(a_word_has_its_box_with_accents_or_without, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_phrase_is_one_box_and_one_more_on_the_next_line,
                                        start, finish),
        cmocka_unit_test_setup_teardown(a_beginning_and_a_misread_word_have_theirs, start,
                                        finish),
        cmocka_unit_test_setup_teardown(exact_words_are_marked_alone_where_there_are_any,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            a_correction_is_marked_where_the_misread_word_stands, start, finish),
        cmocka_unit_test_setup_teardown(a_page_that_is_turned_has_its_boxes_turned, start,
                                        finish),
        cmocka_unit_test_setup_teardown(
            imported_text_has_no_boxes_and_nothing_asked_marks_nothing, start, finish),
        cmocka_unit_test_setup_teardown(
            a_field_that_holds_the_words_has_the_zone_it_was_drawn_from, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
