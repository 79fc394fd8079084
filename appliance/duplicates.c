#include "appliance/duplicates_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/readings.h"
#include "appliance/twins.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

#define WORDS_ASKED_MAX 300  /* of a page, from its beginning */
#define RARE_PAGES_MAX  40   /* a word on more pages says little */
#define SHARED_MIN      3    /* rare words of both … */
#define SHARED_PART     0.25 /* … and at least this part of the page's */
#define CANDIDATES_MAX  256
#define COMPARED_MAX    6 /* those that share most */
/* Measured over tram-pages' clean, light, heavy and office papers: two scans of one
 * paper up to 0.42, papers of two kinds from 0.41. */
#define PICTURE_MAX 0.45

enum { NEXT_UNLOOKED, LIKENESS, FORMER, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [NEXT_UNLOOKED] = "SELECT l.page FROM likeness l JOIN page p ON p.id = l.page"
                      " WHERE l.looked = 0 ORDER BY l.page LIMIT 1",
    [LIKENESS] = "SELECT rotation, cells FROM likeness WHERE page = ?1",
    [FORMER] = "SELECT other FROM twin WHERE page = ?1 AND dismissed = 0 UNION ALL"
               " SELECT page FROM twin WHERE other = ?1 AND dismissed = 0 LIMIT ?2",
};

struct candidate {
    uint64_t page;
    unsigned shared; /* rare words */
};

/* One page that is looked at. */
struct looking {
    struct box *box;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t document; /* of verdict.page */
    struct page_verdict verdict;
    bool damaged; /* its layout: nobody can look at it, as `why` says */
    struct err why;
    struct likeness likeness;
    struct twin_text text;
    unsigned rare;
    struct candidate candidates[CANDIDATES_MAX];
    size_t candidates_count;
};

static sqlite3_stmt *fresh(struct looking *l, int which)
{
    return statement_fresh(l->statements[which]);
}

/* ------------------------------------------------------------------- of one page */

enum page_state { PAGE_WHOLE, PAGE_UNREAD, PAGE_DAMAGED };

/* Its newest reading's words, and its likeness as the reading found it upright: if it has
 * both, and its layout can be read, else `e` says why. */
static int take_page(struct looking *l, uint64_t page, struct twin_text *text,
                     struct likeness *likeness, enum page_state *state, struct err *e)
{
    sqlite3_stmt *s = fresh(l, LIKENESS);
    struct reading_rows reading = {0};
    struct layout layout = {0};
    unsigned rotation = 0;
    int row, rc = -1;
    bool found;

    bind_id(s, 1, page);
    row = statement_step(s, e);
    found = row == 1 && sqlite3_column_bytes(s, 1) == LIKENESS_BYTES;
    if (found) {
        rotation = (unsigned)sqlite3_column_int(s, 0);
        memcpy(likeness->cells, sqlite3_column_blob(s, 1), LIKENESS_BYTES);
    }
    (void)statement_fresh(s); /* its row must not outlive the look */
    if (row < 0 || reading_newest(l->box, page, &reading, e) != 0)
        goto out;
    found = found && reading.id != 0 && reading.layout.count > 0;
    *state = found ? PAGE_WHOLE : PAGE_UNREAD;
    rc =
        found ? layout_unpack(&layout, reading.layout.bytes, reading.layout.count, e) : 0;
    if (rc != 0 && e->code == ERR_CORRUPT) {
        *state = PAGE_DAMAGED;
        rc = 0;
    } else if (rc == 0 && found) {
        rc = twin_text_init(text, (const char *)reading.text.bytes, &layout, e);
        likeness_turn(likeness, (layout.rotation + 4u - rotation % 4) % 4);
    }
out:
    layout_release(&layout);
    reading_rows_release(&reading);
    return rc;
}

/* ----------------------------------------------------------------------- candidates */

static void add_candidate(struct looking *l, uint64_t page)
{
    for (size_t i = 0; i < l->candidates_count; i++)
        if (l->candidates[i].page == page) {
            l->candidates[i].shared++;
            return;
        }
    if (l->candidates_count < CANDIDATES_MAX)
        l->candidates[l->candidates_count++] = (struct candidate){page, 1};
}

/* The pages that hold a word, if they are few. */
static int ask_word(struct looking *l, const char *word, struct err *e)
{
    uint64_t pages[RARE_PAGES_MAX + 1];
    size_t count;

    if (search_ids_with(l->box->store, word, pages, RARE_PAGES_MAX + 1, &count, e) != 0)
        return -1;
    if (count > RARE_PAGES_MAX)
        return 0;
    l->rare++;
    for (size_t i = 0; i < count; i++)
        if (pages[i] != l->verdict.page)
            add_candidate(l, pages[i]);
    return 0;
}

static bool said_before(const struct twin_text *t, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(t->words[j].folded, t->words[i].folded) == 0)
            return true;
    return false;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->shared != y->shared)
        return x->shared < y->shared ? 1 : -1;
    return (x->page > y->page) - (x->page < y->page);
}

/* A word that was cut is in the index under another name. */
static int find_candidates(struct looking *l, struct err *e)
{
    size_t count = l->text.count < WORDS_ASKED_MAX ? l->text.count : WORDS_ASKED_MAX;

    for (size_t i = 0; i < count; i++) {
        const char *word = l->text.words[i].folded;

        if (strlen(word) + 1 == TWIN_WORD_BYTES || said_before(&l->text, i))
            continue;
        if (ask_word(l, word, e) != 0)
            return -1;
    }
    qsort(l->candidates, l->candidates_count, sizeof *l->candidates, compare_candidates);
    return 0;
}

