/* A register as its offices hand it on, with the real program; opened again with Python's
 * zipfile and openpyxl. */
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/build.h"
#include "tests/lib/pdfa.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h"

#define PYTHON "/usr/bin/python3"

#define MANY      5000u
#define LAST_NAME "Nguyễn Thị Mẫu 4999"
/* The sanitizers' shadow is many times that. */
#if defined(__SANITIZE_ADDRESS__)
#define RESIDENT_KB_MAX 1000000
#else
#define RESIDENT_KB_MAX 40000
#endif

#define LOOK_MS 5
#define LOOKS   6000

static struct bench b;

struct value {
    const char *field, *value;
};

#define VALUES 8

struct one {
    const char *sample;
    struct value values[VALUES]; /* ends with a NULL */
    uint64_t document;
};

#define BOOK(number)                                                                     \
    {"namMoSo", "1999"}, {"maNoiDangKy", "93719"}, {"quyenSo", "02"},                    \
        {"loaiGiay", "A2"},                                                              \
    {                                                                                    \
        "so", number                                                                     \
    }

static const struct one usual[] = {
    {"giay-khai-sinh.png", {BOOK("259"), {"nksHoTen", "Nguyễn Thị Hằng"}}, 0},
    {"thong-bao-cu.jpg",
     {BOOK("260"), {"nksHoTen", "=1+1"}, {"ghiChu", "dòng một\ndòng hai "}},
     0},
    {"cong-van-hai-trang.pdf", {BOOK("007"), {"nksHoTen", "H'Hen Niê <&\">"}}, 0},
};

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

/* ------------------------------------------------------------------ the cases */

static void write_values(const struct one *o)
{
    struct scratch s = {0};

    must(store_open(&s.store, disk_system(), clock_system(), b.data, &s.err), &s.err);
    must(records_create(&s.records, s.store, &s.err), &s.err);
    must(store_write_begin(s.store, &s.err), &s.err);
    for (const struct value *v = o->values; v->field != NULL; v++)
        must(record_field(s.records, o->document, v->field, 0, "clerk", v->value, &s.err),
             &s.err);
    must(store_write_commit(s.store, NULL, &s.err), &s.err);
    scratch_close(&s);
}

static void take(struct one *o)
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "--json", "intake", "--type", "birth",
        bench_sample(o->sample), NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    o->document = (uint64_t)json_number_of(j, "document");
    json_decref(j);
    ran_release(&r);
    write_values(o);
}

