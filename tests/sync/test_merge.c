/* Merging: every case of two changes that meet, in either order of arrival, and what
 * becomes of what cannot be applied. Box and province are real: tests/lib/pair.h. */
#include "tests/lib/pair.h"

#include <stdio.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"

#define CONFLICTS                                                                        \
    "SELECT coalesce(group_concat(field || ': box ' || box_value || ', centre ' ||"      \
    " centre_value || ', taken ' || taken, '; '), '') FROM"                              \
    " (SELECT * FROM conflict ORDER BY id)"

/* The text that `sql` selects. */
static void text_of(struct store *s, const char *sql, char out[512])
{
    struct err e;
    sqlite3_stmt *q;

    out[0] = '\0';
    must(statements_prepare(store_db(s), &q, &sql, 1, &e), &e);
    if (statement_step(q, &e) == 1 && sqlite3_column_text(q, 0) != NULL)
        (void)snprintf(out, 512, "%s", (const char *)sqlite3_column_text(q, 0));
    statements_finalize(&q, 1);
}

static void expect_text(struct pair *p, const char *sql, const char *expected,
                        const char *what)
{
    char text[512];

    text_of(p->box->store, sql, text);
    if (strcmp(text, expected) != 0)
        fail_msg("%s, at the box: '%s', expected '%s'", what, text, expected);
    text_of(p->p.centre->store, sql, text);
    if (strcmp(text, expected) != 0)
        fail_msg("%s, at the centre: '%s', expected '%s'", what, text, expected);
}

static void expect_equal(struct pair *p, const char *what)
{
    char why[256];
    uint64_t rows;

    if (!pair_equal(p, why, &rows))
        fail_msg("%s: %s", what, why);
    assert_true(rows > 0);
}

static void expect_index_sound(struct pair *p)
{
    uint64_t missing, surplus;

    must(search_verify(p->box->records, &missing, &surplus, &p->err), &p->err);
    assert_int_equal(missing + surplus, 0);
    must(search_verify(p->p.centre->records, &missing, &surplus, &p->err), &p->err);
    assert_int_equal(missing + surplus, 0);
}

/* ----------------------------------------------------------------------- the table */

/* One row of one document: field, whose key is no id, so that both ends can make it. */
#define MAKE(value)                                                                      \
    "INSERT INTO field (document, name, ordinal, source, value)"                         \
    " SELECT id, 'so', 0, 'clerk', '" value "' FROM document;"
#define SET(value) "UPDATE field SET value = '" value "';"
#define SURE       "UPDATE field SET confidence = 5;"
#define DELETE     "UPDATE field SET deleted = 1;"
#define UNDELETE   "UPDATE field SET deleted = 0;"
#define LOCK       "UPDATE field SET locked = 1;"
#define UNLOCK     "UPDATE field SET locked = 0;"
#define NEXT_FRAME "|"
#define LOOK                                                                             \
    "SELECT coalesce(group_concat(value || ' ' || coalesce(confidence, '-') ||"          \
    " iif(locked, ' locked', '') || iif(deleted, ' deleted', '')), 'no row') FROM field"

enum when {
    TOGETHER,   /* neither had seen the other's: both orders of arrival are tried */
    BOX_SAW,    /* the centre first; the box had seen it */
    CENTRE_SAW, /* the other way round */
};

