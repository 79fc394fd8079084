#include "ocr/image/streak.h"

#include <leptonica/allheaders.h>
#include <stdbool.h>
#include <stdlib.h>

/* Millimetres. */
#define LENGTH_MIN 15.0
#define BREADTH    0.5
#define ACROSS_MIN 6.0 /* a line across that is so long is a rule */
#define END_NEAR   1.2
#define GAP_MAX    2.5
/* Of 255: how much darker than the paper on both sides. */
#define DARKER_BY 14
/* Of a streak, the rest being where it crosses letters. */
#define BARE_SHARE 0.5
#define INK_SHARE  0.75 /* of the paper's level: darker is ink */
/* A streak goes on between the lines of text. Letters that stand below one another, as
 * the first ones of the lines of a list, leave paper there. */
#define CLEAN_SHARE 0.12
#define ROWS_STEP   4 /* looked at: every fourth */
#define RULES_MIN   3 /* lines across: a table's */
#define DPI_MIN     72
#define REMOVED_MAX 400 /* columns of dots: beyond it is a pattern, not dirt */

struct column_run {
    int from, last, bare;
    int clean, since; /* rows of paper in it; and since the last bare one */
    long paper;       /* the sum of what is beside the bare dots */
};

struct streaks {
    struct Pix *grey;
    bool erases;
    int width, height, beside, gap, length_min;
    double dots; /* a millimetre */
    struct column_run *runs;
    int last_column;
    size_t count, columns;
};

static l_uint32 *row_of(const struct streaks *s, int y)
{
    return pixGetData(s->grey) + (size_t)y * (size_t)pixGetWpl(s->grey);
}

/* A dot that is darker than what is to its left and to its right. */
static bool is_bare(const struct streaks *s, const l_uint32 *row, int x)
{
    int over = GET_DATA_BYTE(row, x) + DARKER_BY;

    return GET_DATA_BYTE(row, x - s->beside) > over &&
           GET_DATA_BYTE(row, x + s->beside) > over;
}

/* Whether a line across, of dots darker than `over`, meets column x in row y. */
static bool line_meets(const struct streaks *s, int x, int y, int over)
{
    int across = (int)(ACROSS_MIN * s->dots), run = 1;
    const l_uint32 *row = row_of(s, y);

    if (GET_DATA_BYTE(row, x) >= over)
        return false;
    for (int i = x - 1; i >= 0 && GET_DATA_BYTE(row, i) < over && run < across; i--)
        run++;
    for (int i = x + 1; i < s->width && GET_DATA_BYTE(row, i) < over && run < across; i++)
        run++;
    return run >= across;
}

/* Rules of tables and frames end at lines across, or are crossed by some. */
static bool is_rule(const struct streaks *s, int x, const struct column_run *run)
{
    int near = (int)(END_NEAR * s->dots) + 1, lines = 0, was = -near * 2;
    int from = run->from > near ? run->from - near : 0;
    int to = run->last + near < s->height ? run->last + near : s->height - 1;
    int over = (int)(run->paper / run->bare * INK_SHARE);
    bool top = false, bottom = false;

    for (int y = from; y <= to; y++) {
        if (!line_meets(s, x, y, over))
            continue;
        top = top || y <= run->from + near;
        bottom = bottom || y >= run->last - near;
        lines += y - was > near;
        was = y;
    }
    return (top && bottom) || lines >= RULES_MIN;
}

static void erase(struct streaks *s, int x, const struct column_run *run)
{
    int from = run->from > ROWS_STEP ? run->from - ROWS_STEP : 0;

    for (int y = from; y < s->height && y <= run->last + ROWS_STEP; y++) {
        l_uint32 *row = row_of(s, y);

        if (is_bare(s, row, x))
            SET_DATA_BYTE(
                row, x,
                (GET_DATA_BYTE(row, x - s->beside) + GET_DATA_BYTE(row, x + s->beside)) /
                    2);
    }
}

/* The end of a run: what it was. */
static void close_run(struct streaks *s, int x)
{
    struct column_run *run = &s->runs[x];

    if (run->bare > 0 && run->last - run->from >= s->length_min &&
        run->bare * ROWS_STEP >= (run->last - run->from) * BARE_SHARE &&
        run->clean * ROWS_STEP <= (run->last - run->from) * CLEAN_SHARE &&
        s->columns < REMOVED_MAX && !is_rule(s, x, run)) {
        if (s->erases)
            erase(s, x, run);
        s->columns++;
        s->count += s->last_column < 0 || abs(x - s->last_column) > s->beside;
        s->last_column = x;
    }
    run->bare = 0;
}

static void look_at_row(struct streaks *s, int y)
{
    const l_uint32 *row = row_of(s, y);

    for (int x = s->beside; x < s->width - s->beside; x++) {
        struct column_run *run = &s->runs[x];

        if (is_bare(s, row, x)) {
            if (run->bare == 0)
                *run = (struct column_run){.from = y};
            run->last = y;
            run->bare++;
            run->clean += run->since;
            run->since = 0;
            run->paper += GET_DATA_BYTE(row, x - s->beside);
        } else if (run->bare > 0) {
            run->since += GET_DATA_BYTE(row, x) + DARKER_BY > run->paper / run->bare;
            if (y - run->last > s->gap)
                close_run(s, x);
        }
    }
}

static size_t go_over(struct Pix *grey, int dpi, bool erases)
{
    struct streaks s = {.grey = grey,
                        .erases = erases,
                        .width = pixGetWidth(grey),
                        .height = pixGetHeight(grey),
                        .dots = (dpi > DPI_MIN ? dpi : DPI_MIN) / 25.4,
                        .last_column = -1};

    s.beside = (int)(BREADTH * s.dots) + 1;
    s.gap = (int)(GAP_MAX * s.dots);
    s.length_min = (int)(LENGTH_MIN * s.dots);
    if (s.width <= 2 * s.beside || s.height < s.length_min)
        return 0;
    s.runs = calloc((size_t)s.width, sizeof *s.runs);
    if (s.runs == NULL)
        return 0; /* the page is read with them */
    for (int y = 0; y < s.height; y += ROWS_STEP)
        look_at_row(&s, y);
    for (int x = s.beside; x < s.width - s.beside; x++)
        close_run(&s, x);
    free(s.runs);
    return s.count;
}

size_t streak_count(struct Pix *grey, int dpi)
{
    return go_over(grey, dpi, false);
}

size_t streak_remove(struct Pix *grey, int dpi)
{
    return go_over(grey, dpi, true);
}
