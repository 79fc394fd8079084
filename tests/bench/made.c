#include "tests/bench/made.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/task.h"

#define SHARES 6

/* So many tenths of a folder's pages. The ages of a table's pages and the forms of
 * the files are those of ../shared/pages. */
struct share {
    unsigned tenths;
    const char *kind, *age, *dpi, *format;
    unsigned sheets; /* of a paper; those after the first have no header */
};

struct made {
    const char *folder;
    struct share shares[SHARES];
};

static const struct made made[] = {
    {"made-clean",
     {{2, "letter", "clean", "200", "png", 1},
      {2, "letter", "clean", "300", "png", 2},
      {1, "decision", "clean", "200", "png", 1},
      {2, "decision", "clean", "300", "png", 1},
      {2, "party", "clean", "200", "png", 1},
      {1, "party", "clean", "300", "png", 1}}},
    {"made-light",
     {{2, "letter", "light", "200", "jpg", 1},
      {2, "letter", "light", "300", "jpg", 2},
      {1, "decision", "light", "200", "jpg", 1},
      {2, "decision", "light", "300", "jpg", 1},
      {2, "party", "light", "200", "jpg", 1},
      {1, "party", "light", "300", "jpg", 1}}},
    {"made-heavy",
     {{2, "letter", "worn", "200", "jpg", 1},
      {2, "letter", "worn", "300", "jpg", 2},
      {1, "decision", "heavy", "200", "jpg", 1},
      {2, "decision", "worn", "300", "jpg", 1},
      {2, "party", "worn", "200", "jpg", 1},
      {1, "party", "heavy", "300", "jpg", 1}}},
    {"made-office",
     {{2, "letter", "office", "200", "tif", 1},
      {2, "letter", "office", "300", "jpg", 2},
      {1, "decision", "office", "300", "jpg", 1},
      {2, "decision", "office", "200", "tif", 2},
      {2, "party", "office", "200", "tif", 1},
      {1, "party", "office", "300", "jpg", 1}}},
    {"made-bleed",
     {{2, "letter", "bleed", "200", "jpg", 1},
      {2, "letter", "bleed", "300", "jpg", 2},
      {1, "decision", "bleed", "200", "jpg", 1},
      {2, "decision", "bleed", "300", "jpg", 1},
      {2, "party", "bleed", "200", "jpg", 1},
      {1, "party", "bleed", "300", "jpg", 1}}},
    {"made-faint",
     {{2, "letter", "faint", "200", "jpg", 1},
      {2, "letter", "faint", "300", "jpg", 2},
      {1, "decision", "faint", "200", "jpg", 1},
      {2, "decision", "faint", "300", "jpg", 1},
      {2, "party", "faint", "200", "jpg", 1},
      {1, "party", "faint", "300", "jpg", 1}}},
    {"made-table",
     {{2, "register", "light", "200", "jpg", 1},
      {2, "register", "light", "300", "jpg", 1},
      {2, "list", "light", "200", "jpg", 1},
      {1, "list", "heavy", "300", "jpg", 1},
      {2, "certificate", "light", "300", "jpg", 1},
      {1, "certificate", "heavy", "200", "jpg", 1}}},
};

static const struct made *find(const char *folder)
{
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(made[i].folder, folder) == 0)
            return &made[i];
    return NULL;
}

bool made_is(const char *folder)
{
    return find(folder) != NULL;
}

/* As many papers as give so many pages, of as many sheets as there is room for. */
static void papers_count(const struct share *s, unsigned pages, char count[12],
                         char sheets[12])
{
    unsigned each = s->sheets > pages ? 1 : s->sheets;

    (void)snprintf(count, 12, "%u", pages / each);
    (void)snprintf(sheets, 12, "%u", each);
}

int made_write(const char *tram_pages, const char *folder, const char *dir, uint64_t seed,
               unsigned count, struct err *e)
{
    const struct made *m = find(folder);
    struct task tasks[SHARES] = {0};
    char counts[SHARES][12], sheets[SHARES][12], seeds[SHARES][24];
    unsigned told = 0;
    double wall;

    for (unsigned i = 0, tenths = 0, given = 0; i < SHARES; i++) {
        const struct share *s = &m->shares[i];
        unsigned until;

        tenths += s->tenths;
        until = (count * tenths + 5) / 10;
        if (until == given)
            continue;
        papers_count(s, until - given, counts[told], sheets[told]);
        /* The same papers in each age, and others in each share. */
        (void)snprintf(seeds[told], sizeof seeds[told], "%" PRIu64, seed + i);
        tasks[told] = (struct task){
            .words = {tram_pages, "--seed", seeds[told], "--count", counts[told],
                      "--kind", s->kind, "--age", s->age, "--dpi", s->dpi, "--format",
                      s->format, "--pages", sheets[told], "--out", dir}};
        given = until;
        told++;
    }
    if (tasks_run(tasks, told, 2, &wall, e) != 0)
        return -1;
    for (unsigned i = 0; i < told; i++)
        if (tasks[i].status != 0)
            return err_set(e, ERR_FAILED, "%s ended with %d for %s", tram_pages,
                           tasks[i].status, folder);
    return 0;
}
