/* Import: records that are digital already, and what is wrong with some of them. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/box_world.h"

/* The sanitizers make each line ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define RECORD_COUNT 3000
#else
#define RECORD_COUNT 20000
#endif

static struct box_world w;
static struct import_counts counts;

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

static void import(const char *lines)
{
    must(world_import(&w, lines, &counts, &w.err), &w.err);
}

static void expect_counts(uint64_t added, uint64_t changed, uint64_t unchanged,
                          uint64_t deleted, uint64_t refused)
{
    assert_int_equal(counts.added, added);
    assert_int_equal(counts.changed, changed);
    assert_int_equal(counts.unchanged, unchanged);
    assert_int_equal(counts.deleted, deleted);
    assert_int_equal(counts.refused, refused);
    assert_int_equal(counts.lines, added + changed + unchanged + deleted + refused);
}

static void expect_sound_box(void)
{
    const char *problem = world_problem(&w);

    if (problem != NULL)
        fail_msg("%s", problem);
}

static int64_t frames(void)
{
    return world_number(&w, "SELECT count(*) FROM changelog");
}

#define BIRTH                                                                               \
    "{\"dossier\": \"KS-1975\", \"type\": \"khai_sinh\", \"key\": 12,"                      \
    " \"fields\": {\"ho_ten\": \"Nguyễn Thị Mẫu\", \"nam_sinh\": 1975, \"ghi_chu\": " \
    "\"\"},"                                                                                \
    " \"pages\": [{\"text\": \"giấy khai sinh bản sao\"}, {\"text\": \"mặt sau\"}]}\n"

/* ------------------------------------------------------------------- records */

static void a_line_is_a_document_with_fields_and_pages_and_is_found(void **state)
{
    uint64_t document;

    (void)state;
    import(BIRTH);
    expect_counts(1, 0, 0, 0, 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document JOIN dossier ON"
                                      " dossier.id = dossier WHERE code = 'KS-1975' AND"
                                      " type = 'khai_sinh' AND source = 'thu' AND"
                                      " source_key = '12'"),
                     1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM field WHERE source = 'clerk'"
                                      " AND (name, value) IN (VALUES ('ho_ten',"
                                      " 'Nguyễn Thị Mẫu'), ('nam_sinh', '1975'))"),
                     2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM field"), 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page WHERE original IS NULL"),
                     2);
    assert_int_equal(world_search(&w, "\"khai sinh\" sao", &document), 1);
    assert_int_equal(world_search(&w, "nguyen thi mau", NULL), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event"
                                      " WHERE kind = 'imported'"),
                     1);
    expect_sound_box();
}

static void the_same_line_again_changes_nothing(void **state)
{
    int64_t before;

    (void)state;
    import(BIRTH);
    before = frames();
    import(BIRTH);
    expect_counts(0, 0, 1, 0, 0);
    assert_int_equal(frames(), before);
}

