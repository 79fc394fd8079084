/* Signing in at a serving box, by raw requests: who may ask for what, and what is refused. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "appliance/desk_certificate.h"
#include "appliance/people/totp.h"
#include "base/disk.h"
#include "tests/lib/program.h"

#define PASSWORD "mot con vit xoe ra"

static struct bench b;
static struct running serve;
static struct buffer answer;

/* Who is asking: a cookie and what goes with it, or a token. */
struct guest {
    char cookie[160], csrf[64], token[160];
};

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    serve_begin(&b, &serve);
    buffer_init(&answer, 1u << 20);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buffer_release(&answer);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    bench_destroy(&b);
    return 0;
}

/* ------------------------------------------------------------------- sentences */

/* `more` are further headers. */
static int ask_with(const struct guest *g, const char *method, const char *path,
                    const char *body, const char *more)
{
    char request[16384];
    int count = snprintf(
        request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s%s%s%s%s%s%s"
        "Content-Length: %zu\r\n\r\n%s",
        method, path, g->cookie[0] != '\0' ? "Cookie: " : "", g->cookie,
        g->cookie[0] != '\0' ? "\r\n" : "", g->csrf[0] != '\0' ? "X-Tram-CSRF: " : "",
        g->csrf, g->csrf[0] != '\0' ? "\r\n" : "", g->token, more, strlen(body), body);

    assert_in_range(count, 1, sizeof request - 1);
    return http_exchange(serve.port, request, (size_t)count, &answer);
}

static int get(const struct guest *g, const char *path)
{
    return ask_with(g, "GET", path, "", "");
}

static int post(const struct guest *g, const char *path, const char *body)
{
    return ask_with(g, "POST", path, body, "");
}

static json_t *answered(void)
{
    const char *body = strstr((const char *)answer.bytes, "\r\n\r\n");
    json_t *j = body == NULL ? NULL : json_loads(body + 4, 0, NULL);

    if (j == NULL)
        fail_msg("no JSON: %s", (const char *)answer.bytes);
    return j;
}

/* The text of a member of the answer, or of its error. */
static const char *said(const char *member)
{
    static char text[256];
    json_t *j = answered(), *error = json_object_get(j, "error");
    const char *value =
        json_string_value(json_object_get(error != NULL ? error : j, member));

    (void)snprintf(text, sizeof text, "%s", value == NULL ? "" : value);
    json_decref(j);
    return text;
}

/* The cookie and what goes with it, out of an answer that let in. */
static void come_in(struct guest *g)
{
    const char *set = strstr((const char *)answer.bytes, "Set-Cookie: ");

    assert_non_null(set);
    assert_int_equal(sscanf(set, "Set-Cookie: %159[^;]", g->cookie), 1);
    (void)snprintf(g->csrf, sizeof g->csrf, "%s", said("csrf"));
    assert_int_equal(strlen(g->csrf), 43);
}

static void run_accounts(char *secret, size_t bytes, const char *word, const char *name,
                         const char *third, const char *full_name)
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "--json", "accounts", word, name, third, full_name, NULL);
    EXPECT_STATUS(r, 0);
    if (secret != NULL) {
        j = ran_json(&r, 0);
        (void)snprintf(
            secret, bytes, "%s",
            json_text_of(j, strcmp(word, "token") == 0 ? "token" : "password"));
        json_decref(j);
    }
    ran_release(&r);
}

static int sign_in(struct guest *g, const char *name, const char *password,
                   const char *code)
{
    static const struct guest nobody;
    char body[512];
    int status;

    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s\",\"password\":\"%s\",\"code\":\"%s\"}", name,
                   password, code);
    status = post(&nobody, "/api/v1/session", body);
    if (status == 200)
        come_in(g);
    return status;
}

