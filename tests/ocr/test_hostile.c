/* Two hundred documents with bytes changed, through the real reader: each harms
 * nothing but itself. */
#include "ocr/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "base/random.h"
#include "tests/lib/documents.h"

#define MUTATIONS    200
#define SEED         20260216
#define SEEDS_MAX    8
#define CHANGES_MAX  24
#define PAGE_WALL_MS 20000

struct world {
    struct ocr_client *client;
    struct buffer seeds[SEEDS_MAX];
    size_t seeds_count;
    struct buffer good;
    struct random_seeded random;
    unsigned refused[REFUSAL_COUNT];
};

/* Mode and directory of the build, from the test's own place. */
static const char *program(void)
{
    static char path[512];
    const char *build = getenv("TRAM_BUILD");
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);

    if (build != NULL) {
        (void)snprintf(path, sizeof path, "%s/tram-ocr", build);
        return path;
    }
    assert_true(n > 0);
    path[n] = '\0';
    for (int up = 0; up < 3; up++)
        *strrchr(path, '/') = '\0';
    (void)strcat(path, "/tram-ocr");
    return path;
}

static void add_pdf(struct world *w, const struct buffer *jpeg)
{
    const struct pdf_sheet sheet = {
        .box = "0 0 144 90",
        .content = "q 144 0 0 90 0 0 cm /Im0 Do Q",
        .picture = "/Type /XObject /Subtype /Image /Width 400 /Height 250 /ColorSpace "
                   "/DeviceGray /BitsPerComponent 8 /Filter /DCTDecode",
        .bytes = jpeg->bytes,
        .count = jpeg->count};

    document_pdf(&w->seeds[w->seeds_count++], &sheet, 1);
}

static int world_set_up(void **state)
{
    static const char *const lines[] = {"UY BAN NHAN DAN", "SO 12 QD UBND", NULL};
    struct world *w = calloc(1, sizeof *w);
    struct Pix *page = document_page(400, 250, lines);
    const struct ocr_options o = {
        .program = program(), .jobs = 1, .page_wall_ms_max = PAGE_WALL_MS};
    struct archive_item items[2] = {{.name = "1.jpg"}, {.name = "2.jpg"}};
    struct err e;

    document_encode(&w->good, page, IFF_JFIF_JPEG);
    for (int i = 0; i < 2; i++) {
        items[i].bytes = w->good.bytes;
        items[i].count = w->good.count;
    }
    document_encode(&w->seeds[w->seeds_count++], page, IFF_JFIF_JPEG);
    document_encode(&w->seeds[w->seeds_count++], page, IFF_PNG);
    document_encode(&w->seeds[w->seeds_count++], page, IFF_TIFF_LZW);
    document_tiff(&w->seeds[w->seeds_count++], page, 2);
    add_pdf(w, &w->good);
    document_archive(&w->seeds[w->seeds_count++], ARCHIVE_ZIP, items, 2);
    document_archive(&w->seeds[w->seeds_count++], ARCHIVE_TAR_GZ, items, 2);
    document_archive(&w->seeds[w->seeds_count++], ARCHIVE_TAR, items, 2);
    pixDestroy(&page);
    random_seeded_init(&w->random, SEED);
    if (ocr_client_create(&w->client, &o, &e) != 0)
        fail_msg("%s", e.text);
    *state = w;
    return 0;
}

static int world_tear_down(void **state)
{
    struct world *w = *state;

    ocr_client_destroy(w->client);
    for (size_t i = 0; i < w->seeds_count; i++)
        buffer_release(&w->seeds[i]);
    buffer_release(&w->good);
    free(w);
    return 0;
}

/* --- changes ---------------------------------------------------------------- */

static size_t below(struct world *w, size_t bound)
{
    return (size_t)random_below(&w->random.random, bound);
}

/* Bytes, bits and numbers as fuzzers have found them to hurt, runs copied to where
 * they do not belong, and now and then an end that is missing. */
