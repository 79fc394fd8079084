#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/hits.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     1000

struct finding {
    struct verb_io *io;
    uint64_t hits;
    bool newest;
    struct search_answer answer;
};

static int print_hit(struct finding *f, const struct search_hit *hit)
{
    char document[24], page[16] = "–";
    struct buffer line;

    buffer_init(&line, 65536);
    terminal_append_hits(&line, hit->snippet, SEARCH_HIT_BEGIN[0], SEARCH_HIT_END[0],
                         f->io->out_is_terminal);
    (void)snprintf(document, sizeof document, "%" PRIu64, hit->document);
    if (hit->page != 0)
        (void)snprintf(page, sizeof page, "%" PRIu32, hit->page_number);
    tell_marked(f->io, "search.hit",
                (const char *const[]){document, page,
                                      line.bytes == NULL ? "" : (const char *)line.bytes},
                3);
    buffer_release(&line);
    return 0;
}

static int each_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct finding *f = arg;
    int rc = f->io->json ? verb_json(f->io, hit_json(hit, false)) : print_hit(f, hit);

    f->hits++;
    if (rc != 0 || verb_cancelled(f->io))
        return err_set(e, ERR_FAILED, "the hits could not be written");
    return 0;
}

/* The hits come while a snapshot is open; whoever reads our output may take its time,
 * and is not to keep the log from being emptied. */
static int find(struct box *b, struct finding *f, const char *query, unsigned limit,
                struct err *e)
{
    struct verb_io *io = f->io, held = *io;
    char *text = NULL;
    size_t bytes = 0;
    int rc;

    held.out = open_memstream(&text, &bytes);
    held.err_is_terminal = false; /* nothing is written over there */
    if (held.out == NULL)
        return err_set(e, ERR_MEMORY, "hits");
    f->io = &held;
    rc = search_ask(
        b->records,
        &(struct search_request){.query = query, .limit = limit, .newest = f->newest},
        &f->answer, each_hit, f, e);
    f->io = io;
    if (fclose(held.out) != 0 && rc == 0)
        rc = err_set(e, ERR_MEMORY, "hits");
    if (rc == 0)
        (void)fwrite(text, 1, bytes, io->out); /* verb_run() looks */
    free(text);
    return rc;
}

/* What the order means, when it is not the usual one. */
static void say_order(const struct finding *f, const char *query)
{
    char number[24];

    if (f->answer.building) {
        (void)snprintf(number, sizeof number, "%u", f->answer.built_per_cent);
        say(f->io, "search.building", (const char *const[]){number}, 1);
    }
    if (f->hits == 0)
        say(f->io, "search.nothing", (const char *const[]){query}, 1);
    if (f->hits > 0 && !f->answer.ranked && !f->newest) {
        (void)snprintf(number, sizeof number, "%d", SEARCH_RANKED_MAX);
        say(f->io, "search.newest", (const char *const[]){number}, 1);
    }
    if (f->answer.near > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64, f->answer.near);
        say(f->io, "search.near", (const char *const[]){number}, 1);
    }
}

int verb_search(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct finding f = {.io = io};
    const char *limit_text = NULL;
    const struct option_word words[] = {{"--limit", &limit_text, NULL},
                                        {"--newest", NULL, &f.newest}};
    uint64_t limit = LIMIT_DEFAULT;
    struct buffer query;
    int status = EXIT_FAILED;
    struct err e;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc < 2)
        return verb_usage(io, "search");
    if (limit_text != NULL &&
        option_number(io, "--limit", limit_text, 1, LIMIT_MAX, &limit) != 0)
        return EXIT_WORDS;
    buffer_init(&query, SEARCH_QUERY_BYTES_MAX + 1);
    for (int i = 1; i < argc; i++)
        buffer_append_format(&query, "%s%s", i > 1 ? " " : "", argv[i]);
    if (buffer_check(&query, &e) != 0) {
        e.code = ERR_USAGE;
        status = verb_failed(io, &e);
    } else if (find(b, &f, (const char *)query.bytes, (unsigned)limit, &e) != 0) {
        status = verb_failed(io, &e);
    } else {
        status = EXIT_DONE;
        say_order(&f, (const char *)query.bytes);
    }
    buffer_release(&query);
    return status;
}
