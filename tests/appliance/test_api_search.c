/* What the desk asks when somebody looks for a paper, by raw requests of a serving box:
 * hits with their counts, where they are on the picture, the picture, the PDF. */
#include <string.h>

#include "tests/lib/program.h"

static struct bench b;
static struct running serve;
static struct buffer answer;
static int64_t scanned; /* a document of one page */

/* A scan that is read, and two records of text. */
static int start(void **state)
{
    static const char records[] =
        "{\"key\":\"1\",\"fields\":{\"kind\":\"Báo cáo\",\"date\":\"05/02/2021\"},"
        "\"pages\":[{\"text\":\"Ủy ban nhân dân báo cáo\"}]}\n"
        "{\"key\":\"2\",\"fields\":{\"kind\":\"Báo cáo\",\"date\":\"2022\"},"
        "\"pages\":[{\"text\":\"Ủy ban nhân dân báo cáo thêm\"}]}\n";
    struct ran r;

    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    scanned = bench_take(&b, bench_sample("quyet-dinh-01.png"));
    bench_write(&b, "a.jsonl", records, sizeof records - 1);
    run(&b, &r, "tram-box", "import", "--source", "a", "a.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    serve_let_in(&b);
    serve_begin(&b, &serve);
    buffer_init(&answer, 64u << 20);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buffer_release(&answer);
    assert_int_equal(running_end(&serve, 15), 0);
    bench_destroy(&b);
    return 0;
}

static json_t *get(const char *path)
{
    const char *body;
    json_t *j;

    if (http_get(serve.port, path, &answer, &body) != 200)
        fail_msg("%s: %s", path, (const char *)answer.bytes);
    j = json_loads(body, 0, NULL);
    assert_non_null(j);
    return j;
}

static int status_of(const char *path)
{
    const char *body;

    return http_get(serve.port, path, &answer, &body);
}

static json_t *values_of(json_t *j, const char *facet)
{
    return json_object_get(json_object_get(json_object_get(j, "counts"), facet),
                           "values");
}

static void hits_come_with_counts_and_are_narrowed_by_them(void **state)
{
    json_t *j = get("/api/v1/search?q=%22nhan%20dan%20bao%20cao%22&counts=1"), *first;

    (void)state;
    first = json_array_get(values_of(j, "kind"), 0);
    assert_string_equal(json_text_of(first, "value"), "Báo cáo");
    assert_int_equal(json_number_of(first, "hits"), json_number_of(j, "total"));
    assert_int_equal(json_array_size(values_of(j, "year")), 2);
    assert_true(json_is_false(json_object_get(j, "at_least")));
    assert_true(json_is_false(json_object_get(j, "building")));
    assert_true(json_is_integer(json_object_get(j, "built_per_cent")));
    json_decref(j);
    j = get("/api/v1/"
            "search?q=%22nhan%20dan%20bao%20cao%22&counts=1&year=2022&kind=bao%20cao");
    assert_int_equal(json_array_size(values_of(j, "year")), 1);
    assert_int_equal(json_number_of(json_array_get(values_of(j, "year"), 0), "value"),
                     2022);
    json_decref(j);
    j = get("/api/v1/search?q=%22nhan%20dan%20bao%20cao%22");
    assert_null(json_object_get(j, "counts")); /* nobody asked */
    json_decref(j);
}

static void the_order_is_what_was_asked_for(void **state)
{
    json_t *j = get("/api/v1/search?q=%22nhan%20dan%22&order=date&limit=200"), *hit;
    size_t i, last = 0;

    (void)state;
    assert_string_equal(json_text_of(j, "order"), "date");
    json_array_foreach(json_object_get(j, "hits"), i,
                       hit) if (json_number_of(hit, "document") == scanned) last = i;
    assert_int_equal(last + 1, json_array_size(json_object_get(j, "hits"))); /* of 2012 */
    json_decref(j);
    assert_int_equal(status_of("/api/v1/search?q=a&order=sideways"), 400);
    assert_int_equal(status_of("/api/v1/search?q=a&year=mmxx"), 400);
}

static void words_are_boxed_on_the_picture_that_is_there(void **state)
{
    json_t *j, *pages;
    char path[96];
    const char *body;
    double left;

    (void)state;
    (void)snprintf(path, sizeof path, "/api/v1/pages/%lld/hits?q=%%22xa%%20hoi%%22",
                   (long long)scanned);
    j = get(path);
    pages = json_object_get(j, "pages");
    assert_int_equal(json_array_size(pages), 1);
    left = json_real_value(json_array_get(
        json_array_get(json_object_get(json_array_get(pages, 0), "boxes"), 0), 0));
    assert_true(left > 0.5 && left < 0.7); /* CỘNG HÒA XÃ HỘI, at the upper right */
    (void)snprintf(path, sizeof path, "/api/v1/pages/%lld/picture",
                   (long long)json_number_of(json_array_get(pages, 0), "page"));
    json_decref(j);
    for (int twice = 0; twice < 2; twice++) { /* made, then kept */
        assert_int_equal(http_get(serve.port, path, &answer, &body), 200);
        assert_int_equal(memcmp(body, "\xff\xd8\xff", 3), 0);
        assert_non_null(strstr((const char *)answer.bytes, "image/jpeg"));
    }
}

static void a_record_of_text_has_no_picture_and_says_so(void **state)
{
    json_t *j = get("/api/v1/search?q=%22cao%20them%22");
    int64_t document =
        json_number_of(json_array_get(json_object_get(j, "hits"), 0), "document");
    char path[96];

    (void)state;
    (void)snprintf(path, sizeof path, "/api/v1/documents/%lld/pdf", (long long)document);
    assert_int_equal(status_of(path), 404);
    assert_non_null(strstr((const char *)answer.bytes, "no_picture"));
    (void)snprintf(path, sizeof path, "/api/v1/pages/%lld/picture", (long long)document);
    assert_int_equal(status_of(path), 404);
    assert_int_equal(status_of("/api/v1/pages/7/picture"), 404);
    assert_int_equal(status_of("/api/v1/documents/7/pdf"), 404);
    assert_int_equal(status_of("/api/v1/pages/7/hits?q=a"), 404);
    json_decref(j);
}

static void the_document_is_given_as_a_pdf_and_nothing_stays_behind(void **state)
{
    char path[96];
    const char *body;

    (void)state;
    (void)snprintf(path, sizeof path, "/api/v1/documents/%lld/pdf", (long long)scanned);
    assert_int_equal(http_get(serve.port, path, &answer, &body), 200);
    assert_int_equal(memcmp(body, "%PDF-1.", 7), 0);
    assert_non_null(strstr((const char *)answer.bytes, "application/pdf"));
    assert_false(bench_has(&b, "data/blobs/tmp/*"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_come_with_counts_and_are_narrowed_by_them),
        cmocka_unit_test(the_order_is_what_was_asked_for),
        cmocka_unit_test(words_are_boxed_on_the_picture_that_is_there),
        cmocka_unit_test(a_record_of_text_has_no_picture_and_says_so),
        cmocka_unit_test(the_document_is_given_as_a_pdf_and_nothing_stays_behind),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
