/* Fields: what looked like something else. Each claim was a paper that was drawn wrongly. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "ocr/fields/fields.h"
#include "tests/lib/set_page.h"

static struct err e;

static void assert_says_at(struct set_page *p, const char *name, unsigned ordinal,
                           const char *value)
{
    const struct fields_page page = {(const char *)p->text.bytes, &p->layout};
    const struct field_found *v;
    struct fields f;

    assert_int_equal(fields_find(&f, &page, 1, &e), 0);
    v = fields_get(&f, name, ordinal);
    if (value == NULL && v != NULL)
        fail_msg("%s: '%s' was found where nothing is", name, v->value);
    else if (value != NULL && v == NULL)
        fail_msg("%s %u: nothing was found", name, ordinal);
    else if (value != NULL)
        assert_string_equal(v->value, value);
    fields_release(&f);
}

static void assert_says(struct set_page *p, const char *name, const char *value)
{
    assert_says_at(p, name, 0, value);
}

/* A head with that line in its middle. */
static void assert_titled(const char *title, const char *kind)
{
    struct set_page p;

    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ");
    set_nation(&p);
    set_line_middle(&p, SET_MIDDLE, 420, title);
    set_body(&p, 600);
    assert_says(&p, "kind", kind);
    set_page_end(&p);
}

static void a_report_of_a_meeting_is_one_with_more_words(void **state)
{
    (void)state;
    assert_titled("BIÊN BẢN", "BIÊN BẢN");
    assert_titled("BIÊN BẢN HỌP THÔN", "BIÊN BẢN HỌP THÔN");
}

static void a_title_may_go_on_behind_its_kind(void **state)
{
    struct set_page p;

    (void)state;
    assert_titled("CHƯƠN G TRÌNH PHỐI HỢP", "CHƯƠN G TRÌNH PHỐI HỢP");
    /* Not a heading of the body. */
    set_page_begin(&p);
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, SET_MIDDLE, 800, "QUY ĐỊNH CHUNG");
    assert_says(&p, "kind", NULL);
    set_page_end(&p);
}

static void short_kinds_are_read_to_the_letter(void **state)
{
    (void)state;
    assert_titled("ĐỀ ÁN", "ĐỀ ÁN");
    assert_titled("ĐOÀN", NULL);
    assert_titled("DỰ TOÁN", NULL);
}

static void a_request_is_a_word_of_its_own(void **state)
{
    (void)state;
    assert_titled("ĐƠN XIN XÁC NHẬN", "ĐƠN XIN XÁC NHẬN");
    assert_titled("ĐÔNG KHÊ", NULL);
    assert_titled("ĐƠN VỊ TRỰC THUỘC", NULL);
}

static void other_words_with_the_letters_of_a_stamp_are_no_secret(void **state)
{
    static const struct {
        const char *line, *secrecy, *urgency;
    } cases[] = {
        {"MẬT", "MẬT", NULL},         {"MÂT", "MÂT", NULL}, {"MẶT", NULL, NULL},
        {"MẤT", NULL, NULL},          {"MẮT", NULL, NULL},  {"KHẨN", NULL, "KHẨN"},
        {"KHĂN", NULL, NULL},         {"KHÁN", NULL, NULL}, {"TỐI MẬT", "TỐI MẬT", NULL},
        {"HỎA TỐC", NULL, "HỎA TỐC"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct set_page p;

        set_page_begin(&p);
        set_nation(&p);
        set_line(&p, 260, 420, cases[i].line);
        set_body(&p, 600);
        assert_says(&p, "secrecy", cases[i].secrecy);
        assert_says(&p, "urgency", cases[i].urgency);
        set_page_end(&p);
    }
}

static void a_wards_name_that_begins_as_a_school_does_is_its_name(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ĐẢNG BỘ TỈNH PHONG YÊN");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "ĐẢNG ỦY PHƯỜNG");
    set_line_middle(&p, SET_LEFT_COLUMN, 240, "TRƯỜNG NGUYÊN NAM");
    set_line_middle(&p, SET_LEFT_COLUMN, 310, "Số 12-QĐ/ĐU");
    set_line_middle(&p, SET_RIGHT_COLUMN, 160, "ĐẢNG CỘNG SẢN VIỆT NAM");
    set_body(&p, 600);
    assert_says(&p, "parent", "ĐẢNG BỘ TỈNH PHONG YÊN");
    assert_says(&p, "issuer", "ĐẢNG ỦY PHƯỜNG TRƯỜNG NGUYÊN NAM");
    set_page_end(&p);
}

static void letters_with_marks_stand_for_digits_in_a_date(void **state)
{
    static const char *const lines[] = {
        "Tân Khê, ngày 28 tháng l] năm 2019",
        "Tân Khê, ngày 2B tháng TÌ năm 2019",
        "Tân Khê, ngày 28 tháng 1Ï năm 2019",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct set_page p;

        set_page_begin(&p);
        set_nation(&p);
        set_line_middle(&p, SET_RIGHT_COLUMN, 280, lines[i]);
        set_body(&p, 600);
        assert_says(&p, "date", "ngày 28 tháng 11 năm 2019");
        set_page_end(&p);
    }
}

static void a_number_by_hand_that_was_misread_leaves_the_symbol(void **state)
{
    static const char *const lines[] = {"Số: //74,?/UBND- VPTH", "Số: 0/{) /UBND-VPTH",
                                        "Số:£5+4/UBND-VPTH", "Số: 5§1/UBND-VPTH"};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct set_page p;

        set_page_begin(&p);
        set_nation(&p);
        set_line_middle(&p, SET_LEFT_COLUMN, 280, lines[i]);
        set_body(&p, 600);
        assert_says(&p, "number", NULL);
        assert_says(&p, "symbol", "UBND-VPTH");
        set_page_end(&p);
    }
}

