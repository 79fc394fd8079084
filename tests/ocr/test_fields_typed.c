/* Fields of a record type: labels, sections, columns, zones and patterns come from its
 * file, and from nowhere else. The types here are written for the claim. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ocr/fields/fields.h"
#include "tests/lib/set_page.h"

static struct err e;
static struct record_types *types; /* what found[] points into */

/* A field of the type that is asked for: what stands in its "find", with ' for ". */
struct rule {
    const char *name, *find;
};

static void append_rule(struct buffer *json, const struct rule *rule)
{
    char field[1000];

    (void)snprintf(field, sizeof field,
                   "{'name': '%s', 'kind': 'text', 'label': {'vi': 'x', 'en': 'x'},"
                   " 'find': {%s}}",
                   rule->name, rule->find);
    buffer_append_text(json, field);
}

/* `rules` ends with one that has no name. */
static void type_make(const struct rule *rules)
{
    struct type_file file = {.name = "paper.json"};
    struct buffer json;

    buffer_init(&json, 8000);
    buffer_append_text(&json, "{'label': {'vi': 'Giấy', 'en': 'Paper'},"
                              " 'about': {'vi': 'Giấy', 'en': 'Paper'},"
                              " 'mark': 'U', 'source': 'thử', 'fields': [");
    for (size_t i = 0; rules[i].name != NULL; i++) {
        buffer_append_text(&json, i == 0 ? "" : ", ");
        append_rule(&json, &rules[i]);
    }
    buffer_append_text(&json, "]}");
    assert_int_equal(json.failed, ERR_NONE);
    for (size_t i = 0; i < json.count; i++)
        if (json.bytes[i] == '\'')
            json.bytes[i] = '"';
    file.bytes = (const char *)json.bytes;
    file.count = json.count;
    if (types_parse(&types, &file, 1, &e) != 0)
        fail_msg("%s", e.text);
    buffer_release(&json);
}

#define PAGES_MAX 4

static struct fields found_in(const struct set_page *set, uint32_t count,
                              const struct rule *rules)
{
    struct fields_page pages[PAGES_MAX];
    const struct record_type *type;
    struct fields drawn, f = {0};
    struct fields_register *r;

    type_make(rules);
    type = types_find(types, "paper");
    assert_int_equal(fields_register_create(&r, type, count, &e), 0);
    for (uint32_t i = 0; i < count; i++) {
        pages[i] = (struct fields_page){(const char *)set[i].text.bytes, &set[i].layout};
        assert_int_equal(fields_register_page(r, &f, &pages[i], i, &e), 0);
    }
    fields_register_destroy(r);
    assert_int_equal(fields_find(&drawn, pages, count, &e), 0);
    assert_int_equal(fields_of_type(&f, &drawn, type, pages, count, &e), 0);
    fields_release(&drawn);
    return f;
}

static struct fields found_as(const struct set_page *p, const struct rule *rules)
{
    return found_in(p, 1, rules);
}

static void done_with(struct fields *f, struct set_page *p)
{
    fields_release(f);
    types_destroy(types);
    set_page_end(p);
}

static void assert_row(const struct fields *f, const char *name, unsigned row,
                       const char *value)
{
    const struct field_found *v = fields_get(f, name, row);

    if (value == NULL && v != NULL)
        fail_msg("%s: '%s' was found where nothing is", name, v->value);
    else if (value != NULL && v == NULL)
        fail_msg("%s %u: nothing was found", name, row);
    else if (value != NULL)
        assert_string_equal(v->value, value);
}

static void assert_field(const struct fields *f, const char *name, const char *value)
{
    assert_row(f, name, 0, value);
}

static const struct rule form[] = {
    {"person", "'anchors': ['Họ, chữ đệm, tên:']"},
    {"sex", "'anchors': ['Giới tính:']"},
    {"ethnic", "'anchors': ['Dân tộc:']"},
    {"trade", "'anchors': ['Nghề nghiệp:']"},
    {"home", "'anchors': ['Quê quán:']"},
    {0},
};

