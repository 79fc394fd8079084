/* Client, worker and caged children together, as tram-box uses them, and the
 * command line of tram-ocr. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ocr/client.h"
#include "tests/lib/build.h"
#include "tests/lib/documents.h"
#include "tests/lib/scratch.h"

#define A4_WIDTH      2480 /* 300 dpi */
#define A4_HEIGHT     3508
#define RSS_BYTES_MAX (250ull << 20)
#define PATIENCE_MS   60000

static struct err e;

/* --- documents ----------------------------------------------------------- */

static int in_memory(const void *bytes, size_t count)
{
    int fd = memfd_create("document", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), (ssize_t)count);
    return fd;
}

/* A page with `text` on each of its lines, in letters that a reader can read. */
static int a_page(uint32_t width, uint32_t height, const char *text, int lines)
{
    PIX *page = pixCreate((l_int32)width, (l_int32)height, 8);
    L_BMF *font = bmfCreate(NULL, 14);
    l_uint8 *bytes;
    size_t count;
    l_int32 end, over;
    int fd;

    (void)pixSetAll(page);
    for (int i = 0; i < lines; i++)
        (void)pixSetTextline(page, font, text, 0, 200, 300 + 60 * i, &end, &over);
    (void)pixSetResolution(page, 300, 300);
    assert_int_equal(pixWriteMemPng(&bytes, &count, page, 0), 0);
    fd = in_memory(bytes, count);
    lept_free(bytes);
    pixDestroy(&page);
    bmfDestroy(&font);
    return fd;
}

static int a_scan(void)
{
    return a_page(A4_WIDTH, A4_HEIGHT, "CONG HOA XA HOI 1945", 1);
}

/* A stream that draws `text` as shapes, in red. With a font's name instead, what is drawn is
 * the machine's: while somebody installed fonts, a page came out without letters. */
static void append_drawing(struct buffer *out, const char *text)
{
    PIX *line = pixCreate(1200, 80, 1);
    L_BMF *font = bmfCreate(NULL, 14);
    struct buffer shapes;
    l_int32 end, over, width = pixGetWidth(line);
    l_uint32 ink = 0;

    buffer_init(&shapes, 1 << 17);
    buffer_append_text(&shapes, "1 0 0 rg .24 0 0 .24 72 720 cm\n"); /* 300 dpi */
    (void)pixSetTextline(line, font, text, 1, 0, 60, &end, &over);
    for (l_int32 y = 0; y < pixGetHeight(line); y++)
        for (l_int32 x = 0, from = 0; x <= width; x++) {
            l_uint32 was = ink;

            ink = 0; /* beside the line */
            (void)pixGetPixel(line, x, y, &ink);
            if (ink != 0 && was == 0)
                from = x;
            if (ink == 0 && was != 0)
                buffer_append_format(&shapes, "%d %d %d 1 re\n", from, -y, x - from);
        }
    buffer_append_format(out, "<</Length %zu>>\nstream\n%sf\nendstream", shapes.count + 1,
                         (const char *)shapes.bytes);
    buffer_release(&shapes);
    bmfDestroy(&font);
    pixDestroy(&line);
}

/* Two pages of text and no picture, so that they must be drawn; `sides` in points. */
static int a_pdf_of(const char *sides)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        NULL, /* the pages, with their sides */
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 4 0 R>>",
        "Mot trang giay", /* drawn */
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 6 0 R>>",
        "Hai trang giay",
    };
    size_t offsets[6], count = sizeof objects / sizeof *objects, xref;
    struct buffer b;
    int fd;

    buffer_init(&b, 1 << 18);
    buffer_append_text(&b, "%PDF-1.4\n");
    for (size_t i = 0; i < count; i++) {
        offsets[i] = b.count;
        buffer_append_format(&b, "%zu 0 obj\n", i + 1);
        if (objects[i] == NULL)
            buffer_append_format(
                &b, "<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2/MediaBox[0 0 %s]>>", sides);
        else if (objects[i][0] != '<')
            append_drawing(&b, objects[i]);
        else
            buffer_append_text(&b, objects[i]);
        buffer_append_text(&b, "\nendobj\n");
    }
    xref = b.count;
    buffer_append_format(&b, "xref\n0 %zu\n0000000000 65535 f \n", count + 1);
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&b, "%010zu 00000 n \n", offsets[i]);
    buffer_append_format(&b, "trailer<</Size %zu/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
                         count + 1, xref);
    fd = in_memory(b.bytes, b.count);
    buffer_release(&b);
    return fd;
}

