#include "tests/bench/parts.h"

#include <string.h>

#include "tests/bench/change.h"

#define WRONG_SHARE_MAX 0.1 /* of the right ones */

enum kind { KIND_LANGUAGE, KIND_JOIN, KIND_MARK, KINDS };

static const char *const kinds[KINDS] = {"language", "join", "mark"};

/* How often what came out. */
struct tally {
    size_t of[KINDS][OUTCOMES];
};

static const char *word_of(const struct page *p, const json_t *change)
{
    size_t number = (size_t)json_integer_value(json_object_get(change, "word"));
    const json_t *words = json_object_get(p->ours, "words");
    const char *word =
        json_string_value(json_object_get(json_array_get(words, number), "text"));

    return word == NULL ? "" : word;
}

/* Each change, for --per-page. */
static int tell_page(const struct folder *f, const struct page *p, struct err *e)
{
    static const char *const outcomes[OUTCOMES] = {"right", "wrong", "neither"};
    json_t *change;
    size_t index;

    json_array_foreach(json_object_get(p->ours, "changes"), index, change)
    {
        enum outcome outcome;

        if (change_judge(p, change, &outcome, e) != 0)
            return err_wrap(e, "%s", p->id);
        printf("- %s/%s: '%s' was '%s': %s, %s\n", f->name, p->id, word_of(p, change),
               json_string_value(json_object_get(change, "was")),
               json_string_value(json_object_get(change, "kind")), outcomes[outcome]);
    }
    return 0;
}

static int tally_page(struct tally *t, const struct page *p, struct err *e)
{
    json_t *change;
    size_t index;

    json_array_foreach(json_object_get(p->ours, "changes"), index, change)
    {
        const char *name = json_string_value(json_object_get(change, "kind"));
        enum outcome outcome;

        if (change_judge(p, change, &outcome, e) != 0)
            return err_wrap(e, "%s", p->id);
        for (int k = 0; name != NULL && k < KINDS; k++)
            t->of[k][outcome] += strcmp(kinds[k], name) == 0;
    }
    return 0;
}

static int language_row(const struct plan *p, const struct folder *f, struct tally *sum,
                        struct err *e)
{
    struct readers plain = p->readers;
    struct tally t = {0};
    struct score with, without;
    struct folder twin;
    int rc = -1;

    plain.without = "language";
    if (folder_twin(&twin, f, "without-language", e) != 0)
        return -1;
    if (reader_run(&plain, READER_OURS, &twin, e) != 0)
        goto out;
    for (size_t i = 0; i < f->pages_count; i++)
        if (f->pages[i].by[READER_OURS].text != NULL &&
            tally_page(&t, &f->pages[i], e) != 0)
            goto out;
    with = folder_score(f, READER_OURS);
    without = folder_score(&twin, READER_OURS);
    printf("| %s |", f->name);
    for (int k = 0; k < KINDS; k++) {
        printf(" %zu / %zu / %zu |", t.of[k][OUTCOME_RIGHT], t.of[k][OUTCOME_WRONG],
               t.of[k][OUTCOME_NONE]);
        for (int o = 0; o < OUTCOMES; o++)
            sum->of[k][o] += t.of[k][o];
    }
    printf(" %.2f | %.2f | %.2f | %.2f |\n", score_cer(&with), score_cer(&without),
           score_wer(&with), score_wer(&without));
    rc = 0;
out:
    folder_release(&twin);
    return rc;
}

int part_language(const struct plan *p, const struct folder *folders, size_t count,
                  unsigned *missed, struct err *e)
{
    struct tally sum = {0};
    size_t right, wrong;

    for (size_t i = 0; p->per_page && i < count; i++)
        for (size_t k = 0; k < folders[i].pages_count; k++)
            if (folders[i].pages[k].by[READER_OURS].text != NULL &&
                tell_page(&folders[i], &folders[i].pages[k], e) != 0)
                return -1;
    printf(
        "\n### What was changed of the recogniser's words: right / wrong / neither\n\n"
        "| folder | another syllable | joined | dash, dot, quote | letters wrong, %% | "
        "without language | words wrong, %% | without language |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        if (language_row(p, &folders[i], &sum, e) != 0)
            return err_wrap(e, "language: %s", folders[i].name);
    right = sum.of[KIND_LANGUAGE][OUTCOME_RIGHT] + sum.of[KIND_JOIN][OUTCOME_RIGHT];
    wrong = sum.of[KIND_LANGUAGE][OUTCOME_WRONG] + sum.of[KIND_JOIN][OUTCOME_WRONG];
    printf(
        "\nLanguage: %zu right, %zu wrong (≤ a tenth of right) %s; marks: %zu right, %zu "
        "wrong\n",
        right, wrong, (double)wrong <= WRONG_SHARE_MAX * (double)right ? "ok" : "OVER",
        sum.of[KIND_MARK][OUTCOME_RIGHT], sum.of[KIND_MARK][OUTCOME_WRONG]);
    *missed += (double)wrong > WRONG_SHARE_MAX * (double)right;
    return 0;
}
