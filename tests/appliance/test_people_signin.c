/* Who is let in at the desk and who is not, the second factor, and the trail of it all. */
#include <stdio.h>
#include <string.h>

#include <sodium/core.h>

#include "appliance/people/api_tokens.h"
#include "appliance/people/audit.h"
#include "schema/statements.h"
#include "tests/lib/people.h"

/* ------------------------------------------------------------------- sentences */

static unsigned told(const char *kind)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM audit WHERE kind = '%s'", kind);
    return (unsigned)scratch_number(&people, sql);
}

static void keep_problem(void *arg, const char *problem)
{
    (void)snprintf(arg, 160, "%s", problem);
}

/* The last one told, or "". */
static const char *audit_problem(void)
{
    static char problem[160];

    problem[0] = '\0';
    must(audit_verify(people.store, keep_problem, problem, &people_err), &people_err);
    return problem;
}

/* -------------------------------------------------------------------- sign-in */

static void ten_wrong_passwords_lock_for_half_an_hour(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    for (int i = 1; i < ACCOUNT_FAILURES_MAX; i++)
        assert_int_equal(people_sign_in("hoa", OTHER), SIGNIN_WRONG);
    assert_int_equal(people_sign_in("hoa", OTHER), SIGNIN_LOCKED);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_LOCKED);
    people_pass(29 * MINUTE);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_LOCKED);
    assert_int_equal(told("refused"), ACCOUNT_FAILURES_MAX);
    assert_int_equal(told("locked"), 1);
    people_pass(1 * MINUTE);
    assert_int_equal(people_sign_in("hoa", OTHER),
                     SIGNIN_WRONG); /* the first of ten anew */
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_DONE);
    assert_int_equal(people_account("hoa").failures, 0);
}

static void lock_out(const char *name)
{
    for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
        (void)people_sign_in(name, OTHER);
    assert_int_equal(people_sign_in(name, GOOD), SIGNIN_LOCKED);
}

/* Or strangers could keep the only administrator out for good. */
static void who_has_both_factors_comes_in_while_strangers_lock_the_account(void **state)
{
    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    lock_out("mau");
    assert_int_equal(people_sign_in_now("mau"), SIGNIN_DONE);
    assert_false(people_account("mau").locked);
}

/* Neither whether the password was right nor a thousand codes. */
static void a_lock_tells_nothing_and_takes_few_codes(void **state)
{
    char code[TOTP_CODE_BYTES];
    unsigned rows;

    (void)state;
    people_add("lan", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("lan");
    lock_out("lan");
    rows = told("refused");
    totp_code(code, people_secret, people_step());
    assert_int_equal(people_sign_in_with("lan", OTHER, code, ""), SIGNIN_LOCKED);
    for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
        assert_int_equal(people_sign_in_with("lan", GOOD, "abcdef", ""), SIGNIN_LOCKED);
    assert_int_equal(people_sign_in_now("lan"), SIGNIN_LOCKED);
    assert_int_equal(told("refused"), rows);
    people_pass(31 * MINUTE);
    assert_int_equal(people_sign_in_now("lan"), SIGNIN_DONE);
}

static void an_administrator_opens_a_lock(void **state)
{
    const char *fault;

    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
        (void)people_sign_in("hoa", OTHER);
    must(accounts_unlock(people.store, "mau", "hoa", &fault, &people_err), &people_err);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_DONE);
    must(accounts_unlock(people.store, "mau", "nobody", &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "account_unknown");
}

static void names_that_nobody_has_do_not_fill_the_trail(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(people_sign_in("khongai", OTHER), SIGNIN_WRONG);
    assert_int_equal(told("refused"), 1);
    people_pass(1 * MINUTE);
    assert_int_equal(people_sign_in("khongai", OTHER), SIGNIN_WRONG);
    assert_int_equal(told("refused"), 2);
    assert_int_equal(
        scratch_number(&people,
                       "SELECT count(*) FROM audit WHERE subject LIKE '%khongai%'"),
        0);
}

static void who_does_not_come_for_45_days_is_put_away(void **state)
{
    const char *fault;

    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    people_pass(44 * DAY);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_DONE);
    people_pass(46 * DAY);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_OFF);
    assert_int_equal(told("disabled"), 1);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_OFF);
    must(accounts_set_enabled(people.store, "mau", "hoa", true, &fault, &people_err),
         &people_err);
    assert_int_equal(people_sign_in("hoa", GOOD), SIGNIN_DONE);
}