static int a_drawn_pdf(void)
{
    return a_pdf_of("595 842");
}

static void put_entry(struct archive *a, const char *name, const char *bytes)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)strlen(bytes));
    assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, bytes, strlen(bytes)), strlen(bytes));
    archive_entry_free(entry);
}

static int a_tar(void)
{
    struct archive *a = archive_write_new();
    static char bytes[65536];
    size_t count;

    assert_int_equal(archive_write_set_format_ustar(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, bytes, sizeof bytes, &count),
                     ARCHIVE_OK);
    put_entry(a, "01.txt", "abc");
    put_entry(a, "../02.txt", "def");
    put_entry(a, "03.txt", "ghi");
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
    return in_memory(bytes, count);
}

/* --- clients ------------------------------------------------------------- */

static struct ocr_client *a_client(struct ocr_options o)
{
    struct ocr_client *c;

    if (o.program == NULL)
        o.program = build_program("tram-ocr");
    if (o.jobs == 0)
        o.jobs = 2;
    assert_int_equal(ocr_client_create(&c, &o, &e), 0);
    return c;
}

static void expect_text(const struct reading *r, const char *text)
{
    assert_int_equal(r->refusal, REFUSAL_NONE);
    if (r->text.count == 0 || strstr((const char *)r->text.bytes, text) == NULL)
        fail_msg("read: %s", r->text.count == 0 ? "" : (const char *)r->text.bytes);
}

static enum refusal refusal_of(struct ocr_client *c, const void *bytes, size_t count)
{
    struct identity i;
    int fd = in_memory(bytes, count);

    assert_int_equal(ocr_identify(c, fd, &i, &e), 0);
    (void)close(fd);
    return i.refusal;
}

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

/* Whether something of it is redder than ink or paper. */
static bool is_reddish(const struct buffer *jpeg)
{
    PIX *pix = pixReadMem(jpeg->bytes, jpeg->count);
    PIX *colour = pixConvertTo32(pix);
    l_int32 red, green, blue;
    bool found = false;

    assert_non_null(colour);
    for (l_int32 y = 0; y < pixGetHeight(colour); y++)
        for (l_int32 x = 0; x < pixGetWidth(colour); x++) {
            (void)pixGetRGBPixel(colour, x, y, &red, &green, &blue);
            found = found || (red > green + 30 && red > blue + 30);
        }
    pixDestroy(&colour);
    pixDestroy(&pix);
    return found;
}