static void a_changed_line_changes_what_differs_and_nothing_else(void **state)
{
    (void)state;
    import(BIRTH);
    import("{\"key\": \"12\", \"dossier\": \"KS-1976\","
           " \"fields\": {\"ho_ten\": \"Nguyễn Thị Mẫu\", \"noi_sinh\": \"Xã Thử\"},"
           " \"pages\": [{\"text\": \"giấy khai sinh bản sao\"},"
           " {\"text\": \"mặt sau đã sửa\"}, {\"text\": \"trang thêm\"}]}\n");
    expect_counts(0, 1, 0, 0, 0);
    /* The first page's text is the same: it has one reading; the second has two. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 4);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page WHERE deleted = 0"), 3);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM field WHERE deleted = 0"), 2);
    assert_int_equal(world_search(&w, "1975", NULL), 0);
    assert_int_equal(world_search(&w, "\"đã sửa\"", NULL), 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document, dossier WHERE"
                                      " dossier = dossier.id AND code = 'KS-1976'"
                                      " AND type = 'khai_sinh'"),
                     1);
    import("{\"key\": \"12\", \"pages\": [{\"text\": \"giấy khai sinh bản sao\"}]}\n");
    expect_counts(0, 1, 0, 0, 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM page WHERE deleted = 0"), 1);
    assert_int_equal(world_search(&w, "\"đã sửa\"", NULL), 0);
    /* What the line left out stayed. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM field WHERE deleted = 0"), 2);
    expect_sound_box();
}

static void a_deleted_record_is_gone_until_a_line_brings_it_back(void **state)
{
    (void)state;
    import(BIRTH);
    import("{\"key\": 12, \"delete\": true}\n{\"key\": 12, \"delete\": true}\n"
           "{\"key\": \"never seen\", \"delete\": true}\n");
    expect_counts(0, 0, 2, 1, 0);
    assert_int_equal(world_search(&w, "khai sinh", NULL), 0);
    assert_int_equal(world_search(&w, "nguyễn", NULL), 0);
    expect_sound_box();
    import(BIRTH);
    expect_counts(0, 1, 0, 0, 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 1);
    assert_int_equal(world_search(&w, "\"bản sao\"", NULL), 1);
    assert_int_equal(world_search(&w, "nguyễn", NULL), 1);
    expect_sound_box();
}

static void text_that_differs_only_in_composition_is_the_same(void **state)
{
    (void)state;
    import("{\"key\": \"hoà\", \"pages\": [{\"text\": \"xã Bình An\"}]}\n");
    import("{\"key\": \"hoa\xcc\x80\", \"pages\": [{\"text\": \"xa\xcc\x83"
           " Bi\xcc\x80nh An\"}]}\n");
    expect_counts(0, 0, 1, 0, 0);
}

static void windows_lines_a_mark_and_blank_lines_are_fine(void **state)
{
    (void)state;
    import("\xef\xbb\xbf{\"key\": 1}\r\n\r\n  \t\n{\"key\": 2, \"note\": [1.5, {}]}");
    expect_counts(2, 0, 0, 0, 0);
}

/* ------------------------------------------------------------------- refused */

struct complaint {
    uint64_t line;
    char why[256];
};

static struct complaint complaints[64];
static size_t complaints_count;

static void complain(void *arg, uint64_t line, const char *why)
{
    struct complaint *c = &complaints[complaints_count++];

    (void)arg;
    c->line = line;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
}

static void import_from(int fd)
{
    struct import_options o = {.source = "thu", .refused = complain};

    complaints_count = 0;
    must(import_lines(w.box, fd, &o, &counts, &w.err), &w.err);
}

static void import_noting(const char *lines, size_t bytes)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(lines, 1, bytes, f), bytes);
    rewind(f);
    import_from(fileno(f));
    (void)fclose(f); /* a temporary file */
}

