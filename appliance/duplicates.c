#include "appliance/duplicates.h"

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

enum { NEXT_UNLOOKED, LOOKED, LIKENESS, PUT_TWIN, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [NEXT_UNLOOKED] = "SELECT l.page FROM likeness l JOIN page p ON p.id = l.page"
                      " WHERE l.looked = 0 ORDER BY l.page LIMIT 1",
    [LOOKED] = "UPDATE likeness SET looked = 1 WHERE page = ?1",
    [LIKENESS] = "SELECT rotation, cells FROM likeness WHERE page = ?1",
    [PUT_TWIN] = "INSERT INTO twin (page, other, agreeing)"
                 " VALUES (max(?1, ?2), min(?1, ?2), ?3)"
                 " ON CONFLICT (page, other) DO UPDATE SET agreeing = ?3",
};

struct candidate {
    uint64_t page;
    unsigned shared; /* rare words */
};

/* One page that is looked at. */
struct looking {
    struct box *box;
    sqlite3_stmt *statements[STATEMENTS];
    uint64_t page, document;
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

/* Its newest reading's words, and its likeness as the reading found it upright. *found
 * false: it has not both. */
static int take_page(struct looking *l, uint64_t page, struct twin_text *text,
                     struct likeness *likeness, bool *found, struct err *e)
{
    sqlite3_stmt *s = fresh(l, LIKENESS);
    struct reading_rows reading = {0};
    struct layout layout = {0};
    unsigned rotation = 0;
    int row, rc = -1;

    bind_id(s, 1, page);
    row = statement_step(s, e);
    *found = row == 1 && sqlite3_column_bytes(s, 1) == LIKENESS_BYTES;
    if (*found) {
        rotation = (unsigned)sqlite3_column_int(s, 0);
        memcpy(likeness->cells, sqlite3_column_blob(s, 1), LIKENESS_BYTES);
    }
    (void)statement_fresh(s); /* its row must not outlive the look */
    if (row < 0 || reading_newest(l->box, page, &reading, e) != 0)
        goto out;
    *found = *found && reading.id != 0 && reading.layout.count > 0;
    if (*found) {
        if (layout_unpack(&layout, reading.layout.bytes, reading.layout.count, e) != 0 ||
            twin_text_init(text, (const char *)reading.text.bytes, &layout, e) != 0)
            goto out;
        likeness_turn(likeness, (layout.rotation + 4u - rotation % 4) % 4);
    }
    rc = 0;
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
        if (pages[i] != l->page)
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

/* -------------------------------------------------------------------------- fields */

struct field_list {
    struct {
        char name[48];
        unsigned ordinal;
        char value[96];
    } list[32];
    size_t count;
};

static int add_field(void *arg, const char *name, unsigned ordinal, const char *source,
                     const char *value, struct err *e)
{
    struct field_list *f = arg;

    (void)source;
    (void)e;
    if (f->count < sizeof f->list / sizeof *f->list) {
        (void)snprintf(f->list[f->count].name, sizeof f->list->name, "%s", name);
        (void)snprintf(f->list[f->count].value, sizeof f->list->value, "%s", value);
        f->list[f->count++].ordinal = ordinal;
    }
    return 0;
}

/* More fields that differ than are the same: a misread one is no proof. */
static bool fields_contradict(const struct field_list *a, const struct field_list *b)
{
    unsigned same = 0, other = 0;

    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            if (a->list[i].ordinal != b->list[j].ordinal ||
                strcmp(a->list[i].name, b->list[j].name) != 0)
                continue;
            if (strcmp(a->list[i].value, b->list[j].value) == 0)
                same++;
            else
                other++;
        }
    return other > same;
}

static int documents_contradict(struct looking *l, uint64_t other, bool *out,
                                struct err *e)
{
    struct field_list fields[2] = {0};

    if (record_each_field(l->box->records, l->document, add_field, &fields[0], e) != 0 ||
        record_each_field(l->box->records, other, add_field, &fields[1], e) != 0)
        return -1;
    *out = fields_contradict(&fields[0], &fields[1]);
    return 0;
}

/* ------------------------------------------------------------------------ one look */

static int put_twin(struct looking *l, uint64_t other, const struct twin_verdict *v,
                    struct err *e)
{
    sqlite3_stmt *s = fresh(l, PUT_TWIN);

    bind_id(s, 1, l->page);
    bind_id(s, 2, other);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)(100 * v->agreeing / v->fewer));
    return statement_run(s, e);
}

static int compare_with(struct looking *l, uint64_t other, bool *twin, struct err *e)
{
    struct twin_text text = {0};
    struct likeness likeness;
    struct twin_verdict verdict = {0};
    uint64_t document, page;
    bool found, contradict = false;
    int rc = -1;

    *twin = false;
    if (record_find(l->box->records, other, &document, &page, e) != 0)
        return -1;
    if (page == 0) /* a document's row, or one that was deleted */
        return 0;
    if (take_page(l, other, &text, &likeness, &found, e) != 0)
        goto out;
    rc = 0;
    if (!found || likeness_distance(&l->likeness, &likeness) > PICTURE_MAX)
        goto out;
    rc = -1;
    if (twins_compare(&l->text, &text, &verdict, e) != 0)
        goto out;
    if (verdict.is_twin && document != l->document &&
        documents_contradict(l, document, &contradict, e) != 0)
        goto out;
    *twin = verdict.is_twin && !contradict;
    rc = *twin ? put_twin(l, other, &verdict, e) : 0;
out:
    twin_text_release(&text);
    return rc;
}

static int look(struct looking *l, bool *found, struct err *e)
{
    bool there, twin;
    uint64_t page;

    if (record_find(l->box->records, l->page, &l->document, &page, e) != 0)
        return -1;
    if (page == 0)
        return 0;
    if (take_page(l, l->page, &l->text, &l->likeness, &there, e) != 0)
        return -1;
    if (!there || likeness_is_blank(&l->likeness))
        return 0;
    if (find_candidates(l, e) != 0)
        return -1;
    for (size_t i = 0; i < l->candidates_count && i < COMPARED_MAX; i++) {
        unsigned shared = l->candidates[i].shared;

        if (shared < SHARED_MIN || shared < SHARED_PART * l->rare)
            break;
        if (compare_with(l, l->candidates[i].page, &twin, e) != 0)
            return -1;
        *found = *found || twin;
    }
    return 0;
}

static int next_page(struct looking *l, struct err *e)
{
    sqlite3_stmt *s = fresh(l, NEXT_UNLOOKED);
    int row = statement_step(s, e);

    if (row == 1)
        l->page = (uint64_t)sqlite3_column_int64(s, 0);
    (void)statement_fresh(s);
    return row;
}

/* What was found and that it was looked at are one transaction. */
static int look_and_note(struct looking *l, bool *found, struct err *e)
{
    sqlite3_stmt *s;

    if (store_write_begin(l->box->store, e) != 0)
        return -1;
    if (look(l, found, e) != 0)
        goto fail;
    s = fresh(l, LOOKED);
    bind_id(s, 1, l->page);
    if (statement_run(s, e) == 0 && store_write_commit(l->box->store, NULL, e) == 0)
        return 1;
fail:
    store_write_rollback(l->box->store);
    return -1;
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
        rc = next_page(l, e);
    if (rc == 1)
        rc = look_and_note(l, found, e);
    statements_finalize(l->statements, STATEMENTS);
    twin_text_release(&l->text);
    free(l);
    return rc < 0 ? err_wrap(e, "duplicates") : rc;
}
