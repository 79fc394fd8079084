/* People at the desk: accounts, sign-in, sessions, tokens and the trail of it all, with a
 * clock that moves when told. */
#include <stdio.h>
#include <string.h>

#include <sodium/core.h>

#include "appliance/people/audit.h"
#include "appliance/people/first.h"
#include "appliance/people/sessions.h"
#include "appliance/people/signin.h"
#include "appliance/people/api_tokens.h"
#include "schema/statements.h"
#include "tests/lib/scratch.h"

#define GOOD   "mot con vit xoe ra"
#define OTHER  "hai cai canh trang"
#define MINUTE (60 * 1000)
#define DAY    (24 * 60 * (int64_t)MINUTE)

static struct scratch s;
static struct err e;

static int start(void **state)
{
    (void)state;
    scratch_start(&s);
    s.clock.wall_ms_now = 1770000000000;
    s.clock.confidence = WALL_SYSTEM;
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&s);
    return 0;
}

static void pass(int64_t ms)
{
    s.clock.mono_ms_now += ms;
    s.clock.wall_ms_now += ms;
}

/* ------------------------------------------------------------------- sentences */

static void add(const char *name, enum role role, const char *password)
{
    const struct account_new n = {
        .name = name, .full_name = "Lò Thị Mẫu", .role = role, .password = password};
    const char *fault;

    must(accounts_add(s.store, "test", &n, &fault, &e), &e);
    if (fault != NULL)
        fail_msg("%s: %s", name, fault);
}

static const char *fault_of_new(const char *name, enum role role, const char *password)
{
    const struct account_new n = {
        .name = name, .full_name = "Lò Thị Mẫu", .role = role, .password = password};
    const char *fault;

    must(accounts_add(s.store, "test", &n, &fault, &e), &e);
    return fault == NULL ? "none" : fault;
}

static struct account account_of(const char *name)
{
    struct account a;
    bool found;

    must(accounts_find(s.store, name, &a, &found, &e), &e);
    assert_true(found);
    return a;
}

static enum account_must must_of(const char *name)
{
    struct account a = account_of(name);

    return account_must(&a);
}

static enum signin sign_in_with(const char *name, const char *password, const char *code,
                                const char *next)
{
    struct credentials c = {0};
    struct account a;
    enum signin how;

    (void)snprintf(c.name, sizeof c.name, "%s", name);
    (void)snprintf(c.password, sizeof c.password, "%s", password);
    (void)snprintf(c.code, sizeof c.code, "%s", code);
    (void)snprintf(c.next, sizeof c.next, "%s", next);
    must(signin_try(s.store, &c, &how, &a, &e), &e);
    return how;
}

static enum signin sign_in(const char *name, const char *password)
{
    return sign_in_with(name, password, "", "");
}

static int64_t step_now(void)
{
    return s.clock.wall_ms_now / TOTP_STEP_MS;
}

static const uint8_t secret[TOTP_SECRET_BYTES] = "12345678901234567890";

static void give_second(const char *name)
{
    const char *fault;

    must(accounts_set_second(s.store, name, name, secret, &fault, &e), &e);
    assert_null(fault);
    must(accounts_confirm_second(s.store, name, step_now(), &fault, &e), &e);
    assert_null(fault);
    pass(TOTP_STEP_MS);
}

static unsigned told(const char *kind)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM audit WHERE kind = '%s'", kind);
    return (unsigned)scratch_number(&s, sql);
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
    must(audit_verify(s.store, keep_problem, problem, &e), &e);
    return problem;
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
    must(first_code(s.store, code, &needed, &e), &e);
    assert_true(needed);
    must(first_code(s.store, again, &needed, &e), &e);
    assert_string_equal(code, again);
    must(first_take(s.store, "aaaa-aaaa-aaaa-aaaa", &n, &fault, &e), &e);
    assert_string_equal(fault, "first_code");
    must(first_take(s.store, code, &n, &fault, &e), &e);
    assert_null(fault);
    assert_int_equal(account_of("mau").role, ROLE_ADMINISTRATOR);
    assert_int_equal(must_of("mau"), MUST_ADD_SECOND);

    must(first_code(s.store, again, &needed, &e), &e);
    assert_false(needed);
    must(first_take(s.store, code, &n, &fault, &e), &e);
    assert_string_equal(fault, "first_gone");
}