static void the_last_administrator_stays_one(void **state)
{
    const char *fault;

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_role(people.store, "mau", "mau", ROLE_CLERK, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "account_last");
    must(accounts_set_enabled(people.store, "mau", "mau", false, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "account_last");
    must(accounts_set_role(people.store, "mau", "hoa", ROLE_ADMINISTRATOR, &fault,
                           &people_err),
         &people_err);
    people_give_second("hoa");
    must(accounts_set_role(people.store, "mau", "mau", ROLE_CLERK, &fault, &people_err),
         &people_err);
    assert_null(fault);
    assert_int_equal(people_account("mau").role, ROLE_CLERK);
}

static const char *fault_of_demoting(const char *name)
{
    const char *fault;

    must(accounts_set_role(people.store, "test", name, ROLE_CLERK, &fault, &people_err),
         &people_err);
    return fault == NULL ? "none" : fault;
}

static void an_administrator_who_cannot_come_in_any_more_counts_for_none(void **state)
{
    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_add("moi", ROLE_ADMINISTRATOR, GOOD); /* never added a second factor */
    people_add("lau", ROLE_ADMINISTRATOR, GOOD); /* will not have come for 45 days */
    people_give_second("mau");
    people_give_second("lau");
    people_pass(30 * DAY);
    assert_int_equal(people_sign_in_now("mau"), SIGNIN_DONE);
    people_pass(30 * DAY);
    assert_string_equal(fault_of_demoting("mau"), "account_last");
    assert_string_equal(fault_of_demoting("lau"), "none");
}

static void the_last_administrator_is_not_put_away_but_changes_the_password(void **state)
{
    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    people_pass(46 * DAY);
    assert_int_equal(people_sign_in("mau", GOOD), SIGNIN_CODE_NEEDED);
    assert_int_equal(people_sign_in_now("mau"), SIGNIN_DONE);
    assert_true(people_account("mau").temporary);
    assert_int_equal(told("disabled"), 0);
    people_add("lan", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("lan");
    people_pass(40 * DAY);
    assert_int_equal(people_sign_in_now("lan"), SIGNIN_DONE);
    people_pass(6 * DAY);
    assert_int_equal(people_sign_in_now("mau"), SIGNIN_OFF);
}

/* Eight letters do beside a second factor, fourteen alone. */
static void a_short_password_does_not_outlive_its_second_factor(void **state)
{
    const char *fault;

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_add("lan", ROLE_ADMINISTRATOR, "tam chu c");
    people_add("moi", ROLE_ADMINISTRATOR, "tam chu c");
    people_give_second("mau");
    people_give_second("lan");
    assert_string_equal(fault_of_demoting("moi"), "none");
    assert_true(people_account("moi").temporary);
    assert_string_equal(fault_of_demoting("lan"), "none");
    assert_false(people_account("lan").temporary); /* its second factor is there */
    must(accounts_set_second(people.store, "mau", "lan", NULL, &fault, &people_err),
         &people_err);
    assert_true(people_account("lan").temporary);
}

/* -------------------------------------------------------------- second factor */

/* RFC 6238, appendix B, its last six digits. */
static void the_codes_are_those_of_the_standard(void **state)
{
    static const struct {
        int64_t second;
        const char *code;
    } table[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    char code[TOTP_CODE_BYTES], base32[TOTP_BASE32_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        totp_code(code, people_secret, table[i].second / 30);
        assert_string_equal(code, table[i].code);
    }
    totp_base32(base32, people_secret);
    assert_string_equal(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void a_code_is_asked_for_and_counts_once(void **state)
{
    char code[TOTP_CODE_BYTES], other[TOTP_CODE_BYTES];

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    assert_int_equal(people_sign_in("mau", GOOD), SIGNIN_CODE_NEEDED);
    assert_int_equal(people_sign_in("mau", OTHER),
                     SIGNIN_WRONG); /* says nothing of a code */
    totp_code(code, people_secret, people_step());
    assert_int_equal(people_sign_in_with("mau", GOOD, code, ""), SIGNIN_DONE);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, ""), SIGNIN_CODE_WRONG);
    totp_code(other, people_secret,
              people_step() - 1); /* before the one that was taken */
    assert_int_equal(people_sign_in_with("mau", GOOD, other, ""), SIGNIN_CODE_WRONG);
    people_pass(TOTP_STEP_MS);
    totp_code(code, people_secret, people_step());
    assert_int_equal(people_sign_in_with("mau", GOOD, code, ""), SIGNIN_DONE);
}

static void wrong_codes_lock_too(void **state)
{
    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    for (int i = 1; i < ACCOUNT_FAILURES_MAX; i++)
        assert_int_equal(people_sign_in_with("mau", GOOD, "abcdef", ""),
                         SIGNIN_CODE_WRONG);
    assert_int_equal(people_sign_in_with("mau", GOOD, "abcdef", ""), SIGNIN_LOCKED);
}

static void a_box_that_lost_the_time_takes_two_codes_in_succession(void **state)
{
    char code[TOTP_CODE_BYTES], next[TOTP_CODE_BYTES];
    int64_t real = people_step() + 3 * 2880; /* three days on */

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    people.clock.confidence = WALL_UNKNOWN;
    people.clock.wall_ms_now = 0;
    totp_code(code, people_secret, real);
    totp_code(next, people_secret, real + 1);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, ""), SIGNIN_CODES_NEEDED);
    assert_int_equal(people_sign_in_with("mau", GOOD, next, code), SIGNIN_CODE_WRONG);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, next), SIGNIN_DONE);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, next), SIGNIN_CODE_WRONG);
}

