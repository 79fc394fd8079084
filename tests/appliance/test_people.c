/* People at the desk: the first one, passwords, sessions, and tokens of other systems. */
#include <stdio.h>
#include <string.h>

#include <sodium/core.h>

#include "appliance/people/api_tokens.h"
#include "appliance/people/first.h"
#include "appliance/people/sessions.h"
#include "tests/lib/people.h"

/* ------------------------------------------------------------------- sentences */

static const char *fault_of_new(const char *name, enum role role, const char *password)
{
    const struct account_new n = {
        .name = name, .full_name = "Lò Thị Mẫu", .role = role, .password = password};
    const char *fault;

    must(accounts_add(people.store, "test", &n, &fault, &people_err), &people_err);
    return fault == NULL ? "none" : fault;
}

static enum account_must must_of(const char *name)
{
    struct account a = people_account(name);

    return account_must(&a);
}

/* ---------------------------------------------------------------- first start */

static void the_first_administrator_needs_the_code_that_the_box_printed(void **state)
{
    const struct account_new n = {.name = "mau",
                                  .full_name = "Lò Thị Mẫu",
                                  .role = ROLE_ADMINISTRATOR,
                                  .password = GOOD};
    char code[PASSWORD_DRAWN_BYTES], again[PASSWORD_DRAWN_BYTES];
    const char *fault;
    bool needed;

    (void)state;
    must(first_code(people.store, code, &needed, &people_err), &people_err);
    assert_true(needed);
    must(first_code(people.store, again, &needed, &people_err), &people_err);
    assert_string_equal(code, again);
    must(first_take(people.store, "aaaa-aaaa-aaaa-aaaa", &n, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "first_code");
    must(first_take(people.store, code, &n, &fault, &people_err), &people_err);
    assert_null(fault);
    assert_int_equal(people_account("mau").role, ROLE_ADMINISTRATOR);
    assert_int_equal(must_of("mau"), MUST_ADD_SECOND);

    must(first_code(people.store, again, &needed, &people_err), &people_err);
    assert_false(needed);
    must(first_take(people.store, code, &n, &fault, &people_err), &people_err);
    assert_string_equal(fault, "first_gone");
}

/* Or a visitor could void what the box printed, and fill its card. */
static void
wrong_first_codes_neither_void_the_printed_one_nor_fill_the_trail(void **state)
{
    const struct account_new n = {
        .name = "mau", .full_name = "M", .role = ROLE_ADMINISTRATOR, .password = GOOD};
    char code[PASSWORD_DRAWN_BYTES];
    const char *fault;
    bool needed;

    (void)state;
    people_pass(MINUTE); /* since another story's */
    must(first_code(people.store, code, &needed, &people_err), &people_err);
    for (int i = 0; i < 30; i++) {
        must(first_take(people.store, "wrong", &n, &fault, &people_err), &people_err);
        assert_string_equal(fault, "first_code");
    }
    people_pass(MINUTE);
    must(first_take(people.store, "wrong", &n, &fault, &people_err), &people_err);
    assert_int_equal(scratch_number(&people, "SELECT count(*) FROM audit"), 2);
    assert_int_equal(
        scratch_number(&people, "SELECT count(*) FROM audit WHERE detail = 'code +29'"),
        1);
    must(first_take(people.store, code, &n, &fault, &people_err), &people_err);
    assert_null(fault);
}

static void a_drawn_word_is_the_same_in_capitals_and_without_hyphens(void **state)
{
    (void)state;
    assert_true(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "K7M2PQ9X AAAA-bbbb"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "k7m2-pq9x-aaaa-bbbc"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "k7m2"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", ""));
    assert_true(password_drawn_is("hiến", "hiến")); /* the fuzzer's: bytes above 127 */
}

/* ------------------------------------------------------------------ passwords */

static void passwords_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_string_equal(fault_of_new("hoa", ROLE_CLERK, "muoi ba chu ma"), "none");
    assert_string_equal(fault_of_new("lan", ROLE_CLERK, "muoi ba chu c"),
                        "password_short");
    assert_string_equal(fault_of_new("lan", ROLE_ADMINISTRATOR, "bay chu"),
                        "password_short_second");
    assert_string_equal(fault_of_new("lan", ROLE_CLERK, "aaaaaaaaaaaaaaaaaaaa"),
                        "password_simple");
    assert_string_equal(fault_of_new("lanh", ROLE_CLERK, "day la LANH cua xa ta"),
                        "password_name");
    /* Two letters are in most sentences. */
    assert_string_equal(fault_of_new("an", ROLE_CLERK, "dang an com o nha ban"), "none");
    /* The trail would not tell them from the box itself. */
    assert_string_equal(fault_of_new("tram-box", ROLE_CLERK, GOOD), "account_name");
    assert_string_equal(fault_of_new("lan", ROLE_CLERK, "\xff\xfe muoi bon chu cai"),
                        "password_simple");
    assert_string_equal(fault_of_new("Lan", ROLE_CLERK, GOOD), "account_name");
    assert_string_equal(fault_of_new("hoa", ROLE_CLERK, GOOD), "account_exists");
    /* Eight letters of two and three bytes each are eight. */
    assert_string_equal(fault_of_new("lan", ROLE_CLERK, "ữựếốơưă"), "password_short");
}

static void two_keyboards_write_one_password(void **state)
{
    (void)state;
    people_add("hoa", ROLE_CLERK,
               "chi\xe1\xba\xbf"
               "c thuyen ngoai xa");
    assert_int_equal(people_sign_in("hoa", "chie\xcc\x82\xcc\x81"
                                           "c thuyen ngoai xa"),
                     SIGNIN_DONE);
}

static void the_last_ten_passwords_are_not_taken_again(void **state)
{
    const char *fault;
    char next[32];

    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_password(people.store, "hoa", "hoa", GOOD, false, &fault,
                               &people_err),
         &people_err);
    assert_string_equal(fault, "password_used");
    for (int i = 0; i < ACCOUNT_PASSWORDS_KEPT; i++) {
        (void)snprintf(next, sizeof next, "mat khau thu %d cua toi", i);
        must(accounts_set_password(people.store, "hoa", "hoa", next, false, &fault,
                                   &people_err),
             &people_err);
        assert_null(fault);
    }
    must(accounts_set_password(people.store, "hoa", "hoa", "mat khau thu 0 cua toi",
                               false, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "password_used");
    must(accounts_set_password(people.store, "hoa", "hoa", GOOD, false, &fault,
                               &people_err),
         &people_err);
    assert_null(fault); /* the eleventh before */
    assert_int_equal(scratch_number(&people, "SELECT count(*) FROM account_password"),
                     ACCOUNT_PASSWORDS_KEPT);
}

static void a_password_that_was_drawn_must_be_changed(void **state)
{
    const char *fault;

    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_password(people.store, "mau", "hoa", "abcd-efgh", true, &fault,
                               &people_err),
         &people_err);
    assert_null(fault);
    assert_int_equal(must_of("hoa"), MUST_CHANGE_PASSWORD);
    must(accounts_set_password(people.store, "hoa", "hoa", OTHER, false, &fault,
                               &people_err),
         &people_err);
    assert_int_equal(must_of("hoa"), MUST_NOTHING);
}

