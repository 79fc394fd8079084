/* Two hundred queries over forty papers, with what each must find: tests/schema/search.
 * Recall is the share of the pages named there that are among the first twenty hits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/embed.h"
#include "schema/search/search.h"
#include "tests/lib/scratch.h"

EMBED(pages_tsv, "tests/schema/search/pages.tsv");
EMBED(queries_tsv, "tests/schema/search/queries.tsv");

#define PAGES_MAX  64
#define KINDS_MAX  16
#define HITS       20
#define LINE_BYTES 1024

struct kind {
    char name[16];
    unsigned queries, wanted, found;
};

static struct scratch scratch;
static uint64_t pages[PAGES_MAX];
static size_t pages_count;
static struct kind kinds[KINDS_MAX];
static uint64_t hits[HITS];
static size_t hits_count;

/* The next line that is no comment; false at the end. */
static bool line_next(const char **at, char line[LINE_BYTES])
{
    while (**at != '\0') {
        size_t bytes = strcspn(*at, "\n");

        assert_true(bytes < LINE_BYTES);
        memcpy(line, *at, bytes);
        line[bytes] = '\0';
        *at += bytes + ((*at)[bytes] == '\n');
        if (line[0] != '#' && line[0] != '\0')
            return true;
    }
    return false;
}

static int start(void **state)
{
    const char *at = pages_tsv;
    struct document_row d = {0};
    char line[LINE_BYTES];
    uint64_t document, reading;
    struct err *e = &scratch.err;

    (void)state;
    scratch_start(&scratch);
    must(store_write_begin(scratch.store, e), e);
    must(record_document(scratch.records, &d, &document, e), e);
    while (line_next(&at, line)) {
        struct page_row p = {.document = document, .ordinal = (uint32_t)pages_count + 1};

        assert_true(pages_count < PAGES_MAX);
        must(record_page(scratch.records, &p, &pages[pages_count], e), e);
        must(record_reading(scratch.records, pages[pages_count++], line, NULL, 0, "test",
                            &reading, e),
             e);
    }
    must(store_write_commit(scratch.store, NULL, e), e);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static int take_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)arg;
    (void)e;
    hits[hits_count++] = hit->page;
    return 0;
}

static bool is_hit(uint64_t page)
{
    for (size_t i = 0; i < hits_count; i++)
        if (hits[i] == page)
            return true;
    return false;
}

static struct kind *kind_at(const char *name)
{
    struct kind *k = kinds;

    while (k->name[0] != '\0' && strcmp(k->name, name) != 0)
        k++;
    assert_true(k < kinds + KINDS_MAX - 1);
    (void)snprintf(k->name, sizeof k->name, "%s", name);
    return k;
}

/* kind TAB query TAB numbers of pages */
static void ask(char *line)
{
    char *rest = line, *kind = strsep(&rest, "\t"), *query = strsep(&rest, "\t");
    struct kind *k = kind_at(kind);

    assert_non_null(rest);
    hits_count = 0;
    must(search_run(scratch.records, query, HITS, take_hit, NULL, &scratch.err),
         &scratch.err);
    k->queries++;
    for (char *number; (number = strsep(&rest, " ")) != NULL;) {
        size_t page = strtoul(number, NULL, 10);
        bool found;

        assert_true(page >= 1 && page <= pages_count);
        found = is_hit(pages[page - 1]);
        k->wanted++;
        k->found += found;
        if (!found)
            print_message("%s: \"%s\" does not find page %zu\n", kind, query, page);
    }
}

static void two_hundred_queries_find_their_pages(void **state)
{
    const char *at = queries_tsv;
    char line[LINE_BYTES];
    unsigned queries = 0;

    (void)state;
    while (line_next(&at, line)) {
        ask(line);
        queries++;
    }
    assert_int_equal(queries, 200);
    for (const struct kind *k = kinds; k->name[0] != '\0'; k++) {
        double recall = (double)k->found / k->wanted;

        print_message("%-8s %3u queries, recall %.2f\n", k->name, k->queries, recall);
        assert_true(recall >= (strcmp(k->name, "near") == 0 ? 0.9 : 1.0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_hundred_queries_find_their_pages, start,
                                        stop),
    };

    return cmocka_run_group_tests_name("search queries", tests, NULL, NULL);
}
