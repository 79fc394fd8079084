/* Type files: what the loader refuses, and in which words. What a JSON Schema can say,
 * type.schema.json says too: each wrong file is held against both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/types/embedded.h"
#include "schema/types/types.h"
#include "tests/lib/scratch.h"

static const char good[] =
    "{\n"                                                                          /* 1 */
    "  \"label\": {\"vi\": \"Sổ\", \"en\": \"Book\"},\n"                           /* 2 */
    "  \"about\": {\"vi\": \"Một sổ\", \"en\": \"A book\"},\n"                     /* 3 */
    "  \"mark\": \"V2\", \"source\": \"NĐ 1\",\n"                                  /* 4 */
    "  \"heads\": [\"SỔ\"],\n"                                                     /* 5 */
    "  \"codes\": {\"kind\": {\"values\": [\n"                                     /* 6 */
    "    {\"code\": \"NQ\", \"vi\": \"a\", \"en\": \"a\", \"symbol\": \"NQ\"},\n"  /* 7 */
    "    {\"code\": \"CV\", \"vi\": \"b\", \"en\": \"b\", \"symbol\": null}]}},\n" /* 8 */
    "  \"fields\": [\n"                                                            /* 9 */
    "    {\"name\": \"number\", \"kind\": \"symbol\", \"length\": 10,\n"        /* 10 */
    "      \"label\": {\"vi\": \"Số\", \"en\": \"Number\"},\n"                  /* 11 */
    "      \"find\": {\"anchors\": [\"Số:\"], \"zones\": [[0, 0, 0.5, 0.2]],\n" /* 12 */
    "        \"side\": \"beside\", \"page\": \"first\",\n"                      /* 13 */
    "        \"patterns\": [\"\\\\d+/\\\\w+\"]}},\n"                            /* 14 */
    "    {\"name\": \"kind\", \"kind\": \"code\", \"codes\": \"kind\",\n"       /* 15 */
    "      \"label\": {\"vi\": \"Loại\", \"en\": \"Kind\"}, \"required\": true},\n" /* 16 */
    "    {\"name\": \"day\", \"kind\": \"date\",\n"                             /* 17 */
    "      \"label\": {\"vi\": \"Ngày\", \"en\": \"Day\"}},\n"                  /* 18 */
    "    {\"name\": \"note\", \"kind\": \"text\", \"column\": null,\n"          /* 19 */
    "      \"label\": {\"vi\": \"Ghi chú\", \"en\": \"Note\"},\n"               /* 20 */
    "      \"required\": {\"field\": \"kind\", \"is\": [\"CV\"]}}],\n"          /* 21 */
    "  \"checks\": [\n"                                                         /* 22 */
    "    {\"rule\": \"symbol_kind\", \"fields\": [\"number\", \"kind\"]},\n"    /* 23 */
    "    {\"rule\": \"form\", \"fields\": [\"note\"], \"pattern\": \"a+\"}],\n" /* 24 */
    "  \"table\": \"SO\", \"file_name\": \"S.{number}.pdf\"\n"                  /* 25 */
    "}\n";

enum sees { SCHEMA_SEES, LOADER_ALONE };