static void an_administrators_password_lasts_two_months(void **state)
{
    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_add("hoa", ROLE_CLERK, GOOD);
    people_give_second("mau");
    assert_int_equal(must_of("mau"), MUST_NOTHING);
    people_pass(61 * DAY);
    assert_int_equal(must_of("mau"), MUST_CHANGE_PASSWORD);
    assert_int_equal(must_of("hoa"), MUST_NOTHING);
}

/* ------------------------------------------------------------------- sessions */

static struct sessions *sessions;

static void begin_session(const char *account, int64_t idle_ms, char *token)
{
    struct session of = {.generation = 1};

    (void)snprintf(of.account, sizeof of.account, "%s", account);
    sessions_begin(sessions, &of, idle_ms, token);
}

static bool is_in(const char *token, bool acts)
{
    struct session of;

    return sessions_find(sessions, token, acts, &of, NULL);
}

static void a_session_ends_by_rest_by_a_days_end_and_by_signing_out(void **state)
{
    char a[SESSION_TOKEN_BYTES], b[SESSION_TOKEN_BYTES], c[SESSION_TOKEN_BYTES];

    (void)state;
    must(sessions_create(&sessions, &people.clock.clock, &people_err), &people_err);
    begin_session("hoa", SESSION_IDLE_MS, a);
    begin_session("mau", SESSION_IDLE_MS_ADMIN, b);
    begin_session("lan", SESSION_IDLE_MS, c);
    assert_false(is_in("", true));
    assert_false(is_in("another", true));
    people_pass(4 * MINUTE);
    assert_true(is_in(b, false)); /* a page that asks by itself keeps nobody in */
    people_pass(1 * MINUTE);
    assert_false(is_in(b, true));
    for (int minutes = 5; minutes < 12 * 60; minutes += 10) {
        assert_true(is_in(a, true));
        people_pass(10 * MINUTE);
    }
    assert_false(is_in(a, true)); /* however busy */
    assert_false(is_in(c, true)); /* nobody did anything */
    begin_session("hoa", SESSION_IDLE_MS, a);
    sessions_end(sessions, a);
    assert_false(is_in(a, true));
    sessions_destroy(sessions);
}

