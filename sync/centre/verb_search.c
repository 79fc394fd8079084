#include "sync/centre/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/terminal.h"
#include "schema/search/told.h"
#include "sync/centre/sites.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     1000
#define LINE_BYTES    65536

struct finding {
    struct console *console;
    struct centre *centre;
    uint64_t hits;
};

static int print_json(struct finding *f, const struct search_hit *hit, const char *site,
                      const char *snippet)
{
    bool in_page = hit->page != 0;

    return console_json(
        f->console,
        json_pack("{s:I, s:o, s:o, s:o, s:i, s:o, s:b, s:b, s:s}", "document",
                  (json_int_t)hit->document, "page",
                  in_page ? json_integer((json_int_t)hit->page) : json_null(),
                  "page_number", in_page ? json_integer(hit->page_number) : json_null(),
                  "snippet", json_any_text(snippet), "site", (int)hit->site, "site_name",
                  json_any_text(site), "exact", (int)hit->exact, "near", (int)hit->near,
                  "order", search_order_name(hit->order)));
}

static int print_line(struct finding *f, const struct search_hit *hit, const char *site,
                      const char *snippet)
{
    char document[24], page[16] = "–";
    struct buffer clean;

    buffer_init(&clean, LINE_BYTES);
    terminal_append(&clean, site, strlen(site), "");
    (void)snprintf(document, sizeof document, "%" PRIu64, hit->document);
    if (hit->page != 0)
        (void)snprintf(page, sizeof page, "%" PRIu32, hit->page_number);
    site = clean.bytes == NULL ? "" : (const char *)clean.bytes;
    console_tell_marked(f->console, "centre.search.hit",
                        (const char *const[]){document, site, page, snippet}, 4);
    buffer_release(&clean);
    return 0;
}

static int each_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct finding *f = arg;
    struct site_row site = {0};
    struct buffer snippet;
    const char *text;
    bool found;
    int rc;

    if (site_find(f->centre, hit->site, &site, &found, e) != 0)
        return -1;
    buffer_init(&snippet, LINE_BYTES);
    terminal_append_hits(&snippet, hit->snippet, SEARCH_HIT_BEGIN[0], SEARCH_HIT_END[0],
                         !f->console->json && f->console->out_is_terminal);
    text = snippet.bytes == NULL ? "" : (const char *)snippet.bytes;
    rc = f->console->json ? print_json(f, hit, site.name, text)
                          : print_line(f, hit, site.name, text);
    buffer_release(&snippet);
    f->hits++;
    if (rc != 0 || f->console->stopped())
        return err_set(e, ERR_FAILED, "the hits could not be written");
    return 0;
}

static int search_for(struct console *c, const char *query, unsigned limit)
{
    struct finding f = {.console = c};
    int status = CONSOLE_DONE;
    struct err e;

    if (console_open(c, &f.centre) != 0)
        return CONSOLE_FAILED;
    if (search_run(f.centre->records, query, limit, each_hit, &f, &e) != 0)
        status = console_failed(c, &e);
    else if (f.hits == 0)
        console_say(c, "search.nothing", (const char *const[]){query}, 1);
    centre_close(f.centre);
    return status;
}

int centre_verb_search(struct console *c, int argc, char **argv)
{
    const char *limit_text = NULL;
    const struct option_word options[] = {{"--limit", &limit_text, NULL}};
    uint64_t limit = LIMIT_DEFAULT;
    struct buffer query;
    struct err e;
    int status;

    if (console_options(c, options, 1, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc < 2)
        return centre_verb_usage(c, "search");
    if (limit_text != NULL &&
        console_number(c, "--limit", limit_text, 1, LIMIT_MAX, &limit) != 0)
        return CONSOLE_WORDS;
    buffer_init(&query, SEARCH_QUERY_BYTES_MAX + 1);
    for (int i = 1; i < argc; i++)
        buffer_append_format(&query, "%s%s", i > 1 ? " " : "", argv[i]);
    if (buffer_check(&query, &e) != 0) {
        e.code = ERR_USAGE;
        status = console_failed(c, &e);
    } else {
        status = search_for(c, (const char *)query.bytes, (unsigned)limit);
    }
    buffer_release(&query);
    return status;
}
