/* Repacking, without cage or worker: what comes back is what went in, and what is no
 * packed form is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "base/random.h"
#include "ocr/repack/jpeg_find.h"
#include "ocr/repack/repack.h"
#include "tests/lib/documents.h"

#define SIDE 320 /* pixels of our JPEGs */

/* --- JPEGs ---------------------------------------------------------------- */

struct jpeg_kind {
    int components; /* 1, 3 or 4 */
    bool progressive;
    bool arithmetic;
    unsigned restart; /* blocks between restart markers; 0: none */
};

/* Something like paper: lines, and noise for the coder to do. */
static void draw_row(JSAMPLE *row, int y, int components, struct random *random)
{
    for (int x = 0; x < SIDE; x++)
        for (int i = 0; i < components; i++)
            row[x * components + i] =
                (JSAMPLE)((x / 7 + y / 20) % 5 == 0
                              ? 40 + i
                              : 200 + (int)random_below(random, 20));
}

static void jpeg_make(struct buffer *out, struct jpeg_kind kind)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    struct random_seeded random;
    JSAMPLE row[SIDE * 4], *rows[] = {row};
    unsigned char *bytes = NULL;
    unsigned long count = 0;

    random_seeded_init(&random, 7);
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, &count);
    c.image_width = c.image_height = SIDE;
    c.input_components = kind.components;
    c.in_color_space = kind.components == 1   ? JCS_GRAYSCALE
                       : kind.components == 3 ? JCS_RGB
                                              : JCS_CMYK;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, 80, TRUE);
    c.restart_interval = kind.restart;
    c.arith_code = kind.arithmetic;
    if (kind.progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    for (int y = 0; y < SIDE; y++) {
        draw_row(row, y, kind.components, &random.random);
        assert_int_equal(jpeg_write_scanlines(&c, rows, 1), 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, bytes, count);
    free(bytes);
}

static void a_jpeg(struct buffer *out)
{
    jpeg_make(out, (struct jpeg_kind){.components = 3});
}

/* --- there and back --------------------------------------------------------- */

static void take_all(struct buffer *out, int fd)
{
    buffer_init(out, DOCUMENT_BYTES_MAX);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(buffer_read_fd(out, fd, &(struct err){0}), 0);
    (void)close(fd);
}

static bool pack(const struct buffer *original, struct buffer *packed)
{
    int from = document_fd(original->bytes, original->count);
    int to = memfd_create("packed", MFD_CLOEXEC);
    bool gained;

    assert_int_equal(repack_pack(from, to, &gained), REFUSAL_NONE);
    take_all(packed, to);
    (void)close(from);
    return gained;
}

static enum refusal restore(const struct buffer *packed, struct buffer *original)
{
    int from = document_fd(packed->bytes, packed->count);
    int to = memfd_create("original", MFD_CLOEXEC);
    enum refusal r = repack_restore(from, to);

    take_all(original, to);
    (void)close(from);
    return r;
}

/* Packs and restores it. What is left of it, in percent; 100 if nothing is gained. */
static unsigned there_and_back(const struct buffer *original)
{
    struct buffer packed, again = {0};
    unsigned percent = 100;

    if (pack(original, &packed)) {
        percent = (unsigned)(packed.count * 100 / original->count);
        assert_int_equal(restore(&packed, &again), REFUSAL_NONE);
        assert_int_equal(again.count, original->count);
        assert_memory_equal(again.bytes, original->bytes, original->count);
    }
    buffer_release(&again);
    buffer_release(&packed);
    return percent;
}

/* How many of its bytes the packed form has as JPEGs. */
static size_t jpeg_bytes_of(const struct buffer *original)
{
    struct packed_reader reader;
    struct packed_segment s;
    struct buffer packed;
    struct err e;
    size_t bytes = 0;

    (void)pack(original, &packed);
    if (packed.count > 0) {
        assert_int_equal(packed_open(&reader, packed.bytes, packed.count, &e), 0);
        while (packed_next(&reader, &s, &e) == 1)
            bytes += s.kind == PACKED_JPEG ? s.original_bytes : 0;
    }
    buffer_release(&packed);
    return bytes;
}

static void a_jpeg_comes_back_byte_for_byte(void **state)
{
    static const struct jpeg_kind kinds[] = {
        {.components = 1},
        {.components = 3},
        {.components = 3, .progressive = true},
        {.components = 3, .restart = 4},
        {.components = 1, .progressive = true, .restart = 10},
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buffer jpeg;

        jpeg_make(&jpeg, kinds[i]);
        assert_int_equal(jpeg_bytes_of(&jpeg), jpeg.count);
        assert_in_range(there_and_back(&jpeg), 10, 94);
        buffer_release(&jpeg);
    }
}

static void what_the_transcoder_refuses_stays_as_it_is(void **state)
{
    static const struct jpeg_kind kinds[] = {
        {.components = 4},
        {.components = 3, .arithmetic = true},
        {.components = 1, .arithmetic = true, .progressive = true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buffer jpeg;

        jpeg_make(&jpeg, kinds[i]);
        assert_int_equal(jpeg_bytes_of(&jpeg), 0);
        (void)there_and_back(&jpeg); /* zstd may find a little */
        buffer_release(&jpeg);
    }
}

static void a_jpeg_with_something_behind_it_comes_back_with_it(void **state)
{
    struct buffer jpeg;
    size_t count;

    (void)state;
    a_jpeg(&jpeg);
    count = jpeg.count;
    buffer_append_text(&jpeg,
                       "\xff\xd9 what a camera wrote behind its picture \xff\xd8\xff");
    assert_int_equal(jpeg_bytes_of(&jpeg), count);
    assert_in_range(there_and_back(&jpeg), 10, 94);
    buffer_release(&jpeg);
}

static void a_jpeg_that_is_cut_off_stays_as_it_is(void **state)
{
    struct buffer jpeg;

    (void)state;
    a_jpeg(&jpeg);
    for (size_t cut = 2; cut < jpeg.count; cut += jpeg.count / 20) {
        struct buffer part = jpeg;

        part.count = jpeg.count - cut;
        assert_int_equal(jpeg_bytes_of(&part), 0);
        (void)there_and_back(&part);
    }
    buffer_release(&jpeg);
}

static void a_damaged_jpeg_comes_back_damaged(void **state)
{
    struct random_seeded random;
    struct buffer jpeg;

    (void)state;
    a_jpeg(&jpeg);
    random_seeded_init(&random, 11);
    for (int i = 0; i < 60; i++) {
        size_t at = (size_t)random_below(&random.random, jpeg.count);
        unsigned char was = jpeg.bytes[at];

        jpeg.bytes[at] = (unsigned char)random_below(&random.random, 256);
        (void)there_and_back(&jpeg); /* whether or not it is packed */
        jpeg.bytes[at] = was;
    }
    buffer_release(&jpeg);
}

static void every_jpeg_of_a_pdf_is_packed_and_the_pdf_comes_back(void **state)
{
    static const struct jpeg_kind kinds[] = {{.components = 1},
                                             {.components = 3, .progressive = true},
                                             {.components = 4},
                                             {.components = 3}};
    struct pdf_sheet sheets[4];
    struct buffer jpegs[4], pdf;
    size_t expected = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        jpeg_make(&jpegs[i], kinds[i]);
        sheets[i] = (struct pdf_sheet){
            .box = "0 0 160 160",
            .content = "q 160 0 0 160 0 0 cm /Im0 Do Q",
            .picture =
                "/Type /XObject /Subtype /Image /Width 320 /Height 320 /ColorSpace "
                "/DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
            .bytes = jpegs[i].bytes,
            .count = jpegs[i].count};
        expected += kinds[i].components == 4 ? 0 : jpegs[i].count;
    }
    document_pdf(&pdf, sheets, 4);
    assert_int_equal(jpeg_bytes_of(&pdf), expected);
    assert_in_range(there_and_back(&pdf), 10, 94);
    for (size_t i = 0; i < 4; i++)
        buffer_release(&jpegs[i]);
    buffer_release(&pdf);
}

static void what_is_no_jpeg_is_squeezed_if_that_helps(void **state)
{
    struct random_seeded random;
    struct buffer b;

    (void)state;
    buffer_init(&b, DOCUMENT_BYTES_MAX);
    for (int i = 0; i < 300000; i++)
        buffer_append_format(&b, "%d ", i % 1000);
    assert_in_range(there_and_back(&b), 0, 20);
    random_seeded_init(&random, 13);
    for (size_t i = 0; i < b.count; i++)
        b.bytes[i] = (unsigned char)random_below(&random.random, 256);
    assert_int_equal(there_and_back(&b), 100);
    buffer_release(&b);
}

static void where_nothing_is_gained_nothing_is_written(void **state)
{
    struct buffer jpeg, packed, twice;

    (void)state;
    a_jpeg(&jpeg);
    assert_true(pack(&jpeg, &packed));
    assert_false(pack(&packed, &twice));
    assert_int_equal(twice.count, 0);
    buffer_release(&twice);
    buffer_release(&packed);
    buffer_release(&jpeg);
}

/* --- forms that are none ----------------------------------------------------- */

static void a_packed_form_with_one_byte_changed_is_refused(void **state)
{
    struct buffer jpeg, packed, again;
    unsigned restored = 0;

    (void)state;
    a_jpeg(&jpeg);
    buffer_append_text(&jpeg, "behind it");
    assert_true(pack(&jpeg, &packed));
    for (size_t at = 0; at < packed.count; at += at < 700 ? 1 : 97) {
        packed.bytes[at] ^= 0x10;
        /* A bit that nothing depends on (of a box that libjxl passes over) does no
         * harm: then what comes back is right. */
        if (restore(&packed, &again) == REFUSAL_NONE) {
            restored++;
            assert_int_equal(again.count, jpeg.count);
            assert_memory_equal(again.bytes, jpeg.bytes, jpeg.count);
        }
        buffer_release(&again);
        packed.bytes[at] ^= 0x10;
    }
    assert_in_range(restored, 0, 40);
    buffer_release(&packed);
    buffer_release(&jpeg);
}

static void a_packed_form_that_is_cut_off_or_goes_on_is_refused(void **state)
{
    struct buffer jpeg, packed, again;

    (void)state;
    a_jpeg(&jpeg);
    assert_true(pack(&jpeg, &packed));
    buffer_append_byte(&packed, 1);
    assert_int_equal(restore(&packed, &again), REFUSAL_DAMAGED);
    buffer_release(&again);
    for (size_t left = packed.count - 2; left > 0; left -= left < 100 ? 1 : left / 9) {
        packed.count = left;
        assert_int_equal(restore(&packed, &again), REFUSAL_DAMAGED);
        buffer_release(&again);
    }
    buffer_release(&packed);
    buffer_release(&jpeg);
}

static void a_packed_form_that_says_4_gb_is_refused(void **state)
{
    struct packed_head head = {.original_bytes = 4ull << 30};
    struct packed_segment bomb = {
        .kind = PACKED_SQUEEZED, .original_bytes = UINT32_MAX, .stored_count = 4};
    struct buffer packed, again;

    (void)state;
    buffer_init(&packed, 4096);
    packed_head_encode(&head, &packed);
    assert_int_equal(restore(&packed, &again), REFUSAL_TOO_LARGE);
    buffer_release(&again);
    buffer_clear(&packed);
    head.original_bytes = PACKED_ORIGINAL_MAX;
    for (int kind = PACKED_LITERAL; kind <= PACKED_JPEG; kind++) {
        buffer_clear(&packed);
        bomb.kind = (enum packed_kind)kind;
        packed_head_encode(&head, &packed);
        packed_segment_encode(&bomb, &packed);
        buffer_append_text(&packed, "bomb");
        assert_int_equal(restore(&packed, &again), REFUSAL_DAMAGED);
        assert_int_equal(again.count, 0);
        buffer_release(&again);
    }
    buffer_release(&packed);
}

static void a_file_of_nothing_but_beginnings_is_soon_given_up(void **state)
{
    static const unsigned char beginning[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xff, 0xd8};
    struct jpeg_finder finder;
    struct buffer b;
    size_t at, count;

    (void)state;
    buffer_init(&b, DOCUMENT_BYTES_MAX);
    for (int i = 0; i < 2000000; i++)
        buffer_append(&b, beginning, i % 2 == 0 ? 8 : 3);
    jpeg_finder_init(&finder, b.bytes, b.count);
    assert_false(jpeg_finder_next(&finder, &at, &count));
    buffer_release(&b);
}

/* libjxl says on stderr what it thinks of each bad byte. */
static int be_quiet(void **state)
{
    (void)state;
    return freopen("/dev/null", "w", stderr) == NULL ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_comes_back_byte_for_byte),
        cmocka_unit_test(what_the_transcoder_refuses_stays_as_it_is),
        cmocka_unit_test(a_jpeg_with_something_behind_it_comes_back_with_it),
        cmocka_unit_test(a_jpeg_that_is_cut_off_stays_as_it_is),
        cmocka_unit_test(a_damaged_jpeg_comes_back_damaged),
        cmocka_unit_test(every_jpeg_of_a_pdf_is_packed_and_the_pdf_comes_back),
        cmocka_unit_test(what_is_no_jpeg_is_squeezed_if_that_helps),
        cmocka_unit_test(where_nothing_is_gained_nothing_is_written),
        cmocka_unit_test(a_packed_form_with_one_byte_changed_is_refused),
        cmocka_unit_test(a_packed_form_that_is_cut_off_or_goes_on_is_refused),
        cmocka_unit_test(a_packed_form_that_says_4_gb_is_refused),
        cmocka_unit_test(a_file_of_nothing_but_beginnings_is_soon_given_up),
    };

    return cmocka_run_group_tests(tests, be_quiet, NULL);
}