static void a_form_says_what_its_labels_stand_before(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 250, 500, "Họ, chữ đệm, tên: PHẠM THỊ THU NHẠN");
    set_line(&p, 250, 560, "Giởi tính: Nữ"); /* misread */
    set_line(&p, 700, 560, "Dân tộc:");
    set_line(&p, 900, 562, "Sán Dìu");
    set_line(&p, 250, 620, "Nghề nghiệp: làm ruộng");
    set_line(&p, 250, 740, "Người khai về Quê quán năm 1999");
    f = found_as(&p, form);
    assert_field(&f, "person", "PHẠM THỊ THU NHẠN");
    assert_field(&f, "sex", "Nữ");
    assert_field(&f, "ethnic", "Sán Dìu");
    assert_field(&f, "trade", "làm ruộng");
    assert_field(&f, "home", NULL);
    assert_string_equal(fields_get(&f, "person", 0)->rule, "label");
    done_with(&f, &p);
}

#define BOTH   "'side': 'beside_or_below', 'page': 'any'"
#define MOTHER "'sections': ['người mẹ'], " BOTH
#define FATHER "'sections': ['người cha'], " BOTH

static const struct rule people[] = {
    {"child", "'anchors': ['Họ và tên'], " BOTH},
    {"childEthnic", "'anchors': ['Dân tộc'], " BOTH},
    {"mother", "'anchors': ['Họ và tên'], " MOTHER},
    {"motherEthnic", "'anchors': ['Dân tộc'], " MOTHER},
    {"father", "'anchors': ['Họ và tên'], " FATHER},
    {0},
};

static void labels_that_repeat_are_told_apart_by_their_sections(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 250, 500, "Họ và tên: Lò Thị Thơm");
    set_line(&p, 250, 560, "Họ và tên người mẹ: Huỳnh Thanh Lụa");
    set_line(&p, 250, 620, "Dân tộc: Kinh");
    set_line(&p, 250, 680, "NGƯỜI CHA");
    set_line(&p, 250, 740, "Họ và tên: Giàng A Sửu");
    set_line(&p, 250, 800, "Dân tộc: Mông"); /* the type has no such field */
    f = found_as(&p, people);
    assert_field(&f, "child", "Lò Thị Thơm");
    assert_field(&f, "childEthnic", NULL); /* hers is not the child's */
    assert_field(&f, "mother", "Huỳnh Thanh Lụa");
    assert_field(&f, "motherEthnic", "Kinh");
    assert_field(&f, "father", "Giàng A Sửu");
    done_with(&f, &p);
}

static void sections_side_by_side_have_each_their_own_column(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 200, 500, "Người mẹ");
    set_line(&p, 900, 500, "Người cha");
    set_line(&p, 200, 560, "Họ và tên: Huỳnh Thanh Lụa");
    set_line(&p, 900, 560, "Họ và tên: Giàng A Sửu");
    f = found_as(&p, people);
    assert_field(&f, "child", NULL);
    assert_field(&f, "mother", "Huỳnh Thanh Lụa");
    assert_field(&f, "father", "Giàng A Sửu");
    done_with(&f, &p);
}

static void a_longer_label_is_another_one(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 250, 500, "Họ và tên chủ hộ: Lò Thị Thơm");
    f = found_as(&p, people);
    assert_int_equal(f.count, 0);
    done_with(&f, &p);
}

#define DATED "'patterns': ['\\\\d+/\\\\d+/\\\\d{4}']"

static const struct rule looks[] = {
    {"born", "'anchors': ['Ngày sinh'], " DATED},
    {"issued", "'anchors': ['Ngày cấp'], " DATED},
    {"house", "'anchors': ['Số'], 'patterns': ['(?i)số (?<value>\\\\d+)']"},
    {"note", "'anchors': ['Ghi chú'], 'zones': [[0, 0, 1, 0.5]]"},
    {"form", "'zones': [[0.5, 0, 1, 0.2]], 'patterns': ['A\\\\d+/\\\\d{4}']"},
    {0},
};