static const struct wrong {
    const char *from, *to; /* what is changed in the good one */
    const char *told;
    enum sees sees;
} table[] = {
    /* text that is no JSON, or says a thing twice */
    {"\"heads\": [", "\"heads\": ", "book.json:5: ", LOADER_ALONE},
    {"\"mark\": \"V2\",", "\"mark\": \"V2\", \"mark\": \"V\",", "book.json:4: duplicate",
     LOADER_ALONE},
    /* keys */
    {"\"table\":", "\"tabel\":", "book.json:25: tabel: no such key", SCHEMA_SEES},
    {"\"table\":", "\"\":", "no such key", SCHEMA_SEES}, /* once looked for without end */
    {"\"length\": 10", "\"lenght\": 10", "book.json:10: fields[0].lenght: no such key",
     SCHEMA_SEES},
    {"\"anchors\"", "\"anchor\"", "book.json:12: fields[0].find.anchor: no such key",
     SCHEMA_SEES},
    {"\"vi\": \"Sổ\", ", "", "book.json:2: label: \"vi\" is missing", SCHEMA_SEES},
    {"\"mark\": \"V2\", ", "", "\"mark\" is missing", SCHEMA_SEES},
    {"\"mark\": \"V2\"", "\"mark\": \"V3\"", "book.json:4: mark: no such mark: \"V3\"",
     SCHEMA_SEES},
    {"\"heads\": [\"SỔ\"]", "\"heads\": \"SỔ\"", "book.json:5: heads: must be a list",
     SCHEMA_SEES},
    {"\"heads\": [\"SỔ\"]", "\"heads\": [\"SỔ\", 5]", "heads[1]: must be a text",
     SCHEMA_SEES},
    /* fields */
    {"\"kind\": \"date\"", "\"kind\": \"day\"",
     "book.json:17: fields[2].kind: no such kind: \"day\"", SCHEMA_SEES},
    {"\"kind\": \"date\",", "", "book.json:17: fields[2]: \"kind\" is missing",
     SCHEMA_SEES},
    {"\"name\": \"day\"", "\"name\": \"số\"",
     "fields[2].name: a field's name has letters, digits and _", SCHEMA_SEES},
    {"\"name\": \"day\"", "\"name\": \"number\"",
     "book.json:17: fields[2].name: field \"number\" is there twice", LOADER_ALONE},
    {"\"length\": 10", "\"length\": 0", "book.json:10: fields[0].length: must be a whole",
     SCHEMA_SEES},
    {"\"length\": 10", "\"length\": \"10\"", "fields[0].length: must be a whole",
     SCHEMA_SEES},
    {"\"column\": null", "\"column\": \"kind\"", "column \"kind\" is there twice",
     LOADER_ALONE},
    {"\"required\": true", "\"required\": 1", "book.json:16: fields[1].required: must be",
     SCHEMA_SEES},
    {"\"field\": \"kind\"", "\"field\": \"kin\"",
     "book.json:21: fields[3].required: there is no other field \"kin\"", LOADER_ALONE},
    {"\"field\": \"kind\"", "\"field\": \"note\"", "there is no other field \"note\"",
     LOADER_ALONE},
    {"\"is\": [\"CV\"]", "\"is\": [\"cv\"]", "\"kind\" has no code \"cv\"", LOADER_ALONE},
    {"\"is\": [\"CV\"]", "\"is\": []", "fields[3].required.is: must have 1 to",
     SCHEMA_SEES},
    /* code lists */
    {"\"codes\": \"kind\"", "\"codes\": \"kinds\"",
     "book.json:15: fields[1].codes: there is no code list \"kinds\"", LOADER_ALONE},
    {"\"codes\": \"kind\",", "", "fields[1]: \"codes\" is missing", SCHEMA_SEES},
    {"\"kind\": \"date\"", "\"kind\": \"date\", \"codes\": \"kind\"",
     "fields[2].codes: is for fields of kind \"code\"", SCHEMA_SEES},
    {"{\"code\": \"CV\", ", "{\"code\": \"NQ\", ",
     "book.json:8: codes.kind.values[1]: code \"NQ\" is there twice", LOADER_ALONE},
    {", \"symbol\": null", "", "\"symbol\" must be in all values", LOADER_ALONE},
    {"\"symbol\": \"NQ\"", "\"symbol\": \"\"",
     "codes.kind.values[0].symbol: must be a text", SCHEMA_SEES},
    /* where and what */
    {"\\\\d+/\\\\w+", "(\\\\d+",
     "book.json:14: fields[0].find.patterns[0]: bad pattern at byte", LOADER_ALONE},
    {"[0, 0, 0.5, 0.2]", "[0, 0, 50, 20]",
     "book.json:12: fields[0].find.zones[0]: a zone is in fractions", SCHEMA_SEES},
    {"[0, 0, 0.5, 0.2]", "[0, 0.5, 0.5, 0.2]", "the zone holds nothing", LOADER_ALONE},
    {"[0, 0, 0.5, 0.2]", "[0, 0, 0.5]", "a zone is [left, top, right, bottom]",
     SCHEMA_SEES},
    {"\"beside\"", "\"besides\"", "find.side: no such side: \"besides\"", SCHEMA_SEES},
    {"\"first\"", "\"front\"", "find.page: no such page: \"front\"", SCHEMA_SEES},
    /* checks */
    {"\"symbol_kind\"", "\"symbol_kinds\"",
     "book.json:23: checks[0].rule: no such rule: \"symbol_kinds\"", SCHEMA_SEES},
    {"[\"number\", \"kind\"]", "[\"number\"]", "rule \"symbol_kind\" takes 2 fields",
     SCHEMA_SEES},
    {"[\"number\", \"kind\"]", "[\"number\", \"kin\"]",
     "checks[0].fields[1]: there is no field \"kin\"", LOADER_ALONE},
    {"[\"number\", \"kind\"]", "[\"number\", \"day\"]",
     "rule \"symbol_kind\" is not for a field of kind \"date\"", LOADER_ALONE},
    {"\"pattern\": \"a+\"", "\"pattern\": \"a+(\"",
     "book.json:24: checks[1].pattern: bad pattern", LOADER_ALONE},
    {", \"pattern\": \"a+\"", "", "checks[1]: \"pattern\" is missing", SCHEMA_SEES},
    {"\"number\", \"kind\"]", "\"number\", \"kind\"], \"pattern\": \"a\"",
     "rule \"symbol_kind\" takes none", SCHEMA_SEES},
    /* what it is called when it leaves */
    {"S.{number}.pdf", "S.{numbr}.pdf", "book.json:25: file_name: there is no field",
     LOADER_ALONE},
    {"S.{number}.pdf", "S.{number.pdf", "write a field's name in braces", SCHEMA_SEES},
    {"S.{number}.pdf", "../{number}.pdf", "file_name: has a \"/\"", SCHEMA_SEES},
};
enum { WRONGS = sizeof table / sizeof *table };

