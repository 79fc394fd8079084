/* The search index beside FTS5, which finds the same and ranks it the same: thousands of
 * texts put in, put in again and taken out, through presses and merges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/search/match.h"
#include "schema/search/near.h"
#include "schema/statements.h"
#include "tests/lib/scratch.h"

#define SEED       20261122
#define ROWS       9500 /* more than eight blocks, so that they merge */
#define VOCABULARY 400
#define TOP        20
#define TEXT_MAX   4096

static struct scratch scratch;
static sqlite3_stmt *put_peer, *drop_peer;
static uint32_t seed;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Half of the words are the first ten. */
static unsigned draw_word(void)
{
    return next(2) == 0 ? next(10) : next(VOCABULARY);
}

static void draw_text(char *out)
{
    unsigned words = 3 + next(30);

    out[0] = '\0';
    for (unsigned i = 0; i < words; i++)
        sprintf(out + strlen(out), "w%u ", draw_word());
}

static int start(void **state)
{
    sqlite3 *db;

    (void)state;
    seed = SEED;
    scratch_start(&scratch);
    db = store_db(scratch.store);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE VIRTUAL TABLE temp.peer USING"
                                  " fts5(text, tokenize = 'tram')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(
                         db, "INSERT OR REPLACE INTO peer (rowid, text) VALUES (?1, ?2)",
                         -1, &put_peer, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "DELETE FROM peer WHERE rowid = ?1", -1, &drop_peer, NULL),
        SQLITE_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sqlite3_finalize(put_peer);
    sqlite3_finalize(drop_peer);
    scratch_remove(&scratch);
    return 0;
}

/* Both get it; an empty text takes it out of both. */
static void put(uint64_t id, const char *text)
{
    sqlite3_stmt *s = text[0] == '\0' ? drop_peer : put_peer;

    must(search_put(scratch.store, id, text, &scratch.err), &scratch.err);
    (void)statement_fresh(s);
    bind_id(s, 1, id);
    if (s == put_peer)
        bind_text(s, 2, text);
    must(statement_run(s, &scratch.err), &scratch.err);
}

/* Of every eight rows one is written again later, and one goes. */
static void fill(void)
{
    char text[TEXT_MAX];

    must(store_apply_begin(scratch.store, &scratch.err), &scratch.err);
    for (uint64_t i = 1; i <= ROWS; i++) {
        draw_text(text);
        put(i, text);
        if (i % 8 == 0) {
            draw_text(text);
            put(1 + next((uint32_t)i), text);
            put(1 + next((uint32_t)i), "");
        }
    }
    must(store_apply_commit(scratch.store, &scratch.err), &scratch.err);
}

static uint64_t peer_count(const char *expression)
{
    sqlite3_stmt *s;
    uint64_t count;

    assert_int_equal(sqlite3_prepare_v2(store_db(scratch.store),
                                        "SELECT count(*) FROM peer WHERE peer MATCH ?1",
                                        -1, &s, NULL),
                     SQLITE_OK);
    bind_text(s, 1, expression);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    count = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return count;
}

static uint64_t id_of(uint64_t slot)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SELECT id FROM search WHERE slot = %llu",
                   (unsigned long long)slot);
    return (uint64_t)scratch_number(&scratch, sql);
}

/* Its score by FTS5 is what ours says, and the best are the best. */
static void compare_top(const char *query, const char *expression, const struct match *m)
{
    sqlite3_stmt *s;
    double of_id[TOP];
    size_t i = 0;

    assert_int_equal(sqlite3_prepare_v2(store_db(scratch.store),
                                        "SELECT -bm25(peer) FROM peer WHERE peer MATCH ?1"
                                        " ORDER BY rank LIMIT 20",
                                        -1, &s, NULL),
                     SQLITE_OK);
    bind_text(s, 1, expression);
    for (; sqlite3_step(s) == SQLITE_ROW; i++) {
        assert_true(i < m->count);
        of_id[i] = sqlite3_column_double(s, 0);
        if (fabs(of_id[i] - m->hits[i].score) > 1e-9 * fabs(of_id[i]) + 1e-12)
            fail_msg("%s: hit %zu has %.12g, bm25 says %.12g", query, i, m->hits[i].score,
                     of_id[i]);
    }
    sqlite3_finalize(s);
    assert_int_equal(i, m->count < TOP ? m->count : TOP);
}

