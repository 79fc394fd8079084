#include "schema/search/match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/search/misread.h"
#include "schema/search/near.h"
#include "schema/search/top.h"
#include "schema/statements.h"

/* More groups only say yes or no: each one's counts take 128 KiB while we look. */
#define GROUPS_RANKED_MAX 32
/* With so many that are near, or after so many bytes of lists, some milliseconds' work,
 * older blocks are not looked at for them. */
#define NEAR_ENOUGH   2000
#define NEAR_WORK_MAX 1000000

enum { FRESH, BLOCKS, DEAD, STATEMENTS };

static const char *const match_sql[STATEMENTS] = {
    [FRESH] = "SELECT slot, folded FROM search_fresh ORDER BY slot",
    [BLOCKS] = "SELECT first, number, slots, dead, words FROM search_block"
               " ORDER BY first DESC",
    [DEAD] = "SELECT slot FROM search_dead WHERE slot >= ?1 AND slot < ?2",
};

struct look {
    const struct match_wish *wish;
    sqlite3_stmt *statements[STATEMENTS];
    sqlite3_stmt *atom_statements[ATOM_STATEMENTS];
    struct search_state state;
    struct atom *atoms; /* owned */
    size_t atoms_count;
    struct group *groups; /* owned */
    size_t groups_count, ranked_count;
    uint64_t first; /* slot of the block at hand */
    uint32_t slots;
    struct bits dead, common;
    uint16_t lengths[BLOCK_SLOTS_MAX];
    struct top top;
    struct misreads misreads; /* of wish->near */
};

/* -------------------------------------------------------------------- asking */

static void atom_of(struct look *l, struct group *g, size_t word, bool alone)
{
    struct query_word w = search_query_word(l->wish->query, word);

    l->atoms[l->atoms_count++] = (struct atom){.kind = w.prefix ? ATOM_PREFIX : ATOM_WORD,
                                               .word = w.folded,
                                               .bytes = w.folded_bytes};
    /* A beginning that nothing has may be a whole word with an error in it. The year of
     * a date is no part of a longer number. */
    if (l->wish->near && !g->negated &&
        (alone || !near_is_part(w.folded, w.folded_bytes)) &&
        misreads_take(&l->misreads, w.folded, w.folded_bytes))
        misreads_add(&l->misreads, g, g->count);
    g->count++;
}

static int group_of(struct look *l, const struct query_group *q, struct err *e)
{
    struct group *g = &l->groups[l->groups_count++];

    *g = (struct group){
        .atoms = &l->atoms[l->atoms_count], .negated = q->negated, .near = l->wish->near};
    if (l->wish->field_group != SIZE_MAX)
        g->negated = false;
    for (size_t i = 0; i < q->count; i++)
        atom_of(l, g, q->first + i, q->count == 1);
    if (q->is_range) {
        l->atoms[l->atoms_count++] = (struct atom){
            .kind = ATOM_YEARS, .year_from = q->from / 10000, .year_to = q->to / 10000};
        g->count++;
    }
    if (g->negated || l->ranked_count == GROUPS_RANKED_MAX)
        return 0;
    g->times = malloc(BLOCK_SLOTS_MAX * sizeof *g->times);
    l->ranked_count++;
    return g->times == NULL ? err_set(e, ERR_MEMORY, "search") : 0;
}

/* One by one: of a number and its symbol in fields of their own, not side by side. */
static int words_of(struct look *l, const struct query_group *q, struct err *e)
{
    for (size_t i = 0; i < q->count; i++) {
        struct query_group one = *q;

        one.first = q->first + i;
        one.count = 1;
        if (group_of(l, &one, e) != 0)
            return -1;
    }
    return 0;
}

static int ask(struct look *l, struct err *e)
{
    const struct query_group *groups;
    size_t count = search_query_groups(l->wish->query, &groups), words = 1;

    for (size_t i = 0; i < count; i++)
        words += groups[i].count + 1;
    l->atoms = calloc(words, sizeof *l->atoms);
    l->groups = calloc(words, sizeof *l->groups);
    if (l->atoms == NULL || l->groups == NULL)
        return err_set(e, ERR_MEMORY, "search");
    for (size_t i = 0; i < count; i++) {
        bool counts = l->wish->field_group == SIZE_MAX
                          ? groups[i].field == SEARCH_FIELD_NONE
                          : i == l->wish->field_group;

        if (counts &&
            (groups[i].field == SEARCH_FIELD_NUMBER ? words_of(l, &groups[i], e)
                                                    : group_of(l, &groups[i], e)) != 0)
            return -1;
    }
    for (size_t i = 0; i < l->atoms_count; i++)
        if (atom_look_up(&l->atoms[i], l->atom_statements, e) != 0)
            return -1;
    for (size_t i = 0; i < l->groups_count; i++)
        if (group_order(&l->groups[i], e) != 0)
            return -1;
    for (size_t i = 0; i < l->misreads.count; i++)
        if (atom_look_up(&l->misreads.all[i].atom, l->atom_statements, e) != 0)
            return -1;
    return 0;
}

