/* Search beside peers: a box's database with so many pages of about a kilobyte, and
 * questions of five kinds over it, each with its hits' texts and snippets, by our index
 * and by FTS5's with bm25(), on the same pages. What Xapian is to index and answer is
 * written to DIR/pages and DIR/questions, for tests/bench/search/xapian.cc.
 *   bench-search DIR [--pages N] [--questions N] [--seed N] [--no-fts5] [--again]
 * --again asks what an earlier run with that seed and so many pages left in DIR. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/records.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"
#include "tests/bench/search/corpus.h"

#define PAGES_A_WRITE 1000
#define HITS          20
#define BOUND_MS      50.0
#define BOUND_SHARE   50.0
#define BOUND_PAGES   5000.0

enum { ADD_DOCUMENT, ADD_PAGE, ADD_READING, ADD_PEER, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [ADD_DOCUMENT] = "INSERT INTO document (id) VALUES (?1)",
    [ADD_PAGE] = "INSERT INTO page (id, document, ordinal) VALUES (?1, ?2, ?3)",
    [ADD_READING] = "INSERT INTO reading (id, page, text, engine)"
                    " VALUES (?1, ?2, ?3, 'bench')",
    [ADD_PEER] = "INSERT INTO peer (rowid, text) VALUES (?1, ?2)",
};

struct bench {
    const char *dir;
    uint64_t pages, questions, seed;
    bool fts5;
    bool again; /* DIR has the pages of an earlier run */
    struct corpus *corpus;
    struct store *store;
    struct records *records;
    sqlite3_stmt *statements[STATEMENTS];
    FILE *texts, *asked;
    uint64_t text_bytes;
    double put_s, peer_s; /* of the processor */
    unsigned missed;
    struct err err;
};

static void must(int rc, const struct bench *b)
{
    if (rc == 0)
        return;
    (void)fprintf(stderr, "bench-search: %s\n", b->err.text);
    exit(1);
}

static double seconds(clockid_t which)
{
    struct timespec t;

    (void)clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------------- pages */

static int fold_each(void *arg, const struct token *t)
{
    (void)fprintf(arg, "%s ", t->folded);
    return 0;
}

static void add_page(struct bench *b, uint64_t number, const struct buffer *text)
{
    uint64_t document = 1 + number / 10 * 21, page = document + 1 + number % 10 * 2;
    sqlite3_stmt *s = statement_fresh(b->statements[ADD_DOCUMENT]);
    double from;

    bind_id(s, 1, document);
    if (number % 10 == 0)
        must(statement_run(s, &b->err), b);
    s = statement_fresh(b->statements[ADD_PAGE]);
    bind_id(s, 1, page);
    bind_id(s, 2, document);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)(number % 10 + 1));
    must(statement_run(s, &b->err), b);
    s = statement_fresh(b->statements[ADD_READING]);
    bind_id(s, 1, page + 1);
    bind_id(s, 2, page);
    bind_text(s, 3, (const char *)text->bytes);
    must(statement_run(s, &b->err), b);
    from = seconds(CLOCK_THREAD_CPUTIME_ID);
    must(search_put(b->store, page, (const char *)text->bytes, &b->err), b);
    b->put_s += seconds(CLOCK_THREAD_CPUTIME_ID) - from;
    if (!b->fts5)
        return;
    from = seconds(CLOCK_THREAD_CPUTIME_ID);
    s = statement_fresh(b->statements[ADD_PEER]);
    bind_id(s, 1, page);
    bind_text(s, 2, (const char *)text->bytes);
    must(statement_run(s, &b->err), b);
    b->peer_s += seconds(CLOCK_THREAD_CPUTIME_ID) - from;
}

static void add_pages(struct bench *b)
{
    struct buffer text;

    buffer_init(&text, 1 << 20);
    for (uint64_t i = 0; i < b->pages; i++) {
        if (i % PAGES_A_WRITE == 0)
            must(store_apply_begin(b->store, &b->err), b);
        must(corpus_page(b->corpus, i, &text, &b->err), b);
        b->text_bytes += text.count;
        (void)tokens_each((const char *)text.bytes, text.count, fold_each, b->texts);
        (void)fputc('\n', b->texts);
        add_page(b, i, &text);
        if (i % PAGES_A_WRITE == PAGES_A_WRITE - 1 || i + 1 == b->pages) {
            double from = seconds(CLOCK_THREAD_CPUTIME_ID);

            must(store_apply_commit(b->store, &b->err), b);
            b->put_s += seconds(CLOCK_THREAD_CPUTIME_ID) - from; /* the texts' rows too */
        }
    }
    buffer_release(&text);
}