static void look(const char *text, bool near, struct match *m)
{
    struct match_wish wish = {.near = near, .count = TOP, .field_group = SIZE_MAX};
    struct search_query *q;

    must(search_query_create(&q, text, false, &scratch.err), &scratch.err);
    wish.query = q;
    must(match_run(m, store_db(scratch.store), &wish, &scratch.err), &scratch.err);
    search_query_destroy(q);
}

static void compare(const char *query, const char *expression)
{
    struct match m;

    look(query, false, &m);
    assert_true(m.ranked);
    if (m.total != peer_count(expression))
        fail_msg("%s: %llu, FTS5 says %llu", query, (unsigned long long)m.total,
                 (unsigned long long)peer_count(expression));
    compare_top(query, expression, &m);
    match_release(&m);
}

/* Any of the vocabulary that one letter makes the word, but not the word; between them
 * `before` and `after`. */
static void add_neighbours(struct buffer *out, const char *before, unsigned word,
                           const char *after)
{
    char self[16], other[16];

    (void)snprintf(self, sizeof self, "w%u", word);
    buffer_append_text(out, "(none");
    for (unsigned i = 0; i < VOCABULARY; i++) {
        (void)snprintf(other, sizeof other, "w%u", i);
        if (i == word || !near_is(self, strlen(self), other, strlen(other)))
            continue;
        buffer_append_format(out, " OR \"%s%s%s\"", before, other, after);
    }
    buffer_append_text(out, ")");
}

/* Two words, side by side or not: one of them with a letter that is wrong. */
static void compare_near(unsigned a, unsigned b, bool phrase)
{
    char query[64], first[16], second[16];
    struct buffer x;
    struct match m;

    buffer_init(&x, 1 << 20);
    (void)snprintf(first, sizeof first, phrase ? "w%u " : "w%u", a);
    (void)snprintf(second, sizeof second, phrase ? " w%u" : "w%u", b);
    buffer_append_text(&x, "((");
    add_neighbours(&x, "", a, phrase ? second : "");
    if (!phrase)
        buffer_append_format(&x, " AND %s", second);
    buffer_append_text(&x, ") OR (");
    add_neighbours(&x, phrase ? first : "", b, "");
    if (!phrase)
        buffer_append_format(&x, " AND %s", first);
    buffer_append_text(&x, "))");
    (void)snprintf(query, sizeof query, phrase ? "\"w%u w%u\"" : "w%u w%u", a, b);
    if (phrase)
        buffer_append_format(&x, " NOT %s", query);
    else
        buffer_append_format(&x, " NOT (%s AND %s)", first, second);
    look(query, true, &m);
    assert_int_equal(m.total, peer_count((const char *)x.bytes));
    match_release(&m);
    buffer_release(&x);
}

/* ---------------------------------------------------------------------- claims */

static void what_is_found_and_how_it_ranks_is_what_fts5_says(void **state)
{
    char query[128], expression[160];

    (void)state;
    fill();
    assert_true(scratch_number(&scratch, "SELECT max(level) FROM search_block") > 0);
    assert_true(scratch_number(&scratch, "SELECT count(*) FROM search_fresh") > 0);
    assert_true(scratch_number(&scratch, "SELECT count(*) FROM search_dead") > 0);
    for (unsigned i = 0; i < 60; i++) {
        unsigned a = draw_word(), b = draw_word(), c = next(10);

        (void)snprintf(query, sizeof query, "w%u", a);
        compare(query, query);
        (void)snprintf(query, sizeof query, "w%u w%u w%u", a, b, c);
        (void)snprintf(expression, sizeof expression, "w%u AND w%u AND w%u", a, b, c);
        compare(query, expression);
        (void)snprintf(query, sizeof query, "\"w%u w%u\"", b, c);
        compare(query, query);
        (void)snprintf(query, sizeof query, "\"w%u w%u w%u\" w%u", c, b, next(10), a);
        (void)snprintf(expression, sizeof expression, "%.*s AND w%u",
                       (int)(strrchr(query, '"') + 1 - query), query, a);
        compare(query, expression);
        (void)snprintf(query, sizeof query, "w%u -w%u", a, b);
        (void)snprintf(expression, sizeof expression, "w%u NOT w%u", a, b);
        compare(query, expression);
    }
    compare("w1*", "w1*");
    compare("w39*", "w39*");
    compare("\"w1 w2*\"", "\"w1 w2\" *");
}