static void ten_wrong_first_codes_draw_another(void **state)
{
    const struct account_new n = {
        .name = "mau", .full_name = "M", .role = ROLE_ADMINISTRATOR, .password = GOOD};
    char code[PASSWORD_DRAWN_BYTES], other[PASSWORD_DRAWN_BYTES];
    const char *fault;
    bool needed;

    (void)state;
    must(first_code(s.store, code, &needed, &e), &e);
    for (int i = 0; i < FIRST_FAILURES_MAX; i++)
        must(first_take(s.store, "wrong", &n, &fault, &e), &e);
    must(first_code(s.store, other, &needed, &e), &e);
    assert_string_not_equal(code, other);
    must(first_take(s.store, code, &n, &fault, &e), &e);
    assert_string_equal(fault, "first_code");
}

static void a_drawn_word_is_the_same_in_capitals_and_without_hyphens(void **state)
{
    (void)state;
    assert_true(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "K7M2PQ9X AAAA-bbbb"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "k7m2-pq9x-aaaa-bbbc"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", "k7m2"));
    assert_false(password_drawn_is("k7m2-pq9x-aaaa-bbbb", ""));
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
    assert_string_equal(fault_of_new("lan", ROLE_CLERK, "day la LAN cua xa ta"),
                        "password_name");
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
    add("hoa", ROLE_CLERK,
        "chi\xe1\xba\xbf"
        "c thuyen ngoai xa");
    assert_int_equal(sign_in("hoa", "chie\xcc\x82\xcc\x81"
                                    "c thuyen ngoai xa"),
                     SIGNIN_DONE);
}

static void the_last_ten_passwords_are_not_taken_again(void **state)
{
    const char *fault;
    char next[32];

    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_password(s.store, "hoa", "hoa", GOOD, false, &fault, &e), &e);
    assert_string_equal(fault, "password_used");
    for (int i = 0; i < ACCOUNT_PASSWORDS_KEPT; i++) {
        (void)snprintf(next, sizeof next, "mat khau thu %d cua toi", i);
        must(accounts_set_password(s.store, "hoa", "hoa", next, false, &fault, &e), &e);
        assert_null(fault);
    }
    must(accounts_set_password(s.store, "hoa", "hoa", "mat khau thu 0 cua toi", false,
                               &fault, &e),
         &e);
    assert_string_equal(fault, "password_used");
    must(accounts_set_password(s.store, "hoa", "hoa", GOOD, false, &fault, &e), &e);
    assert_null(fault); /* the eleventh before */
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM account_password"),
                     ACCOUNT_PASSWORDS_KEPT);
}

static void a_password_that_was_drawn_must_be_changed(void **state)
{
    const char *fault;

    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_password(s.store, "mau", "hoa", "abcd-efgh", true, &fault, &e), &e);
    assert_null(fault);
    assert_int_equal(must_of("hoa"), MUST_CHANGE_PASSWORD);
    must(accounts_set_password(s.store, "hoa", "hoa", OTHER, false, &fault, &e), &e);
    assert_int_equal(must_of("hoa"), MUST_NOTHING);
}

static void an_administrators_password_lasts_two_months(void **state)
{
    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    add("hoa", ROLE_CLERK, GOOD);
    give_second("mau");
    assert_int_equal(must_of("mau"), MUST_NOTHING);
    pass(61 * DAY);
    assert_int_equal(must_of("mau"), MUST_CHANGE_PASSWORD);
    assert_int_equal(must_of("hoa"), MUST_NOTHING);
}

/* -------------------------------------------------------------------- sign-in */

static void ten_wrong_passwords_lock_for_half_an_hour(void **state)
{
    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    for (int i = 1; i < ACCOUNT_FAILURES_MAX; i++)
        assert_int_equal(sign_in("hoa", OTHER), SIGNIN_WRONG);
    assert_int_equal(sign_in("hoa", OTHER), SIGNIN_LOCKED);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_LOCKED);
    pass(29 * MINUTE);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_LOCKED);
    assert_int_equal(told("refused"), ACCOUNT_FAILURES_MAX);
    assert_int_equal(told("locked"), 1);
    pass(1 * MINUTE);
    assert_int_equal(sign_in("hoa", OTHER), SIGNIN_WRONG); /* the first of ten anew */
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_DONE);
    assert_int_equal(account_of("hoa").failures, 0);
}

static void an_administrator_opens_a_lock(void **state)
{
    const char *fault;

    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++)
        (void)sign_in("hoa", OTHER);
    must(accounts_unlock(s.store, "mau", "hoa", &fault, &e), &e);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_DONE);
    must(accounts_unlock(s.store, "mau", "nobody", &fault, &e), &e);
    assert_string_equal(fault, "account_unknown");
}