/* What the tables take: the pages that are free when they are gone. */
static uint64_t bytes_of(struct bench *b, const char *drop)
{
    sqlite3 *db = store_db(b->store);
    int64_t before, after, page;

    must(sql_run(db, "BEGIN", &b->err), b);
    must(sql_number(db, "PRAGMA freelist_count", &before, &b->err), b);
    must(sql_run(db, drop, &b->err), b);
    must(sql_number(db, "PRAGMA freelist_count", &after, &b->err), b);
    must(sql_number(db, "PRAGMA page_size", &page, &b->err), b);
    must(sql_run(db, "ROLLBACK", &b->err), b);
    return (uint64_t)((after - before) * page);
}

/* ------------------------------------------------------------------ questions */

struct times {
    double *wall, *cpu; /* milliseconds, owned */
    size_t count;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double part(double *values, size_t count, size_t per_cent)
{
    qsort(values, count, sizeof *values, by_value);
    return values[(count - 1) * per_cent / 100];
}

static void print_row(struct bench *b, const char *who, const char *kind, struct times *t,
                      double hits, bool bound)
{
    double worst = part(t->wall, t->count, 99);
    bool missed = bound && worst > BOUND_MS;

    (void)printf("| %s | %s | %.2f | %.2f%s | %.2f | %.1f |\n", who, kind,
                 part(t->wall, t->count, 50), worst, missed ? " **over**" : "",
                 part(t->cpu, t->count, 99), hits);
    b->missed += missed;
}

static int count_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    (void)hit;
    (void)e;
    ++*(uint64_t *)arg;
    return 0;
}

static uint64_t ask_ours(struct bench *b, enum question kind, const char *words)
{
    char query[SEARCH_QUERY_BYTES_MAX];
    struct search_request r = {
        .query = query, .limit = HITS, .typing = kind == QUESTION_PREFIX};
    uint64_t hits = 0;

    (void)snprintf(query, sizeof query, kind == QUESTION_PHRASE ? "\"%s\"" : "%s", words);
    must(search_ask(b->records, &r, NULL, count_hit, &hits, &b->err), b);
    return hits;
}

struct expression {
    struct buffer text;
    enum question kind;
    bool any;
};

static int express_each(void *arg, const struct token *t)
{
    struct expression *x = arg;

    if (x->any)
        buffer_append_text(&x->text, x->kind == QUESTION_PHRASE ? " + " : " AND ");
    buffer_append_format(&x->text, "\"%s\"%s", t->folded,
                         x->kind == QUESTION_PREFIX ? "*" : "");
    x->any = true;
    return 0;
}

static uint64_t ask_fts5(struct bench *b, enum question kind, const char *words)
{
    static const char *const ask =
        "SELECT rowid FROM peer WHERE peer MATCH ?1 ORDER BY rank LIMIT 20";
    struct expression x = {.kind = kind};
    sqlite3_stmt *s;
    uint64_t hits = 0;
    int row;

    buffer_init(&x.text, 1 << 16);
    (void)tokens_each(words, strlen(words), express_each, &x);
    must(statements_prepare(store_db(b->store), &s, &ask, 1, &b->err), b);
    bind_text(s, 1, (const char *)x.text.bytes);
    while ((row = statement_step(s, &b->err)) == 1)
        hits++;
    must(row, b);
    statements_finalize(&s, 1);
    buffer_release(&x.text);
    return hits;
}

