#include "tests/bench/table.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/readers.h"

#define WORSE_POINTS_MAX 0.3 /* on any page, beside plain Tesseract */
#define PACE_MIN         1.5 /* of OCRmyPDF's pages a minute, mean of all folders */
#define PACE_CLEAN_MIN   0.9 /* of Tesseract's, on clean pages */

/* Our letters wrong as a share of the better peer's; a made folder has the bound of
 * the one that it is like. */
static const struct {
    const char *folder;
    double share_max;
} bounds[] = {
    {"clean", 0.80}, {"light", 0.80}, {"heavy", 0.075}, {"table", 0.09}, {"real", 0.70},
};

/* 0: none is stated. */
static double share_max(const char *folder)
{
    const char *name = strncmp(folder, "made-", 5) == 0 ? folder + 5 : folder;

    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (strcmp(bounds[i].folder, name) == 0)
            return bounds[i].share_max;
    return 0;
}

static const char *verdict(bool kept)
{
    return kept ? "ok" : "OVER";
}

static void print_cer(const struct folder *f, enum reader r)
{
    struct score s = folder_score(f, r);

    if (f->pace[r].ran)
        printf(" %.2f |", score_cer(&s));
    else
        printf(" - |");
}

/* The better peer's CER; < 0: no peer ran. */
static double better_peer(const struct folder *f)
{
    double best = -1;

    for (int r = 0; r < READER_OURS; r++) {
        struct score s = folder_score(f, (enum reader)r);

        if (f->pace[r].ran && (best < 0 || score_cer(&s) < best))
            best = score_cer(&s);
    }
    return best;
}

static bool print_share(const struct folder *f)
{
    struct score s = folder_score(f, READER_OURS);
    double peer = better_peer(f), bound = share_max(f->name);
    bool kept = bound <= 0 || score_cer(&s) <= bound * peer;

    if (peer < 0 || !f->pace[READER_OURS].ran) {
        printf(" - |");
        return true;
    }
    printf(" %.3f", peer > 0 ? score_cer(&s) / peer : 0);
    if (bound > 0)
        printf(" (≤ %.3g) %s", bound, verdict(kept));
    printf(" |");
    return kept;
}

/* By how many points we are worse than plain Tesseract where we are so most. */
static bool print_worst(const struct folder *f)
{
    const struct page *worst = NULL;
    double most = 0;

    if (!f->pace[READER_OURS].ran || !f->pace[READER_TESSERACT].ran) {
        printf(" - |");
        return true;
    }
    for (size_t i = 0; i < f->pages_count; i++) {
        const struct page *p = &f->pages[i];
        double worse = score_cer(&p->by[READER_OURS].score) -
                       score_cer(&p->by[READER_TESSERACT].score);

        if (page_counts(f, p) && (worst == NULL || worse > most)) {
            worst = p;
            most = worse;
        }
    }
    printf(" %+.2f %s %s |", most, worst == NULL ? "" : worst->id,
           verdict(most <= WORSE_POINTS_MAX));
    return most <= WORSE_POINTS_MAX;
}

unsigned table_letters(const struct folder *folders, size_t count)
{
    unsigned missed = 0;

    printf("\n### Letters wrong, per cent\n\n"
           "| folder | pages | tesseract | ocrmypdf | ours | share of the better peer | "
           "worst page beside tesseract, points (≤ %.1f) | ours: words | ours: folded |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
           WORSE_POINTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct folder *f = &folders[i];
        struct score s = folder_score(f, READER_OURS);

        printf("| %s | %zu of %zu |", f->name, s.pages, f->pages_count);
        for (int r = 0; r < READERS; r++)
            print_cer(f, (enum reader)r);
        missed += !print_share(f);
        missed += !print_worst(f);
        printf(" %.2f | %.2f |\n", score_wer(&s), score_folded(&s));
    }
    return missed;
}

static double pages_a_minute(const struct folder *f, enum reader r)
{
    return f->pace[r].ran && f->pace[r].wall_s > 0
               ? (double)f->pages_count * 60 / f->pace[r].wall_s
               : 0;
}

static double ratio(const struct folder *f, enum reader peer)
{
    double theirs = pages_a_minute(f, peer);

    return theirs > 0 ? pages_a_minute(f, READER_OURS) / theirs : 0;
}

static void print_pace(const struct folder *f)
{
    printf("| %s |", f->name);
    for (int r = 0; r < READERS; r++)
        if (f->pace[r].ran)
            printf(" %.1f (%.2f s) |", pages_a_minute(f, (enum reader)r),
                   f->pages_count > 0 ? f->pace[r].cpu_s / (double)f->pages_count : 0);
        else
            printf(" - |");
    for (int r = 0; r < READER_OURS; r++)
        if (ratio(f, (enum reader)r) > 0)
            printf(" %.2f |", ratio(f, (enum reader)r));
        else
            printf(" - |");
    printf("\n");
}

/* On clean pages nothing but reading takes time. */
static unsigned pace_on_clean(const struct folder *f)
{
    double beside = ratio(f, READER_TESSERACT);

    if (beside <= 0 || strstr(f->name, "clean") == NULL)
        return 0;
    printf("\n%s beside tesseract: %.2f (≥ %.1f) %s\n", f->name, beside, PACE_CLEAN_MIN,
           verdict(beside >= PACE_CLEAN_MIN));
    return beside < PACE_CLEAN_MIN;
}

unsigned table_pace(const struct folder *folders, size_t count)
{
    double sum = 0;
    unsigned counted = 0, missed = 0;

    printf(
        "\n### Pages a minute, two at a time (processor seconds a page)\n\n"
        "| folder | tesseract | ocrmypdf | ours | ours / tesseract | ours / ocrmypdf |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        print_pace(&folders[i]);
        sum += ratio(&folders[i], READER_OCRMYPDF);
        counted += ratio(&folders[i], READER_OCRMYPDF) > 0;
    }
    for (size_t i = 0; i < count; i++)
        missed += pace_on_clean(&folders[i]);
    if (counted == 0)
        return missed;
    printf("\nMean of %u folders beside ocrmypdf: %.2f (≥ %.1f) %s\n", counted,
           sum / counted, PACE_MIN, verdict(sum / counted >= PACE_MIN));
    return missed + (sum / counted < PACE_MIN);
}

void table_pages(const struct folder *f)
{
    printf(
        "\n| %s | letters | tesseract | ocrmypdf | ours | words | folded | ms | how |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        f->name);
    for (size_t i = 0; i < f->pages_count; i++) {
        const struct page *p = &f->pages[i];
        const struct score *ours = &p->by[READER_OURS].score;
        const char *how = json_string_value(json_object_get(p->ours, "engine"));

        printf("| %s | %zu |", p->id, p->truth.orders[0].count);
        for (int r = 0; r < READERS; r++)
            if (f->pace[r].ran && p->by[r].text != NULL)
                printf(" %.2f |", score_cer(&p->by[r].score));
            else
                printf(" - |");
        printf(" %.2f | %.2f | %lld | %s |\n", score_wer(ours), score_folded(ours),
               (long long)json_integer_value(json_object_get(p->ours, "ms")),
               how == NULL ? "" : how);
    }
}
