#include "ocr/small/jbig2.h"

#include <assert.h>
#include <string.h>

#include "ocr/small/mq.h"

/* A segment's header: number, type, nothing referred to, page, bytes that follow.
 *
 *   page information (48)      width height x-density y-density flags striping
 *   lossless generic region (39)
 *                              width height left top operator | flags, four
 *                              adaptive pixels | what the coder gives */
#define SEGMENT_PAGE         48
#define SEGMENT_REGION       39
#define PAGE_BYTES           19
#define REGION_HEADER_BYTES  26
#define PAGE_LOSSLESS        1
#define REGION_TYPICAL       0x08 /* template 0 is the lowest two bits' absence */
#define CONTEXTS             65536
#define CONTEXT_ROW_REPEATED 0x9b25 /* T.88, figure 8 */

static void append_u32(struct buffer *out, uint32_t value)
{
    const uint8_t bytes[] = {value >> 24, value >> 16 & 0xff, value >> 8 & 0xff,
                             value & 0xff};

    buffer_append(out, bytes, sizeof bytes);
}

static void append_segment(struct buffer *out, uint32_t number, uint8_t type,
                           size_t bytes)
{
    append_u32(out, number);
    buffer_append_byte(out, type);
    buffer_append_byte(out, 0);
    buffer_append_byte(out, 1);
    append_u32(out, (uint32_t)bytes);
}

static void append_page(const struct jbig2_bitmap *b, struct buffer *out)
{
    append_segment(out, 0, SEGMENT_PAGE, PAGE_BYTES);
    append_u32(out, b->width);
    append_u32(out, b->height);
    append_u32(out, 0); /* the PDF says how dense */
    append_u32(out, 0);
    buffer_append_byte(out, PAGE_LOSSLESS);
    buffer_append(out, "\0\0", 2); /* one stripe */
}

static void append_region_header(const struct jbig2_bitmap *b, size_t coded,
                                 struct buffer *out)
{
    static const uint8_t adaptive[] = {3, 0xff, 0xfd, 0xff, 2, 0xfe, 0xfe, 0xfe};

    append_segment(out, 1, SEGMENT_REGION, REGION_HEADER_BYTES + coded);
    append_u32(out, b->width);
    append_u32(out, b->height);
    append_u32(out, 0);
    append_u32(out, 0);
    buffer_append_byte(out, 0); /* laid over the page by "or" */
    buffer_append_byte(out, REGION_TYPICAL);
    buffer_append(out, adaptive, sizeof adaptive);
}

/* A row above the page is white, and so is what lies left and right of it. */
static uint8_t *row_at(const struct jbig2_bitmap *b, uint32_t y, uint32_t above)
{
    return y < above ? NULL : b->rows + (size_t)(y - above) * b->row_bytes;
}

static unsigned pixel(const struct jbig2_bitmap *b, const uint8_t *row, uint32_t x)
{
    return row == NULL || x >= b->width ? 0 : row[x / 8] >> (7 - x % 8) & 1u;
}

static bool is_repeated(const struct jbig2_bitmap *b, uint32_t y)
{
    const uint8_t *row = row_at(b, y, 0), *above = row_at(b, y, 1);
    size_t whole = b->width / 8;

    for (size_t i = 0; i < whole; i++)
        if (row[i] != (above == NULL ? 0 : above[i]))
            return false;
    for (uint32_t x = (uint32_t)whole * 8; x < b->width; x++)
        if (pixel(b, row, x) != pixel(b, above, x))
            return false;
    return true;
}

/* The context of a pixel X, highest bit first:
 *
 *       a b c d e          two rows above
 *     f g h i j k l        the row above
 *     m n o p X
 */
static void put_row(struct mq *m, uint8_t contexts[CONTEXTS],
                    const struct jbig2_bitmap *b, uint32_t y)
{
    uint8_t *row = row_at(b, y, 0);
    const uint8_t *above = row_at(b, y, 1), *above2 = row_at(b, y, 2);
    const uint8_t *doubts =
        b->doubts == NULL ? NULL : b->doubts + (size_t)y * b->row_bytes;
    unsigned context = pixel(b, above2, 0) << 13 | pixel(b, above2, 1) << 12 |
                       pixel(b, above, 0) << 7 | pixel(b, above, 1) << 6 |
                       pixel(b, above, 2) << 5;

    for (uint32_t x = 0; x < b->width; x++) {
        unsigned bit = pixel(b, row, x);

        /* Each row's window takes in the pixel at its right end. */
        context |= pixel(b, above2, x + 2) << 11 | pixel(b, above, x + 3) << 4;
        if (pixel(b, doubts, x) && mq_expects(&contexts[context], !bit)) {
            bit = !bit;
            row[x / 8] ^= 0x80 >> x % 8;
        }
        mq_put(m, &contexts[context], bit != 0);
        context = (context & 0x7bf7) << 1 | bit;
    }
}

static void put_rows(const struct jbig2_bitmap *b, struct buffer *out)
{
    uint8_t contexts[CONTEXTS] = {0};
    bool was_repeated = false;
    struct mq m;

    mq_start(&m, out);
    for (uint32_t y = 0; y < b->height; y++) {
        bool repeated = is_repeated(b, y);

        mq_put(&m, &contexts[CONTEXT_ROW_REPEATED], repeated != was_repeated);
        was_repeated = repeated;
        if (!repeated)
            put_row(&m, contexts, b, y);
    }
    mq_end(&m);
}

void jbig2_encode(const struct jbig2_bitmap *b, struct buffer *out)
{
    struct buffer coded;

    assert(b->width > 0 && b->height > 0);
    buffer_init(&coded, UINT32_MAX - REGION_HEADER_BYTES);
    put_rows(b, &coded);
    append_page(b, out);
    append_region_header(b, coded.count, out);
    buffer_append(out, coded.bytes, coded.count);
    if (out->failed == ERR_NONE)
        out->failed = coded.failed;
    buffer_release(&coded);
}
