#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/hit_boxes.h"
#include "appliance/hits.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"
#include "schema/search/told.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     1000
#define YEAR_MAX      9999

#define COUNTS_BYTES_MAX 65536

struct finding {
    struct verb_io *io;
    struct box *box;
    struct search_request request;
    struct search_counts *counts; /* owned; NULL: not asked for */
    bool boxes;
    uint64_t hits;
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

static int json_hit(struct finding *f, const struct search_hit *hit, struct err *e)
{
    const struct shown what = {.document = hit->document, .page = hit->page};
    const struct hit_boxes_question q = {.query = f->request.query,
                                         .fields_only = hit->page == 0};
    json_t *j = hit_json(hit, false), *boxes;

    if (f->boxes) {
        if (hit_boxes_json(f->box, &what, &q, &boxes, e) != 0) {
            json_decref(j);
            return -1;
        }
        (void)json_object_set_new(j, "where", boxes);
    }
    return verb_json(f->io, j);
}

static int each_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct finding *f = arg;
    int rc = f->io->json ? json_hit(f, hit, e) : print_hit(f, hit);

    f->hits++;
    if (rc != 0 || verb_cancelled(f->io))
        return err_set(e, ERR_FAILED, "the hits could not be written");
    return 0;
}

/* The hits come while a snapshot is open; whoever reads our output may take its time,
 * and is not to keep the log from being emptied. */
static int find(struct finding *f, struct err *e)
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
    rc = search_ask(f->box->records, &f->request, &f->answer, each_hit, f, e);
    f->io = io;
    if (fclose(held.out) != 0 && rc == 0)
        rc = err_set(e, ERR_MEMORY, "hits");
    if (rc == 0)
        (void)fwrite(text, 1, bytes, io->out); /* verb_run() looks */
    free(text);
    return rc;
}

/* "Kind: Decision 12, Report 3, …" */
static void print_counts(struct finding *f, const char *key, enum search_facet facet)
{
    const struct search_counts *c = f->counts;
    struct buffer line;

    if (c->counts[facet] == 0)
        return;
    buffer_init(&line, COUNTS_BYTES_MAX);
    for (size_t i = 0; i < c->counts[facet]; i++) {
        const struct search_value *v = &c->values[facet][i];

        buffer_append_text(&line, i == 0 ? "" : ", ");
        if (v->name[0] != '\0')
            terminal_append(&line, v->name, strlen(v->name), "");
        else
            buffer_append_format(&line, "%" PRIu32, v->number);
        buffer_append_format(&line, " (%" PRIu64 ")", v->hits);
    }
    if (c->more[facet])
        buffer_append_text(&line, ", …");
    tell(f->io, key, (const char *const[]){(const char *)line.bytes}, 1);
    buffer_release(&line);
}

/* Behind the hits. */
static int tell_counts(struct finding *f)
{
    if (f->io->json)
        return verb_json(f->io, json_pack("{s:o, s:I, s:b}", "counts",
                                          search_counts_json(f->counts), "total",
                                          (json_int_t)f->answer.total, "at_least",
                                          (int)(f->answer.total > SEARCH_RANKED_MAX)));
    print_counts(f, "search.kinds", SEARCH_KINDS);
    print_counts(f, "search.issuers", SEARCH_ISSUERS);
    print_counts(f, "search.years", SEARCH_YEARS);
    return 0;
}

/* What the order means, when it is not the one that was asked for. */
static void say_order(const struct finding *f)
{
    char number[24];

    if (f->answer.building) {
        (void)snprintf(number, sizeof number, "%u", f->answer.built_per_cent);
        say(f->io, "search.building", (const char *const[]){number}, 1);
    }
    if (f->hits == 0)
        say(f->io, "search.nothing", (const char *const[]){f->request.query}, 1);
    if (f->answer.narrowed)
        say(f->io, "search.narrowed", NULL, 0);
    if (f->answer.total > SEARCH_RANKED_MAX && f->request.order != SEARCH_BY_COMING) {
        (void)snprintf(number, sizeof number, "%d", SEARCH_RANKED_MAX);
        say(f->io, "search.newest", (const char *const[]){number}, 1);
    }
    if (f->answer.near > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64, f->answer.near);
        say(f->io, "search.near", (const char *const[]){number}, 1);
    }
}

static int run(struct finding *f, struct verb_io *io)
{
    struct err e;

    if (find(f, &e) != 0)
        return verb_failed(io, &e);
    if (f->counts != NULL && tell_counts(f) != 0)
        return EXIT_FAILED; /* verb_run() tells it */
    say_order(f);
    return EXIT_DONE;
}

/* The words of the command line that are no options, as one query. */
static int take_query(struct buffer *query, int argc, char **argv, struct err *e)
{
    for (int i = 1; i < argc; i++)
        buffer_append_format(query, "%s%s", i > 1 ? " " : "", argv[i]);
    if (buffer_check(query, e) == 0)
        return 0;
    e->code = ERR_USAGE;
    return -1;
}

int verb_search(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct finding f = {.io = io, .box = b};
    const char *limit_text = NULL, *year_text = NULL;
    bool newest = false, dated = false, counts = false;
    const struct option_word words[] = {{"--limit", &limit_text, NULL},
                                        {"--newest", NULL, &newest},
                                        {"--by-date", NULL, &dated},
                                        {"--kind", &f.request.filter.kind, NULL},
                                        {"--year", &year_text, NULL},
                                        {"--boxes", NULL, &f.boxes},
                                        {"--issuer", &f.request.filter.issuer, NULL},
                                        {"--counts", NULL, &counts}};
    uint64_t limit = LIMIT_DEFAULT, year = 0;
    struct buffer query;
    int status;
    struct err e;

    if (options_take(io, words, sizeof words / sizeof *words, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc < 2 || (newest && dated))
        return verb_usage(io, "search");
    if ((limit_text != NULL &&
         option_number(io, "--limit", limit_text, 1, LIMIT_MAX, &limit) != 0) ||
        (year_text != NULL &&
         option_number(io, "--year", year_text, 1, YEAR_MAX, &year) != 0))
        return EXIT_WORDS;
    buffer_init(&query, SEARCH_QUERY_BYTES_MAX + 1);
    f.counts = counts ? calloc(1, sizeof *f.counts) : NULL;
    f.request.counts = f.counts;
    f.request.limit = (unsigned)limit;
    f.request.filter.year = (uint32_t)year;
    f.request.order = dated ? SEARCH_BY_DATE : newest ? SEARCH_BY_COMING : SEARCH_BY_RANK;
    if (take_query(&query, argc, argv, &e) != 0 ||
        (counts && f.counts == NULL && err_set(&e, ERR_MEMORY, "counts") != 0)) {
        status = verb_failed(io, &e);
    } else {
        f.request.query = (const char *)query.bytes;
        status = run(&f, io);
    }
    free(f.counts);
    buffer_release(&query);
    return status;
}