static const struct merge_row {
    const char *before, *box, *centre;
    enum when when;
    const char *row, *conflicts;
} table[] = {
    /* insert and insert */
    {"", MAKE("2"), "", TOGETHER, "2 -", ""},
    {"", "", MAKE("3"), TOGETHER, "3 -", ""},
    {"", MAKE("2"), MAKE("3"), TOGETHER, "2 -",
     "value: box \"2\", centre \"3\", taken box"},
    {"", MAKE("2"), MAKE("2"), TOGETHER, "2 -", ""},
    {"", MAKE("2"), MAKE("3") LOCK, TOGETHER, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre"},
    {"", MAKE("2"), MAKE("2") LOCK, TOGETHER, "2 - locked", ""},
    {"", MAKE("2"), MAKE("3") NEXT_FRAME SURE, TOGETHER, "2 -",
     "value: box \"2\", centre \"3\", taken box; confidence: box null, centre 5, taken "
     "box"},
    {"", MAKE("2") NEXT_FRAME SURE, MAKE("3"), TOGETHER, "2 5",
     "value: box \"2\", centre \"3\", taken box"},
    {"", MAKE("2"), MAKE("3") DELETE, TOGETHER, "2 -",
     "value: box \"2\", centre \"3\", taken box; deleted: box 0, centre 1, taken box"},
    {"", MAKE("2") DELETE, MAKE("3"), TOGETHER, "2 - deleted",
     "value: box \"2\", centre \"3\", taken box; deleted: box 1, centre 0, taken box"},
    /* insert, then the other end's change of it */
    {"", SET("2"), MAKE("3"), BOX_SAW, "2 -", ""},
    {"", SURE, MAKE("3"), BOX_SAW, "3 5", ""},
    {"", DELETE, MAKE("3"), BOX_SAW, "3 - deleted", ""},
    {"", SET("2"), MAKE("3") LOCK, BOX_SAW, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre"},
    {"", MAKE("2"), SET("3"), CENTRE_SAW, "3 -", ""},
    {"", MAKE("2"), DELETE, CENTRE_SAW, "2 - deleted", ""},
    {"", MAKE("2"), LOCK, CENTRE_SAW, "2 - locked", ""},
    /* update and update, the same column */
    {MAKE("1"), SET("2"), SET("3"), TOGETHER, "2 -",
     "value: box \"2\", centre \"3\", taken box"},
    {MAKE("1"), SET("2"), SET("2"), TOGETHER, "2 -", ""},
    {MAKE("1"), SET("2"), SET("3"), BOX_SAW, "2 -", ""},
    {MAKE("1"), SET("2"), SET("3"), CENTRE_SAW, "3 -", ""},
    {MAKE("1"), SET("2"), SET("3") NEXT_FRAME SET("4"), TOGETHER, "2 -",
     "value: box \"2\", centre \"4\", taken box"},
    {MAKE("1"), SET("2") NEXT_FRAME SET("4"), SET("3"), TOGETHER, "4 -",
     "value: box \"2\", centre \"3\", taken box"},
    /* … there and back again is a change */
    {MAKE("1"), SET("2"), SET("3") NEXT_FRAME SET("1"), TOGETHER, "2 -", ""},
    {MAKE("1"), SET("2") NEXT_FRAME SET("1"), SET("3"), TOGETHER, "1 -",
     "value: box \"2\", centre \"3\", taken box"},
    {MAKE("1"), SET("2") NEXT_FRAME SET("1"), SET("3") NEXT_FRAME SET("1"), TOGETHER,
     "1 -", ""},
    /* … locked */
    {MAKE("1"), SET("2"), LOCK, TOGETHER, "1 - locked",
     "value: box \"2\", centre \"1\", taken centre"},
    {MAKE("1"), SET("2"), SET("3") LOCK, TOGETHER, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre"},
    {MAKE("1"), SET("3"), SET("3") LOCK, TOGETHER, "3 - locked", ""},
    {MAKE("1"), SET("2") NEXT_FRAME SET("4"), SET("3") LOCK, TOGETHER, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre; value: box \"4\", centre \"3\", "
     "taken "
     "centre"},
    {MAKE("1") LOCK, SET("2"), "", TOGETHER, "1 - locked",
     "value: box \"2\", centre \"1\", taken centre"},
    {MAKE("1") LOCK, SET("2"), SET("3"), TOGETHER, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre"},
    {MAKE("1") LOCK, SET("2"), SET("3"), BOX_SAW, "3 - locked",
     "value: box \"2\", centre \"3\", taken centre"},
    {MAKE("1") LOCK, SET("2"), SET("3"), CENTRE_SAW, "3 - locked",
     "value: box \"2\", centre \"1\", taken centre"},
    {MAKE("1") LOCK, UNLOCK, "", TOGETHER, "1 - locked", ""},
    {MAKE("1") LOCK, SET("2"), UNLOCK, TOGETHER, "2 -", ""},
    {MAKE("1") LOCK, SET("2"), UNLOCK, BOX_SAW, "2 -", ""},
    {MAKE("1") LOCK, SET("2"), UNLOCK SET("3"), TOGETHER, "2 -",
     "value: box \"2\", centre \"3\", taken box"},
    /* update and update, other columns */
    {MAKE("1"), SET("2"), SURE, TOGETHER, "2 5", ""},
    {MAKE("1"), SURE, SET("3"), TOGETHER, "3 5", ""},
    {MAKE("1"), SURE, SET("3"), BOX_SAW, "3 5", ""},
    {MAKE("1"), SET("2"), SURE, CENTRE_SAW, "2 5", ""},
    {MAKE("1"), SET("2") SURE, SET("3"), TOGETHER, "2 5",
     "value: box \"2\", centre \"3\", taken box"},
    {MAKE("1"), SURE, SET("3") LOCK, TOGETHER, "3 - locked",
     "confidence: box 5, centre null, taken centre"},
    {MAKE("1") LOCK, SURE, SET("3"), TOGETHER, "3 - locked",
     "confidence: box 5, centre null, taken centre"},
    /* tombstone and update */
    {MAKE("1"), DELETE, SET("3"), TOGETHER, "3 - deleted", ""},
    {MAKE("1"), SET("2"), DELETE, TOGETHER, "2 - deleted", ""},
    {MAKE("1"), DELETE, SET("3"), BOX_SAW, "3 - deleted", ""},
    {MAKE("1"), SET("2"), DELETE, BOX_SAW, "2 - deleted", ""},
    {MAKE("1"), DELETE, SET("3"), CENTRE_SAW, "3 - deleted", ""},
    {MAKE("1"), SET("2"), DELETE, CENTRE_SAW, "2 - deleted", ""},
    {MAKE("1"), DELETE SET("2"), SET("3"), TOGETHER, "2 - deleted",
     "value: box \"2\", centre \"3\", taken box"},
    {MAKE("1"), DELETE, LOCK, TOGETHER, "1 - locked",
     "deleted: box 1, centre 0, taken centre"},
    {MAKE("1") LOCK, DELETE, "", TOGETHER, "1 - locked",
     "deleted: box 1, centre 0, taken centre"},
    {MAKE("1") LOCK, SET("2"), DELETE, TOGETHER, "1 - locked deleted",
     "value: box \"2\", centre \"1\", taken centre"},
    /* tombstone and tombstone, and taken back */
    {MAKE("1"), DELETE, DELETE, TOGETHER, "1 - deleted", ""},
    {MAKE("1") DELETE, UNDELETE, SET("3"), TOGETHER, "3 -", ""},
    {MAKE("1"), DELETE, DELETE NEXT_FRAME UNDELETE, TOGETHER, "1 - deleted", ""},
    {MAKE("1"), DELETE NEXT_FRAME UNDELETE, DELETE, TOGETHER, "1 -", ""},
    {MAKE("1"), UNDELETE, DELETE, BOX_SAW, "1 -", ""},
    {MAKE("1"), DELETE, DELETE LOCK, TOGETHER, "1 - locked deleted", ""},
};

static void begin(struct pair *p)
{
    pair_start(p, 3);
    pair_box_writes(p, "INSERT INTO document (id, type) VALUES (((1 << 8) + 1 << 28) + 1,"
                       " 'quyết định');"
                       "UPDATE identity SET counter = 1");
}

/* Each part that NEXT_FRAME ends is a frame of its own. */
static void write_frames(struct pair *p, const char *sql,
                         uint64_t (*write)(struct pair *p, const char *sql))
{
    char part[1024];

    while (*sql != '\0') {
        size_t count = strcspn(sql, NEXT_FRAME);

        (void)snprintf(part, sizeof part, "%.*s", (int)count, sql);
        (void)write(p, part);
        sql += count + (sql[count] != '\0');
    }
}

static void play(struct pair *p, const struct merge_row *r, bool down_first)
{
    begin(p);
    write_frames(p, r->before, pair_box_writes);
    pair_settle(p);
    if (r->when != BOX_SAW)
        write_frames(p, r->box, pair_box_writes);
    if (r->when == CENTRE_SAW)
        pair_settle(p);
    write_frames(p, r->centre, pair_centre_writes);
    if (r->when == BOX_SAW) {
        pair_settle(p);
        write_frames(p, r->box, pair_box_writes);
    }
    if (down_first && pair_centre_last(p) > 0) {
        (void)pair_carry_down(p, pair_centre_last(p));
        (void)pair_apply_down(p, 100);
    }
    pair_settle(p);
}

static void every_case_of_the_table(void **state)
{
    char what[64];

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof table / sizeof *table); i++) {
        const struct merge_row *r = &table[i / 2];
        struct pair p;

        (void)snprintf(what, sizeof what, "case %zu, %s first", i / 2,
                       i % 2 ? "down" : "up");
        play(&p, r, i % 2);
        expect_text(&p, LOOK, r->row, what);
        expect_text(&p, CONFLICTS, r->conflicts, what);
        expect_equal(&p, what);
        expect_index_sound(&p);
        assert_int_equal(pair_problems(&p), 0);
        assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM parked"), 0);
        pair_finish(&p);
    }
}

/* Negative control: how many cases come out otherwise. */
static unsigned cases_that_differ(void)
{
    unsigned differ = 0;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char row[512], conflicts[512];
        struct pair p;

        play(&p, &table[i], false);
        text_of(p.box->store, LOOK, row);
        text_of(p.box->store, CONFLICTS, conflicts);
        differ +=
            strcmp(row, table[i].row) != 0 || strcmp(conflicts, table[i].conflicts) != 0;
        pair_finish(&p);
    }
    return differ;
}

static void an_end_that_ignores_seen_is_found(void **state)
{
    (void)state;
    centre_sabotage(CENTRE_IGNORE_SEEN);
    assert_true(cases_that_differ() > 5);
    centre_sabotage(CENTRE_SOUND);
    incoming_sabotage_seen(true);
    assert_true(cases_that_differ() > 5);
    incoming_sabotage_seen(false);
}

/* ------------------------------------------------------------------------- closing */

static void a_person_closes_a_conflict_at_either_end(void **state)
{
    static const struct merge_row met = {MAKE("1"), SET("2"), SET("3"), TOGETHER, "", ""};
    static const char by[] = "SELECT closed_by FROM conflict";
    struct pair p;

    (void)state;
    play(&p, &met, false);
    pair_box_writes(&p,
                    "UPDATE conflict SET closed_by = 'cán bộ xã', closed_wall_ms = 1");
    pair_settle(&p);
    expect_text(&p, by, "cán bộ xã", "closed at the box");
    pair_finish(&p);
    play(&p, &met, true);
    pair_centre_writes(
        &p, "UPDATE conflict SET closed_by = 'cán bộ tỉnh', closed_wall_ms = 1");
    pair_settle(&p);
    expect_text(&p, by, "cán bộ tỉnh", "closed at the centre");
    pair_finish(&p);
}

/* Both at once: one stands at both ends, and it makes no conflict of its own. */
static void a_conflict_that_both_close_makes_no_other(void **state)
{
    static const struct merge_row met = {MAKE("1"), SET("2"), SET("3"), TOGETHER, "", ""};
    struct pair p;

    (void)state;
    play(&p, &met, false);
    pair_box_writes(&p, "UPDATE conflict SET closed_by = 'xã', closed_wall_ms = 1");
    pair_centre_writes(&p, "UPDATE conflict SET closed_by = 'tỉnh', closed_wall_ms = 2");
    pair_settle(&p);
    expect_text(&p, "SELECT count(*) || closed_by FROM conflict", "1xã", "closed twice");
    expect_equal(&p, "closed twice");
    pair_finish(&p);
}

/* ------------------------------------------------------------------------- parking */

/* What a box's program of another day might write, and ours would not have. */
static void centre_refuses_code_x(struct pair *p)
{
    must(sql_run(store_db(p->p.centre->store),
                 "CREATE TEMP TRIGGER refuses BEFORE INSERT ON main.dossier"
                 " WHEN new.code = 'x' BEGIN SELECT RAISE(ABORT, 'no such code'); END",
                 &p->err),
         &p->err);
}

static void centre_refuses_no_more(struct pair *p)
{
    must(sql_run(store_db(p->p.centre->store), "DROP TRIGGER refuses", &p->err), &p->err);
}

#define ID "((1 << 8) + 1 << 28) + "
/* A dossier that is refused; what lies in it; what has nothing to do with it. */
#define REFUSED_DOSSIER                                                                  \
    "INSERT INTO dossier (id, code) VALUES (" ID "10, 'x'), (" ID "11, 'khác');"        \
    "INSERT INTO document (id, dossier, type) VALUES (" ID "12, " ID "10, 'trong'),"     \
    " (" ID "13, " ID "11, 'ngoài');"                                                   \
    "INSERT INTO page (id, document, ordinal) VALUES (" ID "14, " ID "12, 1);"           \
    "INSERT INTO field (document, name, ordinal, source, value)"                         \
    " VALUES (" ID "12, 'so', 0, 'clerk', '7')"
#define OPEN_PARKED                                                                      \
    "SELECT coalesce(group_concat(name || ': ' || reason, '; '), 'none') FROM"           \
    " (SELECT * FROM parked WHERE closed_by IS NULL ORDER BY id)"
#define ALL_PARKED                                                                       \
    "dossier: database: no such code; document: it refers to a row that is parked;"      \
    " page: it refers to a row that is parked; field: it refers to a row that is parked"

static void
what_refers_to_a_parked_row_is_parked_with_it_and_the_rest_goes_on(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    centre_refuses_code_x(&p);
    pair_box_writes(&p, REFUSED_DOSSIER);
    pair_settle(&p);
    expect_text(&p, OPEN_PARKED, ALL_PARKED, "parked");
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM document"), 2);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM dossier"), 1);
    /* The box keeps its rows, and knows what the centre could not take, and why. */
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM document"), 3);
    assert_int_equal(
        pair_box_number(&p, "SELECT count(*) FROM parked WHERE waits_for IS NOT NULL"),
        3);
    assert_int_equal(pair_box_number(&p,
                                     "SELECT count(*) FROM parked WHERE name = 'dossier'"
                                     " AND json_extract(incoming, '$.new.code') = 'x'"),
                     1);
    /* Later frames: about a parked row, and about nothing of the kind. */
    pair_box_writes(&p, "UPDATE document SET type = 'sau' WHERE type = 'trong'");
    pair_box_writes(&p, "UPDATE document SET type = 'sau' WHERE type = 'ngoài'");
    pair_settle(&p);
    expect_text(&p, OPEN_PARKED,
                ALL_PARKED "; document: an earlier change of the row is parked",
                "behind");
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM document WHERE type = 'sau'"), 1);
    pair_finish(&p);
}