static void a_speck_before_a_word_is_no_part_of_it(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ĐẢNG ỦY XÃ 'XUÂN LÃNH THƯỢNG");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: 05A/QĐ-UBND");
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, SET_SIGNATURE, 1700, "KT. CHỦ TỊCH");
    set_line_middle(&p, SET_SIGNATURE, 1740, "PHÓ CHỦ TỊCH");
    set_line_middle(&p, SET_SIGNATURE, 1980, "Phạm 'Thế Toản");
    assert_says(&p, "issuer", "ĐẢNG ỦY XÃ XUÂN LÃNH THƯỢNG");
    assert_says(&p, "signer", "Phạm Thế Toản");
    assert_says(&p, "number", "05A");
    assert_says(&p, "symbol", "QĐ-UBND");
    set_page_end(&p);
}

/* The block over `name`, and what is drawn of it. */
static void assert_signed(const char *name, const char *signer)
{
    struct set_page p;

    set_page_begin(&p);
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, SET_SIGNATURE, 1740, "CHỦ TỊCH");
    set_line_middle(&p, SET_SIGNATURE, 1980, name);
    assert_says(&p, "signer", signer);
    set_page_end(&p);
}

static void a_surname_with_a_wrong_accent_is_the_one_that_it_can_be(void **state)
{
    (void)state;
    assert_signed("Đỉnh Hữu Lĩnh", "Đinh Hữu Lĩnh");
    assert_signed("Tran Văn Mẫn", "Trần Văn Mẫn");
    assert_signed("Giảng A Ước", "Giàng A Ước");
}

static void a_surname_that_there_is_or_that_nobody_knows_stays(void **state)
{
    static const char *const names[] = {"Lường Văn Mẫn", "Lương Văn Mẫn", "Giang Văn Mẫn",
                                        "Đinh Hữu Lĩnh", "Hã Văn Mẫn",    "Êban Y Mẫn",
                                        "TRAN VĂN MẪN"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_signed(names[i], names[i]);
}

static void letters_of_a_seal_before_a_surname_are_no_part_of_the_name(void **state)
{
    (void)state;
    assert_signed("cườne Trương Thế Bưởi", "Trương Thế Bưởi");
    assert_signed("TÂY ˆ Trương Thế Bưởi", "Trương Thế Bưởi");
    assert_signed("vục đàng A Hậu", NULL);
}

static void a_name_that_cannot_be_read_stays_empty(void **state)
{
    static const char *const left[] = {"Mẫn", "Ÿh»m/ThÏÀ hu Hằng", "5ích Yến", "Thị Bưởi",
                                       "3⁄Moàn# thị Bưởi"};

    (void)state;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        assert_signed(left[i], NULL);
}

static void a_joint_paper_has_each_of_its_issuers_and_signers(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "SỞ TƯ PHÁP - SỞ NỘI VỤ -");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "CÔNG AN TỈNH");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: 05/KHLT-STP-SNV");
    set_nation(&p);
    set_body(&p, 600);
    set_line_middle(&p, 420, 1700, "KT. GIÁM ĐỐC");
    set_line_middle(&p, 420, 1742, "PHÓ GIÁM ĐỐC");
    set_line_middle(&p, 420, 1980, "Nguyễn Văn Thuận");
    set_line_middle(&p, SET_SIGNATURE, 1700, "GIÁM ĐỐC");
    set_line_middle(&p, SET_SIGNATURE, 1980, "Trần Thị Thu Nguyệt");
    assert_says(&p, "parent", NULL);
    assert_says(&p, "issuer", "SỞ TƯ PHÁP");
    assert_says_at(&p, "issuer", 1, "SỞ NỘI VỤ");
    assert_says_at(&p, "issuer", 2, "CÔNG AN TỈNH");
    assert_says(&p, "signer", "Trần Thị Thu Nguyệt");
    assert_says_at(&p, "signer", 1, "Nguyễn Văn Thuận");
    assert_says(&p, "title", "GIÁM ĐỐC");
    assert_says_at(&p, "title", 1, "PHÓ GIÁM ĐỐC");
    assert_says(&p, "authority", NULL); /* the left one's is his */
    assert_says_at(&p, "authority", 1, "KT. GIÁM ĐỐC");
    set_page_end(&p);
}

