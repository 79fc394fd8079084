/* Client, worker and caged children together, as tram-box uses them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/build.h"
#include "tests/lib/client_papers.h"
#include "tests/lib/documents.h"

#define RSS_BYTES_MAX (250ull << 20)
#define PATIENCE_MS   60000

static struct err e;

/* --- one at a time ------------------------------------------------------- */

static void a_document_is_identified(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    int scan = a_scan(), pdf = a_drawn_pdf();
    struct identity i;

    (void)state;
    assert_int_equal(ocr_identify(c, scan, &i, &e), 0);
    assert_int_equal(i.refusal, REFUSAL_NONE);
    assert_int_equal(i.media, MEDIA_PNG);
    assert_int_equal(i.pages, 1);
    assert_int_equal(ocr_identify(c, pdf, &i, &e), 0);
    assert_int_equal(i.media, MEDIA_PDF);
    assert_int_equal(i.pages, 2);
    ocr_client_destroy(c);
    (void)close(scan);
    (void)close(pdf);
}

static void a_bad_document_is_refused_and_the_next_goes_on(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});

    (void)state;
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    assert_int_equal(refusal_of(c, "words", 5), REFUSAL_WRONG_TYPE);
    assert_int_equal(refusal_of(c, "\x89PNG\r\n\x1a\n\0\0", 10), REFUSAL_CUT_OFF);
    a_document_is_identified(state);
    ocr_client_destroy(c);
}

static void a_page_is_read_within_its_memory(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    int scan =
        a_page(A4_WIDTH, A4_HEIGHT,
               "CONG HOA XA HOI 1945 CONG HOA XA HOI 1945 CONG HOA XA HOI 1945", 50);

    (void)state;
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    assert_true(r.layout.words_count > 500);
    assert_int_equal(r.layout.width, A4_WIDTH);
    assert_int_equal(r.layout.height, A4_HEIGHT);
    print_message("%d MB resident\n", (int)(ocr_rss_bytes_max(c) >> 20));
#ifndef __SANITIZE_ADDRESS__
    assert_in_range(ocr_rss_bytes_max(c), 1 << 20, RSS_BYTES_MAX);
#endif
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_page_that_is_no_picture_is_drawn(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    struct look l;
    int pdf = a_drawn_pdf();

    (void)state;
    assert_int_equal(ocr_read(c, pdf, 1, 0, &r, &e), 0);
    expect_text(&r, "Hai trang");
    assert_int_equal(r.layout.dpi, 300);
    reading_release(&r);
    assert_int_equal(ocr_look(c, pdf, 0, &l, &e), 0);
    assert_int_equal(l.refusal, REFUSAL_NONE);
    assert_int_equal(l.secrecy, SECRECY_NONE);
    assert_int_equal(l.width, A4_WIDTH);
    ocr_client_destroy(c);
    (void)close(pdf);
}

static void a_plan_is_drawn_coarsely_and_a_field_not_at_all(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    int plan = a_pdf_of("3000 3000"), field = a_pdf_of("14000 14000");

    (void)state;
    assert_int_equal(ocr_read(c, plan, 0, 0, &r, &e), 0);
    assert_int_equal(r.refusal, REFUSAL_NONE);
    assert_int_equal(r.layout.dpi, 100);
    assert_in_range(r.layout.width, 4166, 4168);
    reading_release(&r);
    assert_int_equal(ocr_read(c, field, 0, 0, &r, &e), 0);
    assert_int_equal(r.refusal, REFUSAL_TOO_LARGE);
    ocr_client_destroy(c);
    (void)close(plan);
    (void)close(field);
}

static void a_page_that_is_not_there_is_refused(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_read(c, scan, 7, 0, &r, &e), 0);
    assert_int_not_equal(r.refusal, REFUSAL_NONE);
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_page_that_takes_too_long_is_timed_out(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){.page_wall_ms_max = 1});
    struct reading r;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    assert_int_equal(r.refusal, REFUSAL_TIMED_OUT);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void uncaged_it_reads_too(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){.uncaged = true});
    struct reading r;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void as_many_jobs_as_the_limit_says_and_no_more_can_be(void **state)
{
    struct ocr_options o = {.jobs = OCR_JOBS_MAX};
    struct ocr_client *client = NULL;