static void a_pages_small_image_is_made_in_its_colours(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    int scan = a_scan(), pdf = a_drawn_pdf();
    struct small s;

    (void)state;
    assert_int_equal(ocr_small(c, scan, 0, 1, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "none");
    assert_int_equal(s.width, A4_HEIGHT); /* turned */
    assert_memory_equal(s.image.bytes, "%PDF-", 5);
    assert_false(is_reddish(&s.thumbnail));
    small_release(&s);
    assert_int_equal(ocr_small(c, pdf, 1, 0, &s, &e), 0); /* it must be drawn */
    assert_string_equal(refusal_name(s.refusal), "none");
    assert_true(is_reddish(&s.thumbnail));
    small_release(&s);
    assert_int_equal(ocr_small(c, pdf, 2, 0, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "no_pages");
    small_release(&s);
    ocr_client_destroy(c);
    (void)close(scan);
    (void)close(pdf);
}

/* Black and white grain all over, in blocks of 3: nothing that packs well. */
static int a_grainy_page(void)
{
    PIX *pix = pixCreate(1654, 2339, 8);
    struct buffer png;
    uint32_t state = 7;
    int fd;

    for (l_int32 y = 0; y < 2339; y += 3)
        for (l_int32 x = 0; x < 1654; x += 3) {
            state = state * 1664525u + 1013904223u;
            for (int i = 0; i < 9; i++)
                (void)pixSetPixel(pix, x + i % 3, y + i / 3, state >> 31 ? 255 : 0);
        }
    buffer_init(&png, 16u << 20);
    document_encode(&png, pix, IFF_PNG);
    fd = document_fd(png.bytes, png.count);
    buffer_release(&png);
    pixDestroy(&pix);
    return fd;
}

static void a_small_image_larger_than_a_reading_comes_out(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    int grain = a_grainy_page();
    struct small s;

    (void)state;
    assert_int_equal(ocr_small(c, grain, 0, 0, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "none");
    printf("    %zu bytes\n", s.image.count);
    assert_true(s.image.count <= SMALL_BYTES_MAX);
    small_release(&s);
    ocr_client_destroy(c);
    (void)close(grain);
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
    int scan = in_memory("x", 1);

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

/* --- deaths -------------------------------------------------------------- */

/* The first child of `pid`, as soon as there is one. */
static pid_t child_of(pid_t pid)
{
    struct timespec start, now;
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        FILE *f = fopen(path, "r");
        int child = 0;

        assert_non_null(f);
        if (fscanf(f, "%d", &child) != 1)
            child = 0;
        (void)fclose(f);
        if (child != 0)
            return child;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec < 60);
    fail_msg("process %d has no child", (int)pid);
    return 0;
}

static void a_killed_worker_is_an_error_and_the_next_question_starts_another(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct reading r;
    uint64_t ticket;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_submit_read(c, 1, scan, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(kill(child_of(getpid()), SIGKILL), 0);
    assert_int_equal(ocr_wait_read(c, PATIENCE_MS, &ticket, &r, &e), -1);
    assert_int_equal(ocr_at_work(c), 0);
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_worker_that_died_idle_is_not_missed(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    pid_t worker;

    (void)state;
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    worker = child_of(getpid());
    assert_int_equal(kill(worker, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)worker, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    assert_int_equal(refusal_of(c, "", 0), REFUSAL_EMPTY);
    ocr_client_destroy(c);
}

/* 100 megapixels with transparency: more than the cage's memory, if held whole. */
static void picture_of_a_hundred_megapixels_is_looked_at_row_by_row(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    PIX *pix = pixCreate(9900, 9900, 32);
    l_uint8 *bytes;
    size_t count;
    struct look look;
    int fd;

    (void)state;
    (void)pixSetAll(pix);
    (void)pixSetSpp(pix, 4);
    pixSetZlibCompression(pix, 1);
    assert_int_equal(pixWriteMemPng(&bytes, &count, pix, 0), 0);
    pixDestroy(&pix);
    fd = in_memory(bytes, count);
    lept_free(bytes);
    assert_int_equal(ocr_look(c, fd, 0, &look, &e), 0);
    assert_string_equal(refusal_name(look.refusal), "none");
    ocr_client_destroy(c);
    (void)close(fd);
}

/* Stopped, it neither answers nor dies: its socket stays open. */
static void a_worker_that_says_nothing_is_given_up(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){.page_wall_ms_max = 500});
    struct identity i;
    struct look look;
    int scan = a_scan();

    (void)state;
    assert_int_equal(ocr_identify(c, scan, &i, &e), 0);
    assert_int_equal(kill(child_of(getpid()), SIGSTOP), 0);
    assert_int_equal(ocr_look(c, scan, 0, &look, &e), -1);
    assert_int_equal(e.code, ERR_FAILED);
    assert_int_equal(ocr_identify(c, scan, &i, &e), 0);
    ocr_client_destroy(c);
    (void)close(scan);
}

static void a_killed_child_is_a_refusal_and_the_worker_goes_on(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    struct identity identity;
    struct reading r;
    uint64_t ticket;
    int scan = a_scan();

    (void)state;
    /* Its first child tries the cage, and is none of a question. */
    assert_int_equal(ocr_identify(c, scan, &identity, &e), 0);
    assert_int_equal(ocr_submit_read(c, 1, scan, 0, 0, WAY_USUAL, &e), 0);
    assert_int_equal(kill(child_of(child_of(getpid())), SIGKILL), 0);
    assert_int_equal(ocr_wait_read(c, PATIENCE_MS, &ticket, &r, &e), 1);
    assert_int_equal(ticket, 1);
    assert_int_equal(r.refusal, REFUSAL_CRASHED);
    assert_int_equal(ocr_read(c, scan, 0, 0, &r, &e), 0);
    expect_text(&r, "1945");
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(scan);
}

/* A worker that is asked and says nothing, and a file by which it tells that it runs. */
static void write_mute_worker(const char *path, const char *started)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\n: > '%s'\nexec sleep 1000\n", started);
    assert_int_equal(fchmod(fileno(f), 0700), 0);
    assert_int_equal(fclose(f), 0);
}

struct interrupting {
    struct ocr_client *client;
    char program[128], started[128];
};

static void *interrupt_when_asked(void *arg)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    struct interrupting *i = arg;

    for (int n = 0; n < 6000 && access(i->started, F_OK) != 0; n++)
        (void)nanosleep(&moment, NULL);
    ocr_client_interrupt(i->client);
    return NULL;
}

/* Restoring or packing a large document takes minutes, for which a stop waited. */
static void who_is_to_stop_waits_for_no_answer(void **state)
{
    struct interrupting i;
    struct scratch s;
    struct identity what;
    enum refusal refusal;
    struct hash h = {{0}};
    pthread_t thread;
    int fd = memfd_create("document", MFD_CLOEXEC);

    (void)state;
    scratch_dir(&s);
    (void)snprintf(i.program, sizeof i.program, "%s/mute", s.dir);
    (void)snprintf(i.started, sizeof i.started, "%s/started", s.dir);
    write_mute_worker(i.program, i.started);
    i.client = a_client((struct ocr_options){.program = i.program});
    assert_int_equal(pthread_create(&thread, NULL, interrupt_when_asked, &i), 0);
    assert_int_equal(ocr_restore(i.client, fd, &h, fd, &refusal, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(pthread_join(thread, NULL), 0);
    /* For good. */
    assert_int_equal(ocr_identify(i.client, fd, &what, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    ocr_client_destroy(i.client);
    scratch_remove(&s);
    (void)close(fd);
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

/* --- the command line ---------------------------------------------------- */

/* Runs tram-ocr with `args` in a shell, in English; its exit status, and what it
 * wrote to both in `said`. */
static int command(struct buffer *said, const char *args)
{
    char line[8192];
    FILE *f;
    int status;

    (void)snprintf(line, sizeof line, "TRAM_LANG=en %s %s 2>&1",
                   build_program("tram-ocr"), args);
    buffer_init(said, 1 << 20);
    f = popen(line, "r");
    assert_non_null(f);
    for (int c; (c = fgetc(f)) != EOF;)
        buffer_append_byte(said, (uint8_t)c);
    status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_command(const char *args, int status, const char *words)
{
    struct buffer said;

    assert_int_equal(command(&said, args), status);
    assert_non_null(strstr(said.count == 0 ? "" : (char *)said.bytes, words));
    buffer_release(&said);
}

static void words_that_make_no_sense_exit_2(void **state)
{
    (void)state;
    expect_command("", 2, "No file");
    expect_command("--format pfd x.png", 2, "tsv, pdf");
    expect_command("--format docx x.png", 2, "docx");
    expect_command("--jobs 0 x.png", 2, "“0”");
    expect_command("--frobnicate", 2, "--frobnicate");
    expect_command("--help", 0, "Exit status");
    expect_command("--version", 0, "tram-ocr ");
}

static void copy_to(int fd, const char *path)
{
    static char bytes[1 << 20];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    int to = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_in_range(n, 1, sizeof bytes - 1);
    assert_int_equal(write(to, bytes, (size_t)n), n);
    (void)close(to);
    (void)close(fd);
}

static void a_small_image_is_written_by_hand(void **state)
{
    char dir[] = "/tmp/tram-ocr-XXXXXX", args[512];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(args, sizeof args, "%s/a.pdf", dir);
    copy_to(a_drawn_pdf(), args);
    (void)snprintf(args, sizeof args,
                   "--small %s/small.pdf --thumbnail %s/t.jpg --page 2 %s/a.pdf", dir,
                   dir, dir);
    expect_command(args, 0, "");
    (void)snprintf(args, sizeof args, "--small %s/none.pdf --page 3 %s/a.pdf", dir, dir);
    expect_command(args, 3, "a.pdf: ");
    expect_command("--page 2 x.png", 2, "--page");
    expect_command("--small a.pdf --repack b x.png", 2, "one of them at a time");
    (void)snprintf(args, sizeof args, "rm %s/small.pdf %s/t.jpg %s/a.pdf && rmdir %s",
                   dir, dir, dir, dir);
    assert_int_equal(system(args), 0);
}

static void a_bad_file_is_one_line_and_the_batch_goes_on_in_order(void **state)
{
    char dir[] = "/tmp/tram-ocr-XXXXXX", args[512];
    struct buffer said;
    const char *first, *bad, *second;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(args, sizeof args, "%s/a.pdf", dir);
    copy_to(a_drawn_pdf(), args);
    (void)snprintf(args, sizeof args, "%s/b.png", dir);
    copy_to(in_memory("words", 5), args);
    (void)snprintf(args, sizeof args, "--json %s/b.png %s/a.pdf %s/none.png", dir, dir,
                   dir);
    assert_int_equal(command(&said, args), 3);
    if (strstr((char *)said.bytes, "Mot trang") == NULL)
        print_error("%s\n", (char *)said.bytes); /* which says what was there instead */
    bad = strstr((char *)said.bytes, "b.png: not a kind of file");
    first = strstr((char *)said.bytes, "Mot trang");
    second = strstr((char *)said.bytes, "Hai trang");
    assert_non_null(bad);
    assert_non_null(first);
    assert_true(second > first);
    assert_non_null(strstr((char *)said.bytes, "\"refusal\":\"wrong_type\""));
    assert_non_null(strstr((char *)said.bytes, "\"refusal\":\"unopened\""));
    buffer_release(&said);
    (void)snprintf(args, sizeof args, "rm -r %s", dir);
    assert_int_equal(system(args), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_identified),
        cmocka_unit_test(a_bad_document_is_refused_and_the_next_goes_on),
        cmocka_unit_test(a_page_is_read_within_its_memory),
        cmocka_unit_test(a_page_that_is_no_picture_is_drawn),
        cmocka_unit_test(a_plan_is_drawn_coarsely_and_a_field_not_at_all),
        cmocka_unit_test(a_pages_small_image_is_made_in_its_colours),
        cmocka_unit_test(a_small_image_larger_than_a_reading_comes_out),
        cmocka_unit_test(a_page_that_is_not_there_is_refused),
        cmocka_unit_test(a_page_that_takes_too_long_is_timed_out),
        cmocka_unit_test(uncaged_it_reads_too),
        cmocka_unit_test(as_many_jobs_as_the_limit_says_and_no_more_can_be),
        cmocka_unit_test(without_the_program_nothing_can_be_asked),
        cmocka_unit_test(an_archive_tells_its_entries),
        cmocka_unit_test(a_sinks_error_ends_the_unpacking_and_not_the_worker),
        cmocka_unit_test(pages_are_read_side_by_side),
        cmocka_unit_test(waiting_for_nothing_returns_at_once),
        cmocka_unit_test(
            a_killed_worker_is_an_error_and_the_next_question_starts_another),
        cmocka_unit_test(a_worker_that_died_idle_is_not_missed),
        cmocka_unit_test(picture_of_a_hundred_megapixels_is_looked_at_row_by_row),
        cmocka_unit_test(a_worker_that_says_nothing_is_given_up),
        cmocka_unit_test(a_killed_child_is_a_refusal_and_the_worker_goes_on),
        cmocka_unit_test(who_is_to_stop_waits_for_no_answer),
        cmocka_unit_test(threads_may_have_a_client_each),
        cmocka_unit_test(words_that_make_no_sense_exit_2),
        cmocka_unit_test(a_small_image_is_written_by_hand),
        cmocka_unit_test(a_bad_file_is_one_line_and_the_batch_goes_on_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