static void a_value_must_look_as_its_pattern_and_stand_in_its_zone(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 250, 500, "Ngày sinh: 12/03/1975 (ghi bằng chữ)");
    set_line(&p, 250, 560, "Ngày cấp: không rõ");
    set_line(&p, 250, 620, "Số 27 đường liên xã");
    set_line(&p, 250, 1900, "Ghi chú: ở cuối trang");
    set_line(&p, 1100, 200, "Mẫu A12/2019");
    f = found_as(&p, looks);
    assert_field(&f, "born", "12/03/1975");
    assert_field(&f, "issued", NULL);
    assert_field(&f, "house", "27");
    assert_field(&f, "note", NULL);
    assert_field(&f, "form", "A12/2019");
    assert_string_equal(fields_get(&f, "form", 0)->rule, "zone");
    done_with(&f, &p);
}

static const struct rule renamed[] = {
    {"codeNumber", "'from': 'number'"},
    {"whoSigned", "'from': 'signer'"},
    {"title", "'anchors': ['Tiêu đề']"},
    {0},
};

static void what_heads_and_signatures_say_has_the_name_that_the_type_gives(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    f = found_as(&p, renamed);
    assert_field(&f, "codeNumber", "05");
    assert_field(&f, "whoSigned", "Trần Thị Thu Nguyệt");
    assert_field(&f, "title", NULL); /* not the signer's */
    assert_string_equal(fields_get(&f, "whoSigned", 0)->rule, "foot.signature");
    done_with(&f, &p);
}

#define AT_LEFT "'zones': [[0, 0.04, 0.5, 0.25]]"
#define NOTED   "'from': 'number', " AT_LEFT ", 'patterns': ['(?<value>\\\\d{1,5})\\\\s*/']"

static const struct rule zoned[] = {
    {"number", NOTED},
    {"issuer", "'from': 'issuer', " AT_LEFT ", 'patterns': ['(?i)hợp tác xã.*']"},
    {"title", "'from': 'title', 'page': 'last', 'zones': [[0.4, 0.2, 1, 1]],"
              " 'patterns': ['(?i)chủ tịch']"},
    {0},
};

/* Without nation, motto and number no head is found. */
static void where_no_head_is_found_the_types_zones_and_patterns_tell(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line(&p, 250, 160, "Hợp tác xã Thống Nhất");
    set_line(&p, 250, 300, "Lưu 27/HTX");
    set_line(&p, 250, 900, "Phiếu thu 31/2019");
    f = found_as(&p, zoned);
    assert_field(&f, "number", "27");
    assert_field(&f, "issuer", "Hợp tác xã Thống Nhất");
    assert_string_equal(fields_get(&f, "number", 0)->rule, "zone");
    done_with(&f, &p);
}

static void what_the_rules_of_heads_found_comes_before_the_types_zones(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    f = found_as(&p, zoned);
    assert_field(&f, "number", "05");
    assert_string_equal(fields_get(&f, "number", 0)->rule, "head.number");
    assert_string_equal(fields_get(&f, "issuer", 0)->rule, "head.issuer");
    done_with(&f, &p);
}

static void a_zone_takes_nothing_of_what_the_rules_had_in_hand(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, SET_SIGNATURE, 1700, "TM. ỦY BAN NHÂN DÂN");
    set_line_middle(&p, SET_SIGNATURE, 1742, "KT. CHỦ TỊCH"); /* the deputy's was lost */
    f = found_as(&p, zoned);
    assert_field(&f, "title", NULL);
    done_with(&f, &p);
}