static void a_line_that_cannot_be_taken_is_told_and_the_rest_goes_on(void **state)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"{\"key\": 1, \"pages\": [{\"text\": \"một\"}]}", NULL},
        {"{\"key\": 2", "not JSON"},
        {"[1, 2]", "not an object"},
        {"{\"dossier\": \"A\"}", "\"key\" is missing"},
        {"{\"key\": \"\"}", "\"key\" is missing"},
        {"{\"key\": 1.5}", "\"key\" is not text"},
        {"{\"key\": 3, \"key\": 4}", "duplicate"},
        {"{\"key\": 3, \"type\": [1]}", "\"type\" is not text"},
        {"{\"key\": 3, \"fields\": [1]}", "\"fields\" is not an object"},
        {"{\"key\": 3, \"fields\": {\"a\": {}}}", "field \"a\""},
        {"{\"key\": 3, \"fields\": {\"\": \"x\"}}", "no name"},
        {"{\"key\": 3, \"fields\": {\"\xe1\xba\xbf\": 1, \"\xc3\xaa\xcc\x81\": 2}}",
         "twice"},
        {"{\"key\": 3, \"pages\": {\"text\": \"x\"}}", "\"pages\" is not a list"},
        {"{\"key\": 3, \"pages\": [{\"text\": \"x\"}, \"y\"]}", "page 2: write"},
        {"{\"key\": 3, \"pages\": [{\"text\": 1}]}", "page 1: write"},
        {"{\"key\": 3, \"delete\": 1}", "\"delete\""},
        {"{\"key\": \"a\\u0000b\"}", "not JSON"},
        {"{\"key\": \"\xff\"}", "not JSON"},
        {"{\"key\": 99999999999999999999}", "not JSON"},
        {"{\"key\": 5, \"pages\": [{\"text\": \"hai\"}]}", NULL},
    };
    struct buffer lines;
    size_t told = 0;

    (void)state;
    buffer_init(&lines, 1 << 16);
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++)
        buffer_append_format(&lines, "%s\n", cases[n].line);
    import_noting((const char *)lines.bytes, lines.count);
    buffer_release(&lines);
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        if (cases[n].why == NULL)
            continue;
        assert_int_equal(complaints[told].line, n + 1);
        if (strstr(complaints[told].why, cases[n].why) == NULL)
            fail_msg("line %zu: %s", n + 1, complaints[told].why);
        told++;
    }
    expect_counts(2, 0, 0, 0, told);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 2);
}

static void append_long(struct buffer *out, size_t bytes)
{
    for (size_t n = 0; n < bytes; n += 10)
        buffer_append_text(out, "mười chữ ");
}

static void what_is_over_a_cap_is_refused_and_the_next_line_taken(void **state)
{
    struct buffer lines;

    (void)state;
    buffer_init(&lines, 32u << 20);
    buffer_append_text(&lines, "{\"key\": 1, \"pages\": [{\"text\": \"");
    append_long(&lines, 100000);
    buffer_append_text(&lines, "\"}]}\n{\"key\": 2, \"fields\": {\"a\": \"");
    append_long(&lines, 9000);
    buffer_append_text(&lines, "\"}}\n{\"key\": 3, \"pages\": [");
    for (int n = 0; n <= 5000; n++)
        buffer_append_text(&lines, n == 0 ? "{\"text\":\"\"}" : ",{\"text\":\"\"}");
    buffer_append_text(&lines, "]}\n{\"key\": 4, \"note\": \"");
    append_long(&lines, IMPORT_LINE_BYTES_MAX);
    buffer_append_text(&lines, "\"}\n{\"key\": 5}\n");
    import_noting((const char *)lines.bytes, lines.count);
    buffer_release(&lines);
    expect_counts(1, 0, 0, 0, 4);
    assert_non_null(strstr(complaints[0].why, "page 1"));
    assert_non_null(strstr(complaints[1].why, "field \"a\""));
    assert_non_null(strstr(complaints[2].why, "pages"));
    assert_int_equal(complaints[3].line, 4);
    assert_non_null(strstr(complaints[3].why, "8 MiB"));
}

static void a_source_without_a_name_is_the_askers_mistake(void **state)
{
    struct import_options o = {.source = ""};

    (void)state;
    assert_int_equal(import_lines(w.box, 0, &o, &counts, &w.err), -1);
    assert_int_equal(w.err.code, ERR_USAGE);
}

/* -------------------------------------------------------------- transactions */