static void one_letter_that_is_wrong_hides_nothing(void **state)
{
    (void)state;
    fill();
    for (unsigned i = 0; i < 60; i++) {
        compare_near(10 + next(VOCABULARY - 10), 10 + next(VOCABULARY - 10), false);
        compare_near(10 + next(VOCABULARY - 10), next(10), true);
        compare_near(10 + next(VOCABULARY - 10), 10 + next(VOCABULARY - 10), true);
    }
}

static void newest_first_is_the_order_of_writing(void **state)
{
    struct match_wish wish = {.count = TOP, .newest = true, .field_group = SIZE_MAX};
    struct search_query *q;
    struct match m;

    (void)state;
    must(store_apply_begin(scratch.store, &scratch.err), &scratch.err);
    for (uint64_t i = 1; i <= 3000; i++)
        put(i, "cung mot chu");
    put(7, "cung mot chu khac");
    must(store_apply_commit(scratch.store, &scratch.err), &scratch.err);
    must(search_query_create(&q, "mot", false, &scratch.err), &scratch.err);
    wish.query = q;
    must(match_run(&m, store_db(scratch.store), &wish, &scratch.err), &scratch.err);
    assert_int_equal(m.total, 3000);
    assert_int_equal(id_of(m.hits[0].slot), 7);
    assert_int_equal(id_of(m.hits[1].slot), 3000);
    assert_int_equal(id_of(m.hits[2].slot), 2999);
    match_release(&m);
    search_query_destroy(q);
}

static void above_the_bound_the_newest_are_told_and_it_is_said(void **state)
{
    struct match m;

    (void)state;
    must(store_apply_begin(scratch.store, &scratch.err), &scratch.err);
    for (uint64_t i = 1; i <= SEARCH_RANKED_MAX + 1; i++)
        must(search_put(scratch.store, i, i == 5 ? "mot mot mot" : "mot", &scratch.err),
             &scratch.err);
    must(store_apply_commit(scratch.store, &scratch.err), &scratch.err);
    look("mot", false, &m);
    assert_false(m.ranked);
    assert_true(m.total > SEARCH_RANKED_MAX);
    assert_int_equal(id_of(m.hits[0].slot), SEARCH_RANKED_MAX + 1);
    match_release(&m);
    must(store_apply_begin(scratch.store, &scratch.err), &scratch.err);
    must(search_put(scratch.store, 9, "", &scratch.err), &scratch.err);
    must(store_apply_commit(scratch.store, &scratch.err), &scratch.err);
    look("mot", false, &m);
    assert_true(m.ranked);
    assert_int_equal(m.total, SEARCH_RANKED_MAX);
    assert_int_equal(id_of(m.hits[0].slot), 5);
    match_release(&m);
}

/* One page written over and over must not grow the index. */
static void a_row_written_ten_thousand_times_is_there_once(void **state)
{
    struct match m;
    char text[64];

    (void)state;
    must(store_apply_begin(scratch.store, &scratch.err), &scratch.err);
    for (uint64_t i = 0; i < 70000; i++) {
        (void)snprintf(text, sizeof text, "lan %u", (unsigned)i % 10);
        must(search_put(scratch.store, 1, text, &scratch.err), &scratch.err);
        if (i % 5000 == 0)
            must(search_put(scratch.store, 10 + i, "lan khac", &scratch.err),
                 &scratch.err);
    }
    must(store_apply_commit(scratch.store, &scratch.err), &scratch.err);
    look("lan", false, &m);
    assert_int_equal(m.total, 15);
    match_release(&m);
    assert_true(scratch_number(&scratch, "SELECT count(*) FROM search_list") < 2000);
}