/* ------------------------------------------------------------------------ one look */

static void add_pair(struct looking *l, uint64_t other, const struct twin_verdict *v,
                     bool is_twin)
{
    if (l->verdict.pairs_count < PAGE_PAIRS_MAX)
        l->verdict.pairs[l->verdict.pairs_count++] = (struct page_pair){
            .other = other,
            .is_twin = is_twin,
            .agreeing = v->fewer > 0 ? (unsigned)(100 * v->agreeing / v->fewer) : 0};
}

/* The other one's trouble is none of this page's: it is told when that is looked at. */
static int compare_with(struct looking *l, uint64_t other, struct err *e)
{
    struct twin_text text = {0};
    struct likeness likeness;
    struct twin_verdict verdict = {0};
    enum page_state state;
    uint64_t document, page;
    bool contradict = false;
    int rc = -1;

    if (record_find(l->box->records, other, &document, &page, e) != 0)
        return -1;
    if (page == 0) /* a document's row, or one that was deleted */
        return 0;
    if (take_page(l, other, &text, &likeness, &state, e) != 0)
        goto out;
    rc = 0;
    if (state != PAGE_WHOLE)
        goto out;
    if (likeness_distance(&l->likeness, &likeness) <= PICTURE_MAX)
        rc = twins_compare(&l->text, &text, &verdict, e);
    if (rc == 0 && verdict.is_twin && document != l->document)
        rc = duplicates_contradict(l->box, l->document, document, &contradict, e);
    if (rc == 0)
        add_pair(l, other, &verdict, verdict.is_twin && !contradict);
out:
    twin_text_release(&text);
    return rc;
}

static bool is_compared(const struct looking *l, uint64_t other)
{
    for (size_t i = 0; i < l->verdict.pairs_count; i++)
        if (l->verdict.pairs[i].other == other)
            return true;
    return false;
}

/* Those that an earlier look found: the page may say something else now. */
static int compare_former(struct looking *l, struct err *e)
{
    sqlite3_stmt *s = fresh(l, FORMER);
    uint64_t former[PAGE_PAIRS_MAX];
    size_t count = 0;
    int row;

    bind_id(s, 1, l->verdict.page);
    (void)sqlite3_bind_int(s, 2, PAGE_PAIRS_MAX);
    while ((row = statement_step(s, e)) == 1)
        former[count++] = (uint64_t)sqlite3_column_int64(s, 0);
    for (size_t i = 0; row == 0 && i < count; i++)
        if (!is_compared(l, former[i]))
            row = compare_with(l, former[i], e);
    return row;
}

static int look(struct looking *l, struct err *e)
{
    enum page_state state;
    uint64_t page;

    if (record_find(l->box->records, l->verdict.page, &l->document, &page, e) != 0)
        return -1;
    if (page == 0)
        return 0;
    if (take_page(l, l->verdict.page, &l->text, &l->likeness, &state, e) != 0)
        return -1;
    l->damaged = state == PAGE_DAMAGED;
    if (l->damaged)
        l->why = *e;
    if (state != PAGE_WHOLE || likeness_is_blank(&l->likeness))
        return 0;
    if (find_candidates(l, e) != 0)
        return -1;
    for (size_t i = 0; i < l->candidates_count && i < COMPARED_MAX; i++) {
        unsigned shared = l->candidates[i].shared;

        if (shared < SHARED_MIN || shared < SHARED_PART * l->rare)
            break;
        if (compare_with(l, l->candidates[i].page, e) != 0)
            return -1;
    }
    return compare_former(l, e);
}

/* 1: a page waited, and all that its look needs was read. */
static int look_at_next(struct looking *l, struct err *e)
{
    sqlite3_stmt *s = fresh(l, NEXT_UNLOOKED);
    uint64_t page = 0;
    bool waits;
    int row = statement_step(s, e);

    if (row == 1)
        page = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    l->verdict.page = page;
    if (row == 1 &&
        (duplicates_rests_on(l->box, page, &l->verdict.rests_on, &waits, e) != 0 ||
         look(l, e) != 0))
        row = -1;
    return row;
}

/* A damaged layout stops nobody twice: it is told, and passed over from then on. */
static int look_and_note(struct looking *l, bool *found, struct err *e)
{
    int row;

    if (store_read_begin(l->box->store, e) != 0)
        return -1;
    row = look_at_next(l, e);
    store_read_end(l->box->store);
    if (row != 1)
        return row;
    if (duplicates_note(l->box, &l->verdict, found, e) != 0)
        return -1;
    if (!l->damaged)
        return 1;
    *e = l->why;
    return err_wrap(e, "page %" PRIu64, l->verdict.page);
}

int duplicates_next(struct box *b, bool *found, struct err *e)
{
    struct looking *l = calloc(1, sizeof *l);
    int rc = -1;

    *found = false;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "out of memory to look for duplicates");
    l->box = b;
    if (statements_prepare(store_db(b->store), l->statements, sql, STATEMENTS, e) == 0)
        rc = look_and_note(l, found, e);
    statements_finalize(l->statements, STATEMENTS);
    twin_text_release(&l->text);
    free(l);
    return rc < 0 ? err_wrap(e, "duplicates") : rc;
}
