/* A page's suspects at the box: what was offered stays with the newest reading, what a
 * person has settled is none, and what persons wrote here is known here. */
#include "appliance/page_suspects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/again.h"
#include "appliance/alternative_rows.h"
#include "appliance/readings.h"
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

/* The fake reader is 91 % sure of every word, and offers "khác" for the first. */
static uint64_t page_read(const char *text)
{
    struct queue_progress progress;
    char paper[512], name[32];
    static unsigned papers;

    (void)snprintf(paper, sizeof paper, "fake jpeg\npage: %s\nagain: %s lại\nend\n", text,
                   text);
    (void)snprintf(name, sizeof name, "giay-%u.jpg", ++papers);
    must(world_take(&w, name, paper, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    return (uint64_t)world_number(&w, "SELECT max(id) FROM page");
}

static json_t *suspects_of(uint64_t page)
{
    json_t *j;

    must(page_suspects_json(w.box, page, &j, &w.err), &w.err);
    return j;
}

/* "word text reason,reason [alternative]; …" */
static void expect(uint64_t page, const char *story)
{
    json_t *j = suspects_of(page), *one, *part;
    char told[1024] = "";
    size_t i, k, used = 0;

    json_array_foreach(json_object_get(j, "suspects"), i, one)
    {
        used += (size_t)snprintf(told + used, sizeof told - used, "%s%d %s",
                                 i == 0 ? "" : "; ",
                                 (int)json_integer_value(json_object_get(one, "word")),
                                 json_string_value(json_object_get(one, "text")));
        json_array_foreach(json_object_get(one, "reasons"), k, part)
        {
            used += (size_t)snprintf(told + used, sizeof told - used, " %s",
                                     json_string_value(part));
        }
        json_array_foreach(json_object_get(one, "alternatives"), k, part)
        {
            used += (size_t)snprintf(told + used, sizeof told - used, " [%s]",
                                     json_string_value(part));
        }
    }
    json_decref(j);
    assert_string_equal(told, story);
}

static void correct(uint64_t page, uint32_t word, const char *text)
{
    const struct correction c = {word, text};

    must(reading_correct(w.box, page,
                         (uint64_t)world_number(&w, "SELECT max(id) FROM reading"), &c, 1,
                         &w.err),
         &w.err);
}

static void a_doubtful_word_is_told_with_its_box_and_what_may_stand_there(void **state)
{
    uint64_t page = page_read("nguời dân");
    json_t *j = suspects_of(page), *first;
    int left, top, width, height;

    (void)state;
    expect(page, "1 nguời syllable [người] [khác]");
    first = json_array_get(json_object_get(j, "suspects"), 0);
    assert_int_equal(json_unpack(json_object_get(first, "box"), "[i,i,i,i]", &left, &top,
                                 &width, &height),
                     0);
    assert_int_equal(left, 100);
    assert_int_equal(width, 18);
    assert_int_equal(json_integer_value(json_object_get(j, "width")), 2480);
    assert_string_equal(json_string_value(json_object_get(j, "text")), "nguời dân");
    json_decref(j);
}

static void a_word_that_was_corrected_or_said_to_be_right_is_none(void **state)
{
    uint64_t page = page_read("thưc nguời");
    json_t *j;

    (void)state;
    expect(page, "1 thưc syllable [thực] [thúc] [khác]; 2 nguời syllable [người]");
    correct(page, 0, "thực");
    expect(page, "2 nguời syllable [người]");
    correct(page, 1, "nguời"); /* as it stands on the paper */
    expect(page, "");
    j = suspects_of(page);
    assert_int_equal(json_array_size(json_object_get(j, "corrections")), 2);
    json_decref(j);
}

static void what_a_person_has_written_here_is_known_on_other_pages(void **state)
{
    uint64_t first = page_read("chữ thuốm đây"), second;

    (void)state;
    expect(first, "2 thuốm unknown");
    correct(first, 1, "thuốm");
    second = page_read("cây thuốm kia");
    expect(second, "");
}

static void what_was_offered_goes_with_the_reading_that_is_newest(void **state)
{
    uint64_t page = page_read("nguời sau");
    struct again_asked asked;
    struct queue_progress progress;
    size_t lost;

    (void)state;
    assert_int_equal(world_number(&w, "SELECT count(*) FROM alternative"), 1);
    must(again_ask(w.box, page, WAY_USUAL + 1, &asked, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    must(again_accept(w.box, page, &lost, &w.err), &w.err);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM alternative"), 1);
    assert_int_equal(world_number(&w, "SELECT reading = (SELECT max(id) FROM reading)"
                                      " FROM alternative"),
                     1);
    expect(page, "1 nguời syllable [người] [khác]");
}

static void nothing_of_it_is_captured(void **state)
{
    int64_t before;

    (void)state;
    (void)page_read("nguời sau");
    before = world_number(&w, "SELECT count(*) FROM changelog");
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(alternative_rows_keep(w.box,
                               (uint64_t)world_number(&w, "SELECT max(id) FROM page"),
                               NULL, 0, &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM alternative"), 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"), before);
}

static void rows_that_make_no_sense_are_none(void **state)
{
    uint64_t page = page_read("nguời sau");

    (void)state;
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(alternative_rows_keep(w.box, page, "\x01\x01\x09\x01\x01x", 6, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    expect(page, "1 nguời syllable [người]");
}

static void imported_text_and_a_page_that_waits_have_none(void **state)
{
    struct import_counts counts;
    json_t *j;

    (void)state;
    must(world_import(&w, "{\"key\": \"1\", \"pages\": [{\"text\": \"kông nguời\"}]}\n",
                      &counts, &w.err),
         &w.err);
    expect((uint64_t)world_number(&w, "SELECT max(id) FROM page"), "");
    must(world_take(&w, "cho.jpg", "fake jpeg\npage: kông\nend\n", &w.err), &w.err);
    j = suspects_of((uint64_t)world_number(&w, "SELECT max(id) FROM page"));
    assert_int_equal(json_integer_value(json_object_get(j, "reading")), 0);
    assert_int_equal(json_array_size(json_object_get(j, "suspects")), 0);
    json_decref(j);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_doubtful_word_is_told_with_its_box_and_what_may_stand_there),
        STORY(a_word_that_was_corrected_or_said_to_be_right_is_none),
        STORY(what_a_person_has_written_here_is_known_on_other_pages),
        STORY(what_was_offered_goes_with_the_reading_that_is_newest),
        STORY(nothing_of_it_is_captured),
        STORY(rows_that_make_no_sense_are_none),
        STORY(imported_text_and_a_page_that_waits_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