/* A cell of the words that a line brings. */
static void set_cell(struct set_page *p, int row, int column, int span, const char *text)
{
    struct cell c = {.row = (uint16_t)row,
                     .column = (uint16_t)column,
                     .row_span = 1,
                     .column_span = (uint16_t)span,
                     .left = 100 + 250 * column,
                     .top = 300 + 60 * row,
                     .width = 250 * span,
                     .height = 60,
                     .word_first = (uint32_t)p->layout.words_count};

    set_line(p, c.left + 10, c.top + 10, text);
    c.words_count = (uint32_t)p->layout.words_count - c.word_first;
    if (c.words_count == 0)
        c.word_first = 0;
    assert_int_equal(layout_add_cell(&p->layout, &c, &e), 0);
}

static void set_row(struct set_page *p, int row, const char *const cells[4])
{
    for (int i = 0; i < 4; i++)
        set_cell(p, row, i, 1, cells[i]);
}

static void a_register_says_a_value_a_row_by_its_columns_heading(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_row(&p, 0,
            (const char *const[]){"Số TT", "Họ và tên", "Dân tộc", "Họ và tên người mẹ"});
    set_row(&p, 1, (const char *const[]){"(1)", "(2)", "(3)", "(4)"});
    set_row(&p, 2, (const char *const[]){"1", "Lò Thị Thơm", "", "Lò Thị Lả"});
    set_row(&p, 3, (const char *const[]){"2", "Giàng A Sửu", "Mông", "Vàng Thị Mỷ"});
    f = found_as(&p, people);
    assert_row(&f, "child", 0, "Lò Thị Thơm");
    assert_row(&f, "child", 1, "Giàng A Sửu");
    assert_row(&f, "childEthnic", 0, NULL); /* empty on paper */
    assert_row(&f, "childEthnic", 1, "Mông");
    assert_row(&f, "mother", 1, "Vàng Thị Mỷ");
    assert_row(&f, "child", 2, NULL);
    done_with(&f, &p);
}

static void a_heading_over_several_columns_is_their_section(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_cell(&p, 0, 0, 2, "Người mẹ");
    set_cell(&p, 0, 2, 2, "Người cha");
    set_row(&p, 1, (const char *const[]){"Họ và tên", "Dân tộc", "Họ và tên", "Nơi ở"});
    set_row(&p, 2, (const char *const[]){"Lò Thị Lả", "Thái", "Lò Văn Inh", "bản Mới"});
    f = found_as(&p, people);
    assert_row(&f, "mother", 0, "Lò Thị Lả");
    assert_row(&f, "motherEthnic", 0, "Thái");
    assert_row(&f, "father", 0, "Lò Văn Inh");
    assert_row(&f, "child", 0, NULL);
    done_with(&f, &p);
}

static void in_a_form_of_cells_the_value_is_in_the_next_one(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_cell(&p, 0, 0, 1, "Họ và tên");
    set_cell(&p, 0, 1, 1, "Lò Thị Thơm");
    set_cell(&p, 1, 0, 1, "Dân tộc:");
    set_cell(&p, 1, 1, 1, "Thái");
    f = found_as(&p, people);
    assert_field(&f, "child", "Lò Thị Thơm");
    assert_field(&f, "childEthnic", "Thái");
    done_with(&f, &p);
}

static void births_set(struct set_page *p, int from, const char *const births[][4])
{
    for (int i = 0; births[i][0] != NULL; i++)
        set_row(p, from + i, births[i]);
}

#define BIRTHS_HEAD                                                                      \
    {                                                                                    \
        "Số TT", "Họ và tên", "Dân tộc", "Họ và tên người mẹ"                   \
    }

