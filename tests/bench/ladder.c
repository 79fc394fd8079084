#include "tests/bench/parts.h"

#include <ctype.h>
#include <string.h>

#define GROUPS_MAX 64
#define HOW_BYTES  256

/* Pages to which the same was done. */
struct group {
    char how[HOW_BYTES];
    unsigned pages;
    double ms, ms_without;
    struct score with, without;
};

struct groups {
    struct group at[GROUPS_MAX];
    size_t count;
};

/* The attempts, the last part of "tesseract 5.3.0 vie; straightened 1.25; calm 1.02,
 * *sharp 0.93": without their seconds, so that pages treated alike are one group. */
static void how_of(char out[HOW_BYTES], const struct page *p)
{
    const char *engine = json_string_value(json_object_get(p->ours, "engine"));
    const char *at = engine == NULL ? "not read" : strrchr(engine, ';');
    size_t n = 0;

    for (at = at == NULL ? engine : at; *at != '\0' && n + 2 < HOW_BYTES; at++) {
        bool measure = isdigit((unsigned char)*at) || *at == '.';

        if (measure || (n == 0 && strchr("; ", *at) != NULL))
            continue;
        if (n > 0 && out[n - 1] == ' ' && strchr(" ,", *at) != NULL)
            n--;
        out[n++] = *at;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

static struct group *group_of(struct groups *g, const struct page *p)
{
    char how[HOW_BYTES];

    how_of(how, p);
    for (size_t i = 0; i < g->count; i++)
        if (strcmp(g->at[i].how, how) == 0)
            return &g->at[i];
    if (g->count == GROUPS_MAX)
        return &g->at[GROUPS_MAX - 1];
    memcpy(g->at[g->count].how, how, sizeof how);
    return &g->at[g->count++];
}

static double ms_of(const struct page *p)
{
    return (double)json_integer_value(json_object_get(p->ours, "ms"));
}

static int add_folder(const struct plan *p, struct groups *g, const struct folder *f,
                      struct err *e)
{
    struct readers plain = p->readers;
    struct folder twin;
    int rc;

    plain.without = "ladder";
    if (folder_twin(&twin, f, "without-ladder", e) != 0)
        return -1;
    rc = reader_run(&plain, READER_OURS, &twin, e);
    for (size_t i = 0; rc == 0 && i < f->pages_count; i++) {
        struct group *group = group_of(g, &f->pages[i]);

        group->pages++;
        group->ms += ms_of(&f->pages[i]);
        group->ms_without += ms_of(&twin.pages[i]);
        score_add(&group->with, &f->pages[i].by[READER_OURS].score);
        score_add(&group->without, &twin.pages[i].by[READER_OURS].score);
    }
    folder_release(&twin);
    return rc;
}

int part_ladder(const struct plan *p, const struct folder *folders, size_t count,
                struct err *e)
{
    static struct groups g;

    g.count = 0;
    for (size_t i = 0; i < count; i++)
        if (add_folder(p, &g, &folders[i], e) != 0)
            return err_wrap(e, "ladder: %s", folders[i].name);
    printf("\n### What the ladder chose, what it cost and won\n\n"
           "| how | pages | ms a page | without the ladder | letters wrong, %% | "
           "without the ladder |\n| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < g.count; i++) {
        const struct group *group = &g.at[i];

        printf("| %s | %u | %.0f | %.0f | %.2f | %.2f |\n", group->how, group->pages,
               group->ms / group->pages, group->ms_without / group->pages,
               score_cer(&group->with), score_cer(&group->without));
    }
    return 0;
}
