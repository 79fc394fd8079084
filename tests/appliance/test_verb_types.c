/* Record types at the command line: listed, explained, asked of what comes in, and
 * what they warn of. With the real program. */
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/program.h"

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

static void write_file(const char *name, const char *text)
{
    bench_write(&b, name, text, strlen(text));
}

static bool told(const struct buffer *where, const char *words)
{
    return where->count > 0 && strstr((const char *)where->bytes, words) != NULL;
}

static void types_are_listed_and_explained(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "--json", "types", NULL);
    EXPECT_STATUS(r, 0);
    assert_int_equal(ran_lines(&r), 10);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "type"), "administrative");
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "types", "archive_dossier", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "mark"), "V2");
    assert_int_equal(json_array_size(json_object_get(j, "fields")), 18);
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "types", "archive_dossier", NULL);
    EXPECT_STATUS(r, 0);
    assert_true(told(&r.out, "paperFileCode"));
    assert_true(told(&r.out, "confidenceLevel = 02"));
    ran_release(&r);
}

static void a_type_that_is_not_there_is_said_with_those_that_are(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "types", "births", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    assert_true(told(&r.err, "births"));
    assert_true(told(&r.err, "marital_status"));
    ran_release(&r);
}

/* The one document of the one hit. */
static json_t *shown(const char *query)
{
    char id[24];
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "--json", "search", query, NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    (void)snprintf(id, sizeof id, "%lld", (long long)json_number_of(j, "document"));
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "show", id, NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    ran_release(&r);
    return j;
}

static void an_unknown_type_is_told_once_and_kept(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    write_file(
        "strange.jsonl",
        "{\"key\": \"1\", \"type\": \"cong_van_la\", \"fields\": {\"a\": \"lachet\"}}\n"
        "{\"key\": \"2\", \"type\": \"cong_van_la\", \"fields\": {\"a\": \"b\"}}\n"
        "{\"key\": \"3\", \"type\": \"birth\", \"fields\": {\"so\": \"5\"}}\n");
    run(&b, &r, "tram-box", "import", "--source", "strange", "strange.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    assert_int_equal(ran_err_lines(&r), 1);
    assert_true(told(&r.err, "cong_van_la"));
    ran_release(&r);
    j = shown("lachet");
    assert_string_equal(json_text_of(j, "type"), "cong_van_la");
    assert_int_equal(json_array_size(json_object_get(j, "warnings")), 0);
    json_decref(j);
    run(&b, &r, "tram-box", "intake", "--type", "giay_la",
        bench_sample("quyet-dinh-01.png"), NULL);
    EXPECT_STATUS(r, 0);
    assert_true(told(&r.err, "giay_la"));
    ran_release(&r);
}

static void show_tells_what_looks_wrong(void **state)
{
    struct ran r;
    json_t *j, *w;

    (void)state;
    write_file(
        "paper.jsonl",
        "{\"key\": \"1\", \"type\": \"administrative\", \"fields\": {\"issuer\":"
        " \"UBND xã Bản Mới\", \"number\": \"5\", \"symbol\": \"TTR-UBND\","
        " \"kind\": \"Tờ trình\", \"date\": \"31/02/2026\", \"subject\":"
        " \"xinlammoi\", \"page_count\": \"1\"}, \"pages\": [{\"text\": \"a\"}]}\n");
    run(&b, &r, "tram-box", "import", "--source", "paper", "paper.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    assert_int_equal(ran_err_lines(&r), 0);
    ran_release(&r);
    j = shown("xinlammoi");
    w = json_object_get(j, "warnings");
    assert_int_equal(json_array_size(w), 2);
    assert_string_equal(json_text_of(json_array_get(w, 0), "rule"), "date_exists");
    assert_string_equal(json_text_of(json_array_get(w, 0), "field"), "date");
    w = json_array_get(w, 1);
    assert_string_equal(json_text_of(w, "rule"), "symbol_kind");
    assert_string_equal(json_text_of(w, "beside"), "kind");
    assert_string_equal(json_text_of(w, "en"),
                        "“Symbol” TTR-UBND does not fit “Kind” Tờ trình, whose"
                        " abbreviation is TTr.");
    assert_true(json_text_of(w, "vi")[0] != '\0');
    assert_string_equal(json_text_of(w, "mark"), "V2");
    json_decref(j);
}

static void a_directory_of_types_replaces_them_if_it_is_sound(void **state)
{
    char dir[200], file[200];
    struct ran r;

    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/types", b.data);
    assert_int_equal(mkdir(dir, 0700), 0);
    (void)snprintf(file, sizeof file, "%s/types/note.json", b.data + strlen(b.dir) + 1);
    write_file(
        file,
        "{\"label\": {\"vi\": \"Sổ tay\", \"en\": \"Notebook\"}, \"about\": {\"vi\":"
        " \"a\", \"en\": \"a\"}, \"mark\": \"U\", \"source\": \"a\", \"fields\":"
        " [{\"name\": \"a\", \"kind\": \"text\", \"label\": {\"vi\": \"a\", \"en\":"
        " \"a\"}}]}\n");
    run(&b, &r, "tram-box", "types", NULL);
    EXPECT_STATUS(r, 0);
    assert_int_equal(ran_lines(&r), 1);
    assert_int_equal(ran_err_lines(&r), 0);
    ran_release(&r);
    write_file(file, "{\"label\": 5}\n");
    run(&b, &r, "tram-box", "types", NULL);
    EXPECT_STATUS(r, 0);
    assert_int_equal(ran_lines(&r), 10);
    assert_true(told(&r.err, "note.json:1: "));
    ran_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(types_are_listed_and_explained, start, finish),
        cmocka_unit_test_setup_teardown(
            a_type_that_is_not_there_is_said_with_those_that_are, start, finish),
        cmocka_unit_test_setup_teardown(an_unknown_type_is_told_once_and_kept, start,
                                        finish),
        cmocka_unit_test_setup_teardown(show_tells_what_looks_wrong, start, finish),
        cmocka_unit_test_setup_teardown(a_directory_of_types_replaces_them_if_it_is_sound,
                                        start, finish),
    };

    return cmocka_run_group_tests_name("types at the command line", tests, NULL, NULL);
}
