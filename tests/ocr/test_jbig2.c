/* JBIG2: what we code, others decode to the same bits. */
#include "ocr/small/jbig2.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "ocr/small/pdf_out.h"
#include "tests/lib/program.h"

static uint64_t seed = 7;

static unsigned chance(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33);
}

static struct jbig2_bitmap blank(uint32_t width, uint32_t height)
{
    struct jbig2_bitmap b = {
        .width = width, .height = height, .row_bytes = (width + 7) / 8};

    b.rows = calloc(b.row_bytes, height);
    assert_non_null(b.rows);
    return b;
}

static void put(struct jbig2_bitmap *b, uint32_t x, uint32_t y)
{
    if (x < b->width && y < b->height)
        b->rows[y * b->row_bytes + x / 8] |= 0x80 >> x % 8;
}

static struct jbig2_bitmap noise(uint32_t width, uint32_t height, unsigned one_in)
{
    struct jbig2_bitmap b = blank(width, height);

    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            if (chance() % one_in == 0)
                put(&b, x, y);
    return b;
}

/* Strokes and repeated rows, as text has them, up to every edge. */
static struct jbig2_bitmap strokes(uint32_t width, uint32_t height)
{
    struct jbig2_bitmap b = blank(width, height);

    for (unsigned i = 0; i < 60; i++) {
        uint32_t left = chance() % width, top = chance() % height;
        uint32_t wide = 1 + chance() % 40, high = 1 + chance() % 12;

        for (uint32_t y = top; y < top + high; y++)
            for (uint32_t x = left; x < left + wide; x++)
                put(&b, x, y);
    }
    return b;
}

static struct buffer coded(const struct jbig2_bitmap *b)
{
    struct buffer out;
    struct err e;

    buffer_init(&out, 1u << 24);
    jbig2_encode(b, &out);
    assert_int_equal(buffer_check(&out, &e), 0);
    return out;
}

/* A PBM's rows after its header: "P4", "width height", each ended by one byte. */
static const unsigned char *pbm_rows(const struct buffer *pbm,
                                     const struct jbig2_bitmap *b)
{
    char header[64];
    int bytes = snprintf(header, sizeof header, "P4\n%u %u\n", b->width, b->height);

    assert_true(pbm->count == (size_t)bytes + b->row_bytes * b->height);
    assert_memory_equal(pbm->bytes, header, (size_t)bytes);
    return pbm->bytes + bytes;
}

static void assert_same(const struct buffer *pbm, const struct jbig2_bitmap *b,
                        bool inverted)
{
    const unsigned char *rows = pbm_rows(pbm, b);

    for (uint32_t y = 0; y < b->height; y++)
        for (uint32_t x = 0; x < b->width; x++) {
            size_t at = y * b->row_bytes + x / 8;
            unsigned bit = 0x80 >> x % 8;

            if (((rows[at] & bit) != 0) != (((b->rows[at] & bit) != 0) != inverted))
                fail_msg("%ux%u: pixel %u,%u", b->width, b->height, x, y);
        }
}

/* By poppler, out of a PDF; it writes a stencil as the PDF filter gives it, where 0
 * is ink. */
static void poppler_agrees(struct bench *w, const struct jbig2_bitmap *b,
                           const struct buffer *bytes)
{
    const struct pdf_picture p = {.kind = PDF_STENCIL,
                                  .width = b->width,
                                  .height = b->height,
                                  .bytes = bytes,
                                  .shown_width = b->width,
                                  .shown_height = b->height};
    const struct pdf_leaf leaf = {b->width, b->height, 200, {255, 255, 255}, &p, 1};
    struct buffer pdf, pbm;
    struct ran ran;
    struct err e;

    buffer_init(&pdf, 1u << 24);
    pdf_write(&leaf, &pdf);
    bench_write(w, "a.pdf", pdf.bytes, pdf.count);
    run(w, &ran, "/usr/bin/pdfimages", bench_path(w, "a.pdf"), bench_path(w, "a"), NULL);
    assert_int_equal(ran.status, 0);
    ran_release(&ran);
    buffer_init(&pbm, 1u << 24);
    assert_int_equal(disk_read_all(disk_system(), bench_path(w, "a-000.pbm"), &pbm, &e),
                     0);
    assert_same(&pbm, b, true);
    buffer_release(&pbm);
    buffer_release(&pdf);
}

/* By jbig2dec, where it is installed: it wants a file's header and end. */
static void jbig2dec_agrees(struct bench *w, const struct jbig2_bitmap *b,
                            const struct buffer *bytes)
{
    struct buffer file;
    struct ran ran;

    if (access("/usr/bin/jbig2dec", X_OK) != 0)
        return;
    buffer_init(&file, 1u << 24);
    buffer_append(&file, "\x97JB2\r\n\x1a\n\x01\0\0\0\x01", 13);
    buffer_append(&file, bytes->bytes, bytes->count);
    buffer_append(&file, "\0\0\0\2\x31\0\1\0\0\0\0\0\0\0\3\x33\0\0\0\0\0\0", 22);
    bench_write(w, "a.jb2", file.bytes, file.count);
    run(w, &ran, "/usr/bin/jbig2dec", "-t", "pbm", "-o", "-", bench_path(w, "a.jb2"),
        NULL);
    assert_int_equal(ran.status, 0);
    assert_same(&ran.out, b, false);
    ran_release(&ran);
    buffer_release(&file);
}