static void ask_all(struct bench *b, enum question kind, const char *who,
                    uint64_t (*ask)(struct bench *b, enum question kind,
                                    const char *words),
                    bool bound)
{
    struct times t = {calloc(b->questions, sizeof(double)),
                      calloc(b->questions, sizeof(double)), b->questions};
    uint64_t hits = 0;
    struct buffer words;

    buffer_init(&words, 1 << 16);
    for (uint64_t i = 0; i < b->questions && t.wall != NULL && t.cpu != NULL; i++) {
        double wall, cpu;

        must(corpus_question(b->corpus, kind, i, b->pages, &words, &b->err), b);
        if (bound) {
            (void)fprintf(b->asked, "%d\t", kind);
            (void)tokens_each((const char *)words.bytes, words.count, fold_each,
                              b->asked);
            (void)fputc('\n', b->asked);
        }
        wall = seconds(CLOCK_MONOTONIC);
        cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
        hits += ask(b, kind, (const char *)words.bytes);
        t.cpu[i] = 1000 * (seconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
        t.wall[i] = 1000 * (seconds(CLOCK_MONOTONIC) - wall);
    }
    print_row(b, who, question_names[kind], &t, (double)hits / (double)b->questions,
              bound);
    free(t.wall);
    free(t.cpu);
    buffer_release(&words);
}

static void print_size(struct bench *b, const char *who, const char *drop, double s,
                       bool bound)
{
    double share = 100.0 * (double)bytes_of(b, drop) / (double)b->text_bytes;
    double rate = (double)b->pages / s;
    bool missed = bound && (share > BOUND_SHARE || rate < BOUND_PAGES);

    (void)printf("%s: index %.1f %% of the text, %.0f pages a second of CPU%s\n", who,
                 share, rate, missed ? " **missed**" : "");
    b->missed += missed;
}

/* ----------------------------------------------------------------------- main */

static void open_files(struct bench *b)
{
    struct store_identity who = {.site = 7, .epoch = STORE_EPOCH_FIRST, .name = "bench"};
    char path[4096];

    if (!b->again)
        must(store_init(disk_system(), clock_system(), b->dir, &who, &b->err), b);
    must(store_open(&b->store, disk_system(), clock_system(), b->dir, &b->err), b);
    must(records_create(&b->records, b->store, &b->err), b);
    if (!b->again)
        must(sql_run(store_db(b->store),
                     "CREATE VIRTUAL TABLE peer USING fts5(text, content = '',"
                     " contentless_delete = 1, tokenize = 'tram')",
                     &b->err),
             b);
    must(statements_prepare(store_db(b->store), b->statements, sql, STATEMENTS, &b->err),
         b);
    (void)snprintf(path, sizeof path, b->again ? "/dev/null" : "%s/pages", b->dir);
    b->texts = fopen(path, "w");
    (void)snprintf(path, sizeof path, "%s/questions", b->dir);
    b->asked = fopen(path, "w");
    if (b->texts == NULL || b->asked == NULL)
        must(err_set_errno(&b->err, ERR_IO, "%s", path), b);
}

static void options(struct bench *b, int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench-search DIR [--pages N] [--questions N]"
                              " [--seed N] [--no-fts5] [--again]\n");
        exit(2);
    }
    b->dir = argv[1];
    for (int i = 2; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "0";

        if (strcmp(argv[i], "--no-fts5") == 0 || strcmp(argv[i], "--again") == 0) {
            b->again = b->again || strcmp(argv[i], "--again") == 0;
            b->fts5 = false;
            continue;
        }
        if (strcmp(argv[i], "--pages") == 0)
            b->pages = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--questions") == 0)
            b->questions = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            b->seed = strtoull(value, NULL, 10);
        i++;
    }
}

int main(int argc, char **argv)
{
    struct bench b = {.pages = 1000000,
                      .questions = 200,
                      .seed = (uint64_t)time(NULL) % 1000000,
                      .fts5 = true};

    options(&b, argc, argv);
    must(corpus_create(&b.corpus, b.seed, &b.err), &b);
    open_files(&b);
    (void)printf("seed %" PRIu64 ", %" PRIu64 " pages, %" PRIu64
                 " questions of a kind\n\n",
                 b.seed, b.pages, b.questions);
    if (!b.again)
        add_pages(&b);
    (void)fclose(b.texts);
    if (!b.again)
        (void)printf("pages of %.0f bytes; ", (double)b.text_bytes / (double)b.pages);
    (void)printf("milliseconds; cpu: of the processor alone\n\n"
                 "| | question | p50 | p99 | cpu p99 | hits told |\n|-|-|-|-|-|-|\n");
    for (int kind = 0; kind < QUESTIONS; kind++)
        ask_all(&b, (enum question)kind, "Trạm", ask_ours, true);
    (void)fclose(b.asked);
    for (int kind = 0; kind < QUESTION_MISREAD && b.fts5; kind++)
        ask_all(&b, (enum question)kind, "FTS5 bm25()", ask_fts5, false);
    (void)printf("\n");
    if (!b.again)
        print_size(
            &b, "Trạm",
            "DROP TABLE search; DROP TABLE search_fresh; DROP TABLE search_block;"
            "DROP TABLE search_list; DROP TABLE search_word; DROP TABLE search_dead;"
            "DROP TABLE search_tag",
            b.put_s, true);
    if (b.fts5)
        print_size(&b, "FTS5", "DROP TABLE peer", b.peer_s, false);
    statements_finalize(b.statements, STATEMENTS);
    records_destroy(b.records);
    store_close(b.store);
    corpus_destroy(b.corpus);
    return b.missed > 0;
}
