#include "ocr/order/columns.h"

/* A gap is looked for between these. */
#define MIDDLE_FROM 0.25
#define MIDDLE_TO   0.75
/* Gaps between words lie one below the other for two or three lines, by chance; so
 * columns are taller. In shares of the page's height. */
#define COLUMN_SHARE_MIN 0.055
#define COLUMN_SHARE_MAX 0.45
#define COLUMN_LINES_MIN 2
#define LINE_SHARE_MIN   0.005
#define LINE_SHARE_MAX   0.03
/* The room between two columns is so many times that between words beside it. */
#define CROSSING_TIMES     1.4
#define WORD_GAP_SHARE_MAX 0.03
/* So much room, 9 mm of an A4, ends a head: its lines stand closer, and "Kính gửi:" begins
 * the letter proper though it is no wider than a column. Above a name there is more. */
#define REST_SHARE 0.042
/* Lower than any line of letters: marks above or below them, cut off. */
#define LOW_SHARE 0.009

/* Rows are counted from the page's top or, looking from below, from its bottom. */
static int row(const struct ink *k, int y, bool below)
{
    return below ? k->height - 1 - y : y;
}

/* How far down column x is free of ink, from `from` on. */
static int free_depth(const struct ink *k, int x, int from, bool below)
{
    int y = from;

    while (y < k->height && !ink_at(k, x, row(k, y, below)))
        y++;
    return y;
}

/* The first row with ink, from above or below. */
static int first_inked(const struct ink *k, bool below)
{
    int y = 0;

    while (y < k->height && !ink_in_row(k, row(k, y, below), 0, k->width))
        y++;
    return y;
}

/* How deep the deepest gap reaches of those that are `wide`. */
static int gap_depth(const struct ink *k, int from, int wide, bool below)
{
    int first = (int)(k->width * MIDDLE_FROM), last = (int)(k->width * MIDDLE_TO);
    int best = from, depth, x;

    for (int left = first; left + wide <= last; left = x + 1) {
        depth = k->height;
        /* x ends at the last column that is no deeper than what is known. */
        for (x = left + wide - 1; x >= left && depth > best; x--) {
            int here = free_depth(k, x, from, below);

            depth = here < depth ? here : depth;
        }
        if (depth > best) {
            best = depth;
            x = left;
        } else
            x++;
    }
    return best;
}

/* The widest gap that is free over these rows. */
static struct gap gap_widest(const struct ink *k, int from, int end, bool below)
{
    int last = (int)(k->width * MIDDLE_TO), start = -1;
    struct gap best = {0};

    for (int x = (int)(k->width * MIDDLE_FROM); x <= last; x++) {
        bool is_free = x < last && free_depth(k, x, from, below) >= end;

        if (is_free && start < 0)
            start = x;
        if (!is_free && start >= 0) {
            if (x - start > best.right - best.left)
                best = (struct gap){start, x};
            start = -1;
        }
    }
    return best;
}

/* Lines of text between two columns: runs of rows with ink. What is higher than a line
 * is more than one, that touch, or a seal over them: two will do. */
static int lines_count(const struct ink *k, int left, int right, int top, int bottom)
{
    int count = 0, high = 0;

    for (int y = top; y <= bottom; y++) {
        bool some = y < bottom && ink_in_row(k, y, left, right);

        if (some)
            high++;
        else {
            count +=
                (high >= k->width * LINE_SHARE_MIN) + (high > k->width * LINE_SHARE_MAX);
            high = 0;
        }
    }
    return count;
}

/* A line of text from side to side: where the gap is, there is no more room than
 * between two other words of it. `top` to `bottom` hold ink in each row. */
static bool crosses(const struct ink *k, const struct gap *g, int top, int bottom)
{
    int wide = 0, run = 0, other = 0;
    bool begun = false, over_gap = false, left = false, right = false;

    for (int x = 0; x < k->width; x++) {
        if (!ink_in_column(k, x, top, bottom)) {
            run++;
            over_gap = over_gap || (x >= g->left && x < g->right);
            continue;
        }
        left = left || x < g->left;
        right = right || x >= g->right;
        if (over_gap)
            wide = run;
        else if (begun && run > other)
            other = run;
        begun = true;
        over_gap = false;
        run = 0;
    }
    return left && right && wide < k->width * WORD_GAP_SHARE_MAX &&
           wide < CROSSING_TIMES * other;
}

/* The middle of the widest run of free rows between these: marks above and below
 * letters stay with them. */
static int cut_between(const struct ink *k, int from, int end, bool below)
{
    int best = from, widest = 0, run = 0;

    for (int y = from; y < end; y++) {
        run = ink_in_row(k, row(k, y, below), 0, k->width) ? 0 : run + 1;
        if (run > widest) {
            widest = run;
            best = y + 1 - run / 2;
        }
    }
    return best;
}

static bool one_sided(const struct ink *k, const struct gap *g, int top, int bottom)
{
    bool left = false, right = false;

    for (int y = top; y < bottom; y++) {
        left = left || ink_in_row(k, y, 0, g->left);
        right = right || ink_in_row(k, y, g->right, k->width);
    }
    return !left || !right;
}

/* Whether a line no longer belongs to the columns: it goes over the gap with no more
 * room than between its words or, at the head, stands alone after a rest. */
static bool ends_columns(const struct ink *k, const struct gap *g, int begun, int end,
                         int rest, bool below)
{
    if (below)
        return crosses(k, g, k->height - end, k->height - begun);
    return crosses(k, g, begun, end) ||
           (rest > k->width * REST_SHARE && one_sided(k, g, begun, end));
}

/* Where the columns end that begin at `from`, of which the gap is `depth` deep. */
static int columns_end(const struct ink *k, const struct gap *g, int from, int depth,
                       bool below)
{
    int last = from, last_ink = from, begun = -1;

    for (int y = from; y <= k->height; y++) {
        bool some = y < k->height && ink_in_row(k, row(k, y, below), 0, k->width);

        if (some && begun < 0)
            begun = y;
        if (some || begun < 0)
            continue;
        if (y - begun > k->width * LOW_SHARE) {
            if (y > depth || ends_columns(k, g, begun, y, begun - last_ink, below))
                return cut_between(k, last, begun, below);
            last = y;
        }
        last_ink = y;
        begun = -1;
    }
    return 0;
}

static bool columns_stand(const struct ink *k, const struct gap *g, int top, int bottom)
{
    return bottom - top >= k->height * COLUMN_SHARE_MIN &&
           bottom - top <= k->height * COLUMN_SHARE_MAX &&
           lines_count(k, 0, g->left, top, bottom) >= COLUMN_LINES_MIN &&
           lines_count(k, g->right, k->width, top, bottom) >= COLUMN_LINES_MIN;
}

int columns_find(const struct ink *k, double wide, bool below, struct gap *g)
{
    int from = first_inked(k, below);
    int depth = gap_depth(k, from, (int)(k->width * wide), below), end;

    *g = gap_widest(k, from, depth, below);
    end = columns_end(k, g, from, depth, below);
    *g = gap_widest(k, from, end, below);
    if (!columns_stand(k, g, below ? k->height - end : from,
                       below ? k->height - from : end))
        return 0;
    return end;
}