static void expect_all_applied(struct pair *p)
{
    expect_text(p, OPEN_PARKED, "none", "after the reason was gone");
    expect_text(p, "SELECT min(applied) || min(closed_by) FROM parked", "1tram-centre",
                "closed");
    assert_int_equal(pair_centre_number(p, "SELECT count(*) FROM parked_change"), 0);
    assert_int_equal(pair_centre_number(p, "SELECT count(*) FROM page"), 1);
    expect_equal(p, "after the reason was gone");
    expect_index_sound(p);
}

static void what_was_parked_is_applied_when_the_reason_is_gone(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    centre_refuses_code_x(&p);
    pair_box_writes(&p, REFUSED_DOSSIER);
    pair_box_writes(&p, "UPDATE document SET type = 'sau' WHERE type = 'trong'");
    pair_settle(&p);
    centre_refuses_no_more(&p);
    pair_box_writes(&p, "UPDATE document SET type = 'nữa' WHERE type = 'ngoài'");
    pair_settle(&p);
    expect_all_applied(&p);
    expect_text(&p, "SELECT type FROM document WHERE dossier = " ID "10", "sau", "type");
    pair_finish(&p);
}

/* A row's changes are tried together. */
static void a_later_change_mends_a_parked_row(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    centre_refuses_code_x(&p);
    pair_box_writes(&p, REFUSED_DOSSIER);
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE dossier SET code = 'y' WHERE code = 'x'");
    pair_settle(&p);
    expect_all_applied(&p);
    expect_text(&p, "SELECT code FROM dossier WHERE id = " ID "10", "y", "code");
    pair_finish(&p);
}

