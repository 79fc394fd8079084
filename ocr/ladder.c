#include "ocr/ladder.h"

#include <leptonica/allheaders.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ocr/image/streak.h"
#include "ocr/judge.h"
#include "ocr/recover.h"

/* What a page may take of a processor before another attempt at it is made. Not of the
 * clock: a busy machine must not read worse. */
#define BUDGET_SECONDS 4.0
/* Nor must a very busy one let the page's time run out. */
#define PATIENCE_MS  20000
#define ENLARGED_MAX 9000000 /* pixels: no worker may grow beyond its memory */

/* Of a processor, by this process. */
static double seconds_taken(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

struct climb {
    struct found best;
    double worth;
    size_t attempts, won, taken;
    size_t lines; /* that no word covered, read on their own */
    double lines_seconds;
    bool pristine; /* alternatives are a tenth slower: not where little is in doubt */
    bool bilevel;
    double doubt, seconds[LADDER_ATTEMPTS_MAX];
    double began;
    int64_t began_ms;
};

static int try_rung(const struct ladder *l, const struct rung *rung, bool alternatives,
                    struct found *out, struct err *e)
{
    double scale = rung->recipe.enlarged;
    struct attempt how = {.segmentation = rung->segmentation,
                          .dpi = (int)(l->dpi * scale + 0.5),
                          .alternatives = alternatives};
    struct Pix *pix = steps_take(l->shared->grey, &rung->recipe);
    int rc;

    if (pix == NULL)
        return err_set(e, ERR_MEMORY, "ladder: out of memory");
    rc = l->reader.read(l->reader.context, pix, &how, out, e);
    pixDestroy(&pix);
    if (rc == 0 && scale > 1)
        judge_scale(out, scale);
    return rc;
}

static void swap(struct found *a, struct found *b)
{
    struct found was = *a;

    *a = *b;
    *b = was;
}

/* Makes one reading of the attempts so far and this one, which it empties; whether
 * this one won. What no memory could merge is only words that stay as they were. */
static bool join(struct climb *c, struct found *here)
{
    double worth = found_worth(here), doubt = judge_doubt(here);
    bool won = c->attempts == 0 || worth > c->worth;
    size_t taken = 0;
    struct err ignored;

    if (won) {
        swap(&c->best, here);
        c->worth = worth;
        c->doubt = doubt;
        c->won = c->attempts;
    }
    if (c->attempts > 0)
        (void)judge_merge(&c->best, here, &taken, &ignored);
    c->taken += taken;
    c->attempts++;
    found_release(here);
    *here = (struct found){0};
    return won;
}

static void tell(char *out, const struct climb *c, const struct rung *rungs)
{
    size_t at = 0;

    for (size_t i = 0; i < c->attempts && at < LADDER_TELLS_BYTES; i++)
        at += (size_t)snprintf(out + at, LADDER_TELLS_BYTES - at, "%s%s%s %.2f",
                               i == 0 ? "" : ", ", i == c->won ? "*" : "", rungs[i].name,
                               c->seconds[i]);
    if (c->lines > 0 && at < LADDER_TELLS_BYTES)
        at += (size_t)snprintf(out + at, LADDER_TELLS_BYTES - at, ", uncovered %.2f",
                               c->lines_seconds);
    if ((c->attempts > 1 || c->lines > 0) && at < LADDER_TELLS_BYTES)
        (void)snprintf(out + at, LADDER_TELLS_BYTES - at, ", words %zu.0", c->taken);
}

static bool fits(const struct ladder *l, const struct rung *rung)
{
    double scale = rung->recipe.enlarged;

    return scale <= 1 ||
           scale * scale * pixGetWidth(l->shared->grey) * pixGetHeight(l->shared->grey) <=
               ENLARGED_MAX;
}

/* Another attempt is worth its time. */
static bool goes_on(const struct ladder *l, const struct climb *c, double doubt_min)
{
    return c->attempts == 0 ||
           (c->doubt >= doubt_min && !l->has_table(l->reader.context) &&
            seconds_taken() - c->began < BUDGET_SECONDS &&
            clock_mono_now_ms() - c->began_ms < PATIENCE_MS);
}

/* Of the page as it will be read, but not smoothed. */
static int find_table(const struct ladder *l, const struct rung *first, bool *table,
                      struct err *e)
{
    struct recipe recipe = first->recipe;
    struct Pix *pix;
    int rc;

    recipe.smoothed = false;
    pix = steps_take(l->shared->grey, &recipe);
    if (pix == NULL)
        return err_set(e, ERR_MEMORY, "ladder: out of memory");
    rc = l->shows_table(l->reader.context, pix, l->dpi, table, e);
    pixDestroy(&pix);
    return rc;
}

/* What depends on whether there is a table. Its cells hold small print, which smoothing
 * blots: sharp goes before calm. Without one, streaks are removed. */
static int prepare(const struct ladder *l, struct rung *rungs, struct err *e)
{
    bool smoothed = rungs[0].recipe.smoothed, table = false;
    bool streaks = streak_count(l->shared->grey, l->dpi) > 0;

    if ((smoothed || streaks) && find_table(l, &rungs[0], &table, e) != 0)
        return -1;
    if (!table && streaks)
        l->shared->streaks = streak_remove(l->shared->grey, l->dpi);
    if (table && smoothed) {
        struct rung calm = rungs[0];

        rungs[0] = rungs[1];
        rungs[1] = calm;
    }
    return 0;
}

static int climb(const struct ladder *l, struct climb *c, struct rung *rungs,
                 size_t count, struct ladder_report *report, struct err *e)
{
    struct found here = {0};
    int rc = -1;

    for (size_t i = 0; i < count && goes_on(l, c, rungs[i].doubt_min); i++) {
        double at = seconds_taken();

        if (rungs[i].as_best)
            rungs[i].recipe = report->recipe;
        if (!fits(l, &rungs[i]))
            rungs[i].recipe.enlarged = 1;
        if (try_rung(l, &rungs[i], !c->pristine || i > 0, &here, e) != 0) {
            if (c->attempts == 0)
                goto out;
            break; /* what was read before stands */
        }
        if (join(c, &here))
            report->recipe = rungs[i].recipe;
        c->seconds[i] = seconds_taken() - at;
        if (i == 0 && l->climb && report->turns == 0 && turn_suspected(&c->best))
            break; /* first which way up it lies */
    }
    rc = 0;
out:
    found_release(&here);
    return rc;
}

/* Turns the shared picture upright if it is not. */
static int make_upright(const struct ladder *l, bool sideways, unsigned *turns,
                        struct err *e)
{
    struct Pix *turned;

    if (turn_find(turns, l->shared->grey, l->dpi, sideways, &l->reader, e) != 0)
        return -1;
    if (*turns == 0)
        return 0;
    turned = pixRotateOrth(l->shared->grey, (l_int32)*turns);
    if (turned == NULL)
        return err_set(e, ERR_MEMORY, "ladder: out of memory");
    pixDestroy(&l->shared->grey);
    l->shared->grey = turned;
    return 0;
}

/* The look, the plan and the way up it. */
static int climb_looking(const struct ladder *l, int depth, struct climb *c,
                         struct rung rungs[LADDER_ATTEMPTS_MAX],
                         struct ladder_report *report, struct err *e)
{
    struct page_look look = {.evenness = 1};
    size_t count = 1;

    if (!l->climb) {
        rungs[0] = (struct rung){
            .name = "plain", .recipe = {.enlarged = 1}, .segmentation = SEGMENT_AUTO};
        return climb(l, c, rungs, count, report, e);
    }
    look_at(&look, l->shared->grey, depth);
    if (look.sideways && report->turns == 0) {
        if (make_upright(l, true, &report->turns, e) != 0)
            return -1;
        look_at(&look, l->shared->grey, depth);
    }
    c->pristine = look.pristine;
    c->bilevel = look.bilevel;
    count = rungs_plan(&look, l->dpi, l->way, rungs);
    if (prepare(l, rungs, e) != 0)
        return -1;
    return climb(l, c, rungs, count, report, e);
}

/* Reads what no attempt did, on the picture that the best one had. A line that cannot
 * be read is only lost, as it was. */
static void recover(const struct ladder *l, struct climb *c, const struct recipe *recipe)
{
    struct recipe same = *recipe;
    struct recovery r = {
        .reader = l->line_reader, .dpi = l->dpi, .flat = c->bilevel || c->pristine};
    double began = seconds_taken();
    struct err ignored;

    same.enlarged = 1;
    same.binarised = false;
    r.pix = steps_take(l->shared->grey, &same);
    if (r.pix != NULL)
        (void)recover_lines(&r, &c->best, &ignored);
    pixDestroy(&r.pix);
    c->lines = r.lines;
    c->taken += r.words;
    c->lines_seconds = seconds_taken() - began;
}

int ladder_climb(const struct ladder *l, int depth, struct found *out,
                 struct ladder_report *report, struct err *e)
{
    struct rung rungs[LADDER_ATTEMPTS_MAX];
    struct climb c = {.began = seconds_taken(), .began_ms = clock_mono_now_ms()};
    int rc = -1;

    *report = (struct ladder_report){0};
    if (climb_looking(l, depth, &c, rungs, report, e) != 0)
        goto out;
    if (l->climb && report->turns == 0 && turn_suspected(&c.best)) {
        if (make_upright(l, false, &report->turns, e) != 0)
            goto out;
        if (report->turns == 0)
            report->turns = 4; /* upright as it was: do not ask again */
        found_release(&c.best);
        c = (struct climb){.began = seconds_taken(), .began_ms = clock_mono_now_ms()};
        if (climb_looking(l, depth, &c, rungs, report, e) != 0)
            goto out;
    }
    if (l->recovers)
        recover(l, &c, &report->recipe);
    report->turns %= 4;
    report->width = (uint32_t)pixGetWidth(l->shared->grey);
    report->height = (uint32_t)pixGetHeight(l->shared->grey);
    tell(report->tells, &c, rungs);
    swap(out, &c.best);
    rc = 0;
out:
    found_release(&c.best);
    return rc;
}