/* Made by who has the data folder, with a password of its own. */
static void make_person(struct guest *g, const char *name, const char *role)
{
    char drawn[64], body[256];

    run_accounts(drawn, sizeof drawn, "add", name, role, "Lò Thị Mẫu");
    assert_int_equal(sign_in(g, name, drawn, ""), 200);
    (void)snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"%s\"}", drawn, PASSWORD);
    assert_int_equal(post(g, "/api/v1/session/password", body), 200);
    come_in(g);
}

static int base32_value(char c)
{
    return c >= 'A' ? c - 'A' : c - '2' + 26;
}

static void read_base32(uint8_t out[TOTP_SECRET_BYTES], const char *text)
{
    uint32_t bits = 0;
    int count = 0;

    for (size_t at = 0; at < TOTP_SECRET_BYTES; text++) {
        bits = bits << 5 | (uint32_t)base32_value(*text);
        count += 5;
        if (count >= 8) {
            count -= 8;
            out[at++] = (uint8_t)(bits >> count);
        }
    }
}

/* A second factor by this secret; the code that counted is left in `code`. */
static void add_second(struct guest *g, uint8_t secret[TOTP_SECRET_BYTES],
                       char code[TOTP_CODE_BYTES])
{
    char body[64];

    assert_int_equal(post(g, "/api/v1/session/second", "{\"old\":\"no\"}"), 409);
    assert_string_equal(said("code"), "password_wrong"); /* an open desk is not enough */
    assert_int_equal(post(g, "/api/v1/session/second", "{\"old\":\"" PASSWORD "\"}"),
                     200);
    read_base32(secret, said("secret"));
    totp_code(code, secret, (int64_t)time(NULL) / 30);
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    assert_int_equal(post(g, "/api/v1/session/second/sure", body), 200);
    come_in(g);
}

/* ---------------------------------------------------------------------- stories */

static void nobody_sees_anything_but_the_door(void **state)
{
    static const char *const closed[] = {"/api/v1/status",      "/api/v1/search?q=a",
                                         "/api/v1/documents/1", "/api/v1/pages/1/text",
                                         "/api/v1/people",      "/api/v1/tokens",
                                         "/api/v1/audit"};
    static const struct guest nobody,
        stranger = {.cookie = "tram_session=abc"},
        forger = {.token = "Authorization: Bearer tram_x\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        assert_int_equal(get(&nobody, closed[i]), 401);
        assert_string_equal(said("code"), "nobody");
        assert_int_equal(get(&stranger, closed[i]), 401);
        assert_int_equal(get(&forger, closed[i]), 401);
        assert_string_equal(said("code"), "token");
    }
    assert_int_equal(post(&nobody, "/api/v1/intake?name=a.png", "x"), 401);
    assert_int_equal(post(&nobody, "/api/v1/session/end", "{}"), 401);
    assert_int_equal(get(&nobody, "/"), 200);
    assert_int_equal(get(&nobody, "/api/v1/session"), 200);
    assert_string_equal(said("state"), "first");
}

static void the_first_start_makes_an_administrator_who_needs_a_second_factor(void **state)
{
    static const struct guest nobody;
    struct guest g = {0};
    uint8_t secret[TOTP_SECRET_BYTES];
    char code[TOTP_CODE_BYTES], body[256];
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "--json", "accounts", "first-code", NULL);
    j = ran_json(&r, 0);
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"name\":\"mau\",\"full_name\":\"Lò Thị Mẫu\","
                   "\"password\":\"" PASSWORD "\"}",
                   json_text_of(j, "first_code"));
    json_decref(j);
    ran_release(&r);
    assert_int_equal(post(&nobody, "/api/v1/first", "{\"code\":\"aaaa\"}"), 409);
    assert_int_equal(post(&nobody, "/api/v1/first", body), 200);
    assert_string_equal(said("must"), "second");
    come_in(&g);
    assert_int_equal(post(&nobody, "/api/v1/first", body), 409);
    assert_string_equal(said("code"), "first_gone");

    assert_int_equal(get(&g, "/api/v1/people"), 403);
    assert_string_equal(said("code"), "must_second");
    add_second(&g, secret, code);
    assert_int_equal(get(&g, "/api/v1/people"), 200);
    assert_int_equal(sign_in(&g, "mau", PASSWORD, ""), 401);
    assert_string_equal(said("code"), "signin_code");
    /* It has counted once. A machine that does not know the time asks for two, then. */
    assert_int_equal(sign_in(&g, "mau", PASSWORD, code), 401);
    assert_int_equal(strncmp(said("code"), "signin_code", strlen("signin_code")), 0);
}

