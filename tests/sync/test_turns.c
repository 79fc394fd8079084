/* Turns: boxes that were put back, or whose cards were copied, in the name of one site, in
 * random order. However they take turns, what is made anywhere is there once in the end,
 * and each box that has caught up is equal to the centre.
 *
 * TURNS=n takes another number of worlds, TURNS_SEED=n begins at another seed: a failure
 * prints the one that replays it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fork.h"
#include "schema/statements.h"
#include "sync/centre/lines.h"
#include "tests/lib/dossiers.h"

#define MACHINES_MAX 4
#define STEPS        60

static struct {
    uint64_t copies, put_back, turns, forks, late, held, rows, conflicts;
} seen;

struct world {
    struct pair pair; /* its box is the machine in hand */
    struct random_seeded random;
    struct pair_kept others[MACHINES_MAX];
    size_t others_count;
    unsigned made;
    uint8_t epochs; /* the highest that was given out */
};

static unsigned below(struct world *w, unsigned bound)
{
    return (unsigned)random_below(&w->random.random, bound);
}

/* ------------------------------------------------------------------------- writing */

static void write_sql(struct world *w, bool box, const char *sql)
{
    struct pair *p = &w->pair;
    struct store *s = box ? p->box->store : p->p.centre->store;

    if (box)
        must(store_write_begin(s, &p->err), &p->err);
    else
        must(down_begin(p->p.centre, p->site, &p->err), &p->err);
    must(sql_run(store_db(s), sql, &p->err), &p->err);
    if (box)
        (void)pair_box_commit(p);
    else
        must(down_commit(p->p.centre, NULL, &p->err), &p->err);
}

static void box_makes(struct world *w)
{
    struct pair *p = &w->pair;
    uint64_t id, document;
    char sql[512];

    must(store_write_begin(p->box->store, &p->err), &p->err);
    must(store_new_id(p->box->store, &id, &p->err), &p->err);
    must(store_new_id(p->box->store, &document, &p->err), &p->err);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code) VALUES (%" PRIu64 ", 'M-%u');"
                   "INSERT INTO document (id, dossier) VALUES (%" PRIu64 ", %" PRIu64 ")",
                   id, ++w->made, document, id);
    must(sql_run(store_db(p->box->store), sql, &p->err), &p->err);
    (void)pair_box_commit(p);
}

static void end_writes(struct world *w, bool box)
{
#define ONE_OF(table, id) "(SELECT " id " FROM " table " ORDER BY " id " LIMIT 1 OFFSET "
    static const char *const sql[][2] = {
        {"UPDATE dossier SET title = '", "' WHERE id = " ONE_OF("dossier", "id")},
        {"UPDATE document SET type = '", "' WHERE id = " ONE_OF("document", "id")},
        {"INSERT INTO field (document, name, ordinal, source, value) SELECT id, 'số', 0,"
         " 'clerk', '",
         "' FROM document WHERE id = " ONE_OF("document", "id")},
        {"UPDATE field SET locked = 1 - locked, value = '",
         "' WHERE document = " ONE_OF("field", "document")},
    };
    unsigned which = below(w, box ? 3 : 4);
    char text[512];

    (void)snprintf(text, sizeof text, "%s%u%s%u)%s", sql[which][0], below(w, 1000),
                   sql[which][1], below(w, 4),
                   which == 2 ? " ON CONFLICT DO UPDATE SET value = excluded.value" : "");
    write_sql(w, box, text);
}

/* ------------------------------------------------------------------- the machines */

/* What CHAIN finds: the last frame here that the centre knows. */
static uint64_t last_known(struct world *w)
{
    struct pair *p = &w->pair;
    uint64_t known = 0;
    sqlite3_stmt *s;
    static const char *const sql = "SELECT sequence, chain FROM changelog";

    must(statements_prepare(store_db(p->box->store), &s, &sql, 1, &p->err), &p->err);
    while (statement_step(s, &p->err) == 1) {
        uint64_t sequence = (uint64_t)sqlite3_column_int64(s, 0);
        bool is = false;

        must(line_knows(p->p.centre, p->site, sequence, sqlite3_column_blob(s, 1),
                        HASH_BYTES, &is, &p->err),
             &p->err);
        known = is && sequence > known ? sequence : known;
    }
    statements_finalize(&s, 1);
    return known;
}

static void leave(struct world *w)
{
    struct pair *p = &w->pair;

    must(fork_line(p->box->records, last_known(w), ++w->epochs, "cán bộ", &p->err),
         &p->err);
    seen.forks++;
}

/* Whether this machine's line is, for all that the centre knows, the site's. */
static bool is_current(struct world *w)
{
    struct pair *p = &w->pair;
    struct site_row site = province_site(&p->p, p->site);

    if (store_identity(p->box->store)->epoch < site.epoch)
        return false;
    if (store_identity(p->box->store)->epoch > site.epoch)
        return true; /* it begins one */
    return last_known(w) == site.received;
}

static void carry_some(struct world *w)
{
    struct pair *p = &w->pair;
    uint64_t known = last_known(w), last = pair_box_last(p), first;
    enum journal_verdict verdict;

    if (known == last || !is_current(w))
        return;
    first = known + 1 + below(w, 2);
    first = first > last ? last : first;
    verdict = pair_try_up(p, first, first + below(w, 3));
    seen.held += verdict == JOURNAL_HELD;
    if (verdict == JOURNAL_REFUSED)
        leave(w);
}

