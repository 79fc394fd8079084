/* Real pages: every page of ../shared/pages is kept, read, and found by a phrase of
 * its own without accents. The phrase comes from the page's known text; where none
 * is known, from what was read. Skipped without ../shared, and under
 * AddressSanitizer, where reading 48 pages takes longer than all other tests. */
#include "schema/tokenizer.h"
#include "tests/lib/program.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PHRASE_WORDS     4
#define PHRASES_TRIED    40
#define PAGES_MAX_TESTED 256

static const char *const folders[] = {"clean", "light", "heavy", "table", "real/pages"};

struct phrase {
    char words[PHRASE_WORDS][TOKEN_BYTES_MAX + 1];
    size_t count;
    struct bench *bench;
    int64_t document;
    unsigned tried;
    bool found;
};

/* Whether a search for the phrase names the document. */
static bool search_finds(struct bench *b, const char *query, int64_t document)
{
    struct ran r;
    bool found = false;
    char *line, *rest;

    run(b, &r, "tram-box", "--json", "search", "--limit", "100", query, NULL);
    assert_int_equal(r.status, 0);
    for (line = strtok_r((char *)r.out.bytes, "\n", &rest); line != NULL && !found;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *hit = json_loads(line, 0, NULL);

        found = json_integer_value(json_object_get(hit, "document")) == document;
        json_decref(hit);
    }
    ran_release(&r);
    return found;
}

static bool is_letters(const char *folded)
{
    return folded[strspn(folded, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* Gathers runs of words without accents; asks for each run when it is full. */
static int try_word(void *arg, const struct token *t)
{
    struct phrase *p = arg;
    char query[PHRASE_WORDS * (TOKEN_BYTES_MAX + 1) + 8];

    if (!is_letters(t->folded)) {
        p->count = 0;
        return 0;
    }
    (void)snprintf(p->words[p->count++], TOKEN_BYTES_MAX + 1, "%s", t->folded);
    if (p->count < PHRASE_WORDS)
        return 0;
    p->count = 0;
    (void)snprintf(query, sizeof query, "\"%s %s %s %s\"", p->words[0], p->words[1],
                   p->words[2], p->words[3]);
    p->found = search_finds(p->bench, query, p->document);
    return p->found || ++p->tried == PHRASES_TRIED;
}

static bool read_file(const char *path, struct buffer *out)
{
    FILE *f = fopen(path, "rb");
    struct err e;

    if (f == NULL)
        return false;
    assert_int_equal(buffer_read_fd(out, fileno(f), &e), 0);
    (void)fclose(f);
    return true;
}

/* "…/clean/p00.png" → "…/clean/p00.txt"; "…/real/pages/x.tif" → "…/real/gt/x.txt". */
static void known_text_path(const char *page, char *out, size_t out_bytes)
{
    const char *name = strrchr(page, '/') + 1;
    size_t stem = strcspn(name, ".");
    int folder = (int)(name - page);

    if (strstr(page, "/real/pages/") != NULL)
        (void)snprintf(out, out_bytes, "%.*sgt/%.*s.txt", folder - 6, page, (int)stem,
                       name);
    else
        (void)snprintf(out, out_bytes, "%.*s%.*s.txt", folder, page, (int)stem, name);
}

static void page_text(struct bench *b, const char *page, int64_t document,
                      struct buffer *out)
{
    char path[640], id[32];
    struct ran r;

    known_text_path(page, path, sizeof path);
    if (read_file(path, out))
        return;
    (void)snprintf(id, sizeof id, "%lld", (long long)document);
    run(b, &r, "tram-box", "show", id, "--text", NULL);
    assert_int_equal(r.status, 0);
    buffer_append(out, r.out.bytes, r.out.count);
    ran_release(&r);
}

static bool found_by_a_phrase(struct bench *b, const char *page, int64_t document)
{
    struct phrase p = {.bench = b, .document = document};
    struct buffer text;

    buffer_init(&text, 1 << 20);
    page_text(b, page, document, &text);
    (void)tokens_each((const char *)text.bytes, text.count, try_word, &p);
    buffer_release(&text);
    return p.found;
}

static bool is_page(const char *name)
{
    const char *end = strrchr(name, '.');

    return end != NULL && (strcmp(end, ".png") == 0 || strcmp(end, ".jpg") == 0 ||
                           strcmp(end, ".tif") == 0);
}

static size_t pages_in(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        count += is_page(entry->d_name);
    (void)closedir(dir);
    return count;
}

/* Takes in every page of the folder, and what else is in it as it may be; names and
 * documents are appended. In one run: a run a page was a tenth of the whole test. */
static size_t take_in(struct bench *b, const char *folder, char (*pages)[640],
                      int64_t *documents, size_t count)
{
    size_t before = count;
    struct ran r;

    run(b, &r, "tram-box", "--json", "intake", folder, NULL);
    assert_true(r.status == 0 ||
                r.status == 3); /* 3: the pages' texts are no documents */
    for (size_t i = 0; i < ran_lines(&r); i++) {
        json_t *line = ran_json(&r, i);

        if (is_page(json_text_of(line, "file"))) {
            assert_true(count < PAGES_MAX_TESTED);
            assert_string_equal(json_text_of(line, "state"), "kept");
            (void)snprintf(pages[count], sizeof pages[count], "%s",
                           json_text_of(line, "file"));
            documents[count++] = json_number_of(line, "document");
        }
        json_decref(line);
    }
    ran_release(&r);
    assert_int_equal(count - before, pages_in(folder));
    return count;
}

static void every_page_is_kept_read_and_found_without_accents(void **state)
{
    static char pages[PAGES_MAX_TESTED][640];
    static int64_t documents[PAGES_MAX_TESTED];
    char root[256], folder[300];
    size_t count = 0, missed = 0;
    struct bench b;
    struct ran r;

    (void)state;
    assert_non_null(getcwd(root, sizeof root - 32));
    (void)strcat(root, "/../shared/pages");
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    if (access(root, R_OK) != 0)
        skip();
    bench_create(&b);
    bench_make_box(&b);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(folder, sizeof folder, "%s/%s", root, folders[i]);
        count = take_in(&b, folder, pages, documents, count);
        /* A folder at a time: a run of a program has a bound. */
        run(&b, &r, "tram-box", "read", "--wait", NULL);
        assert_int_equal(r.status, 0);
        ran_release(&r);
    }
    for (size_t i = 0; i < count; i++) {
        if (found_by_a_phrase(&b, pages[i], documents[i]))
            continue;
        missed++;
        printf("# not found by any phrase: %s\n", strstr(pages[i], "/pages/"));
    }
    printf("# %zu pages kept and read, %zu found\n", count, count - missed);
    assert_true(count >= 40);
    assert_int_equal(missed, 0);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_kept_read_and_found_without_accents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
