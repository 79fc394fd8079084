#include "tests/bench/suspects/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/suspects/align.h"

/* --- one page ------------------------------------------------------------------------- */

static bool says(const char *text, const struct aligned_word *truth)
{
    struct points p;
    struct err e;
    bool same = false;

    if (points_of(&p, text, strlen(text), &e) == 0)
        same = aligned_same(&(struct aligned_word){p.at, p.count}, truth);
    points_release(&p);
    return same;
}

static struct aligned_word without_stop(struct aligned_word w)
{
    while (w.count > 0 && strchr(".,;:", (int)w.at[w.count - 1]) != NULL &&
           w.at[w.count - 1] < 0x80)
        w.count--;
    return w;
}

static bool says_letters(const char *text, const struct aligned_word *truth)
{
    struct aligned_word a, b = without_stop(*truth);
    struct points p;
    struct err e;
    bool same = false;

    if (points_of(&p, text, strlen(text), &e) == 0) {
        a = without_stop((struct aligned_word){p.at, p.count});
        same = a.count > 0 && aligned_same(&a, &b);
    }
    points_release(&p);
    return same;
}

static void tell(const struct page *p, const char *what, const struct reread *r,
                 size_t word, const char *text, const struct suspect *s)
{
    printf("- %s: %s '%s' %u", p->id, what, text, r->layout.words[word].confidence);
    for (int k = 0; s != NULL && k < SUSPECT_REASONS; k++)
        if (s->reasons >> k & 1)
            printf(" %s", suspect_reason_name((enum suspect_reason)k));
    for (size_t i = 0; s != NULL && i < s->alternatives_count; i++)
        printf(" [%s]", s->alternatives[i]);
    printf("\n");
}

static void count_suspect(struct tally *t, const struct suspect *s, bool wrong,
                          const struct aligned_word *truth)
{
    t->flags++;
    t->caught += wrong;
    for (int k = 0; k < SUSPECT_REASONS; k++) {
        bool has = s->reasons >> k & 1;

        t->by_reason[k] += has;
        t->wrong_by_reason[k] += has && wrong;
        t->alone_by_reason[k] += wrong && s->reasons == 1u << k;
    }
    for (size_t i = 0; wrong && i < s->alternatives_count; i++)
        if (says(s->alternatives[i], truth)) {
            t->offered++;
            t->first += i == 0;
            break;
        }
}

static const char *word_text(const struct page *p, size_t word)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(p->ours, "words"), word), "text"));
}

static void count_words(struct tally *t, const struct page *p, const struct reread *r,
                        const struct suspects *s, const struct aligned_word *truth,
                        bool tells)
{
    size_t next = 0;

    for (size_t i = 0; i < r->layout.words_count; i++) {
        const struct suspect *here =
            next < s->count && s->list[next].word == i ? &s->list[next++] : NULL;
        uint8_t confidence = r->layout.words[i].confidence;
        const char *text = word_text(p, i);
        bool wrong = !says(text, &truth[i]);
        bool letters = wrong && !says_letters(text, &truth[i]);

        t->words++;
        t->wrong += wrong;
        t->wrong_letters += letters;
        t->caught_letters += letters && here != NULL;
        t->by_confidence[confidence]++;
        t->wrong_by_confidence[confidence] += wrong;
        if (here != NULL)
            count_suspect(t, here, wrong, &truth[i]);
        if (tells && wrong != (here != NULL))
            tell(p, wrong ? "missed" : "in vain", r, i, text, here);
        else if (tells && wrong)
            tell(p, "caught", r, i, text, here);
    }
}

int tally_page(struct tally *t, const struct page *p, const struct reread *r,
               const struct suspects *s, bool tells, struct err *e)
{
    struct aligned_word *truth = NULL;
    struct points read = {0};
    size_t count = 0;
    int rc = -1;

    if (points_of(&read, r->text, strlen(r->text), e) != 0 ||
        align_words(&truth, &count, &p->truth.orders[p->by[READER_OURS].score.order],
                    &read, e) != 0)
        goto out;
    if (count != r->layout.words_count) {
        (void)err_set(e, ERR_CORRUPT, "%s: %zu words, not %zu", p->id, count,
                      r->layout.words_count);
        goto out;
    }
    t->pages++;
    count_words(t, p, r, s, truth, tells);
    rc = 0;
out:
    free(truth);
    points_release(&read);
    return rc;
}

/* A tally is nothing but counts. */
void tally_add(struct tally *sum, const struct tally *t)
{
    size_t *to = (size_t *)sum;
    const size_t *from = (const size_t *)t;

    for (size_t i = 0; i < sizeof *t / sizeof *from; i++)
        to[i] += from[i];
}

/* --- tables ----------------------------------------------------------------------------- */

static double share(size_t part, size_t of)
{
    return of == 0 ? 0 : 100.0 * (double)part / (double)of;
}

/* As many flags on the words of the least confidence; of those at the threshold their
 * part. What they catch. */
static double caught_by_confidence(const struct tally *t)
{
    double caught = 0, left = (double)t->flags;

    for (int c = 0; c < TALLY_SURE && left > 0; c++) {
        double here = (double)t->by_confidence[c];
        double taken = here < left ? here : left;

        if (here > 0)
            caught += (double)t->wrong_by_confidence[c] * taken / here;
        left -= taken;
    }
    return caught;
}

void tally_print_head(void)
{
    printf("| pages of | pages | words | wrong | flagged | of the wrong caught | of the "
           "right flagged | of those wrong in more than a stop caught | confidence "
           "alone, as many flags: caught | right flagged | "
           "truth among what is offered | first |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
}

void tally_print(const struct tally *t, const char *name)
{
    double plain = caught_by_confidence(t);
    size_t right = t->words - t->wrong;

    printf(
        "| %s | %zu | %zu | %zu | %zu | %.1f %% | %.2f %% | %.1f %% | %.1f %% | %.2f %% "
        "| %.1f %% | %.1f %% |\n",
        name, t->pages, t->words, t->wrong, t->flags, share(t->caught, t->wrong),
        share(t->flags - t->caught, right), share(t->caught_letters, t->wrong_letters),
        t->wrong == 0 ? 0 : 100 * plain / (double)t->wrong,
        right == 0 ? 0 : 100 * ((double)t->flags - plain) / (double)right,
        share(t->offered, t->caught), share(t->first, t->caught));
}

void tally_print_reasons(const struct tally *t)
{
    printf("\n| reason | flagged | of them wrong | of all wrong caught | for this reason "
           "alone |\n| --- | --- | --- | --- | --- |\n");
    for (int k = 0; k < SUSPECT_REASONS; k++)
        printf("| %s | %zu | %.0f %% | %.1f %% | %.1f %% |\n",
               suspect_reason_name((enum suspect_reason)k), t->by_reason[k],
               share(t->wrong_by_reason[k], t->by_reason[k]),
               share(t->wrong_by_reason[k], t->wrong),
               share(t->alone_by_reason[k], t->wrong));
}