static void a_dash_at_a_lines_end_parts_the_issuers_of_a_joint_programme(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "HỘI NÔNG DÂN -");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "SỞ VĂN HÓA, THỂ THAO");
    set_line_middle(&p, SET_LEFT_COLUMN, 240, "TỈNH TÂN KHÊ");
    set_line_middle(&p, SET_LEFT_COLUMN, 290, "Số: 154/CTPH-HND-SVHTT");
    set_nation(&p);
    set_body(&p, 600);
    assert_says(&p, "parent", NULL);
    assert_says(&p, "issuer", "HỘI NÔNG DÂN");
    assert_says_at(&p, "issuer", 1, "SỞ VĂN HÓA, THỂ THAO TỈNH TÂN KHÊ");
    set_page_end(&p);
}

static void a_dash_in_a_name_or_behind_one_makes_no_second_issuer(void **state)
{
    struct set_page p;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN TỈNH -");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "SỞ VĂN HÓA - THỂ THAO");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: 05/QĐ-SVHTT");
    set_nation(&p);
    set_body(&p, 600);
    set_line(&p, 250, 1700, "- CHỦ TỊCH, CÁC PHÓ CHỦ TỊCH;");
    set_line(&p, 250, 1800, "Lưu Văn Phòng");
    set_line_middle(&p, SET_SIGNATURE, 1700, "GIÁM ĐỐC");
    set_line_middle(&p, SET_SIGNATURE, 1980, "Trần Thị Thu Nguyệt");
    assert_says(&p, "parent", "ỦY BAN NHÂN DÂN TỈNH");
    assert_says(&p, "issuer", "SỞ VĂN HÓA - THỂ THAO");
    assert_says_at(&p, "issuer", 1, NULL);
    assert_says_at(&p, "signer", 1, NULL);
    set_page_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_a_meeting_is_one_with_more_words),
        cmocka_unit_test(a_title_may_go_on_behind_its_kind),
        cmocka_unit_test(short_kinds_are_read_to_the_letter),
        cmocka_unit_test(a_request_is_a_word_of_its_own),
        cmocka_unit_test(other_words_with_the_letters_of_a_stamp_are_no_secret),
        cmocka_unit_test(a_wards_name_that_begins_as_a_school_does_is_its_name),
        cmocka_unit_test(letters_with_marks_stand_for_digits_in_a_date),
        cmocka_unit_test(a_number_by_hand_that_was_misread_leaves_the_symbol),
        cmocka_unit_test(a_speck_before_a_word_is_no_part_of_it),
        cmocka_unit_test(a_surname_with_a_wrong_accent_is_the_one_that_it_can_be),
        cmocka_unit_test(a_surname_that_there_is_or_that_nobody_knows_stays),
        cmocka_unit_test(letters_of_a_seal_before_a_surname_are_no_part_of_the_name),
        cmocka_unit_test(a_name_that_cannot_be_read_stays_empty),
        cmocka_unit_test(a_joint_paper_has_each_of_its_issuers_and_signers),
        cmocka_unit_test(a_dash_at_a_lines_end_parts_the_issuers_of_a_joint_programme),
        cmocka_unit_test(a_dash_in_a_name_or_behind_one_makes_no_second_issuer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