/* Somebody saw both codes, and the telephone was not asked since. */
static void
a_pair_of_codes_that_was_seen_is_of_no_use_where_the_time_is_known(void **state)
{
    char code[TOTP_CODE_BYTES], next[TOTP_CODE_BYTES];

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    people_pass(10 * MINUTE);
    totp_code(code, people_secret, people_step());
    totp_code(next, people_secret, people_step() + 1);
    people_pass(1 * DAY);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, next), SIGNIN_CODE_WRONG);
    people.clock.confidence = WALL_SAVED; /* it is this late at least */
    assert_int_equal(people_sign_in_with("mau", GOOD, code, next), SIGNIN_CODE_WRONG);
    totp_code(code, people_secret, people_step() + 2880);
    totp_code(next, people_secret, people_step() + 2881);
    assert_int_equal(people_sign_in_with("mau", GOOD, code, next), SIGNIN_DONE);
}

/* ------------------------------------------------------------------ the trail */

static void a_trail_refuses_changes(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    assert_int_equal(
        sql_run(store_db(people.store), "UPDATE audit SET actor = 'x'", &people_err), -1);
    assert_int_equal(sql_run(store_db(people.store), "DELETE FROM audit", &people_err),
                     -1);
    assert_int_equal(sql_run(store_db(people.store),
                             "INSERT OR REPLACE INTO audit SELECT 1, kind, 'x', subject,"
                             " detail, boot, mono_ms, wall_ms, wall_confidence, chain"
                             " FROM audit WHERE id = 1",
                             &people_err),
                     -1);
    assert_string_equal(audit_problem(), "");
}

/* Past the triggers, as whoever has the file may. */
static void tamper(const char *sql)
{
    must(sql_run(store_db(people.store), "DROP TRIGGER audit_never_changes", &people_err),
         &people_err);
    must(sql_run(store_db(people.store), "DROP TRIGGER audit_never_leaves", &people_err),
         &people_err);
    must(sql_run(store_db(people.store), sql, &people_err), &people_err);
    must(sql_run(store_db(people.store),
                 "CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit"
                 " BEGIN SELECT RAISE(ABORT, ''); END",
                 &people_err),
         &people_err);
    must(sql_run(store_db(people.store),
                 "CREATE TRIGGER audit_never_leaves BEFORE DELETE ON audit"
                 " BEGIN SELECT RAISE(ABORT, ''); END",
                 &people_err),
         &people_err);
}