/* A case that is a record only. */
static void import_case(const char *line)
{
    struct ran r;

    bench_write(&b, "a.jsonl", line, strlen(line));
    run(&b, &r, "tram-box", "import", "--source", "a", "a.jsonl", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

/* The package of all births; the caller releases *r and what is in it. */
static json_t *pack(struct ran *r, int status)
{
    char script[PATH_MAX];
    struct ran read;
    json_t *j;

    run(&b, r, "tram-box", "--json", "export", "--format", "package", "--type", "birth",
        "--out", "so.zip", NULL);
    EXPECT_STATUS(*r, status);
    assert_int_equal(ran_lines(r), 1);
    assert_false(bench_has(&b, "so.zip.*"));
    run(&b, &read, "/usr/bin/unzip", "-tq", "so.zip", NULL);
    EXPECT_STATUS(read, 0);
    ran_release(&read);
    assert_non_null(realpath("tests/appliance/package_read.py", script));
    run(&b, &read, PYTHON, script, "so.zip", NULL);
    EXPECT_STATUS(read, 0); /* python3-openpyxl: make deps */
    j = ran_json(&read, 0);
    ran_release(&read);
    return j;
}

/* ------------------------------------------------------------------ its sheets */

static const json_t *rows_of(const json_t *package, size_t sheet)
{
    return json_object_get(json_array_get(json_object_get(package, "sheets"), sheet),
                           "rows");
}

/* A cell of a case (from 0) by its head; "" for an empty one. */
static const char *cell(const json_t *package, size_t sheet, size_t which,
                        const char *head)
{
    const json_t *rows = rows_of(package, sheet), *heads = json_array_get(rows, 0), *h;
    size_t i;

    json_array_foreach(heads, i, h)
    {
        const json_t *value = json_array_get(json_array_get(rows, which + 1), i);

        if (strcmp(json_string_value(h), head) == 0)
            return json_is_null(value) ? "" : json_string_value(value);
    }
    return NULL;
}

static bool has_pdf(const json_t *package, const char *name)
{
    json_t *pdf;
    size_t i;

    json_array_foreach(json_object_get(package, "pdfs"), i, pdf)
    {
        if (strcmp(json_string_value(pdf), name) == 0)
            return true;
    }
    return false;
}

static size_t pdfs(const json_t *package)
{
    return json_array_size(json_object_get(package, "pdfs"));
}

static void expect_cell(const char *got, const char *want)
{
    assert_non_null(got);
    assert_string_equal(got, want);
}

/* ------------------------------------------------------------------- the tests */

static void a_case_is_a_pdf_a_row_and_every_cell_its_value(void **state)
{
    struct one cases[3];
    struct ran r;
    json_t *k;

    (void)state;
    memcpy(cases, usual, sizeof cases);
    for (size_t i = 0; i < 3; i++)
        take(&cases[i]);
    k = pack(&r, 0);
    assert_true(json_is_null(json_object_get(k, "bad")));
    assert_string_equal(json_text_of(k, "table"), "HT_KHAISINH.xlsx");
    assert_int_equal(pdfs(k), 3);
    assert_int_equal(json_number_of(k, "count"), 4);
    assert_int_equal(json_array_size(rows_of(k, 0)), 1 + 3);
    assert_true(has_pdf(k, "KS.1999.93719.02.A2.259.pdf"));
    assert_true(has_pdf(k, "KS.1999.93719.02.A2.260.pdf"));
    assert_true(has_pdf(k, "KS.1999.93719.02.A2.007.pdf"));
    for (size_t i = 0; i < 3; i++)
        for (const struct value *v = cases[i].values + 2; v->field != NULL; v++)
            if (strcmp(v->field, "loaiGiay") != 0)
                expect_cell(cell(k, 0, i, v->field), v->value);
    ran_release(&r);
    json_decref(k);
}

static void the_columns_are_the_type_s_in_its_order_and_all_cells_are_text(void **state)
{
    struct one o = usual[0];
    const json_t *heads, *sheet;
    struct ran r;
    json_t *k;

    (void)state;
    take(&o);
    k = pack(&r, 0);
    heads = json_array_get(rows_of(k, 0), 0);
    assert_string_equal(json_string_value(json_array_get(heads, 0)), "so");
    assert_string_equal(json_string_value(json_array_get(heads, 1)), "quyenSo");
    assert_string_equal(json_string_value(json_array_get(heads, 10)), "nksHoTen");
    assert_null(cell(k, 0, 0, "loaiGiay")); /* no column of the table */
    for (size_t i = 0; i < 2; i++) {
        sheet = json_array_get(json_object_get(k, "sheets"), i);
        assert_string_equal(json_text_of(sheet, "types"), "s");
    }
    ran_release(&r);
    json_decref(k);
}

static void the_pdf_is_the_searchable_copy_of_the_case(void **state)
{
    struct one o = usual[0];
    char document[24];
    struct ran r;
    const char *problem;

    (void)state;
    take(&o);
    (void)snprintf(document, sizeof document, "%" PRIu64, o.document);
    json_decref(pack(&r, 0));
    ran_release(&r);
    run(&b, &r, "/usr/bin/unzip", "-q", "so.zip", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    problem = pdfa_problem(bench_path(&b, "KS.1999.93719.02.A2.259.pdf"));
    if (problem != NULL)
        fail_msg("%s", problem);
    run(&b, &r, "tram-box", "show", document, "--pdf", "one.pdf", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/cmp", "one.pdf", "KS.1999.93719.02.A2.259.pdf", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_number_of_a_book_of_several_years_has_its_year_before_it(void **state)
{
    struct one o = {"giay-khai-sinh.png", {BOOK("12/2003")}, 0};
    struct ran r;
    json_t *k;

    (void)state;
    take(&o);
    k = pack(&r, 0);
    assert_true(has_pdf(k, "KS.1999.93719.02.A2.03.12.pdf"));
    expect_cell(cell(k, 0, 0, "so"), "12/2003");
    ran_release(&r);
    json_decref(k);
}

static void what_is_no_text_leaves_a_table_that_opens(void **state)
{
    struct one o = usual[0];
    struct ran r;
    json_t *k;

    (void)state;
    o.values[5].value = "An\xef\xbf\xbf\xef\xbf\xbe\xef\xbf\xbd.";
    take(&o);
    k = pack(&r, 0);
    expect_cell(cell(k, 0, 0, "nksHoTen"), "An\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.");
    ran_release(&r);
    json_decref(k);
}

static void a_name_that_is_taken_gets_a_number_and_is_told(void **state)
{
    struct one cases[] = {{"giay-khai-sinh.png", {BOOK("259")}, 0},
                          {"thong-bao-cu.jpg", {BOOK("259")}, 0}};
    struct ran r;
    json_t *k;

    (void)state;
    take(&cases[0]);
    take(&cases[1]);
    cases[1].values[3].value = "a2"; /* the same to Windows */
    write_values(&cases[1]);
    k = pack(&r, 3);
    assert_int_equal(pdfs(k), 2);
    assert_true(has_pdf(k, "KS.1999.93719.02.A2.259.pdf"));
    assert_true(has_pdf(k, "KS.1999.93719.02.a2.259(1).pdf"));
    assert_int_equal(ran_err_lines(&r), 2); /* the case, and how many */
    ran_release(&r);
    json_decref(k);
}

static void a_case_that_lacks_a_field_is_called_by_its_number_and_told(void **state)
{
    struct one o = {"giay-khai-sinh.png", {{"so", "259"}, {"quyenSo", " "}}, 0};
    char name[40];
    struct ran r;
    json_t *k;

    (void)state;
    take(&o);
    k = pack(&r, 3);
    (void)snprintf(name, sizeof name, "%" PRIu64 ".pdf", o.document);
    assert_true(has_pdf(k, name));
    assert_int_equal(json_array_size(rows_of(k, 0)), 2);
    expect_cell(cell(k, 1, 0, "PDF file"), name);
    assert_non_null(strstr(cell(k, 1, 0, "Note"), "Year the book was opened, "));
    assert_non_null(strstr((char *)r.err.bytes, "Year the book was opened, "));
    ran_release(&r);
    json_decref(k);
}

static void letters_that_no_file_may_have_are_replaced(void **state)
{
    struct one o = {"giay-khai-sinh.png", {BOOK("25:9*")}, 0};
    struct ran r;
    json_t *k;

    (void)state;
    o.values[2].value = "Quyển <\\\"02\"";
    take(&o);
    k = pack(&r, 0);
    assert_true(has_pdf(k, "KS.1999.93719.Quyển ---02-.A2.25-9-.pdf"));
    expect_cell(cell(k, 0, 0, "quyenSo"), "Quyển <\\\"02\"");
    ran_release(&r);
    json_decref(k);
}

static void a_case_without_a_picture_has_its_row_and_is_told(void **state)
{
    struct one o = usual[0];
    struct ran r;
    json_t *k;

    (void)state;
    take(&o);
    import_case("{\"key\":\"1\",\"type\":\"birth\",\"fields\":{\"so\":\"1\",\"quyenSo\":"
                "\"02\",\"namMoSo\":\"1999\",\"maNoiDangKy\":\"93719\",\"loaiGiay\":"
                "\"A2\",\"khac\":\"của riêng\"},\"pages\":[{\"text\":\"chữ\"}]}\n");
    k = pack(&r, 3);
    assert_int_equal(pdfs(k), 1);
    assert_int_equal(json_array_size(rows_of(k, 0)), 1 + 2);
    expect_cell(cell(k, 0, 1, "khac"), "của riêng"); /* of no type's, and not lost */
    expect_cell(cell(k, 1, 1, "PDF file"), "");
    ran_release(&r);
    json_decref(k);
}

static void papers_of_two_types_make_no_package_and_leave_the_one_there(void **state)
{
    struct one o = usual[0];
    struct ran r;

    (void)state;
    take(&o);
    import_case("{\"key\":\"1\",\"type\":\"death\",\"fields\":{\"so\":\"1\"}}\n");
    bench_write(&b, "so.zip", "as it was", 9);
    run(&b, &r, "tram-box", "--json", "export", "--format", "package", "--all", "--out",
        "so.zip", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_lines(&r), 1);
    assert_non_null(strstr((char *)r.err.bytes, "birth"));
    assert_non_null(strstr((char *)r.err.bytes, "death"));
    ran_release(&r);
    run(&b, &r, "/bin/cat", "so.zip", NULL);
    assert_string_equal((char *)r.out.bytes, "as it was");
    assert_false(bench_has(&b, "so.zip.*"));
    ran_release(&r);
}

static void a_disk_that_is_full_leaves_nothing_behind(void **state)
{
    struct one o = usual[0];
    unsigned rounds = 0;
    char program[PATH_MAX];
    int status = -1;
    struct ran r;

    (void)state;
    take(&o);
    (void)snprintf(program, sizeof program, "%s/tram-box", build_dir());
    /* No file may be larger, as on a disk that is full: SQLite's need 40 kB. */
    for (unsigned kb = 40; status != 0; kb += 8, rounds++) {
        char words[160];

        (void)snprintf(words, sizeof words,
                       "ulimit -f %u; trap '' XFSZ; exec \"$0\" export --format package"
                       " --type birth --out so.zip",
                       kb);
        run(&b, &r, "/bin/bash", "-c", words, program, NULL);
        status = r.status;
        assert_true(status == 0 || status == 1);
        assert_int_equal(bench_has(&b, "so.zip*"), status == 0);
        ran_release(&r);
    }
    assert_true(rounds > 2);
    assert_false(bench_has(&b, "so.zip.*"));
}

static void import_cases(unsigned count)
{
    struct buffer lines;

    buffer_init(&lines, 1 << 24);
    for (unsigned i = 0; i < count; i++)
        buffer_append_format(
            &lines,
            "{\"key\":\"%u\",\"type\":\"birth\",\"fields\":{\"so\":\"%u\","
            "\"nksHoTen\":\"Nguyễn Thị Mẫu %u\"}}\n",
            i, i, i);
    assert_int_equal(lines.failed, ERR_NONE);
    import_case((const char *)lines.bytes);
    buffer_release(&lines);
}

static void thousands_of_cases_take_little_memory(void **state)
{
    struct ran r;
    json_t *k;

    (void)state;
    import_cases(MANY);
    k = pack(&r, 3); /* none has a picture */
    assert_int_equal(json_array_size(rows_of(k, 0)), 1 + MANY);
    assert_int_equal(json_array_size(rows_of(k, 1)), 1 + MANY);
    expect_cell(cell(k, 0, MANY - 1, "nksHoTen"), LAST_NAME);
    printf("             %u cases: %ld kB resident\n", MANY, r.resident_kb_max);
    assert_true(r.resident_kb_max <= RESIDENT_KB_MAX);
    ran_release(&r);
    json_decref(k);
}

static void a_package_that_is_interrupted_leaves_nothing_behind(void **state)
{
    struct running packing;
    int status;

    (void)state;
    import_cases(MANY);
    run_begin(&b, &packing, "tram-box", "export", "--format", "package", "--type",
              "birth", "--out", "so.zip", NULL);
    for (int i = 0; i < LOOKS && !bench_has(&b, "so.zip.*"); i++)
        (void)poll(NULL, 0, LOOK_MS);
    assert_true(bench_has(&b, "so.zip.*"));
    status = running_end(&packing, SIGINT);
    assert_true(status == 1 || status == 3); /* 3: too late to matter */
    assert_int_equal(bench_has(&b, "so.zip"), status == 3);
    assert_false(bench_has(&b, "so.zip.*"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_case_is_a_pdf_a_row_and_every_cell_its_value,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            the_columns_are_the_type_s_in_its_order_and_all_cells_are_text, start,
            finish),
        cmocka_unit_test_setup_teardown(the_pdf_is_the_searchable_copy_of_the_case, start,
                                        finish),
        cmocka_unit_test_setup_teardown(
            a_number_of_a_book_of_several_years_has_its_year_before_it, start, finish),
        cmocka_unit_test_setup_teardown(what_is_no_text_leaves_a_table_that_opens, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_name_that_is_taken_gets_a_number_and_is_told,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            a_case_that_lacks_a_field_is_called_by_its_number_and_told, start, finish),
        cmocka_unit_test_setup_teardown(letters_that_no_file_may_have_are_replaced, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_case_without_a_picture_has_its_row_and_is_told,
                                        start, finish),
        cmocka_unit_test_setup_teardown(
            papers_of_two_types_make_no_package_and_leave_the_one_there, start, finish),
        cmocka_unit_test_setup_teardown(thousands_of_cases_take_little_memory, start,
                                        finish),
        cmocka_unit_test_setup_teardown(
            a_package_that_is_interrupted_leaves_nothing_behind, start, finish),
        cmocka_unit_test_setup_teardown(a_disk_that_is_full_leaves_nothing_behind, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
