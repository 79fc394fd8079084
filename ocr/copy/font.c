#include "ocr/copy/font.h"

#include "ocr/copy/big.h"

#define EM     1000
#define GLYPHS 2
#define CIDS   0x10000
/* Rows of 256 codes that hold no character by themselves: halves of pairs. */
#define PAIRS_FIRST 0xd8
#define PAIRS_LAST  0xdf
#define RANGES_MAX  100 /* of one bfrange: Adobe's Technical Note 5411 */

static void put_u16s(struct buffer *b, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_u16(b, values[i]);
}

/* ------------------------------------------------------------------ the tables */

static void put_head(struct buffer *b)
{
    put_u32(b, 0x00010000); /* version */
    put_u32(b, 0x00010000); /* the font's revision */
    put_u32(b, 0);          /* checkSumAdjustment: filled in at the end */
    put_u32(b, 0x5f0f3cf5); /* the magic number */
    put_u16(b, 0x0003);     /* flags: baseline at 0, left side bearing at 0 */
    put_u16(b, EM);
    for (int i = 0; i < 4; i++)
        put_u32(b, 0); /* made and changed: no date, so the bytes are always the same */
    put_u16s(b, (const uint16_t[]){0, (uint16_t)-FONT_DESCENT, FONT_ADVANCE, FONT_ASCENT},
             4);                                       /* the box around all glyphs */
    put_u16s(b, (const uint16_t[]){0, 8, 2, 0, 0}, 5); /* style, 8 pixels, short loca */
}

static void put_hhea(struct buffer *b)
{
    put_u32(b, 0x00010000);
    put_u16s(b,
             (const uint16_t[]){FONT_ASCENT, (uint16_t)-FONT_DESCENT, 0, FONT_ADVANCE, 0,
                                0, FONT_ADVANCE, 1, 0, 0, 0, 0, 0, 0, 0, GLYPHS},
             16);
}

static void put_maxp(struct buffer *b)
{
    put_u32(b, 0x00010000);
    put_u16s(b, (const uint16_t[]){GLYPHS, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 14);
}

static void put_hmtx(struct buffer *b)
{
    for (int i = 0; i < GLYPHS; i++)
        put_u16s(b, (const uint16_t[]){FONT_ADVANCE, 0}, 2);
}

static void put_loca(struct buffer *b)
{
    for (int i = 0; i <= GLYPHS; i++)
        put_u16(b, 0);
}

/* Some readers take an empty table for a missing one. */
static void put_glyf(struct buffer *b)
{
    buffer_append_byte(b, 0);
}

struct table {
    char tag[5]; /* in the order of their tags, as the directory must be */
    void (*put)(struct buffer *b);
};

static const struct table tables[] = {
    {"glyf", put_glyf}, {"head", put_head}, {"hhea", put_hhea},
    {"hmtx", put_hmtx}, {"loca", put_loca}, {"maxp", put_maxp},
};

#define TABLES          (sizeof tables / sizeof *tables)
#define DIRECTORY_BYTES (12 + TABLES * 16)
#define ADJUSTMENT_AT   8 /* in head */
#define FILE_SUM        0xb1b0afbau

static uint32_t sum_of(const unsigned char *bytes, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (uint32_t)bytes[i] << (24 - 8 * (i % 4));
    return sum;
}

static void put_directory(struct buffer *out, const struct buffer *parts)
{
    size_t at = DIRECTORY_BYTES;

    put_u32(out, 0x00010000);
    put_u16s(out, (const uint16_t[]){TABLES, 64, 2, TABLES * 16 - 64}, 4);
    for (size_t i = 0; i < TABLES; i++) {
        buffer_append(out, tables[i].tag, 4);
        put_u32(out, sum_of(parts[i].bytes, parts[i].count));
        put_u32(out, (uint32_t)at);
        put_u32(out, (uint32_t)parts[i].count);
        at += (parts[i].count + 3) & ~(size_t)3;
    }
}

/* The whole file must come to FILE_SUM. */
static void adjust(struct buffer *out)
{
    uint32_t left = FILE_SUM - sum_of(out->bytes, out->count);
    size_t head = DIRECTORY_BYTES + 4; /* behind glyf, padded */

    for (int i = 0; i < 4; i++)
        out->bytes[head + ADJUSTMENT_AT + i] = (unsigned char)(left >> (24 - 8 * i));
}

void font_program(struct buffer *out)
{
    struct buffer parts[TABLES];

    for (size_t i = 0; i < TABLES; i++) {
        buffer_init(&parts[i], 256);
        tables[i].put(&parts[i]);
        if (parts[i].failed != ERR_NONE)
            out->failed = parts[i].failed;
    }
    if (out->failed == ERR_NONE)
        put_directory(out, parts);
    for (size_t i = 0; i < TABLES; i++) {
        buffer_append(out, parts[i].bytes, parts[i].count);
        while (out->failed == ERR_NONE && out->count % 4 != 0)
            buffer_append_byte(out, 0);
        buffer_release(&parts[i]);
    }
    if (out->failed == ERR_NONE)
        adjust(out);
}

/* --------------------------------------------------------------------- the maps */

void font_glyphs(struct buffer *out)
{
    for (int i = 0; i < CIDS; i++)
        put_u16(out, 1);
}

/* A range may not leave its row: only a code's last byte counts up. */
static void put_range(struct buffer *out, unsigned row)
{
    unsigned first = row << 8, last = first + 0xff;

    if (row == 0)
        first = 0x20; /* what is below controls, and is no letter */
    if (row == 0xfe)
        last = 0xfefe; /* U+FEFF marks an order of bytes */
    if (row == 0xff)
        last = 0xfffd; /* the two behind are none */
    buffer_append_format(out, "<%04x> <%04x> <%04x>\n", first, last, first);
}

void font_unicode(struct buffer *out)
{
    unsigned rows = 256 - (PAIRS_LAST - PAIRS_FIRST + 1), done = 0;

    buffer_append_text(out,
                       "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                       "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS)"
                       " /Supplement 0 >> def\n"
                       "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                       "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n");
    for (unsigned row = 0; row < 256; row++) {
        if (row >= PAIRS_FIRST && row <= PAIRS_LAST)
            continue;
        if (done % RANGES_MAX == 0)
            buffer_append_format(out, "%u beginbfrange\n",
                                 rows - done < RANGES_MAX ? rows - done : RANGES_MAX);
        put_range(out, row);
        if (++done % RANGES_MAX == 0 || done == rows)
            buffer_append_text(out, "endbfrange\n");
    }
    buffer_append_text(out, "endcmap\nCMapName currentdict /CMap defineresource pop\n"
                            "end\nend\n");
}