/* The box's change of the document waits; what the centre writes meanwhile stands, of
 * the same column too: it was made later. */
static void what_was_written_since_stands_when_a_parked_change_is_applied(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    pair_settle(&p);
    centre_refuses_code_x(&p);
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "10, 'x');"
                        "UPDATE document SET dossier = " ID "10, type = 'xã'");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh', configuration = 'mới'");
    pair_settle(&p);
    centre_refuses_no_more(&p);
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "11, 'y')");
    pair_settle(&p);
    expect_text(&p, OPEN_PARKED, "none", "applied");
    expect_text(&p, "SELECT type || configuration || (dossier = " ID "10) FROM document",
                "tỉnhmới1", "merged");
    expect_equal(&p, "merged");
    pair_finish(&p);
}

/* A person gives it up: who waited for it waits no more. */
static void a_parked_row_that_a_person_closes_keeps_nothing_waiting(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    centre_refuses_code_x(&p);
    pair_box_writes(&p, REFUSED_DOSSIER);
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE parked SET closed_by = 'cán bộ' WHERE name = 'dossier'");
    pair_settle(&p);
    expect_text(&p, OPEN_PARKED, "none", "closed");
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM document"), 3);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM dossier"), 1);
    pair_finish(&p);
}

/* JSON, in which a conflict keeps both values, has no word for it. */
static void an_infinite_number_is_a_conflict_like_any_other(void **state)
{
    struct pair p;

    (void)state;
    begin(&p);
    pair_box_writes(&p, "INSERT INTO page (id, document, ordinal) SELECT " ID "20, id, 1"
                        " FROM document LIMIT 1");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE page SET rotation = 2");
    pair_box_writes(&p, "UPDATE page SET rotation = -9e999");
    pair_settle(&p);
    expect_text(&p, "SELECT box_value FROM conflict", "\"-Infinity\"", "conflict");
    pair_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_table),
        cmocka_unit_test(an_end_that_ignores_seen_is_found),
        cmocka_unit_test(a_person_closes_a_conflict_at_either_end),
        cmocka_unit_test(a_conflict_that_both_close_makes_no_other),
        cmocka_unit_test(
            what_refers_to_a_parked_row_is_parked_with_it_and_the_rest_goes_on),
        cmocka_unit_test(what_was_parked_is_applied_when_the_reason_is_gone),
        cmocka_unit_test(a_later_change_mends_a_parked_row),
        cmocka_unit_test(what_was_written_since_stands_when_a_parked_change_is_applied),
        cmocka_unit_test(a_parked_row_that_a_person_closes_keeps_nothing_waiting),
        cmocka_unit_test(an_infinite_number_is_a_conflict_like_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
