/* Questions that name a field, over pages whose fields were drawn by the reader, asked on
 * the command line and over the desk's API of a box that serves. */
#include "tests/lib/program.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define WAIT_MS_MAX 60000

static struct bench b;
static struct running serve;
static int64_t decision, proposal; /* 3115/QĐ-UBND of 2012; 476/TTr-UBND of 2007 */

static int start(void **state)
{
    struct ran r;

    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    decision = bench_take(&b, bench_sample("quyet-dinh-01.png"));
    proposal = bench_take(&b, bench_sample("to-trinh-lech.jpg"));
    run(&b, &r, "tram-box", "read", "--wait", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* D and P: the documents found, each once, in the order of the hits. */
static void add_document(char *story, int64_t document)
{
    const char *name = document == decision ? "D" : document == proposal ? "P" : "?";

    if (strstr(story, name) == NULL)
        (void)strcat(story, name);
}

static void ask_word(const char *query, char *story)
{
    struct ran r;

    story[0] = '\0';
    run(&b, &r, "tram-box", "--json", "search", query, NULL);
    EXPECT_STATUS(r, 0);
    for (size_t i = 0; i < ran_lines(&r); i++) {
        json_t *j = ran_json(&r, i);

        add_document(story, json_number_of(j, "document"));
        json_decref(j);
    }
    ran_release(&r);
}

static void ask_api(const char *query, char *story)
{
    char path[1024] = "/api/v1/search?q=";
    struct buffer answer;
    const char *body;
    json_t *j, *hit;
    size_t i;

    story[0] = '\0';
    for (const char *at = query; *at != '\0'; at++)
        (void)sprintf(path + strlen(path), "%%%02X", (unsigned char)*at);
    buffer_init(&answer, 1u << 20);
    assert_int_equal(http_get(serve.port, path, &answer, &body), 200);
    j = json_loads(body, 0, NULL);
    assert_non_null(j);
    json_array_foreach(json_object_get(j, "hits"), i, hit)
        add_document(story, json_number_of(hit, "document"));
    json_decref(j);
    buffer_release(&answer);
}

static void a_field_that_was_drawn_is_found_by_its_name(void **state)
{
    static const char *const questions[][2] = {
        {"số:3115/QĐ-UBND", "D"},
        {"so:3115", "D"},
        {"số:476/TTr-UBND", "P"},
        {"số:3115/TTr-UBND", ""},
        {"số:476/QĐ-UBND", ""},
        {"ngày:17/12/2012", "D"},
        {"ngày:2011..2013", "D"},
        {"ngày:2007", "P"},
        {"ngày:2019..2021", ""},
        {"loại:QĐ", "D"},
        {"loại:TTr", "P"},
        {"người ký:Nông Đức Nghĩa", "D"},
        {"nguoi ky:cuc", "P"},
        {"người ký:Nguyễn", ""},
        {"ngày:2000..2020 -loại:QĐ", "P"},
        {"loại:QĐ người ký:Nghĩa", "D"},
        {"loại:QĐ người ký:Cúc", ""},
        {"loại:QĐ \"hồ sơ, con dấu\"", "D"},
        {"loại:TTr \"hồ sơ, con dấu\"", ""},
    };
    char by_word[16], by_api[16];

    (void)state;
    serve_begin(&b, &serve);
    serve_let_in(&b);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        ask_word(questions[i][0], by_word);
        ask_api(questions[i][0], by_api);
        if (strcmp(by_word, questions[i][1]) != 0 || strcmp(by_api, questions[i][1]) != 0)
            fail_msg("%s: \"%s\" and \"%s\"", questions[i][0], by_word, by_api);
    }
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

/* As migration 15 leaves it. */
static void forget_the_index(void)
{
    char path[128];
    sqlite3 *db;

    (void)snprintf(path, sizeof path, "%s/tram.db", b.data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DELETE FROM search; DELETE FROM search_state;"
                                  "DELETE FROM search_fresh; DELETE FROM search_word;"
                                  "DELETE FROM search_block; DELETE FROM search_list;"
                                  "DELETE FROM search_dead",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
}

static void an_older_box_that_serves_makes_its_index_anew(void **state)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    char story[16] = "";
    struct ran r;

    (void)state;
    forget_the_index();
    serve_begin(&b, &serve);
    serve_let_in(&b);
    for (int ms = 0; strcmp(story, "D") != 0 && ms < WAIT_MS_MAX; ms += 50) {
        ask_api("loại:QĐ", story);
        (void)nanosleep(&pause, NULL);
    }
    assert_string_equal(story, "D");
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_word_makes_an_older_boxs_index_first(void **state)
{
    char story[16];
    struct ran r;

    (void)state;
    forget_the_index();
    run(&b, &r, "tram-box", "search", "3115", NULL);
    EXPECT_STATUS(r, 0);
    assert_non_null(strstr((char *)r.err.bytes, "is being made anew: 0%"));
    ran_release(&r);
    ask_word("3115", story);
    assert_string_equal(story, "D");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_that_was_drawn_is_found_by_its_name),
        cmocka_unit_test(an_older_box_that_serves_makes_its_index_anew),
        cmocka_unit_test(a_word_makes_an_older_boxs_index_first),
    };

    return cmocka_run_group_tests_name("search fields", tests, start, finish);
}