static void names_that_nobody_has_do_not_fill_the_trail(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(sign_in("khongai", OTHER), SIGNIN_WRONG);
    assert_int_equal(told("refused"), 1);
    pass(1 * MINUTE);
    assert_int_equal(sign_in("khongai", OTHER), SIGNIN_WRONG);
    assert_int_equal(told("refused"), 2);
    assert_int_equal(
        scratch_number(&s, "SELECT count(*) FROM audit WHERE subject LIKE '%khongai%'"),
        0);
}

static void who_does_not_come_for_45_days_is_put_away(void **state)
{
    const char *fault;

    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    pass(44 * DAY);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_DONE);
    pass(46 * DAY);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_OFF);
    assert_int_equal(told("disabled"), 1);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_OFF);
    must(accounts_set_enabled(s.store, "mau", "hoa", true, &fault, &e), &e);
    assert_int_equal(sign_in("hoa", GOOD), SIGNIN_DONE);
}

static void the_last_administrator_stays_one(void **state)
{
    const char *fault;

    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    add("hoa", ROLE_CLERK, GOOD);
    must(accounts_set_role(s.store, "mau", "mau", ROLE_CLERK, &fault, &e), &e);
    assert_string_equal(fault, "account_last");
    must(accounts_set_enabled(s.store, "mau", "mau", false, &fault, &e), &e);
    assert_string_equal(fault, "account_last");
    must(accounts_set_role(s.store, "mau", "hoa", ROLE_ADMINISTRATOR, &fault, &e), &e);
    must(accounts_set_role(s.store, "mau", "mau", ROLE_CLERK, &fault, &e), &e);
    assert_null(fault);
    assert_int_equal(account_of("mau").role, ROLE_CLERK);
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
        totp_code(code, secret, table[i].second / 30);
        assert_string_equal(code, table[i].code);
    }
    totp_base32(base32, secret);
    assert_string_equal(base32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void a_code_is_asked_for_and_counts_once(void **state)
{
    char code[TOTP_CODE_BYTES], other[TOTP_CODE_BYTES];

    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    give_second("mau");
    assert_int_equal(sign_in("mau", GOOD), SIGNIN_CODE_NEEDED);
    assert_int_equal(sign_in("mau", OTHER), SIGNIN_WRONG); /* says nothing of a code */
    totp_code(code, secret, step_now());
    assert_int_equal(sign_in_with("mau", GOOD, code, ""), SIGNIN_DONE);
    assert_int_equal(sign_in_with("mau", GOOD, code, ""), SIGNIN_CODE_WRONG);
    totp_code(other, secret, step_now() - 1); /* before the one that was taken */
    assert_int_equal(sign_in_with("mau", GOOD, other, ""), SIGNIN_CODE_WRONG);
    pass(TOTP_STEP_MS);
    totp_code(code, secret, step_now());
    assert_int_equal(sign_in_with("mau", GOOD, code, ""), SIGNIN_DONE);
}

static void wrong_codes_lock_too(void **state)
{
    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    give_second("mau");
    for (int i = 1; i < ACCOUNT_FAILURES_MAX; i++)
        assert_int_equal(sign_in_with("mau", GOOD, "abcdef", ""), SIGNIN_CODE_WRONG);
    assert_int_equal(sign_in_with("mau", GOOD, "abcdef", ""), SIGNIN_LOCKED);
}

static void a_box_that_lost_the_time_takes_two_codes_in_succession(void **state)
{
    char code[TOTP_CODE_BYTES], next[TOTP_CODE_BYTES];
    int64_t real = step_now() + 3 * 2880; /* three days on */

    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    give_second("mau");
    s.clock.confidence = WALL_UNKNOWN;
    s.clock.wall_ms_now = 0;
    totp_code(code, secret, real);
    totp_code(next, secret, real + 1);
    assert_int_equal(sign_in_with("mau", GOOD, code, ""), SIGNIN_CODES_NEEDED);
    assert_int_equal(sign_in_with("mau", GOOD, next, code), SIGNIN_CODE_WRONG);
    assert_int_equal(sign_in_with("mau", GOOD, code, next), SIGNIN_DONE);
    assert_int_equal(sign_in_with("mau", GOOD, code, next), SIGNIN_CODE_WRONG);
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
    must(sessions_create(&sessions, &s.clock.clock, &e), &e);
    begin_session("hoa", SESSION_IDLE_MS, a);
    begin_session("mau", SESSION_IDLE_MS_ADMIN, b);
    begin_session("lan", SESSION_IDLE_MS, c);
    assert_false(is_in("", true));
    assert_false(is_in("another", true));
    pass(4 * MINUTE);
    assert_true(is_in(b, false)); /* a page that asks by itself keeps nobody in */
    pass(1 * MINUTE);
    assert_false(is_in(b, true));
    for (int minutes = 5; minutes < 12 * 60; minutes += 10) {
        assert_true(is_in(a, true));
        pass(10 * MINUTE);
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
    must(sessions_create(&sessions, &s.clock.clock, &e), &e);
    begin_session("lan", SESSION_IDLE_MS, other);
    for (size_t i = 0; i <= SESSIONS_MAX_ACCOUNT; i++) {
        begin_session("hoa", SESSION_IDLE_MS, tokens[i]);
        pass(1000);
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
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    add("hoa", ROLE_CLERK, GOOD);
    was = account_of("hoa").generation;
    must(accounts_set_password(s.store, "hoa", "hoa", OTHER, false, &fault, &e), &e);
    assert_int_equal(account_of("hoa").generation, ++was);
    must(accounts_set_role(s.store, "mau", "hoa", ROLE_REVIEWER, &fault, &e), &e);
    assert_int_equal(account_of("hoa").generation, ++was);
    must(accounts_set_enabled(s.store, "mau", "hoa", false, &fault, &e), &e);
    assert_int_equal(account_of("hoa").generation, ++was);
    must(accounts_set_second(s.store, "mau", "hoa", NULL, &fault, &e), &e);
    assert_int_equal(account_of("hoa").generation, ++was);
}

/* --------------------------------------------------------------------- tokens */

static void a_token_is_good_until_it_is_taken_back_or_made_again(void **state)
{
    char text[TOKEN_BYTES], again[TOKEN_BYTES];
    const char *fault;
    struct api_token t;
    bool found;

    (void)state;
    must(api_tokens_make(s.store, "mau", "mot-cua", true, text, &fault, &e), &e);
    assert_null(fault);
    must(api_tokens_find(s.store, text, &t, &found, &e), &e);
    assert_true(found && t.imports);
    assert_int_equal(
        scratch_number(&s,
                       "SELECT count(*) FROM account_token WHERE sha256 LIKE 'tram%'"),
        0);
    must(api_tokens_make(s.store, "mau", "mot-cua", false, again, &fault, &e), &e);
    must(api_tokens_find(s.store, text, &t, &found, &e), &e);
    assert_false(found);
    must(api_tokens_find(s.store, again, &t, &found, &e), &e);
    assert_true(found && !t.imports);
    must(api_tokens_take_back(s.store, "mau", "mot-cua", &fault, &e), &e);
    must(api_tokens_find(s.store, again, &t, &found, &e), &e);
    assert_false(found);
    must(api_tokens_take_back(s.store, "mau", "khac", &fault, &e), &e);
    assert_string_equal(fault, "token_unknown");
    must(api_tokens_make(s.store, "mau", "Một cửa", true, text, &fault, &e), &e);
    assert_string_equal(fault, "token_name");
}

/* ------------------------------------------------------------------ the trail */

static void a_trail_refuses_changes(void **state)
{
    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    assert_int_equal(sql_run(store_db(s.store), "UPDATE audit SET actor = 'x'", &e), -1);
    assert_int_equal(sql_run(store_db(s.store), "DELETE FROM audit", &e), -1);
    assert_int_equal(sql_run(store_db(s.store),
                             "INSERT OR REPLACE INTO audit SELECT 1, kind, 'x', subject,"
                             " detail, boot, mono_ms, wall_ms, wall_confidence, chain"
                             " FROM audit WHERE id = 1",
                             &e),
                     -1);
    assert_string_equal(audit_problem(), "");
}

/* Past the triggers, as whoever has the file may. */
static void tamper(const char *sql)
{
    must(sql_run(store_db(s.store), "DROP TRIGGER audit_never_changes", &e), &e);
    must(sql_run(store_db(s.store), "DROP TRIGGER audit_never_leaves", &e), &e);
    must(sql_run(store_db(s.store), sql, &e), &e);
    must(sql_run(store_db(s.store),
                 "CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit"
                 " BEGIN SELECT RAISE(ABORT, ''); END",
                 &e),
         &e);
    must(sql_run(store_db(s.store),
                 "CREATE TRIGGER audit_never_leaves BEFORE DELETE ON audit"
                 " BEGIN SELECT RAISE(ABORT, ''); END",
                 &e),
         &e);
}

static void a_row_that_was_altered_shows(void **state)
{
    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    add("lan", ROLE_CLERK, GOOD);
    (void)sign_in("hoa", GOOD);
    assert_string_equal(audit_problem(), "");
    tamper("UPDATE audit SET actor = 'lan' WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: row 2 was altered");
}

static void a_row_that_was_taken_out_shows(void **state)
{
    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    (void)sign_in("hoa", OTHER);
    (void)sign_in("hoa", GOOD);
    tamper("DELETE FROM audit WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: row 3 follows row 1");
}

static void a_trail_that_was_cut_at_its_end_shows(void **state)
{
    (void)state;
    add("hoa", ROLE_CLERK, GOOD);
    (void)sign_in("hoa", OTHER);
    tamper("DELETE FROM audit WHERE id = 2");
    assert_string_equal(audit_problem(), "audit: the trail ends at row 1, its head is 2");
}

static void a_trail_whose_guards_are_gone_shows(void **state)
{
    (void)state;
    must(sql_run(store_db(s.store), "DROP TRIGGER audit_never_leaves", &e), &e);
    assert_non_null(strstr(audit_problem(), "refuses changes"));
}

static void nothing_of_people_is_ever_captured(void **state)
{
    char text[TOKEN_BYTES];
    const char *fault;

    (void)state;
    add("mau", ROLE_ADMINISTRATOR, GOOD);
    give_second("mau");
    must(api_tokens_make(s.store, "mau", "mot-cua", true, text, &fault, &e), &e);
    (void)sign_in("mau", OTHER);
    assert_int_equal(scratch_number(&s, "SELECT count(*) FROM changelog"), 0);
    assert_int_equal(scratch_problems(&s, "people"), 0);
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
        assert_int_equal(credentials_parse(&c, wrong[i], strlen(wrong[i]), &e), -1);
        assert_int_equal(e.code, ERR_USAGE);
    }
    must(credentials_parse(&c, "{\"name\":\"hoa\",\"code\":null}", 26, &e), &e);
    assert_string_equal(c.name, "hoa");
    assert_string_equal(c.password, "");
}

#define PEOPLE(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEOPLE(the_first_administrator_needs_the_code_that_the_box_printed),
        PEOPLE(ten_wrong_first_codes_draw_another),
        PEOPLE(a_drawn_word_is_the_same_in_capitals_and_without_hyphens),
        PEOPLE(passwords_that_are_none_are_refused),
        PEOPLE(two_keyboards_write_one_password),
        PEOPLE(the_last_ten_passwords_are_not_taken_again),
        PEOPLE(a_password_that_was_drawn_must_be_changed),
        PEOPLE(an_administrators_password_lasts_two_months),
        PEOPLE(ten_wrong_passwords_lock_for_half_an_hour),
        PEOPLE(an_administrator_opens_a_lock),
        PEOPLE(names_that_nobody_has_do_not_fill_the_trail),
        PEOPLE(who_does_not_come_for_45_days_is_put_away),
        PEOPLE(the_last_administrator_stays_one),
        PEOPLE(the_codes_are_those_of_the_standard),
        PEOPLE(a_code_is_asked_for_and_counts_once),
        PEOPLE(wrong_codes_lock_too),
        PEOPLE(a_box_that_lost_the_time_takes_two_codes_in_succession),
        PEOPLE(a_session_ends_by_rest_by_a_days_end_and_by_signing_out),
        PEOPLE(one_account_has_four_sessions_at_most),
        PEOPLE(a_change_of_password_or_role_ends_the_sessions_there_are),
        PEOPLE(a_token_is_good_until_it_is_taken_back_or_made_again),
        PEOPLE(a_trail_refuses_changes),
        PEOPLE(a_row_that_was_altered_shows),
        PEOPLE(a_row_that_was_taken_out_shows),
        PEOPLE(a_trail_that_was_cut_at_its_end_shows),
        PEOPLE(a_trail_whose_guards_are_gone_shows),
        PEOPLE(nothing_of_people_is_ever_captured),
        PEOPLE(what_is_no_credential_is_refused),
    };

    passwords_are_cheap();
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