static void a_clerk_may_not_do_what_is_the_administrators(void **state)
{
    struct guest clerk = {0};
    struct ran r;

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    assert_int_equal(get(&clerk, "/api/v1/status"), 200);
    assert_int_equal(get(&clerk, "/api/v1/people"), 403);
    assert_string_equal(said("code"), "role");
    assert_true(strlen(said("vi")) > 10);
    assert_int_equal(
        post(&clerk, "/api/v1/people",
             "{\"name\":\"lan\",\"full_name\":\"Lan\",\"role\":\"administrator\"}"),
        403);
    assert_int_equal(post(&clerk, "/api/v1/people/hoa", "{\"role\":\"administrator\"}"),
                     403);
    assert_int_equal(post(&clerk, "/api/v1/tokens", "{}"), 403);
    run(&b, &r, "tram-box", "accounts", "log", NULL);
    assert_non_null(strstr((const char *)r.out.bytes, "forbidden  hoa  /api/v1/people"));
    assert_null(strstr((const char *)r.out.bytes, "/api/v1/tokens")); /* one a minute */
    ran_release(&r);
}

static void a_change_without_its_csrf_token_is_refused(void **state)
{
    struct guest clerk = {0}, without, wrong;

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    without = wrong = clerk;
    without.csrf[0] = '\0';
    wrong.csrf[3] ^= 1;
    assert_int_equal(post(&without, "/api/v1/session/end", "{}"), 403);
    assert_string_equal(said("code"), "csrf");
    assert_int_equal(post(&wrong, "/api/v1/session/end", "{}"), 403);
    assert_int_equal(post(&without, "/api/v1/intake?name=a.png", "x"), 403);
    assert_int_equal(get(&without, "/api/v1/status"), 200);
    assert_int_equal(post(&clerk, "/api/v1/session/end", "{}"), 200);
    assert_int_equal(get(&clerk, "/api/v1/status"), 401);
}

static void the_cookie_is_for_this_site_and_no_script(void **state)
{
    struct guest clerk = {0};
    const char *set;

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    assert_int_equal(sign_in(&clerk, "hoa", PASSWORD, ""), 200);
    set = strstr((const char *)answer.bytes, "Set-Cookie: ");
    assert_non_null(strstr(set, "HttpOnly"));
    assert_non_null(strstr(set, "SameSite=Strict"));
    assert_null(strstr(set, "Secure")); /* plain, on loopback */
}

static void changing_a_password_ends_the_other_sessions(void **state)
{
    struct guest one = {0}, two = {0};

    (void)state;
    make_person(&one, "hoa", "clerk");
    assert_int_equal(sign_in(&two, "hoa", PASSWORD, ""), 200);
    assert_int_equal(post(&one, "/api/v1/session/password",
                          "{\"old\":\"no\",\"new\":\"hai cai canh trang phau\"}"),
                     409);
    assert_string_equal(said("code"), "password_wrong");
    assert_int_equal(post(&one, "/api/v1/session/password",
                          "{\"old\":\"" PASSWORD
                          "\",\"new\":\"hai cai canh trang phau\"}"),
                     200);
    come_in(&one);
    assert_int_equal(get(&one, "/api/v1/status"), 200);
    assert_int_equal(get(&two, "/api/v1/status"), 401);
}