static void make_wrong(char *out, size_t bytes, const struct wrong *w)
{
    const char *at = strstr(good, w->from);

    if (at == NULL)
        fail_msg("the good file has no %s", w->from);
    (void)snprintf(out, bytes, "%.*s%s%s", (int)(at - good), good, w->to,
                   at + strlen(w->from));
}

static int parse(struct record_types **out, const char *text, struct err *e)
{
    struct type_file file = {"book.json", text, strlen(text)};

    return types_parse(out, &file, 1, e);
}

static void a_wrong_file_is_refused_with_file_line_place_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRONGS; i++) {
        struct record_types *t = (struct record_types *)&i;
        char text[sizeof good + 200];
        struct err e = {0};

        make_wrong(text, sizeof text, &table[i]);
        if (parse(&t, text, &e) == 0)
            fail_msg("taken: %s instead of %s", table[i].to, table[i].from);
        assert_null(t);
        assert_int_equal(e.code, ERR_REFUSED);
        if (strstr(e.text, table[i].told) == NULL || strstr(e.text, "book.json:") == NULL)
            fail_msg("\"%s\" instead of \"%s\"", e.text, table[i].told);
    }
}

static void the_good_file_says_what_it_means(void **state)
{
    struct record_types *t;
    const struct record_type *book;
    const struct field_def *number, *note;
    struct err e;

    (void)state;
    must(parse(&t, good, &e), &e);
    book = types_find(t, "book");
    number = type_field(book, "number");
    note = type_field(book, "note");
    assert_string_equal(label_in(&book->label, LANGUAGE_VI), "Sổ");
    assert_int_equal(number->kind, FIELD_SYMBOL);
    assert_int_equal(number->length_max, 10);
    assert_string_equal(number->column, "number");
    assert_string_equal(number->fact.source, "NĐ 1"); /* as its type's */
    assert_string_equal(number->search.anchors[0], "Số:");
    assert_true(number->search.zones[0].right > 0.49);
    assert_true(pattern_is_all(number->search.patterns[0], "12/QĐ", strlen("12/QĐ")));
    assert_int_equal(type_field(book, "kind")->need, FIELD_REQUIRED);
    assert_int_equal(note->need, FIELD_CONDITIONAL);
    assert_ptr_equal(note->when.field, type_field(book, "kind"));
    assert_null(note->column);
    assert_int_equal(book->checks[0].rule, CHECK_SYMBOL_KIND);
    types_destroy(t);
}