    (void)state;
    assert_int_equal(ocr_client_create(&client, &o, &e), 0);
    ocr_client_destroy(client);
    o.jobs = OCR_JOBS_MAX + 1;
    assert_int_equal(ocr_client_create(&client, &o, &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_null(client);
}

static void without_the_program_nothing_can_be_asked(void **state)
{
    struct ocr_client *c =
        a_client((struct ocr_options){.program = "/usr/bin/there-is-no-tram-ocr"});
    struct identity i;
    int scan = document_fd("x", 1);

    (void)state;
    assert_int_equal(ocr_identify(c, scan, &i, &e), -1);
    ocr_client_destroy(c);
    /* A program that ends at once is no better. */
    c = a_client((struct ocr_options){.program = "/usr/bin/false"});
    assert_int_equal(ocr_identify(c, scan, &i, &e), -1);
    ocr_client_destroy(c);
    (void)close(scan);
}

/* --- archives ------------------------------------------------------------ */

static int a_tar(void)
{
    static const struct archive_item items[] = {
        {.name = "01.txt", .bytes = "abc", .count = 3},
        {.name = "../02.txt", .bytes = "def", .count = 3},
        {.name = "03.txt", .bytes = "ghi", .count = 3},
    };
    struct buffer tar;
    int fd;

    document_archive(&tar, ARCHIVE_TAR, items, sizeof items / sizeof *items);
    fd = document_fd(tar.bytes, tar.count);
    buffer_release(&tar);
    return fd;
}

static int story_begin(void *arg, const char *name, struct err *err)
{
    (void)err;
    buffer_append_format(arg, "[%s|", name);
    return 0;
}

static int story_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
    (void)err;
    buffer_append(arg, bytes, count);
    return 0;
}

static int story_end(void *arg, enum refusal r, struct err *err)
{
    (void)err;
    buffer_append_format(arg, "|%s]", refusal_name(r));
    return 0;
}

static int full(void *arg, const void *bytes, size_t count, struct err *err)
{
    (void)arg;
    (void)bytes;
    (void)count;
    return err_set(err, ERR_NO_SPACE, "disk full");
}

static void an_archive_tells_its_entries(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct buffer story;
    const struct entry_sink sink = {story_begin, story_bytes, story_end, &story};
    enum refusal refusal;
    int tar = a_tar();

    (void)state;
    buffer_init(&story, 4096);
    assert_int_equal(ocr_unpack(c, tar, &sink, &refusal, &e), 0);
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_string_equal((char *)story.bytes,
                        "[01.txt|abc|none][‥/02.txt||bad_path][03.txt|ghi|none]");
    buffer_release(&story);
    ocr_client_destroy(c);
    (void)close(tar);
}

static void a_sinks_error_ends_the_unpacking_and_not_the_worker(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct buffer story;
    const struct entry_sink sink = {story_begin, full, story_end, &story};
    enum refusal refusal;
    int tar = a_tar();

    (void)state;
    buffer_init(&story, 4096);
    assert_int_equal(ocr_unpack(c, tar, &sink, &refusal, &e), -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    buffer_release(&story);
    ocr_client_destroy(c);
    (void)close(tar);
}

/* --- many at once -------------------------------------------------------- */

static void pages_are_read_side_by_side(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){.jobs = 2});
    int first = a_page(900, 600, "TRANG 2458", 1),
        second = a_page(900, 600, "TRANG 1945", 1);
    bool seen[2] = {false, false};

    (void)state;
    assert_int_equal(ocr_submit_read(c, 1, first, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(ocr_submit_read(c, 2, second, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(ocr_submit_read(c, 3, first, 0, 0, WAY_USUAL, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(ocr_at_work(c), 2);
    /* Something else may be asked between. */
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    for (int i = 0; i < 2; i++) {
        struct reading r;
        uint64_t ticket;

        assert_int_equal(ocr_wait_read(c, PATIENCE_MS, &ticket, &r, &e), 1);
        assert_in_range(ticket, 1, 2);
        assert_false(seen[ticket - 1]);
        seen[ticket - 1] = true;
        expect_text(&r, ticket == 1 ? "2458" : "1945");
        reading_release(&r);
    }
    assert_int_equal(ocr_at_work(c), 0);
    ocr_client_destroy(c);
    (void)close(first);
    (void)close(second);
}

static void waiting_for_nothing_returns_at_once(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    uint64_t ticket;

    (void)state;
    assert_int_equal(ocr_wait_read(c, -1, &ticket, &r, &e), 0);
    ocr_client_idle(c);
    ocr_client_destroy(c);
}

static void *ask_from_thread(void *arg)
{
    struct ocr_client *c;
    struct identity i;
    struct err its;
    struct ocr_options o = {.program = arg, .jobs = 1};
    int fd = memfd_create("empty", MFD_CLOEXEC);
    bool well = ocr_client_create(&c, &o, &its) == 0;

    well = well && ocr_identify(c, fd, &i, &its) == 0 && i.refusal == REFUSAL_EMPTY;
    ocr_client_destroy(c);
    (void)close(fd);
    return well ? arg : NULL;
}

static void threads_may_have_a_client_each(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_from_thread,
                                        (void *)build_program("tram-ocr")),
                         0);
    for (size_t i = 0; i < 4; i++) {
        void *well;

        assert_int_equal(pthread_join(threads[i], &well), 0);
        assert_non_null(well);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_identified),
        cmocka_unit_test(a_bad_document_is_refused_and_the_next_goes_on),
        cmocka_unit_test(a_page_is_read_within_its_memory),
        cmocka_unit_test(a_page_that_is_no_picture_is_drawn),
        cmocka_unit_test(a_plan_is_drawn_coarsely_and_a_field_not_at_all),
        cmocka_unit_test(a_page_that_is_not_there_is_refused),
        cmocka_unit_test(a_page_that_takes_too_long_is_timed_out),
        cmocka_unit_test(uncaged_it_reads_too),
        cmocka_unit_test(as_many_jobs_as_the_limit_says_and_no_more_can_be),
        cmocka_unit_test(without_the_program_nothing_can_be_asked),
        cmocka_unit_test(an_archive_tells_its_entries),
        cmocka_unit_test(a_sinks_error_ends_the_unpacking_and_not_the_worker),
        cmocka_unit_test(pages_are_read_side_by_side),
        cmocka_unit_test(waiting_for_nothing_returns_at_once),
        cmocka_unit_test(threads_may_have_a_client_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
