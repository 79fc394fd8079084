/* bench-suspects: which of the wrong words of a reading are shown as doubtful, and how
 * many right ones are, on pages that tram-pages typesets when the bench runs and on those
 * of ../shared/pages; beside the recogniser's confidence alone at as many flags. Prints
 * Markdown. Exit 0: done; 2: the words make no sense; 3: it failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/tokenizer.h"
#include "schema/units/units.h"
#include "tests/bench/plan.h"
#include "tests/bench/suspects/tally.h"

static const char *const folders_usual[] = {
    "made-clean", "made-light", "made-heavy", "made-office", "made-table",
    "clean",      "light",      "heavy",      "table",       "real"};
#define FOLDERS_USUAL (sizeof folders_usual / sizeof *folders_usual)

/* --- the gazetteer, as the box has it before anybody has corrected a word --------------- */

static int ask_units(void *arg, const struct token *t)
{
    return units_have_word(arg, t->folded);
}

static bool is_of_a_unit(void *arg, const char *syllable, bool name)
{
    return name && tokens_each(syllable, strlen(syllable), ask_units, arg) != 0;
}

/* --- folders ------------------------------------------------------------------------------ */

static int page_tally(struct tally *t, const struct page *p, struct units *units,
                      bool tells, struct err *e)
{
    struct reread r = {0};
    struct suspects found = {0};
    struct suspects_page page;
    int rc = -1;

    if (p->by[READER_OURS].text == NULL)
        return 0;
    if (reread_page(&r, p->ours, e) != 0)
        return err_wrap(e, "%s", p->id);
    page = (struct suspects_page){.text = r.text,
                                  .layout = &r.layout,
                                  .alternatives = &r.alternatives,
                                  .zones = r.zones,
                                  .zones_count = r.zones_count,
                                  .known = is_of_a_unit,
                                  .arg = units};
    if (suspects_find(&found, &page, e) == 0)
        rc = tally_page(t, p, &r, &found, tells, e);
    suspects_release(&found);
    reread_release(&r);
    return rc;
}

static int folder_tally(const struct plan *p, const char *name, struct units *units,
                        struct tally *all, struct err *e)
{
    char dir[DISK_PATH_BYTES], real[DISK_PATH_BYTES * 4];
    struct folder f;
    struct tally t = {0};
    int rc;

    if (plan_folder_dir(p, name, dir, e) != 0)
        return err_wrap(e, "%s", name);
    if (dir[0] == '\0' || realpath(dir, real) == NULL)
        return 0; /* it is not there */
    if (folder_open(&f, name, real, p->pages == 0 ? FOLDER_PAGES_MAX : p->pages, e) != 0)
        return err_wrap(e, "%s", name);
    rc = reader_run(&p->readers, READER_OURS, &f, e);
    for (size_t i = 0; rc == 0 && i < f.pages_count; i++)
        rc = page_tally(&t, &f.pages[i], units, p->per_page, e);
    if (rc == 0) {
        tally_print(&t, f.name);
        tally_add(all, &t);
    }
    folder_release(&f);
    return rc;
}

static int folders_tally(struct plan *p, struct err *e)
{
    struct units_texts texts = units_own();
    struct units *units = NULL;
    struct tally all = {0};
    int rc = units_create(&units, &texts, e);

    if (!p->is_short) {
        memcpy(p->folders, folders_usual, sizeof folders_usual);
        p->folders_count = FOLDERS_USUAL;
    }
    printf("# Suspect words, --seed %llu\n\n", (unsigned long long)p->seed);
    tally_print_head();
    for (size_t i = 0; rc == 0 && i < p->folders_count; i++)
        rc = folder_tally(p, p->folders[i], units, &all, e);
    if (rc == 0) {
        tally_print(&all, "all");
        tally_print_reasons(&all);
    }
    units_destroy(units);
    return rc;
}

int main(int argc, char **argv)
{
    struct plan p;
    struct err e;
    int rc = 3;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (plan_read(&p, argc, argv, &e) != 0 || p.help) {
        (void)fprintf(stderr, "%s%s%s", p.help ? "" : e.text, p.help ? "" : "\n",
                      plan_usage);
        return p.help ? 0 : 2;
    }
    if (folders_tally(&p, &e) == 0)
        rc = 0;
    else
        (void)fprintf(stderr, "bench-suspects: %s\n", e.text);
    plan_release(&p);
    return rc;
}