/* A machine that does not know that its line was left. Refused, it asks at once. */
static void carry_late(struct world *w)
{
    struct pair *p = &w->pair;
    uint64_t known = last_known(w), last = pair_box_last(p);
    enum journal_verdict verdict;

    if (known == last || is_current(w) || known == 0)
        return;
    verdict = pair_try_up(p, known + 1, last);
    seen.late += verdict == JOURNAL_LATE;
    if (verdict == JOURNAL_REFUSED)
        leave(w);
}

static void copy(struct world *w)
{
    /* What nobody has yet would be made by both. */
    if (w->others_count < MACHINES_MAX && last_known(w) == pair_box_last(&w->pair)) {
        pair_box_keep(&w->pair, &w->others[w->others_count++]);
        seen.copies++;
    }
}

static void turn_to(struct world *w, size_t other)
{
    struct pair_kept in_hand;

    pair_box_keep(&w->pair, &in_hand);
    pair_box_put_back(&w->pair, &w->others[other]);
    w->others[other] = in_hand;
    seen.turns++;
}

/* The one in hand is lost; a copy stands in its place, and knows it. */
static void put_back(struct world *w)
{
    struct pair *p = &w->pair;
    struct pair_kept last;

    if (w->others_count == 0 || last_known(w) < pair_box_last(p))
        return; /* what nobody has would be lost */
    last = w->others[--w->others_count];
    if (w->epochs >= 250)
        return;
    pair_box_put_back(p, &last);
    must(fork_line(p->box->records, pair_box_last(p), ++w->epochs, "cán bộ", &p->err),
         &p->err);
    seen.put_back++;
}

/* The machine in hand says hello and all is carried: what it does not know it asks. */
static void catch_up(struct world *w)
{
    struct pair *p = &w->pair;
    uint64_t known = last_known(w), last = pair_box_last(p);
    enum journal_verdict verdict = JOURNAL_KNOWN;

    (void)pair_apply_up(p, 1000);
    if (known < last)
        verdict = pair_try_up(p, known + 1, last);
    seen.late += verdict == JOURNAL_LATE;
    (void)pair_apply_up(p, 1000);
    if (verdict == JOURNAL_REFUSED || !is_current(w))
        leave(w);
    known = last_known(w);
    last = pair_box_last(p);
    if (known < last)
        (void)pair_carry_up(p, known + 1, last);
    (void)pair_apply_up(p, 1000);
    pair_settle(p);
}

static void take_step(struct world *w)
{
    struct pair *p = &w->pair;
    struct incoming_numbers n;

    switch (below(w, 14)) {
    case 0:
    case 1:
        box_makes(w);
        break;
    case 2:
    case 3:
        end_writes(w, true);
        break;
    case 4:
    case 5:
        end_writes(w, false);
        break;
    case 6:
        carry_some(w);
        break;
    case 7:
        carry_late(w);
        break;
    case 8:
        (void)pair_apply_up(p, 1 + below(w, 3));
        break;
    case 9:
        must(incoming_numbers(p->box, &n, &p->err), &p->err);
        if (n.last < pair_centre_last(p))
            (void)pair_carry_down(p, n.last + 1);
        (void)pair_apply_down(p, 1 + below(w, 3));
        break;
    case 10:
        copy(w);
        break;
    case 11:
        if (w->others_count > 0)
            turn_to(w, below(w, (unsigned)w->others_count));
        break;
    case 12:
        put_back(w);
        break;
    default:
        catch_up(w);
        dossiers_expect_equal(p, 0);
    }
}

/* ------------------------------------------------------------------------- the end */

/* Twice round: what the last has made, the first has not yet. */
static void all_catch_up(struct world *w)
{
    struct pair *p = &w->pair;

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i <= w->others_count; i++) {
            catch_up(w);
            dossiers_expect_equal(p, 0);
            if (i < w->others_count)
                turn_to(w, i);
        }
    assert_int_equal(dossiers_count(p, "1", false), w->made);
    assert_int_equal(pair_centre_number(p, "SELECT count(DISTINCT code) FROM dossier"),
                     w->made);
    seen.rows += (uint64_t)pair_centre_number(p, "SELECT count(*) FROM dossier");
    seen.conflicts += (uint64_t)pair_centre_number(p, "SELECT count(*) FROM conflict");
}

static void live(uint64_t seed)
{
    struct world w = {0};

    print_message("seed %" PRIu64 "\n", seed);
    pair_start(&w.pair, seed);
    random_seeded_init(&w.random, seed);
    w.epochs = 1;
    box_makes(&w);
    for (int i = 0; i < STEPS && w.epochs < 200; i++)
        take_step(&w);
    all_catch_up(&w);
    while (w.others_count > 0)
        pair_box_put_back(&w.pair, &w.others[--w.others_count]);
    pair_finish(&w.pair);
}

static void whoever_takes_turns_all_is_there_once(void **state)
{
    const char *count = getenv("TURNS"), *from = getenv("TURNS_SEED");
    uint64_t first = from == NULL ? 1 : strtoull(from, NULL, 10),
             worlds = count == NULL ? 40 : strtoull(count, NULL, 10);

    (void)state;
    for (uint64_t i = 0; i < worlds; i++)
        live(first + i);
    print_message("%" PRIu64 " copies, %" PRIu64 " put back, %" PRIu64 " turns, %" PRIu64
                  " lines, %" PRIu64 " bundles late, %" PRIu64 " held; %" PRIu64
                  " dossiers, %" PRIu64 " conflicts\n",
                  seen.copies, seen.put_back, seen.turns, seen.forks, seen.late,
                  seen.held, seen.rows, seen.conflicts);
    assert_true(count != NULL || (seen.put_back > 0 && seen.late > 0 && seen.held > 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_takes_turns_all_is_there_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