/* Also by the command line, which serve runs for whoever has the data folder. */
static void who_is_put_away_is_out_at_once(void **state)
{
    struct guest clerk = {0};

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    run_accounts(NULL, 0, "disable", "hoa", NULL, NULL);
    assert_int_equal(get(&clerk, "/api/v1/status"), 401);
    assert_int_equal(sign_in(&clerk, "hoa", PASSWORD, ""), 401);
    assert_string_equal(said("code"), "signin_off");
}

static void ten_wrong_passwords_lock_the_account(void **state)
{
    struct guest clerk = {0};

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    for (int i = 1; i < 10; i++) {
        assert_int_equal(sign_in(&clerk, "hoa", "khong phai", ""), 401);
        assert_string_equal(said("code"), "signin_wrong");
    }
    assert_int_equal(sign_in(&clerk, "hoa", "khong phai", ""), 401);
    assert_string_equal(said("code"), "signin_locked");
    assert_int_equal(sign_in(&clerk, "hoa", PASSWORD, ""), 401);
    assert_string_equal(said("code"), "signin_locked");
    run_accounts(NULL, 0, "unlock", "hoa", NULL, NULL);
    assert_int_equal(sign_in(&clerk, "hoa", PASSWORD, ""), 200);
}

/* Each is a walk over millions of codes where two are sent. */
static void wrong_codes_at_an_open_desk_are_counted(void **state)
{
    static const char wrong[] = "{\"code\":\"abcdef\",\"next\":\"abcdef\"}";
    struct guest clerk = {0};

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    assert_int_equal(post(&clerk, "/api/v1/session/second", "{\"old\":\"" PASSWORD "\"}"),
                     200);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(post(&clerk, "/api/v1/session/second/sure", wrong), 409);
        assert_string_equal(said("code"), "second_wrong");
    }
    assert_int_equal(post(&clerk, "/api/v1/session/second/sure", wrong), 409);
    assert_string_equal(said("code"), "signin_locked");
    assert_int_equal(post(&clerk, "/api/v1/session/password",
                          "{\"old\":\"" PASSWORD "\",\"new\":\"" PASSWORD "\"}"),
                     409);
    assert_string_equal(said("code"), "signin_locked"); /* right as it may be */
}

static void a_token_reads_or_takes_in_and_no_more(void **state)
{
    struct guest reads = {0}, imports = {0};
    char text[96];

    (void)state;
    run_accounts(text, sizeof text, "token", "doc", "read", NULL);
    (void)snprintf(reads.token, sizeof reads.token, "Authorization: Bearer %s\r\n", text);
    run_accounts(text, sizeof text, "token", "nhap", "import", NULL);
    (void)snprintf(imports.token, sizeof imports.token, "Authorization: Bearer %s\r\n",
                   text);
    assert_int_equal(get(&reads, "/api/v1/status"), 200);
    assert_int_equal(get(&imports, "/api/v1/status"), 200);
    assert_int_equal(post(&reads, "/api/v1/intake?name=a.txt", "x"), 403);
    assert_int_equal(post(&imports, "/api/v1/intake?name=a.txt", "x"), 200);
    assert_int_equal(get(&imports, "/api/v1/people"), 403);
    assert_int_equal(post(&imports, "/api/v1/session/password", "{}"), 403);
    run_accounts(NULL, 0, "token-back", "doc", NULL, NULL);
    assert_int_equal(get(&reads, "/api/v1/status"), 401);
}

static void bodies_that_make_no_sense_are_refused(void **state)
{
    static const struct guest nobody;
    char *large = calloc(1, 12000 + 1);

    (void)state;
    memset(large, ' ', 12000);
    assert_int_equal(post(&nobody, "/api/v1/session", ""), 400);
    assert_int_equal(post(&nobody, "/api/v1/session", "[1]"), 400);
    assert_int_equal(post(&nobody, "/api/v1/session", "{\"name\":7}"), 400);
    assert_int_equal(post(&nobody, "/api/v1/session", large), 400);
    assert_int_equal(post(&nobody, "/api/v1/first", large), 400);
    assert_int_equal(post(&nobody, "/api/v1/first", "null"), 400);
    assert_int_equal(ask_with(&nobody, "POST", "/api/v1/session", "{}",
                              "Origin: http://evil.example\r\n"),
                     403);
    free(large);
}