static void a_row_that_was_altered_shows(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    people_add("lan", ROLE_CLERK, GOOD);
    (void)people_sign_in("hoa", GOOD);
    assert_string_equal(audit_problem(), "");
    tamper("UPDATE audit SET actor = 'lan' WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: row 2 was altered");
}

static void a_row_that_was_taken_out_shows(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    (void)people_sign_in("hoa", OTHER);
    (void)people_sign_in("hoa", GOOD);
    tamper("DELETE FROM audit WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: row 3 follows row 1");
}

static void a_trail_that_was_cut_at_its_end_shows(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    (void)people_sign_in("hoa", OTHER);
    tamper("DELETE FROM audit WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: the trail ends at row 1, its head is 2");
}

static void a_trail_whose_guards_are_gone_shows(void **state)
{
    (void)state;
    must(sql_run(store_db(people.store), "DROP TRIGGER audit_never_leaves", &people_err),
         &people_err);
    assert_non_null(strstr(audit_problem(), "refuses changes"));
}

/* By their names alone they would be there. */
static void guards_that_refuse_nothing_show(void **state)
{
    (void)state;
    must(sql_run(store_db(people.store), "DROP TRIGGER audit_never_leaves", &people_err),
         &people_err);
    must(sql_run(store_db(people.store),
                 "CREATE TRIGGER audit_never_leaves BEFORE DELETE ON audit"
                 " BEGIN SELECT 1; END",
                 &people_err),
         &people_err);
    assert_non_null(strstr(audit_problem(), "refuses changes"));
}

static void a_trail_that_was_emptied_shows_while_there_are_accounts(void **state)
{
    (void)state;
    assert_string_equal(audit_problem(), "");
    people_add("hoa", ROLE_CLERK, GOOD);
    tamper("DELETE FROM audit; DELETE FROM audit_head");
    assert_string_equal(audit_problem(),
                        "audit: there are accounts, and no trail of them");
}

static void nothing_of_people_is_ever_captured(void **state)
{
    char text[TOKEN_BYTES];
    const char *fault;

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_give_second("mau");
    must(api_tokens_make(people.store, "mau", "mot-cua", true, text, &fault, &people_err),
         &people_err);
    (void)people_sign_in("mau", OTHER);
    assert_int_equal(scratch_number(&people, "SELECT count(*) FROM changelog"), 0);
    assert_int_equal(scratch_problems(&people, "people"), 0);
}

#define PEOPLE(name) cmocka_unit_test_setup_teardown(name, people_start, people_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(ten_wrong_passwords_lock_for_half_an_hour),
        PEOPLE(who_has_both_factors_comes_in_while_strangers_lock_the_account),
        PEOPLE(a_lock_tells_nothing_and_takes_few_codes),
        PEOPLE(an_administrator_opens_a_lock),
        PEOPLE(names_that_nobody_has_do_not_fill_the_trail),
        PEOPLE(who_does_not_come_for_45_days_is_put_away),
        PEOPLE(the_last_administrator_stays_one),
        PEOPLE(an_administrator_who_cannot_come_in_any_more_counts_for_none),
        PEOPLE(the_last_administrator_is_not_put_away_but_changes_the_password),
        PEOPLE(a_short_password_does_not_outlive_its_second_factor),
        PEOPLE(the_codes_are_those_of_the_standard),
        PEOPLE(a_code_is_asked_for_and_counts_once),
        PEOPLE(wrong_codes_lock_too),
        PEOPLE(a_box_that_lost_the_time_takes_two_codes_in_succession),
        PEOPLE(a_pair_of_codes_that_was_seen_is_of_no_use_where_the_time_is_known),
        PEOPLE(a_trail_refuses_changes),
        PEOPLE(a_row_that_was_altered_shows),
        PEOPLE(a_row_that_was_taken_out_shows),
        PEOPLE(a_trail_that_was_cut_at_its_end_shows),
        PEOPLE(a_trail_whose_guards_are_gone_shows),
        PEOPLE(guards_that_refuse_nothing_show),
        PEOPLE(a_trail_that_was_emptied_shows_while_there_are_accounts),
        PEOPLE(nothing_of_people_is_ever_captured),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