/* -------------------------------------------------------------------- blocks */

/* What may be found in this block at all. */
static void begin_common(struct look *l)
{
    const struct match_wish *w = l->wish;
    struct bits but;

    if (w->only == NULL)
        memset(&l->common, 0xff, sizeof l->common);
    else
        bits_of_slots(&l->common, w->only, w->only_count, l->first, l->slots);
    if (w->but == NULL)
        return;
    bits_of_slots(&but, w->but, w->but_count, l->first, l->slots);
    bits_but(&l->common, &but);
}

static int take_hits(struct look *l, struct err *e)
{
    for (size_t i = BITS_WORDS; i-- > 0;)
        for (uint64_t left = l->common.at[i]; left != 0;) {
            uint32_t bit = 63 - (uint32_t)__builtin_clzll(left);
            uint32_t slot = (uint32_t)i * 64 + bit;
            uint16_t *times;

            left &= ~((uint64_t)1 << bit);
            if (slot >= l->slots)
                continue;
            times = top_add(&l->top, l->first + slot, l->lengths[slot]);
            if (times == NULL)
                return err_set(e, ERR_MEMORY, "hits");
            for (size_t g = 0; g < l->groups_count; g++)
                if (l->groups[g].times != NULL)
                    *times++ = l->groups[g].times[slot];
        }
    return 0;
}

static int look_through(struct look *l, uint64_t block, struct err *e)
{
    begin_common(l);
    bits_but(&l->common, &l->dead);
    for (size_t i = 0; i < l->groups_count; i++) {
        struct group *g = &l->groups[i];

        if (group_read(g, l->atom_statements, block, &l->dead, e) != 0)
            return -1;
        if (g->negated)
            bits_but(&l->common, &g->bits);
        else if (!l->wish->near)
            bits_and(&l->common, &g->bits);
    }
    if (l->wish->near && misreads_find(&l->misreads, l->groups, l->groups_count,
                                       l->atom_statements, block, &l->common, e) != 0)
        return -1;
    return take_hits(l, e);
}

static int read_dead(struct look *l, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->statements[DEAD]);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)l->first);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)(l->first + l->slots));
    while ((row = statement_step(s, e)) == 1)
        bits_set(&l->dead, (uint32_t)((uint64_t)sqlite3_column_int64(s, 0) - l->first));
    return row;
}

/* A row of search_block. */
static int take_block(struct look *l, sqlite3_stmt *s, uint64_t *number, struct err *e)
{
    const void *words = sqlite3_column_blob(s, 4);
    size_t bytes = (size_t)sqlite3_column_bytes(s, 4);
    int64_t slots = sqlite3_column_int64(s, 2);

    if (search_block_check(slots, bytes, e) != 0)
        return -1;
    l->first = (uint64_t)sqlite3_column_int64(s, 0);
    l->slots = (uint32_t)slots;
    *number = (uint64_t)sqlite3_column_int64(s, 1);
    list_lengths(l->lengths, words, l->slots);
    memset(&l->dead, 0, sizeof l->dead);
    return sqlite3_column_int64(s, 3) > 0 ? read_dead(l, e) : 0;
}

static bool is_enough(const struct look *l)
{
    uint64_t work = 0;

    if (!l->wish->near)
        return !l->wish->whole && l->top.total > SEARCH_RANKED_MAX;
    for (size_t i = 0; i < l->atoms_count; i++)
        work += l->atoms[i].work;
    for (size_t i = 0; i < l->misreads.count; i++)
        work += l->misreads.all[i].atom.work;
    return l->top.total > NEAR_ENOUGH || work > NEAR_WORK_MAX;
}

static int look_through_blocks(struct look *l, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->statements[BLOCKS]);
    int row = 0;

    while (!is_enough(l) && (row = statement_step(s, e)) == 1) {
        uint64_t number = 0;

        if (take_block(l, s, &number, e) != 0 || look_through(l, number, e) != 0) {
            row = -1;
            break;
        }
    }
    (void)statement_fresh(s);
    return row < 0 ? -1 : 0;
}

/* --------------------------------------------------------------------- fresh */

static int take_fresh_word(struct atom *a, const char *word, size_t bytes, uint32_t slot,
                           uint32_t place, struct err *e)
{
    return atom_is(a, word, bytes) ? places_add(&a->places, slot, place, e) : 0;
}

