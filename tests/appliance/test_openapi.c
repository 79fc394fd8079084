/* openapi.json: that it names the server's routes and nothing else, with who may; and, by
 * openapi_answers.py, that a running server asks and answers as it says. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/api.h"
#include "tests/lib/program.h"

#define FILE_NAME "appliance/openapi.json"
#define PREFIX    "/api/v1/"

static struct bench b;
static struct running serve;

/* ------------------------------------------------------------------- sentences */

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    serve_begin(&b, &serve);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    (void)running_end(&serve, SIGTERM);
    bench_destroy(&b);
    return 0;
}

static json_t *document(void)
{
    json_error_t why;
    json_t *j = json_load_file(FILE_NAME, JSON_REJECT_DUPLICATES, &why);

    if (j == NULL)
        fail_msg("%s:%d: %s", FILE_NAME, why.line, why.text);
    return j;
}

/* "/pages/{id}/text" is the route "/pages/{}/text". */
static void path_without_names(char *out, const char *path)
{
    for (bool named = false; *path != '\0'; path++) {
        named = named && *path != '}';
        if (!named)
            *out++ = *path;
        named = named || *path == '{';
    }
    *out = '\0';
}

/* NULL: the document has none. */
static json_t *operation_of(const json_t *paths, const struct http_route *r)
{
    char bare[128];
    const char *path;
    json_t *item;

    json_object_foreach((json_t *)(uintptr_t)paths, path, item)
    {
        assert_true(strlen(path) < sizeof bare);
        path_without_names(bare, path);
        if (strcmp(bare, r->path) == 0)
            return json_object_get(item, strcmp(r->method, "GET") == 0 ? "get" : "post");
    }
    return NULL;
}

/* What a route asks of who comes, as OpenAPI writes it: one of these, each with all of its
 * own. */
static json_t *security_of(const struct http_route *r)
{
    static const char *const roles[] = {[NEED_ADMINISTRATOR] = "administrator",
                                        [NEED_REVIEWER] = "reviewer",
                                        [NEED_CLERK] = "clerk"};
    unsigned role = r->need & NEED_ROLE;
    json_t *all = json_array(), *session;

    if (role == NEED_NOTHING)
        return all;
    session = role == NEED_PERSON ? json_pack("{s:[]}", "session")
                                  : json_pack("{s:[s]}", "session", roles[role]);
    if (strcmp(r->method, "GET") != 0)
        (void)json_object_set_new(session, "csrf", json_array());
    (void)json_array_append_new(all, session);
    if ((r->need & (NEED_READS | NEED_IMPORTS)) != 0)
        (void)json_array_append_new(
            all, json_pack("{s:[s]}", "token",
                           (r->need & NEED_READS) != 0 ? "read" : "import"));
    return all;
}

static bool is_api(const struct http_route *r)
{
    return strncmp(r->path, PREFIX, strlen(PREFIX)) == 0;
}

/* ---------------------------------------------------------------------- stories */

static void every_route_is_in_it_with_who_may(void **state)
{
    const struct http_route *routes;
    size_t count = api_routes(&routes);
    json_t *j = document();

    (void)state;
    for (size_t i = 0; i < count; i++) {
        json_t *operation = operation_of(json_object_get(j, "paths"), &routes[i]);
        json_t *expected = security_of(&routes[i]);

        if (is_api(&routes[i]) && operation == NULL)
            fail_msg("%s lacks %s %s", FILE_NAME, routes[i].method, routes[i].path);
        if (is_api(&routes[i]) &&
            !json_equal(json_object_get(operation, "security"), expected))
            fail_msg("%s %s: who may is %s", routes[i].method, routes[i].path,
                     json_dumps(expected, 0));
        json_decref(expected);
    }
    json_decref(j);
}

static void nothing_else_is_in_it(void **state)
{
    const struct http_route *routes;
    size_t count = api_routes(&routes), ours = 0, theirs = 0;
    json_t *j = document(), *item;
    const char *path;

    (void)state;
    for (size_t i = 0; i < count; i++)
        ours += is_api(&routes[i]);
    json_object_foreach(json_object_get(j, "paths"), path, item)
    {
        theirs += json_object_size(item);
    }
    assert_int_equal(theirs, ours); /* each of ours is there: see above */
    json_decref(j);
}

/* The first administrator's; `out` holds it. */
static void first_code(char out[64])
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "--json", "accounts", "first-code", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    (void)snprintf(out, 64, "%s", json_text_of(j, "first_code"));
    json_decref(j);
    ran_release(&r);
}

static void a_running_server_asks_and_answers_as_it_says(void **state)
{
    char script[PATH_MAX], code[64];
    struct ran r;

    (void)state;
    assert_non_null(realpath("tests/appliance/openapi_answers.py", script));
    first_code(code);
    run(&b, &r, "/usr/bin/python3", script, serve.address, code,
        bench_sample("giay-khai-sinh.png"), NULL);
    EXPECT_STATUS(r, 0); /* python3-jsonschema: make deps */
    ran_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_in_it_with_who_may),
        cmocka_unit_test(nothing_else_is_in_it),
        cmocka_unit_test_setup_teardown(a_running_server_asks_and_answers_as_it_says,
                                        start, finish),
    };

    return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}