static void a_page_without_headings_has_those_of_the_page_before(void **state)
{
    struct set_page p[2];
    struct fields f;

    (void)state;
    set_page_begin(&p[0]);
    set_page_begin(&p[1]);
    births_set(&p[0], 0,
               (const char *const[][4]){
                   BIRTHS_HEAD, {"1", "Lò Thị Thơm", "Thái", "Lò Thị Lả"}, {NULL}});
    births_set(&p[1], 0,
               (const char *const[][4]){{"2", "Giàng A Sửu", "Mông", "Vàng Thị Mỷ"},
                                        {"3", "Vi Văn Bảo", "Thái", "mẹ"},
                                        {NULL}});
    f = found_in(p, 2, people);
    assert_row(&f, "child", 0, "Lò Thị Thơm");
    assert_row(&f, "child", 1, "Giàng A Sửu");
    assert_row(&f, "child", 2, "Vi Văn Bảo");
    assert_row(&f, "mother", 1, "Vàng Thị Mỷ");
    assert_int_equal(fields_get(&f, "child", 1)->page, 1);
    assert_string_equal(fields_get(&f, "child", 1)->rule, "column");
    set_page_end(&p[1]);
    done_with(&f, &p[0]);
}

static void headings_that_were_half_read_are_known_from_the_page_before(void **state)
{
    struct set_page p[2];
    struct fields f;

    (void)state;
    set_page_begin(&p[0]);
    set_page_begin(&p[1]);
    births_set(&p[0], 0,
               (const char *const[][4]){
                   BIRTHS_HEAD, {"1", "Lò Thị Thơm", "Thái", "Lò Thị Lả"}, {NULL}});
    births_set(&p[1], 0,
               (const char *const[][4]){{"SốTT", "Ho va t", "Dân tộc", "~"},
                                        {"2", "Giàng A Sửu", "Mông", "Vàng Thị Mỷ"},
                                        {NULL}});
    f = found_in(p, 2, people);
    assert_row(&f, "child", 1, "Giàng A Sửu");
    assert_row(&f, "mother", 1, "Vàng Thị Mỷ");
    assert_row(&f, "child", 2, NULL);
    set_page_end(&p[1]);
    done_with(&f, &p[0]);
}

static void a_table_whose_columns_stand_elsewhere_is_another_one(void **state)
{
    struct set_page p[2];
    struct fields f;

    (void)state;
    set_page_begin(&p[0]);
    set_page_begin(&p[1]);
    births_set(&p[0], 0,
               (const char *const[][4]){
                   BIRTHS_HEAD, {"1", "Lò Thị Thơm", "Thái", "Lò Thị Lả"}, {NULL}});
    for (int i = 0; i < 4; i++)
        set_cell(&p[1], 0, i + (i == 3), 1, "Thu");
    f = found_in(p, 2, people);
    assert_row(&f, "child", 0, "Lò Thị Thơm");
    assert_row(&f, "child", 1, NULL);
    set_page_end(&p[1]);
    done_with(&f, &p[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_says_what_its_labels_stand_before),
        cmocka_unit_test(labels_that_repeat_are_told_apart_by_their_sections),
        cmocka_unit_test(sections_side_by_side_have_each_their_own_column),
        cmocka_unit_test(a_longer_label_is_another_one),
        cmocka_unit_test(a_value_must_look_as_its_pattern_and_stand_in_its_zone),
        cmocka_unit_test(what_heads_and_signatures_say_has_the_name_that_the_type_gives),
        cmocka_unit_test(where_no_head_is_found_the_types_zones_and_patterns_tell),
        cmocka_unit_test(what_the_rules_of_heads_found_comes_before_the_types_zones),
        cmocka_unit_test(a_zone_takes_nothing_of_what_the_rules_had_in_hand),
        cmocka_unit_test(a_register_says_a_value_a_row_by_its_columns_heading),
        cmocka_unit_test(a_heading_over_several_columns_is_their_section),
        cmocka_unit_test(a_page_without_headings_has_those_of_the_page_before),
        cmocka_unit_test(headings_that_were_half_read_are_known_from_the_page_before),
        cmocka_unit_test(a_table_whose_columns_stand_elsewhere_is_another_one),
        cmocka_unit_test(in_a_form_of_cells_the_value_is_in_the_next_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