/* --------------------------------------------------------------- from a directory */

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[DISK_PATH_BYTES];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void one_wrong_file_refuses_the_directory_and_the_set_in_force_stays(void **state)
{
    struct scratch s;
    struct record_types *in_force, *next;
    struct err e;
    char text[sizeof good + 200];

    (void)state;
    scratch_dir(&s);
    assert_int_equal(types_load_dir(&in_force, disk_system(), s.dir, &e), -1);
    assert_non_null(strstr(e.text, "no record type"));
    write_file(s.dir, "book.json", good);
    write_file(s.dir, "notes.txt", "not a type\n");
    must(types_load_dir(&in_force, disk_system(), s.dir, &e), &e);
    make_wrong(text, sizeof text, &table[WRONGS - 1]);
    write_file(s.dir, "wrong.json", text);
    assert_int_equal(types_load_dir(&next, disk_system(), s.dir, &e), -1);
    assert_null(next);
    assert_non_null(strstr(e.text, "wrong.json:25: file_name"));
    assert_non_null(types_find(in_force, "book"));
    assert_int_equal(types_count(in_force), 1);
    types_destroy(in_force);
    scratch_remove(&s);
}

/* ------------------------------------------------------------- against the schema */

/* The schema's answers, a line a file in the order given. */
static void expect_answers(const char *command, const char *const *expected, size_t count)
{
    FILE *answers = popen(command, "r");
    char line[512];

    assert_non_null(answers);
    for (size_t i = 0; i < count; i++) {
        if (fgets(line, sizeof line, answers) == NULL)
            fail_msg("no answer: is python3-jsonschema there? (make deps)");
        if (strncmp(line, expected[i], strlen(expected[i])) != 0)
            fail_msg("expected %s: %s", expected[i], line);
    }
    assert_int_equal(pclose(answers), 0);
}

static void what_the_schema_can_say_it_refuses_as_the_loader_does(void **state)
{
    const char *expected[WRONGS + 1] = {"ok"};
    char command[WRONGS * 40 + 200], text[sizeof good + 200], name[32];
    size_t count = 1;
    struct scratch s;
    int n;

    (void)state;
    scratch_dir(&s);
    write_file(s.dir, "good.json", good);
    n = snprintf(command, sizeof command,
                 "python3 tests/schema/type_schema.py schema/types/type.schema.json"
                 " %s/good.json",
                 s.dir);
    for (size_t i = 0; i < WRONGS; i++) {
        if (table[i].sees == LOADER_ALONE)
            continue;
        make_wrong(text, sizeof text, &table[i]);
        (void)snprintf(name, sizeof name, "%zu.json", i);
        write_file(s.dir, name, text);
        n += snprintf(command + n, sizeof command - (size_t)n, " %s/%s", s.dir, name);
        expected[count++] = "refused";
    }
    expect_answers(command, expected, count);
    scratch_remove(&s);
}

static void each_file_that_the_program_carries_holds_the_schema(void **state)
{
    struct type_file files[TYPE_FILES_MAX];
    size_t count = types_embedded(files);
    const char *expected[TYPE_FILES_MAX];
    char command[4096];
    int n = snprintf(command, sizeof command,
                     "python3 tests/schema/type_schema.py schema/types/type.schema.json");

    (void)state;
    for (size_t i = 0; i < count; i++) {
        n += snprintf(command + n, sizeof command - (size_t)n, " schema/types/%s",
                      files[i].name);
        expected[i] = "ok";
    }
    expect_answers(command, expected, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_file_is_refused_with_file_line_place_and_reason),
        cmocka_unit_test(the_good_file_says_what_it_means),
        cmocka_unit_test(one_wrong_file_refuses_the_directory_and_the_set_in_force_stays),
        cmocka_unit_test(what_the_schema_can_say_it_refuses_as_the_loader_does),
        cmocka_unit_test(each_file_that_the_program_carries_holds_the_schema),
    };

    return cmocka_run_group_tests_name("type files", tests, NULL, NULL);
}
