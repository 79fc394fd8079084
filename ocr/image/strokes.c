#include "ocr/image/strokes.h"

#include <leptonica/allheaders.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ocr/image/levels.h"

#define TILE       96 /* dots; every third one of both directions is looked at */
#define TILE_STEP  (3 * TILE)
#define PAPER_DARK 60 /* a tile whose paper is darker says nothing */
#define REACH      4  /* a stroke's darkest dot is so among so many on each side */
#define FINE_DPI   250

struct tile {
    unsigned char dots[TILE][TILE]; /* told as if the paper were 255 */
};

static bool take_tile(struct tile *t, struct Pix *grey, int left, int top)
{
    unsigned counts[256] = {0};
    int paper, wpl = pixGetWpl(grey);

    for (int y = 0; y < TILE; y++)
        for (int x = 0; x < TILE; x++) {
            t->dots[y][x] = GET_DATA_BYTE(
                pixGetData(grey) + (size_t)(top + y) * (size_t)wpl, left + x);
            counts[t->dots[y][x]]++;
        }
    paper = levels_at(counts, 0.8);
    for (int y = 0; y < TILE && paper >= PAPER_DARK; y++)
        for (int x = 0; x < TILE; x++) {
            int level = t->dots[y][x] * STROKES_PAPER / paper;

            t->dots[y][x] =
                (unsigned char)(level < STROKES_PAPER ? level : STROKES_PAPER);
        }
    return paper >= PAPER_DARK;
}

static bool is_darkest(const struct tile *t, int x, int y)
{
    int level = t->dots[y][x];

    for (int j = -REACH; j <= REACH; j++)
        for (int i = -REACH; i <= REACH; i++) {
            int other = t->dots[y + j][x + i];

            /* Of equals, the first in reading order. */
            if (other < level || (other == level && (j < 0 || (j == 0 && i < 0))))
                return false;
        }
    return true;
}

static int steepest(const struct tile *t, int x, int y, int reach)
{
    int most = 0;

    for (int j = y - reach; j <= y + reach; j++)
        for (int i = x - reach; i <= x + reach; i++) {
            int across = abs(t->dots[j][i + 1] - t->dots[j][i - 1]);
            int down = abs(t->dots[j + 1][i] - t->dots[j - 1][i]);

            most = across > most ? across : most;
            most = down > most ? down : most;
        }
    return most;
}

static void gather(struct strokes *s, const struct tile *t, int reach)
{
    for (int y = REACH; y < TILE - REACH; y++)
        for (int x = REACH; x < TILE - REACH; x++) {
            int level = t->dots[y][x];

            if (level >= STROKES_MAX || !is_darkest(t, x, y))
                continue;
            s->counts[level]++;
            s->steps[level] += steepest(t, x, y, reach);
            s->depths[level] += STROKES_PAPER - level;
        }
}

struct stroke_kind strokes_kind(const struct strokes *s, int from, int to)
{
    struct stroke_kind k = {0};
    double steps = 0, depths = 0;

    for (int i = from; i < to; i++) {
        k.count += s->counts[i];
        k.level += (double)i * s->counts[i];
        steps += s->steps[i];
        depths += s->depths[i];
    }
    k.level = k.count > 0 ? k.level / k.count : 0;
    k.sharpness = depths > 0 ? steps / depths : 0;
    return k;
}

void strokes_find(struct strokes *out, struct Pix *grey, int dpi)
{
    struct tile t;
    int reach = dpi >= FINE_DPI ? 3 : 2;

    *out = (struct strokes){.counts = {0}};
    for (int y = TILE / 2; y + TILE <= pixGetHeight(grey); y += TILE_STEP)
        for (int x = TILE / 2; x + TILE <= pixGetWidth(grey); x += TILE_STEP)
            if (take_tile(&t, grey, x, y))
                gather(out, &t, reach);
}