static void change(struct world *w, struct buffer *b)
{
    static const unsigned char nasty[][4] = {
        {0xff, 0xff, 0xff, 0xff}, {0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 0},
        {0xff, 0xff, 0xff, 0x7f}, {0x80, 0, 0, 0},          {1, 0, 0, 0}};
    size_t at = below(w, b->count), n = below(w, 16) + 1, from;

    switch (below(w, 5)) {
    case 0:
        b->bytes[at] ^= (unsigned char)(1u << below(w, 8));
        break;
    case 1:
        b->bytes[at] = (unsigned char)below(w, 256);
        break;
    case 2:
        if (at + 4 <= b->count)
            memcpy(b->bytes + at, nasty[below(w, sizeof nasty / sizeof *nasty)], 4);
        break;
    case 3:
        from = below(w, b->count);
        if (at + n <= b->count && from + n <= b->count)
            memmove(b->bytes + at, b->bytes + from, n);
        break;
    default:
        if (below(w, 8) == 0)
            b->count = at > 16 ? at : b->count;
    }
}

/* Headers are short and matter most: half of the changes go there. */
static void mutate(struct world *w, const struct buffer *seed, struct buffer *out)
{
    size_t changes = below(w, CHANGES_MAX) + 1, whole = seed->count;

    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, seed->bytes, seed->count);
    for (size_t i = 0; i < changes; i++) {
        if (i % 2 == 0 && out->count > 600)
            out->count = 600;
        change(w, out);
        if (out->count == 600)
            out->count = whole;
        whole = out->count;
    }
}

/* --- questions ------------------------------------------------------------------ */

static int entry_begin(void *arg, const char *name, struct err *e)
{
    (void)arg;
    (void)name;
    (void)e;
    return 0;
}

static int entry_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    (void)arg;
    (void)bytes;
    (void)count;
    (void)e;
    return 0;
}

static int entry_end(void *arg, enum refusal r, struct err *e)
{
    struct world *w = arg;

    (void)e;
    w->refused[r]++;
    return 0;
}

static void ask(struct world *w, int fd)
{
    const struct entry_sink sink = {entry_begin, entry_bytes, entry_end, w};
    struct identity identity;
    struct reading reading;
    struct look look;
    enum refusal refusal;
    struct err e;

    if (ocr_identify(w->client, fd, &identity, &e) != 0)
        fail_msg("identify: %s", e.text);
    w->refused[identity.refusal]++;
    if (media_is_archive(identity.media)) {
        if (ocr_unpack(w->client, fd, &sink, &refusal, &e) != 0)
            fail_msg("unpack: %s", e.text);
        w->refused[refusal]++;
    } else if (identity.refusal == REFUSAL_NONE) {
        if (ocr_look(w->client, fd, 0, &look, &e) != 0)
            fail_msg("look: %s", e.text);
        w->refused[look.refusal]++;
        if (ocr_read(w->client, fd, identity.pages - 1, 0, &reading, &e) != 0)
            fail_msg("read: %s", e.text);
        w->refused[reading.refusal]++;
        reading_release(&reading);
    }
}

static void expect_good_page_is_read(struct world *w)
{
    struct reading reading;
    struct err e;
    int fd = document_fd(w->good.bytes, w->good.count);

    if (ocr_read(w->client, fd, 0, 0, &reading, &e) != 0)
        fail_msg("the good page: %s", e.text);
    assert_string_equal(refusal_name(reading.refusal), "none");
    assert_non_null(strstr((const char *)reading.text.bytes, "BAN"));
    reading_release(&reading);
    close(fd);
}

static void changed_documents_harm_nothing_but_themselves(void **state)
{
    struct world *w = *state;

    expect_good_page_is_read(w);
    for (unsigned i = 0; i < MUTATIONS; i++) {
        struct buffer b;
        int fd;

        mutate(w, &w->seeds[i % w->seeds_count], &b);
        fd = document_fd(b.bytes, b.count);
        ask(w, fd);
        close(fd);
        buffer_release(&b);
        expect_good_page_is_read(w);
    }
    for (int r = 0; r < REFUSAL_COUNT; r++)
        if (w->refused[r] > 0)
            print_message("# %s: %u\n", refusal_name((enum refusal)r), w->refused[r]);
    assert_true(w->refused[REFUSAL_NONE] > 0);
    assert_true(w->refused[REFUSAL_DAMAGED] + w->refused[REFUSAL_CUT_OFF] > 0);
    assert_int_equal(w->refused[REFUSAL_FORBIDDEN], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changed_documents_harm_nothing_but_themselves,
                                        world_set_up, world_tear_down),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