static void a_list_reads_back_what_was_written(void **state)
{
    struct list_writer w;
    struct list_reader r;
    uint32_t place;

    (void)state;
    list_writer_init(&w);
    list_writer_add(&w, 0, 0);
    list_writer_add(&w, 0, 1);
    list_writer_add(&w, 0, 300);
    list_writer_add(&w, 1, 70000);
    list_writer_add(&w, 65535, 5);
    list_writer_end(&w);
    list_reader_init(&r, w.slots.bytes, w.slots.count, w.places.bytes, w.places.count);
    assert_true(list_next(&r) && r.slot == 0 && r.times == 3);
    assert_true(list_place(&r, &place) && place == 0);
    assert_true(list_place(&r, &place) && place == 1);
    assert_true(list_place(&r, &place) && place == 300);
    assert_false(list_place(&r, &place));
    assert_true(list_next(&r) && r.slot == 1 && r.times == 1);
    assert_true(list_place(&r, &place) && place == 70000);
    assert_true(list_next(&r) && r.slot == 65535);
    assert_false(list_next(&r));
    /* Bytes that are no list end it. */
    list_reader_init(&r, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, NULL, 0);
    assert_false(list_next(&r));
    list_writer_release(&w);
}

/* Many slots at once are what they are one by one, places of two bytes and slots that
 * nobody wants among them, and up to the list's last bytes. */
static void a_list_that_is_read_at_once_reads_the_same(void **state)
{
    struct list_writer w;
    struct list_reader one, many;
    struct list_slots some;
    uint64_t at[64 + LIST_PLACES_SHORT];
    uint32_t place, slots = 0;

    (void)state;
    list_writer_init(&w);
    for (uint32_t slot = 0; slot < 60000;
         slot += 1 + slot * 7 % 5 + (slot % 97 == 0) * 80)
        for (uint32_t i = 0; i <= slot * 13 % 11 + (slot % 53 == 0) * 40; i++)
            list_writer_add(&w, slot, i * (1 + slot % 19) + slot % 151);
    list_writer_end(&w);
    list_reader_init(&one, w.slots.bytes, w.slots.count, w.places.bytes, w.places.count);
    many = one;
    while (list_slots_next(&many, &some))
        for (uint32_t i = 0; i < some.count; i++, slots++) {
            bool wanted = slots % 3 != 0;
            size_t count = 0, read = 0;

            assert_true(list_next(&one));
            assert_true(some.slot[i] == one.slot && some.times[i] == one.times);
            assert_true(some.times[i] <= 64);
            if (wanted)
                count = list_places(&many, some.slot[i], some.times[i], at);
            else
                many.passed += some.times[i];
            for (; list_place(&one, &place); read++)
                assert_true(!wanted || at[read] == ((uint64_t)one.slot << 32 | place));
            assert_true(read == one.times && (!wanted || count == read));
        }
    assert_false(list_next(&one));
    assert_true(slots == w.pages);
    list_writer_release(&w);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CLAIM(what_is_found_and_how_it_ranks_is_what_fts5_says),
        CLAIM(one_letter_that_is_wrong_hides_nothing),
        CLAIM(newest_first_is_the_order_of_writing),
        CLAIM(above_the_bound_the_newest_are_told_and_it_is_said),
        CLAIM(a_row_written_ten_thousand_times_is_there_once),
        CLAIM(a_list_reads_back_what_was_written),
        CLAIM(a_list_that_is_read_at_once_reads_the_same),
    };

    return cmocka_run_group_tests_name("search index", tests, NULL, NULL);
}