static void twenty_thousand_lines_go_into_transactions_within_the_caps(void **state)
{
    struct buffer lines;
    char last[64];

    (void)state;
    buffer_init(&lines, 16u << 20);
    for (int n = 0; n < RECORD_COUNT; n++)
        buffer_append_format(&lines,
                             "{\"key\": %d, \"fields\": {\"so\": %d},"
                             " \"pages\": [{\"text\": \"sổ hộ tịch tờ %d\"}]}\n",
                             n, n, n);
    import((const char *)lines.bytes);
    buffer_release(&lines);
    expect_counts(RECORD_COUNT, 0, 0, 0, 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), RECORD_COUNT);
    assert_true(world_number(&w, "SELECT max(changes) FROM changelog") <=
                STORE_CHANGES_MAX);
    assert_true(world_number(&w, "SELECT max(length(changeset)) FROM changelog") <=
                STORE_CHANGESET_BYTES_MAX);
    print_message("# %d lines, %lld rows in %lld transactions\n", RECORD_COUNT,
                  (long long)world_number(&w, "SELECT sum(changes) FROM changelog"),
                  (long long)frames());
    assert_true(frames() >= RECORD_COUNT * 5 / STORE_CHANGES_MAX);
    (void)snprintf(last, sizeof last, "\"hộ tịch tờ %d\"", RECORD_COUNT - 1);
    assert_int_equal(world_search(&w, last, NULL), 1);
    expect_sound_box();
}

/* A record of about `bytes` of text on pages of 60 kB. */
static void append_record(struct buffer *out, int key, size_t bytes)
{
    buffer_append_format(out, "{\"key\": %d, \"pages\": [", key);
    for (size_t done = 0; done < bytes; done += 60000) {
        buffer_append_format(out, "%s{\"text\": \"", done == 0 ? "" : ",");
        for (size_t n = 0; n < 60000 && done + n < bytes; n += 10)
            buffer_append_format(out, "chu %05zu ", (done + n) / 10);
        buffer_append_text(out, "\"}");
    }
    buffer_append_text(out, "]}\n");
}

static void a_record_that_fits_a_transaction_is_never_cut(void **state)
{
    struct buffer lines;

    (void)state;
    buffer_init(&lines, 16u << 20);
    append_record(&lines, 1, 90000);  /* shares */
    append_record(&lines, 2, 90000);  /* shares, behind a cut */
    append_record(&lines, 3, 220000); /* has one alone */
    append_record(&lines, 4, 700000); /* fits none */
    append_record(&lines, 5, 1000);
    import((const char *)lines.bytes);
    expect_counts(5, 0, 0, 0, 0);
    buffer_release(&lines);
    assert_true(world_number(&w, "SELECT max(length(changeset)) FROM changelog") <=
                STORE_CHANGESET_BYTES_MAX);
    /* A frame names each document's key once, where its row is. The third's frame is
     * larger than half a cap: it was not cut. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM changelog"
                                      " WHERE length(changeset) > 220000"),
                     1);
    assert_true(frames() >= 6);
    expect_sound_box();
}

struct slow_pipe {
    int fd;
    pthread_barrier_t both;
};

/* Writes a line, and the rest only when the other has looked. */
static void *write_slowly(void *arg)
{
    struct slow_pipe *p = arg;
    static const char first[] = "{\"key\": 1}\n{\"key\":", rest[] = " 2}\n";

    if (write(p->fd, first, sizeof first - 1) != (ssize_t)(sizeof first - 1))
        return NULL;
    (void)pthread_barrier_wait(&p->both); /* one of them is told it is the last */
    (void)pthread_barrier_wait(&p->both);
    if (write(p->fd, rest, sizeof rest - 1) < 0)
        return NULL;
    (void)close(p->fd); /* a pipe */
    return NULL;
}

static struct slow_pipe slow;
static struct box *other;

static void others_can_write(void *arg, const struct import_counts *c)
{
    (void)arg;
    if (c->added != 1)
        return;
    (void)pthread_barrier_wait(&slow.both);
    must(store_write_begin(other->store, &w.err), &w.err);
    store_write_rollback(other->store);
    (void)pthread_barrier_wait(&slow.both);
}

static void nobody_waits_for_a_slow_pipe(void **state)
{
    struct import_options o = {.source = "thu", .progress = others_can_write};
    pthread_t writer;
    int ends[2];

    (void)state;
    must(box_open(&other, w.disk, &w.clock.clock, WORLD_DIR, NULL, &w.err), &w.err);
    assert_int_equal(pipe(ends), 0);
    slow.fd = ends[1];
    assert_int_equal(pthread_barrier_init(&slow.both, NULL, 2), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, &slow), 0);
    must(import_lines(w.box, ends[0], &o, &counts, &w.err), &w.err);
    assert_int_equal(pthread_join(writer, NULL), 0);
    (void)close(ends[0]); /* a pipe */
    (void)pthread_barrier_destroy(&slow.both);
    box_close(other);
    expect_counts(2, 0, 0, 0, 0);
}