static void expect_decoded(struct bench *w, struct jbig2_bitmap b)
{
    struct buffer bytes = coded(&b);

    poppler_agrees(w, &b, &bytes);
    jbig2dec_agrees(w, &b, &bytes);
    buffer_release(&bytes);
    free(b.rows);
}

static struct jbig2_bitmap full(uint32_t width, uint32_t height)
{
    struct jbig2_bitmap b = blank(width, height);

    memset(b.rows, 0xff, b.row_bytes * height);
    return b;
}

static void decoders_give_back_every_bit(void **state)
{
    static const uint32_t sides[][2] = {{1, 1},   {7, 3},   {8, 8},    {9, 5},
                                        {31, 33}, {64, 64}, {201, 77}, {1000, 303}};
    struct bench w;

    (void)state;
    bench_create(&w);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        expect_decoded(&w, blank(sides[i][0], sides[i][1]));
        expect_decoded(&w, full(sides[i][0], sides[i][1]));
        expect_decoded(&w, noise(sides[i][0], sides[i][1], 2));
        expect_decoded(&w, noise(sides[i][0], sides[i][1], 40));
        expect_decoded(&w, strokes(sides[i][0], sides[i][1]));
    }
    bench_destroy(&w);
}

static void ink_at_the_left_edge_is_decoded(void **state)
{
    struct bench w;
    struct jbig2_bitmap b = blank(1652, 40);

    (void)state;
    bench_create(&w);
    for (uint32_t y = 0; y < b.height; y++)
        for (uint32_t x = 0; x < 8 + y % 5; x++)
            put(&b, x, y);
    expect_decoded(&w, b);
    bench_destroy(&w);
}

static void what_stands_beyond_the_width_is_not_coded(void **state)
{
    struct jbig2_bitmap clean = strokes(101, 50), dirty = blank(101, 50);
    struct buffer a, b;

    (void)state;
    memcpy(dirty.rows, clean.rows, clean.row_bytes * clean.height);
    for (uint32_t y = 0; y < dirty.height; y++)
        dirty.rows[y * dirty.row_bytes + 12] |= 0x07;
    a = coded(&clean);
    b = coded(&dirty);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.bytes, b.bytes, a.count);
    buffer_release(&a);
    buffer_release(&b);
    free(clean.rows);
    free(dirty.rows);
}

static void an_empty_page_costs_next_to_nothing(void **state)
{
    struct jbig2_bitmap b = blank(1654, 2339);
    struct buffer bytes = coded(&b);

    (void)state;
    assert_in_range(bytes.count, 60, 100);
    buffer_release(&bytes);
    free(b.rows);
}

/* Doubtful pixels may change, and what is decoded is what they have become; the
 * others may not. */
static void only_doubtful_pixels_are_settled_anew(void **state)
{
    struct jbig2_bitmap b = strokes(400, 300), was = blank(400, 300),
                        doubts = noise(400, 300, 5);
    struct buffer sure = coded(&b), bytes;
    struct bench w;
    unsigned changed = 0;

    (void)state;
    for (uint32_t y = 0; y < b.height; y++) /* dirt, all of it doubtful */
        for (size_t i = 0; i < b.row_bytes; i++)
            b.rows[y * b.row_bytes + i] ^= doubts.rows[y * b.row_bytes + i] & 0x55;
    memcpy(was.rows, b.rows, b.row_bytes * b.height);
    buffer_release(&sure);
    sure = coded(&b);
    b.doubts = doubts.rows;
    bytes = coded(&b);
    for (size_t i = 0; i < b.row_bytes * b.height; i++) {
        assert_int_equal((b.rows[i] ^ was.rows[i]) & ~doubts.rows[i] & 0xff, 0);
        changed += b.rows[i] != was.rows[i];
    }
    assert_in_range(changed, 1000, b.row_bytes * b.height);
    assert_true(bytes.count * 2 < sure.count);
    bench_create(&w);
    poppler_agrees(&w, &b, &bytes);
    bench_destroy(&w);
    buffer_release(&bytes);
    buffer_release(&sure);
    free(doubts.rows);
    free(was.rows);
    free(b.rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoders_give_back_every_bit),
        cmocka_unit_test(ink_at_the_left_edge_is_decoded),
        cmocka_unit_test(what_stands_beyond_the_width_is_not_coded),
        cmocka_unit_test(an_empty_page_costs_next_to_nothing),
        cmocka_unit_test(only_doubtful_pixels_are_settled_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
