#include "ocr/table/ink.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#define CONTRAST_MIN 40 /* less is a shadow or the other side */
/* Inches. */
#define SPECK     0.010 /* in both directions; a point is larger */
#define LETTER    0.035 /* the least that is taken for writing: a dash's length */
#define LINE_HIGH 0.055 /* lower bands of ink are marks above or below letters */
/* Of the fullest row of pixels near by: less ink than this is a gap between lines. */
#define GAP_INK 0.12
#define NEAR    0.06 /* inches */

/* Paper and ink levels: a cell has more paper than letters. */
static int levels_of(struct Pix *cell, int *paper)
{
    unsigned counts[256] = {0}, all = 0, seen = 0;
    const l_uint32 *data = pixGetData(cell);
    int wpl = pixGetWpl(cell), width = pixGetWidth(cell), height = pixGetHeight(cell);
    int darkest = 0;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, all++)
            counts[GET_DATA_BYTE(data + (size_t)y * (size_t)wpl, x)]++;
    for (*paper = 255; *paper > 0 && seen + counts[*paper] <= all / 3; --*paper)
        seen += counts[*paper];
    for (seen = 0; darkest < 255 && seen + counts[darkest] <= 3; darkest++)
        seen += counts[darkest];
    return darkest;
}

/* What is ink, without specks. */
static struct Pix *bits_of(struct Pix *cell, int dpi, int level)
{
    struct Pix *bits = pixThresholdToBinary(cell, level), *clean = NULL;
    int speck = (int)lround(SPECK * dpi);

    if (bits != NULL)
        clean = pixSelectBySize(bits, speck, speck, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GT,
                                NULL);
    pixDestroy(&bits);
    return clean;
}

/* --- lines ---------------------------------------------------------------------- */

struct profile {
    NUMA *rows;
    int count;
};

static double ink_at(const struct profile *p, int row)
{
    float value = 0;

    if (row >= 0 && row < p->count)
        numaGetFValue(p->rows, row, &value);
    return value;
}

static bool is_gap(const struct profile *p, int row, int near)
{
    double fullest = 0;

    for (int y = row - near; y <= row + near; y++)
        fullest = fmax(fullest, ink_at(p, y));
    return ink_at(p, row) <= GAP_INK * fullest;
}

/* As many as a cell of `height` rows has room for: each is followed by a gap. */
static int bands_max(int height, int dpi)
{
    return (int)(height / (floor(LINE_HIGH * dpi) + 1)) + 1;
}

/* Bands of rows with ink that are as high as letters. */
static int find_bands(struct ink *out, const struct profile *p, int dpi)
{
    int top = 0, n = 0, max = bands_max(p->count, dpi);

    for (int y = 0; y <= p->count && n < max; y++) {
        if (!is_gap(p, y, (int)(NEAR * dpi)))
            continue;
        if (y > top && y - top >= LINE_HIGH * dpi)
            out->lines[n++] = (struct ink_line){.top = top, .bottom = y};
        top = y + 1;
    }
    return n;
}

/* The feet of a line: where most ink ends. */
static int baseline_of(const struct profile *p, int top, int bottom)
{
    double most = 0;
    int best = bottom;

    for (int y = (top + bottom) / 2; y <= bottom + 1; y++) {
        double drop =
            ink_at(p, y - 1) + ink_at(p, y - 2) - ink_at(p, y) - ink_at(p, y + 1);

        if (drop > most) {
            most = drop;
            best = y;
        }
    }
    return best;
}

static void widen(struct box *b, int x, int y, int width, int height)
{
    b->left = x < b->left ? x : b->left;
    b->top = y < b->top ? y : b->top;
    b->right = x + width > b->right ? x + width : b->right;
    b->bottom = y + height > b->bottom ? y + height : b->bottom;
}

/* The line that a piece of ink belongs to: the one whose band is nearest. */
static struct ink_line *line_of(struct ink *ink, int top, int bottom)
{
    int best = 0, least = INT32_MAX;

    for (int i = 0; i < ink->lines_count; i++) {
        const struct ink_line *l = &ink->lines[i];
        int middle = (top + bottom) / 2;
        int away = middle < l->top ? l->top - middle : middle - l->bottom;

        if (away < least) {
            least = away;
            best = i;
        }
    }
    return &ink->lines[best];
}

static void take_pieces(struct ink *out, BOXA *pieces, int dpi)
{
    for (int i = 0; i < out->lines_count; i++)
        out->lines[i].box = (struct box){INT32_MAX, INT32_MAX, 0, 0};
    for (int i = 0; i < boxaGetCount(pieces); i++) {
        int x, y, width, height;
        struct ink_line *l;

        boxaGetBoxGeometry(pieces, i, &x, &y, &width, &height);
        l = line_of(out, y, y + height);
        widen(&l->box, x, y, width, height);
        if (abs(y + height - l->baseline) <= dpi / 100 && height > l->tall)
            l->tall = height;
    }
}

static void drop_empty(struct ink *out)
{
    int kept = 0;

    for (int i = 0; i < out->lines_count; i++)
        if (out->lines[i].box.left < out->lines[i].box.right)
            out->lines[kept++] = out->lines[i];
    out->lines_count = kept;
}

static bool has_letters(BOXA *pieces, int dpi)
{
    for (int i = 0; i < boxaGetCount(pieces); i++) {
        int x, y, width, height;

        boxaGetBoxGeometry(pieces, i, &x, &y, &width, &height);
        if (fmax(width, height) >= LETTER * dpi)
            return true;
    }
    return false;
}

static int look_at(struct ink *out, struct Pix *bits, BOXA *pieces, int dpi,
                   struct err *e)
{
    struct profile p = {.rows = pixCountPixelsByRow(bits, NULL),
                        .count = pixGetHeight(bits)};

    out->lines = calloc((size_t)bands_max(p.count, dpi), sizeof *out->lines);
    if (p.rows == NULL || out->lines == NULL) {
        numaDestroy(&p.rows);
        return err_set(e, ERR_MEMORY, "table: out of memory");
    }
    out->lines_count = find_bands(out, &p, dpi);
    if (out->lines_count == 0) { /* a dash */
        out->lines[0] = (struct ink_line){.bottom = p.count};
        out->lines_count = 1;
    }
    for (int i = 0; i < out->lines_count; i++) {
        struct ink_line *l = &out->lines[i];

        l->baseline = baseline_of(&p, l->top, l->bottom);
    }
    take_pieces(out, pieces, dpi);
    drop_empty(out);
    numaDestroy(&p.rows);
    return 0;
}

void ink_lines_release(struct ink *ink)
{
    free(ink->lines);
    *ink = (struct ink){0};
}

int ink_look(struct ink *out, struct Pix *cell, int dpi, struct err *e)
{
    struct Pix *bits = NULL;
    BOXA *pieces = NULL;
    int rc = 0;

    *out = (struct ink){0};
    out->dark = levels_of(cell, &out->paper);
    if (out->paper - out->dark < CONTRAST_MIN)
        return 0;
    bits = bits_of(cell, dpi, out->paper - (out->paper - out->dark) * 2 / 5);
    if (bits != NULL)
        pieces = pixConnCompBB(bits, 8);
    if (pieces == NULL)
        rc = err_set(e, ERR_MEMORY, "table: out of memory");
    else if (has_letters(pieces, dpi))
        rc = look_at(out, bits, pieces, dpi, e);
    boxaDestroy(&pieces);
    pixDestroy(&bits);
    if (rc != 0)
        ink_lines_release(out);
    return rc;
}