static void one_account_has_four_sessions_at_most(void **state)
{
    char tokens[SESSIONS_MAX_ACCOUNT + 1][SESSION_TOKEN_BYTES];
    char other[SESSION_TOKEN_BYTES];

    (void)state;
    must(sessions_create(&sessions, &people.clock.clock, &people_err), &people_err);
    begin_session("lan", SESSION_IDLE_MS, other);
    for (size_t i = 0; i <= SESSIONS_MAX_ACCOUNT; i++) {
        begin_session("hoa", SESSION_IDLE_MS, tokens[i]);
        people_pass(1000);
    }
    assert_false(is_in(tokens[0], true));
    for (size_t i = 1; i <= SESSIONS_MAX_ACCOUNT; i++)
        assert_true(is_in(tokens[i], true));
    assert_true(is_in(other, true));
    sessions_destroy(sessions);
}

/* What takes something from an account gives it another generation. */
static void a_change_of_password_or_role_ends_the_sessions_there_are(void **state)
{
    const char *fault;
    int64_t was;

    (void)state;
    people_add("mau", ROLE_ADMINISTRATOR, GOOD);
    people_add("hoa", ROLE_CLERK, GOOD);
    was = people_account("hoa").generation;
    must(accounts_set_password(people.store, "hoa", "hoa", OTHER, false, &fault,
                               &people_err),
         &people_err);
    assert_int_equal(people_account("hoa").generation, ++was);
    must(
        accounts_set_role(people.store, "mau", "hoa", ROLE_REVIEWER, &fault, &people_err),
        &people_err);
    assert_int_equal(people_account("hoa").generation, ++was);
    must(accounts_set_enabled(people.store, "mau", "hoa", false, &fault, &people_err),
         &people_err);
    assert_int_equal(people_account("hoa").generation, ++was);
    must(accounts_set_second(people.store, "mau", "hoa", NULL, &fault, &people_err),
         &people_err);
    assert_int_equal(people_account("hoa").generation, ++was);
}

/* Two tabs drew one each: the code is of the first. */
static void a_code_of_a_second_factor_that_was_drawn_over_does_not_count(void **state)
{
    static const uint8_t other[TOTP_SECRET_BYTES] = "another twenty bytes";
    struct account looked;
    const char *fault;

    (void)state;
    people_add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_second(people.store, "hoa", "hoa", people_secret, &fault,
                             &people_err),
         &people_err);
    looked = people_account("hoa");
    must(accounts_set_second(people.store, "hoa", "hoa", other, &fault, &people_err),
         &people_err);
    must(accounts_confirm_second(people.store, &looked, 5, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "second_wrong");
    assert_false(people_account("hoa").second_sure);

    looked = people_account("hoa");
    must(accounts_confirm_second(people.store, &looked, 5, &fault, &people_err),
         &people_err);
    assert_null(fault);
    assert_int_equal(people_account("hoa").generation, looked.generation + 1);
    must(accounts_set_second(people.store, "hoa", "hoa", people_secret, &fault,
                             &people_err),
         &people_err);
    assert_string_equal(fault, "second_there");
}

