#include "ocr/ladder.h"

#include <leptonica/allheaders.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ocr/attempt.h"
#include "ocr/image/whiten.h"
#include "ocr/judge.h"

/* What a page may take of a processor before another attempt at it is made. Not of the
 * clock: a busy machine must not read worse. */
#define BUDGET_SECONDS 4.0
/* Clean pages doubt less of themselves. */
#define DOUBT_MIN 0.03
/* Letters of fewer dots gain from more. */
#define DPI_SMALL    250
#define ENLARGED     1.5
#define ENLARGED_MAX 9000000 /* pixels: no worker may grow beyond its memory */

size_t ladder_plan(const struct page_look *look, int dpi,
                   struct rung out[LADDER_ATTEMPTS_MAX])
{
    struct rung plain = {"plain", {.tilt = look->tilt, .enlarged = 1}};
    struct rung sharp = {"sharp",
                         {.tilt = look->tilt, .whitened = true, .enlarged = 1}};
    struct rung calm = sharp, large = plain;

    calm.name = "calm";
    calm.recipe.smoothed = true;
    large.name = "large";
    large.recipe.blurred = true;
    large.recipe.enlarged = dpi < DPI_SMALL ? ENLARGED : 1;
    if (look->evenness < WHITEN_EVENNESS_MIN || look->tilt != 0) {
        out[0] = look->bilevel ? sharp : calm;
        out[1] = look->bilevel ? calm : sharp;
        out[2] = plain;
        out[2].name = "large";
        out[2].recipe = calm.recipe;
        out[2].recipe.smoothed = false;
        out[2].recipe.blurred = true;
        out[2].recipe.enlarged = large.recipe.enlarged;
        return 3;
    }
    out[0] = plain;
    out[1] = large;
    out[2] = sharp;
    return 3;
}

/* Of a processor, by this process. */
static double seconds_taken(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

struct climb {
    struct found best;
    double worth;
    size_t attempts, won, taken;
    double doubt, seconds[LADDER_ATTEMPTS_MAX];
};

static int try_rung(const struct ladder *l, const struct rung *rung, struct found *out,
                    struct Pix **pix, struct err *e)
{
    double scale = rung->recipe.enlarged;

    *pix = steps_take(l->shared->grey, &rung->recipe);
    if (*pix == NULL)
        return err_set(e, ERR_MEMORY, "ladder: out of memory");
    if (l->read(l->context, *pix, (int)(l->dpi * scale + 0.5), out, e) != 0)
        return -1;
    if (scale > 1)
        judge_scale(out, scale);
    return 0;
}

static void swap(struct found *a, struct found *b)
{
    struct found was = *a;

    *a = *b;
    *b = was;
}

/* Makes one reading of the attempts so far and this one, which it empties. */
static int join(struct climb *c, struct found *here, bool *won, struct err *e)
{
    double worth = found_worth(here), doubt = judge_doubt(here);
    size_t taken = 0;
    int rc;

    *won = c->attempts == 0 || worth > c->worth;
    if (*won) {
        swap(&c->best, here);
        c->worth = worth;
        c->doubt = doubt;
        c->won = c->attempts;
    }
    rc = c->attempts == 0 ? 0 : judge_merge(&c->best, here, &taken, e);
    c->taken += taken;
    c->attempts++;
    found_release(here);
    *here = (struct found){0};
    return rc;
}

static void tell(char *out, const struct climb *c, const struct rung *rungs)
{
    size_t at = 0;

    for (size_t i = 0; i < c->attempts && at < LADDER_TELLS_BYTES; i++)
        at += (size_t)snprintf(out + at, LADDER_TELLS_BYTES - at, "%s%s%s %.2f",
                               i == 0 ? "" : ", ", i == c->won ? "*" : "", rungs[i].name,
                               c->seconds[i]);
    if (c->attempts > 1 && at < LADDER_TELLS_BYTES)
        (void)snprintf(out + at, LADDER_TELLS_BYTES - at, ", words %zu.0", c->taken);
}

static bool fits(const struct ladder *l, const struct rung *rung)
{
    double scale = rung->recipe.enlarged;

    return scale <= 1 || scale * scale * pixGetWidth(l->shared->grey) *
                                 pixGetHeight(l->shared->grey) <=
                             ENLARGED_MAX;
}

int ladder_climb(const struct ladder *l, int depth, struct found *out,
                 struct ladder_report *report, struct err *e)
{
    struct rung rungs[LADDER_ATTEMPTS_MAX];
    struct page_look look = {.evenness = 1};
    struct climb c = {0};
    struct found here = {0};
    struct Pix *pix = NULL;
    double began = seconds_taken(), at = began;
    size_t count;
    int rc = -1;

    *report = (struct ladder_report){0};
    if (l->climb)
        look_at(&look, l->shared->grey, depth);
    count = l->climb ? ladder_plan(&look, l->dpi, rungs) : 1;
    if (!l->climb)
        rungs[0] = (struct rung){"plain", {.enlarged = 1}};
    for (size_t i = 0; i < count; i++, at = seconds_taken()) {
        bool won;

        if (i > 0 && (c.doubt < DOUBT_MIN || at - began > BUDGET_SECONDS ||
                      l->has_table(l->context)))
            break;
        if (!fits(l, &rungs[i]))
            rungs[i].recipe.enlarged = 1;
        if (try_rung(l, &rungs[i], &here, &pix, e) != 0 || join(&c, &here, &won, e) != 0)
            goto out;
        c.seconds[i] = seconds_taken() - at;
        if (won) {
            report->recipe = rungs[i].recipe;
            pixDestroy(&report->pix);
            report->pix = pix;
            pix = NULL;
        }
        pixDestroy(&pix);
    }
    report->width = (uint32_t)pixGetWidth(l->shared->grey);
    report->height = (uint32_t)pixGetHeight(l->shared->grey);
    tell(report->tells, &c, rungs);
    swap(out, &c.best);
    rc = 0;
out:
    found_release(&here);
    found_release(&c.best);
    pixDestroy(&pix);
    if (rc != 0)
        pixDestroy(&report->pix);
    return rc;
}
