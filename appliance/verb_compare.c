#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "appliance/again.h"
#include "appliance/differences.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"
#include "schema/shown.h"

enum choice { LOOK, ACCEPT, DECLINE };

struct comparison {
    struct box *box;
    struct verb_io *io;
    enum choice choice;
    unsigned told, failed;
    json_t *pages; /* of --json: one object in the end */
};

static int add_json(struct comparison *c, json_t *page, struct err *e)
{
    return json_array_append_new(c->pages, page) == 0
               ? 0
               : err_set(e, ERR_MEMORY, "compare: out of memory");
}

static int print_line(void *arg, enum line_side side, const char *line, size_t bytes,
                      struct err *e)
{
    static const char *const signs[] = {
        [LINE_BOTH] = "  ", [LINE_OLD] = "- ", [LINE_NEW] = "+ "};
    struct verb_io *io = arg;

    (void)e;
    (void)fputs(signs[side], io->out); /* verb_run() looks */
    terminal_write(io->out, io->out_is_terminal, line, bytes, "\t");
    (void)fputc('\n', io->out);
    return 0;
}

static const char *text_of(const struct buffer *b)
{
    return b->bytes == NULL ? "" : (const char *)b->bytes;
}

static int print_pair(struct comparison *c, uint64_t page, const struct proposal *p,
                      const char *current, struct err *e)
{
    char number[24];

    if (c->io->json)
        return add_json(
            c,
            json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "page", (json_int_t)page, "way",
                      way_name(p->way), "reason",
                      p->reason[0] == '\0' ? json_null() : json_string(p->reason),
                      "engine", json_any_text(text_of(&p->engine)), "current",
                      json_any_text(current), "proposed",
                      json_any_text(text_of(&p->text))),
            e);
    (void)snprintf(number, sizeof number, "%" PRIu64, page);
    if (p->reason[0] != '\0') {
        tell(c->io, "compare.refused",
             (const char *const[]){number, way_name(p->way), p->reason}, 3);
        return 0;
    }
    tell(c->io, "compare.page", (const char *const[]){number, way_name(p->way)}, 2);
    return differences(current, text_of(&p->text), print_line, c->io, e);
}

static int look(struct comparison *c, uint64_t page, const struct proposal *p,
                struct err *e)
{
    struct buffer current;
    int rc;

    buffer_init(&current, RECORD_CURRENT_BYTES_MAX);
    rc = record_page_text(c->box->records, page, &current, e);
    if (rc == 0)
        rc = print_pair(c, page, p, text_of(&current), e);
    buffer_release(&current);
    return rc;
}

static int choose(struct comparison *c, uint64_t page, struct err *e)
{
    char number[24], count[24];
    size_t lost = 0;

    (void)snprintf(number, sizeof number, "%" PRIu64, page);
    if (c->choice == DECLINE) {
        if (again_decline(c->box, page, e) != 0)
            return -1;
        say(c->io, "compare.declined", (const char *const[]){number}, 1);
        return add_json(
            c, json_pack("{s:I, s:s}", "page", (json_int_t)page, "choice", "declined"),
            e);
    }
    if (again_accept(c->box, page, &lost, e) != 0)
        return -1;
    (void)snprintf(count, sizeof count, "%zu", lost);
    say(c->io, "compare.accepted", (const char *const[]){number}, 1);
    if (lost > 0)
        say(c->io, "compare.lost", (const char *const[]){number, count}, 2);
    return add_json(c,
                    json_pack("{s:I, s:s, s:I}", "page", (json_int_t)page, "choice",
                              "accepted", "lost", (json_int_t)lost),
                    e);
}

/* The pages are chosen one by one: one that cannot be is told, and the others go on. */
static int compare_page(struct comparison *c, uint64_t page, struct err *e)
{
    struct proposal p = {0};
    bool found;
    int rc = again_find(c->box, page, &p, &found, e);

    if (rc == 0 && found) {
        c->told++;
        rc = c->choice == LOOK ? look(c, page, &p, e) : choose(c, page, e);
    }
    if (rc != 0 && e->code == ERR_USAGE) {
        (void)verb_failed(c->io, e);
        c->failed++;
        rc = 0;
    }
    proposal_release(&p);
    return rc;
}

struct page_ids {
    uint64_t *ids; /* owned */
    size_t count;
};

static int add_page(void *arg, const struct page_row *p, struct err *e)
{
    struct page_ids *l = arg;
    uint64_t *ids = realloc(l->ids, (l->count + 1) * sizeof *ids);

    if (ids == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a document's pages");
    l->ids = ids;
    l->ids[l->count++] = p->id;
    return 0;
}

/* The list first: choosing writes, and no list is walked while something is written. */
static int compare(struct comparison *c, const struct shown *what, struct err *e)
{
    struct page_ids pages = {0};
    int rc = 0;

    if (what->page != 0)
        return compare_page(c, what->page, e);
    rc = record_each_page(c->box->records, what->document, add_page, &pages, e);
    for (size_t i = 0; rc == 0 && i < pages.count; i++)
        rc = compare_page(c, pages.ids[i], e);
    free(pages.ids);
    return rc;
}

static int compare_shown(struct comparison *c, const char *id)
{
    struct shown what;
    struct err e;

    if (shown_find(c->box->records, id, &what, &e) != 0)
        return verb_failed(c->io, &e);
    if (what.document == 0) {
        say(c->io, "show.unknown", (const char *const[]){id}, 1);
        return EXIT_FAILED;
    }
    if (compare(c, &what, &e) != 0)
        return verb_failed(c->io, &e);
    if (c->io->json)
        (void)verb_json(
            c->io, json_pack("{s:O, s:i}", "pages", c->pages, "failed", (int)c->failed));
    if (c->told == 0)
        say(c->io, "compare.nothing", (const char *const[]){id}, 1);
    return c->failed == 0 ? EXIT_DONE : c->failed < c->told ? EXIT_PARTLY : EXIT_FAILED;
}

int verb_compare(struct box *b, struct verb_io *io, int argc, char **argv)
{
    bool accept = false, decline = false;
    const struct option_word words[] = {{"--accept", NULL, &accept},
                                        {"--decline", NULL, &decline}};
    struct comparison c = {.box = b, .io = io};
    int status;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 2 || (accept && decline))
        return verb_usage(io, "compare");
    c.choice = accept ? ACCEPT : decline ? DECLINE : LOOK;
    c.pages = json_array();
    status = compare_shown(&c, argv[1]);
    json_decref(c.pages);
    return status;
}