/* --------------------------------------------------------------------- tokens */

static void a_token_is_good_until_it_is_taken_back_or_made_again(void **state)
{
    char text[TOKEN_BYTES], again[TOKEN_BYTES];
    const char *fault;
    struct api_token t;
    bool found;

    (void)state;
    must(api_tokens_make(people.store, "mau", "mot-cua", true, text, &fault, &people_err),
         &people_err);
    assert_null(fault);
    must(api_tokens_find(people.store, text, &t, &found, &people_err), &people_err);
    assert_true(found && t.imports);
    assert_int_equal(
        scratch_number(&people,
                       "SELECT count(*) FROM account_token WHERE sha256 LIKE 'tram%'"),
        0);
    must(api_tokens_make(people.store, "mau", "mot-cua", false, again, &fault,
                         &people_err),
         &people_err);
    must(api_tokens_find(people.store, text, &t, &found, &people_err), &people_err);
    assert_false(found);
    must(api_tokens_find(people.store, again, &t, &found, &people_err), &people_err);
    assert_true(found && !t.imports);
    must(api_tokens_take_back(people.store, "mau", "mot-cua", &fault, &people_err),
         &people_err);
    must(api_tokens_find(people.store, again, &t, &found, &people_err), &people_err);
    assert_false(found);
    must(api_tokens_take_back(people.store, "mau", "khac", &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "token_unknown");
    must(api_tokens_make(people.store, "mau", "Một cửa", true, text, &fault, &people_err),
         &people_err);
    assert_string_equal(fault, "token_name");
}

/* ---------------------------------------------------------------- credentials */

static void what_is_no_credential_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{\"name\": 1}",
                                        "{\"name\": \"a\", \"name\": \"b\"}",
                                        "{\"name\": \"a\\u0000b\"}",
                                        "{\"code\": \"1234567\"}",
                                        "{\"name\": \"hoa\""};
    struct credentials c;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(credentials_parse(&c, wrong[i], strlen(wrong[i]), &people_err),
                         -1);
        assert_int_equal(people_err.code, ERR_USAGE);
    }
    must(credentials_parse(&c, "{\"name\":\"hoa\",\"code\":null}", 26, &people_err),
         &people_err);
    assert_string_equal(c.name, "hoa");
    assert_string_equal(c.password, "");
}

#define PEOPLE(name) cmocka_unit_test_setup_teardown(name, people_start, people_finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(the_first_administrator_needs_the_code_that_the_box_printed),
        PEOPLE(wrong_first_codes_neither_void_the_printed_one_nor_fill_the_trail),
        PEOPLE(a_drawn_word_is_the_same_in_capitals_and_without_hyphens),
        PEOPLE(passwords_that_are_none_are_refused),
        PEOPLE(two_keyboards_write_one_password),
        PEOPLE(the_last_ten_passwords_are_not_taken_again),
        PEOPLE(a_password_that_was_drawn_must_be_changed),
        PEOPLE(an_administrators_password_lasts_two_months),
        PEOPLE(a_session_ends_by_rest_by_a_days_end_and_by_signing_out),
        PEOPLE(one_account_has_four_sessions_at_most),
        PEOPLE(a_change_of_password_or_role_ends_the_sessions_there_are),
        PEOPLE(a_code_of_a_second_factor_that_was_drawn_over_does_not_count),
        PEOPLE(a_token_is_good_until_it_is_taken_back_or_made_again),
        PEOPLE(what_is_no_credential_is_refused),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
