/* A person's corrections, and a page that is read another time. */
#include "appliance/again.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appliance/readings.h"
#include "appliance/status.h"
#include "schema/statements.h"
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

/* A page that says one thing as usual and another in any other way, read as usual. */
static uint64_t page_read(const char *usual, const char *again)
{
    struct queue_progress progress;
    char paper[512];

    (void)snprintf(paper, sizeof paper, "fake jpeg\npage: %s\nagain: %s\nend\n", usual,
                   again);
    must(world_take(&w, "giay.jpg", paper, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    return (uint64_t)world_number(&w, "SELECT max(id) FROM page");
}

static void read_again(uint64_t page, enum reading_way way)
{
    struct queue_progress progress;
    struct again_asked asked;

    must(again_ask(w.box, page, way, &asked, &w.err), &w.err);
    assert_int_equal(asked.pages, 1);
    must(world_read(&w, &progress, &w.err), &w.err);
}

static uint64_t newest(void)
{
    return (uint64_t)world_number(&w, "SELECT max(id) FROM reading");
}

static void correct(uint64_t page, uint32_t word, const char *text)
{
    const struct correction c = {word, text};

    must(reading_correct(w.box, page, newest(), &c, 1, &w.err), &w.err);
}

static void expect_text(uint64_t page, const char *text)
{
    struct buffer now;

    buffer_init(&now, RECORD_CURRENT_BYTES_MAX);
    must(record_page_text(w.box->records, page, &now, &w.err), &w.err);
    assert_string_equal((const char *)now.bytes, text);
    buffer_release(&now);
}

static bool is_proposed(uint64_t page, const char *text)
{
    struct proposal p;
    bool found;

    must(again_find(w.box, page, &p, &found, &w.err), &w.err);
    if (found)
        assert_string_equal((const char *)p.text.bytes, text);
    proposal_release(&p);
    return found;
}

static void a_corrected_word_is_found_and_the_misread_one_is_not(void **state)
{
    uint64_t page = page_read("quyet dinh sô 12", "-"), document = 0;

    (void)state;
    correct(page, 0, "quyết");
    correct(page, 2, "số");
    expect_text(page, "quyết dinh số 12");
    assert_int_equal(world_search(&w, "\"quyết dinh số\"", &document), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind ="
                                      " 'corrected'"),
                     2);
    assert_int_equal(world_number(&w, "SELECT box_left FROM correction WHERE word = 2"),
                     world_number(&w, "SELECT box_left + 40 FROM correction WHERE"
                                      " word = 0"));
    assert_null(world_problem(&w));
}

static void a_correction_of_what_is_not_there_any_more_changes_nothing(void **state)
{
    uint64_t page = page_read("sô 12", "số 12");
    const struct correction beyond = {7, "x"}, lines = {0, "a\nb"}, bytes = {0, "\xff"},
                            right = {0, "số"};

    (void)state;
    assert_int_equal(reading_correct(w.box, page, newest(), &beyond, 1, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    assert_int_equal(reading_correct(w.box, page, newest(), &lines, 1, &w.err), -1);
    assert_int_equal(reading_correct(w.box, page, newest(), &bytes, 1, &w.err), -1);
    assert_int_equal(reading_correct(w.box, page, newest() + 1, &right, 1, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM correction"), 0);
    expect_text(page, "sô 12");
}

static void what_is_typed_is_written_composed(void **state)
{
    uint64_t page = page_read("so 12", "-");

    (void)state;
    correct(page, 0, "so\xcc\x82\xcc\x81"); /* s, o, circumflex, acute */
    expect_text(page, "s\xe1\xbb\x91 12");
}

static void a_page_read_again_stays_as_it_is_until_somebody_chooses(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");
    struct status status;

    (void)state;
    read_again(page, WAY_WORN);
    expect_text(page, "quyet dinh");
    assert_true(is_proposed(page, "quyết định"));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 1);
    must(status_read(w.box, &status, &w.err), &w.err);
    assert_int_equal(status.read, 1);
    assert_null(world_problem(&w));
}

static void a_document_that_is_read_again_counts_as_read_meanwhile(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");
    struct again_asked asked;
    struct status status;

    (void)state;
    must(again_ask(w.box, page, WAY_BLOCK, &asked, &w.err), &w.err);
    must(status_read(w.box, &status, &w.err), &w.err);
    assert_int_equal(status.read, 1);
    assert_int_equal(status.pages_waiting, 1);
}

static void an_accepted_reading_keeps_what_a_person_corrected(void **state)
{
    uint64_t page = page_read("quyet dinh sô 12", "quyết định sô 12");
    size_t lost;

    (void)state;
    correct(page, 2, "số");
    read_again(page, WAY_WORN);
    must(again_accept(w.box, page, &lost, &w.err), &w.err);
    assert_int_equal(lost, 0);
    expect_text(page, "quyết định số 12");
    assert_false(is_proposed(page, ""));
    /* The reading before, and its correction, are still there. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM correction"), 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind ="
                                      " 'read_again'"),
                     1);
    assert_null(world_problem(&w));
}

static void a_correction_survives_any_number_of_readings(void **state)
{
    uint64_t page = page_read("sô 12 QD", "số 12 QĐ");
    size_t lost;

    (void)state;
    correct(page, 0, "Số");
    for (int i = 0; i < 4; i++) {
        read_again(page, i % 2 == 0 ? WAY_WORN : WAY_USUAL);
        must(again_accept(w.box, page, &lost, &w.err), &w.err);
        expect_text(page, i % 2 == 0 ? "Số 12 QĐ" : "Số 12 QD");
    }
}

static void a_correction_that_finds_no_place_is_an_event(void **state)
{
    uint64_t page = page_read("quyet dinh sô", "quyết định");
    size_t lost;

    (void)state;
    correct(page, 2, "số");
    read_again(page, WAY_WORN);
    must(again_accept(w.box, page, &lost, &w.err), &w.err);
    assert_int_equal(lost, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind ="
                                      " 'correction_lost' AND detail ="
                                      " '{\"was\":\"sô\",\"text\":\"số\"}'"),
                     1);
}

static void a_declined_reading_leaves_no_trace_but_the_event(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");

    (void)state;
    read_again(page, WAY_PLAIN);
    must(again_decline(w.box, page, &w.err), &w.err);
    expect_text(page, "quyet dinh");
    assert_false(is_proposed(page, ""));
    assert_int_equal(again_decline(w.box, page, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 1);
}

static void a_proposal_beside_an_older_reading_is_not_taken(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");
    size_t lost;

    (void)state;
    read_again(page, WAY_WORN);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(reading_write(w.box, page, "khác rồi", NULL, 0, "t", &lost, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    assert_int_equal(again_accept(w.box, page, &lost, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    expect_text(page, "khác rồi");
}

static void a_page_in_quarantine_is_tried_again(void **state)
{
    struct queue_progress progress;
    struct again_asked asked;
    uint64_t page;

    (void)state;
    must(world_take(&w, "x.jpg", "fake jpeg\npage read=timed_out: a\nend\n", &w.err),
         &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    page = (uint64_t)world_number(&w, "SELECT page FROM job WHERE state = 'quarantined'");
    must(again_ask(w.box, page, WAY_PLAIN, &asked, &w.err), &w.err);
    assert_int_equal(asked.pages, 1);
    must(world_read(&w, &progress, &w.err), &w.err);
    assert_int_equal(progress.quarantined, 1);
    assert_false(is_proposed(page, ""));
    assert_int_equal(world_number(&w, "SELECT count(*) FROM job WHERE"
                                      " state = 'quarantined' AND way IS NULL"),
                     1);
}

static void a_reading_again_that_fails_sets_nothing_aside(void **state)
{
    struct queue_progress progress;
    struct again_asked asked;
    struct proposal p;
    uint64_t page;
    size_t lost;
    bool found;

    (void)state;
    must(world_take(&w, "x.jpg",
                    "fake jpeg\npage: quyet dinh\nagain read=timed_out:\nend\n", &w.err),
         &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    page = (uint64_t)world_number(&w, "SELECT max(id) FROM page");
    must(again_ask(w.box, page, WAY_WORN, &asked, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    assert_int_equal(progress.quarantined, 0);
    assert_int_equal(progress.done, 1);
    expect_text(page, "quyet dinh");
    must(again_find(w.box, page, &p, &found, &w.err), &w.err);
    assert_true(found);
    assert_string_equal(p.reason, "timed_out");
    proposal_release(&p);
    assert_int_equal(again_accept(w.box, page, &lost, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
    must(again_decline(w.box, page, &w.err), &w.err);
}

static void what_is_proposed_stays_while_the_page_waits_anyway(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");
    struct again_asked asked;

    (void)state;
    read_again(page, WAY_WORN);
    must(sql_run(store_db(w.box->store), "UPDATE job SET state = 'waiting'", &w.err),
         &w.err);
    must(again_ask(w.box, page, WAY_BLOCK, &asked, &w.err), &w.err);
    assert_int_equal(asked.never, 1);
    assert_true(is_proposed(page, "quyết định"));
}

static void text_without_a_picture_is_not_read_again(void **state)
{
    struct import_counts counts;
    struct again_asked asked;
    uint64_t page;

    (void)state;
    must(world_import(&w, "{\"key\": \"1\", \"pages\": [{\"text\": \"a b\"}]}\n", &counts,
                      &w.err),
         &w.err);
    page = (uint64_t)world_number(&w, "SELECT max(id) FROM page");
    must(again_ask(w.box, page, WAY_PLAIN, &asked, &w.err), &w.err);
    assert_int_equal(asked.pages, 0);
    assert_int_equal(asked.never, 1);
    correct(page, 1, "B");
    expect_text(page, "a B");
    assert_int_equal(again_ask(w.box, 12345, WAY_PLAIN, &asked, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
}

static void a_power_cut_while_choosing_leaves_the_one_or_the_other(void **state)
{
    uint64_t page = page_read("quyet dinh", "quyết định");
    size_t lost;

    (void)state;
    read_again(page, WAY_WORN);
    must(again_accept(w.box, page, &lost, &w.err), &w.err);
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    expect_text(page, "quyết định");
    assert_false(is_proposed(page, ""));
    assert_null(world_problem(&w));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        STORY(a_corrected_word_is_found_and_the_misread_one_is_not),
        STORY(a_correction_of_what_is_not_there_any_more_changes_nothing),
        STORY(what_is_typed_is_written_composed),
        STORY(a_page_read_again_stays_as_it_is_until_somebody_chooses),
        STORY(a_document_that_is_read_again_counts_as_read_meanwhile),
        STORY(an_accepted_reading_keeps_what_a_person_corrected),
        STORY(a_correction_survives_any_number_of_readings),
        STORY(a_correction_that_finds_no_place_is_an_event),
        STORY(a_declined_reading_leaves_no_trace_but_the_event),
        STORY(a_proposal_beside_an_older_reading_is_not_taken),
        STORY(a_page_in_quarantine_is_tried_again),
        STORY(a_reading_again_that_fails_sets_nothing_aside),
        STORY(what_is_proposed_stays_while_the_page_waits_anyway),
        STORY(text_without_a_picture_is_not_read_again),
        STORY(a_power_cut_while_choosing_leaves_the_one_or_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
