#include "tests/bench/score.h"

#include "tests/bench/edit.h"

static int best_order(struct score *out, const struct truth *t, const struct points *read,
                      struct err *e)
{
    double least = 0;

    for (size_t i = 0; i < t->orders_count; i++) {
        const struct points *order = &t->orders[i];
        size_t letters = order->count == 0 ? 1 : order->count, wrong;

        if (edit_distance(&wrong, order->at, order->count, read->at, read->count, e) != 0)
            return -1;
        if (i > 0 && (double)wrong / (double)letters >= least)
            continue;
        least = (double)wrong / (double)letters;
        out->letters = letters;
        out->letters_wrong = wrong;
        out->order = i;
    }
    return 0;
}

static int count_words(struct score *out, const struct points *truth,
                       const struct points *read, struct err *e)
{
    struct points said = {0}, heard = {0};
    int rc = -1;

    if (points_words(&said, truth, truth, e) == 0 &&
        points_words(&heard, truth, read, e) == 0)
        rc = edit_distance(&out->words_wrong, said.at, said.count, heard.at, heard.count,
                           e);
    out->words = said.count;
    points_release(&said);
    points_release(&heard);
    return rc;
}

static int count_folded(struct score *out, const struct points *truth,
                        const struct points *read, struct err *e)
{
    struct points a = {0}, b = {0};
    int rc = -1;

    if (points_fold(&a, truth, e) == 0 && points_fold(&b, read, e) == 0)
        rc = edit_distance(&out->folded_wrong, a.at, a.count, b.at, b.count, e);
    points_release(&a);
    points_release(&b);
    return rc;
}

int score_page(struct score *out, const struct truth *t, const char *text, size_t bytes,
               struct err *e)
{
    struct points read;
    int rc = -1;

    *out = (struct score){.pages = 1};
    if (points_of(&read, text, bytes, e) != 0)
        return -1;
    if (best_order(out, t, &read, e) == 0 &&
        count_words(out, &t->orders[out->order], &read, e) == 0)
        rc = count_folded(out, &t->orders[out->order], &read, e);
    points_release(&read);
    return rc;
}

void score_add(struct score *sum, const struct score *s)
{
    sum->pages += s->pages;
    sum->letters += s->letters;
    sum->letters_wrong += s->letters_wrong;
    sum->folded_wrong += s->folded_wrong;
    sum->words += s->words;
    sum->words_wrong += s->words_wrong;
}

static double share(size_t part, size_t whole)
{
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

double score_cer(const struct score *s)
{
    return share(s->letters_wrong, s->letters);
}

double score_folded(const struct score *s)
{
    return share(s->folded_wrong, s->letters);
}

double score_wer(const struct score *s)
{
    return share(s->words_wrong, s->words);
}
