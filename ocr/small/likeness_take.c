#include "ocr/small/likeness.h"

#include <leptonica/allheaders.h>

/* A streak or a speck at the edge is no part of the writing: so much of the ink may lie
 * outside on each side. */
#define OUTSIDE_PART 0.004
#define MEAN         4
#define CELL_MAX     15

struct span {
    l_int32 from, to;
};

/* Where all but OUTSIDE_PART of the ink on either side is. `sums` of rows or columns. */
static struct span span_of(struct Numa *sums)
{
    struct span s = {0, 0};
    l_float32 total = 0, value = 0, before = 0;
    l_int32 n = numaGetCount(sums);

    (void)numaGetSum(sums, &total);
    s.to = n;
    for (; s.from < n; s.from++) {
        (void)numaGetFValue(sums, s.from, &value);
        if (before + value > OUTSIDE_PART * total)
            break;
        before += value;
    }
    for (before = 0; s.to > s.from; s.to--) {
        (void)numaGetFValue(sums, s.to - 1, &value);
        if (before + value > OUTSIDE_PART * total)
            break;
        before += value;
    }
    return s;
}

static l_int32 edge(const struct span *s, int cell)
{
    return s->from + (l_int32)((l_int64)(s->to - s->from) * cell / LIKENESS_SIDE);
}

static double cell_ink(struct Pix *ink, const struct span *across,
                       const struct span *down, int x, int y)
{
    l_int32 left = edge(across, x), right = edge(across, x + 1);
    l_int32 top = edge(down, y), bottom = edge(down, y + 1), count = 0;
    BOX *box = boxCreate(left, top, right - left, bottom - top);

    if (box != NULL && right > left && bottom > top)
        (void)pixCountPixelsInRect(ink, box, &count, NULL);
    boxDestroy(&box);
    return count;
}

static void fill(struct likeness *out, const double ink[LIKENESS_SIDE * LIKENESS_SIDE],
                 double total)
{
    for (int i = 0; i < LIKENESS_SIDE * LIKENESS_SIDE; i++) {
        double cells = MEAN * ink[i] * LIKENESS_SIDE * LIKENESS_SIDE / total;
        unsigned value = cells > CELL_MAX ? CELL_MAX : (unsigned)(cells + 0.5);

        out->cells[i / 2] |= (uint8_t)(i % 2 == 0 ? value << 4 : value);
    }
}

/* Without what hangs on the page's edge: the glass beside the sheet, a shadow. */
static struct Pix *without_edge(struct Pix *ink)
{
    return pixRemoveBorderConnComps(ink, 8);
}

void likeness_take(struct likeness *out, struct Pix *page)
{
    double cells[LIKENESS_SIDE * LIKENESS_SIDE], total = 0;
    struct Pix *ink = without_edge(page);
    struct Numa *rows = ink == NULL ? NULL : pixCountPixelsByRow(ink, NULL);
    struct Numa *columns = ink == NULL ? NULL : pixCountPixelsByColumn(ink);
    struct span across, down;

    *out = (struct likeness){{0}};
    if (rows != NULL && columns != NULL) {
        across = span_of(columns);
        down = span_of(rows);
        for (int y = 0; y < LIKENESS_SIDE; y++)
            for (int x = 0; x < LIKENESS_SIDE; x++) {
                double *cell = &cells[y * LIKENESS_SIDE + x];

                *cell = cell_ink(ink, &across, &down, x, y);
                total += *cell;
            }
        if (total > 0)
            fill(out, cells, total);
    }
    numaDestroy(&rows);
    numaDestroy(&columns);
    pixDestroy(&ink);
}