static int take_fresh_row(struct look *l, uint32_t slot, const char *text, size_t bytes,
                          struct err *e)
{
    const char *end = text + bytes, *blank;
    uint32_t place = 0;

    for (; text < end && (blank = memchr(text, ' ', (size_t)(end - text))) != NULL;
         text = blank + 1, place++) {
        size_t length = (size_t)(blank - text);

        for (size_t i = 0; i < l->atoms_count; i++)
            if (take_fresh_word(&l->atoms[i], text, length, slot, place, e) != 0)
                return -1;
        for (size_t i = 0; i < l->misreads.count; i++)
            if (take_fresh_word(&l->misreads.all[i].atom, text, length, slot, place, e) !=
                0)
                return -1;
    }
    l->lengths[slot] = place > UINT16_MAX ? UINT16_MAX : (uint16_t)place;
    return 0;
}

/* What is not in a block yet is read word by word. */
static int look_through_fresh(struct look *l, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(l->statements[FRESH]);
    bool any = false;
    int row;

    l->slots = 0;
    memset(&l->dead, 0, sizeof l->dead);
    while ((row = statement_step(s, e)) == 1) {
        uint64_t slot = (uint64_t)sqlite3_column_int64(s, 0);
        const char *text = (const char *)sqlite3_column_blob(s, 1);
        size_t bytes = (size_t)sqlite3_column_bytes(s, 1);

        if (!any)
            l->first = slot;
        any = true;
        if (slot - l->first >= BLOCK_SLOTS_MAX)
            return err_set(e, ERR_CORRUPT, "a fresh slot out of its row");
        l->slots = (uint32_t)(slot - l->first) + 1;
        if (take_fresh_row(l, l->slots - 1, text == NULL ? "" : text, bytes, e) != 0)
            return -1;
    }
    return row == 0 && any ? look_through(l, 0, e) : row;
}

/* --------------------------------------------------------------------- answer */

/* BM25's weight of a group that `pages` have; never below a whisker, as FTS5 has it. */
static double weight_of(const struct look *l, uint64_t pages)
{
    double rows = (double)l->state.rows, has = (double)pages;
    double weight = log((rows - has + 0.5) / (has + 0.5));

    return weight > 0 ? weight : 1e-6;
}

static int tell(struct look *l, struct match *out, struct err *e)
{
    double weights[GROUPS_RANKED_MAX] = {0}, average = 1;
    size_t ranked = 0;

    for (size_t i = 0; i < l->groups_count; i++)
        if (l->groups[i].times != NULL)
            weights[ranked++] = weight_of(l, l->groups[i].pages);
    for (size_t i = 0; i < l->atoms_count; i++)
        out->narrowed = out->narrowed || l->atoms[i].narrowed;
    if (l->state.rows > 0)
        average = (double)l->state.words / (double)l->state.rows;
    out->ranked = l->top.total <= SEARCH_RANKED_MAX && !l->wish->newest;
    out->total = l->top.total;
    if (out->ranked)
        top_score(&l->top, weights, average);
    if (top_take(&l->top, out->ranked, l->wish->count, &out->hits, &out->count, e) != 0)
        return -1;
    if (l->wish->found) {
        out->found = l->top.hits;
        out->found_count = l->top.count;
        l->top.hits = NULL; /* now the caller's */
    }
    return 0;
}

static void look_destroy(struct look *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->atoms_count; i++)
        atom_release(&l->atoms[i]);
    for (size_t i = 0; i < l->groups_count; i++)
        group_release(&l->groups[i]);
    free(l->atoms);
    free(l->groups);
    misreads_release(&l->misreads);
    top_release(&l->top);
    statements_finalize(l->statements, STATEMENTS);
    statements_finalize(l->atom_statements, ATOM_STATEMENTS);
    free(l);
}

int match_run(struct match *out, sqlite3 *db, const struct match_wish *wish,
              struct err *e)
{
    struct look *l = calloc(1, sizeof *l);
    int rc = -1;

    *out = (struct match){0};
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "search");
    l->wish = wish;
    if (statements_prepare(db, l->statements, match_sql, STATEMENTS, e) != 0 ||
        statements_prepare(db, l->atom_statements, atom_sql, ATOM_STATEMENTS, e) != 0 ||
        search_state_read(db, &l->state, e) != 0 || ask(l, e) != 0)
        goto out;
    top_init(&l->top, l->ranked_count);
    if (look_through_fresh(l, e) != 0 || look_through_blocks(l, e) != 0)
        goto out;
    rc = tell(l, out, e);
out:
    look_destroy(l);
    if (rc != 0)
        match_release(out);
    return rc;
}

void match_release(struct match *m)
{
    free(m->hits);
    free(m->found);
    *m = (struct match){0};
}