static void a_record_with_more_than_can_be_searched_is_refused_alone(void **state)
{
    struct buffer lines;

    (void)state;
    buffer_init(&lines, 4u << 20);
    buffer_append_text(&lines, "{\"key\": 1}\n{\"key\": 2, \"fields\": {");
    for (int n = 0; n < IMPORT_FIELDS_MAX; n++) {
        buffer_append_format(&lines, "%s\"f%d\": \"", n > 0 ? ", " : "", n);
        for (int word = 0; word < IMPORT_VALUE_BYTES_MAX / 8; word++)
            buffer_append_format(&lines, "a%06d ", word);
        buffer_append_text(&lines, "\"");
    }
    buffer_append_text(&lines, "}}\n{\"key\": 3}\n");
    import((const char *)lines.bytes);
    buffer_release(&lines);
    expect_counts(2, 0, 0, 0, 1);
    expect_sound_box();
}

static unsigned told;

static void nobody_is_kept_from_writing(void)
{
    must(store_write_begin(other->store, &w.err), &w.err);
    store_write_rollback(other->store);
    told++;
}

static void refused_slowly(void *arg, uint64_t line, const char *why)
{
    (void)arg;
    (void)line;
    (void)why;
    nobody_is_kept_from_writing();
}

static void counted_slowly(void *arg, const struct import_counts *c)
{
    (void)arg;
    (void)c;
    nobody_is_kept_from_writing();
}

static void others_can_write_while_refused_lines_are_told(void **state)
{
    struct import_options o = {
        .source = "thu", .refused = refused_slowly, .progress = counted_slowly};
    int fd = memfd_create("lines", MFD_CLOEXEC);

    (void)state;
    must(box_open(&other, w.disk, &w.clock.clock, WORLD_DIR, NULL, &w.err), &w.err);
    for (int n = 0; n < 600; n++)
        assert_true(dprintf(fd, "{\"key\": %d, \"type\": \"x\"}\n{\"key\": oops}\n", n) >
                    0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    told = 0;
    must(import_lines(w.box, fd, &o, &counts, &w.err), &w.err);
    (void)close(fd); /* memory */
    box_close(other);
    expect_counts(600, 0, 0, 0, 600);
    assert_true(told > 600);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_line_is_a_document_with_fields_and_pages_and_is_found),
        STORY(the_same_line_again_changes_nothing),
        STORY(a_changed_line_changes_what_differs_and_nothing_else),
        STORY(a_deleted_record_is_gone_until_a_line_brings_it_back),
        STORY(text_that_differs_only_in_composition_is_the_same),
        STORY(windows_lines_a_mark_and_blank_lines_are_fine),
        STORY(a_line_that_cannot_be_taken_is_told_and_the_rest_goes_on),
        STORY(what_is_over_a_cap_is_refused_and_the_next_line_taken),
        STORY(a_source_without_a_name_is_the_askers_mistake),
        STORY(twenty_thousand_lines_go_into_transactions_within_the_caps),
        STORY(a_record_that_fits_a_transaction_is_never_cut),
        STORY(nobody_waits_for_a_slow_pipe),
        STORY(a_record_with_more_than_can_be_searched_is_refused_alone),
        STORY(others_can_write_while_refused_lines_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