static void a_persons_name_is_written_with_what_he_does(void **state)
{
    struct guest clerk = {0};
    struct ran r;

    (void)state;
    make_person(&clerk, "hoa", "clerk");
    assert_int_equal(post(&clerk, "/api/v1/session/end", "{}"), 200);
    run(&b, &r, "tram-box", "--json", "accounts", "log", NULL);
    assert_non_null(
        strstr((const char *)r.out.bytes, "\"kind\":\"signed_out\",\"actor\":\"hoa\""));
    ran_release(&r);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void an_export_and_a_cleared_paper_are_in_the_trail(void **state)
{
    static const char record[] =
        "{\"key\": \"1\", \"fields\": {}, \"pages\": [{\"text\": \"x\"}]}\n";
    struct ran r;

    (void)state;
    bench_write(&b, "records.jsonl", record, strlen(record));
    run(&b, &r, "tram-box", "import", "--source", "thu", "records.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "export", "--format", "csv", "--all", "--out", "all.csv",
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "intake", bench_sample("mat-01.png"), NULL);
    ran_release(&r);
    run(&b, &r, "tram-box", "held", "--clear", "mat-01.png", "--reason", "thu", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "accounts", "log", NULL);
    assert_non_null(strstr((const char *)r.out.bytes, "exported  tram-box  all.csv"));
    assert_non_null(strstr((const char *)r.out.bytes, "cleared  tram-box  "));
    ran_release(&r);
}

/* ------------------------------------------------------------------ certificate */

static void a_certificate_is_made_once_and_one_that_is_given_is_used(void **state)
{
    char first[DESK_FINGERPRINT_BYTES], again[DESK_FINGERPRINT_BYTES];
    struct bench here;
    struct buffer pem;
    struct err e;

    (void)state;
    bench_create(&here);
    buffer_init(&pem, 65536);
    assert_int_equal(desk_certificate(disk_system(), here.dir, &pem, first, &e), 0);
    assert_non_null(strstr((const char *)pem.bytes, "BEGIN PRIVATE KEY"));
    assert_int_equal(strlen(first), 95);
    buffer_clear(&pem);
    assert_int_equal(desk_certificate(disk_system(), here.dir, &pem, again, &e), 0);
    assert_string_equal(first, again);
    bench_write(&here, "keys/desk.pem", "none", 4);
    buffer_clear(&pem);
    assert_int_equal(desk_certificate(disk_system(), here.dir, &pem, again, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&pem);
    bench_destroy(&here);
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(nobody_sees_anything_but_the_door),
        SERVED(the_first_start_makes_an_administrator_who_needs_a_second_factor),
        SERVED(a_clerk_may_not_do_what_is_the_administrators),
        SERVED(a_change_without_its_csrf_token_is_refused),
        SERVED(the_cookie_is_for_this_site_and_no_script),
        SERVED(changing_a_password_ends_the_other_sessions),
        SERVED(who_is_put_away_is_out_at_once),
        SERVED(ten_wrong_passwords_lock_the_account),
        SERVED(wrong_codes_at_an_open_desk_are_counted),
        SERVED(a_token_reads_or_takes_in_and_no_more),
        SERVED(bodies_that_make_no_sense_are_refused),
        SERVED(a_persons_name_is_written_with_what_he_does),
        SERVED(an_export_and_a_cleared_paper_are_in_the_trail),
        cmocka_unit_test(a_certificate_is_made_once_and_one_that_is_given_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
