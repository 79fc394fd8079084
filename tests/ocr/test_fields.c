/* Fields: what a paper says of itself is drawn from where its words stand. The pages
 * here are set by hand, word by word: nothing is read. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/fields/fields.h"
#include "tests/lib/set_page.h"

static struct err e;

static struct fields found_on(struct set_page *p, size_t count)
{
    struct fields_page pages[4];
    struct fields f;

    for (size_t i = 0; i < count; i++)
        pages[i] = (struct fields_page){(const char *)p[i].text.bytes, &p[i].layout};
    assert_int_equal(fields_find(&f, pages, count, &e), 0);
    return f;
}

static void assert_field(const struct fields *f, const char *name, const char *value)
{
    const struct field_found *v = fields_get(f, name, 0);

    if (value == NULL) {
        if (v != NULL)
            fail_msg("%s: '%s' was found where nothing is", name, v->value);
        return;
    }
    if (v == NULL)
        fail_msg("%s: nothing was found", name);
    else
        assert_string_equal(v->value, value);
}

static void a_decision_says_all_of_itself(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    f = found_on(&p, 1);
    assert_field(&f, "number", "05");
    assert_field(&f, "symbol", "QĐ-UBND");
    assert_field(&f, "place", "Tân Khê Đông");
    assert_field(&f, "date", "ngày 07 tháng 02 năm 2024");
    assert_field(&f, "parent", NULL);
    assert_field(&f, "issuer", "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ ĐÔNG");
    assert_field(&f, "kind", "QUYẾT ĐỊNH");
    assert_field(&f, "subject",
                 "Về việc rà soát, số hóa sổ hộ tịch lưu tại Ủy ban nhân dân xã");
    assert_field(&f, "authority", "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH");
    assert_field(&f, "title", "PHÓ CHỦ TỊCH");
    assert_field(&f, "signer", "Trần Thị Thu Nguyệt");
    assert_field(&f, "recipient", "Như Điều 2");
    assert_string_equal(fields_get(&f, "recipient", 1)->value, "Lưu: VT");
    assert_field(&f, "page_count", "1");
    assert_field(&f, "secrecy", NULL);
    fields_release(&f);
    set_page_end(&p);
}

static void each_value_keeps_its_zone_its_confidence_and_its_rule(void **state)
{
    struct set_page p;
    struct fields f;
    const struct field_found *v;

    (void)state;
    set_decision(&p);
    f = found_on(&p, 1);
    v = fields_get(&f, "issuer", 0);
    assert_true(v->zoned && v->page == 0);
    assert_int_equal(v->top, 160);
    assert_int_equal(v->height, 40 + SET_LINE);
    assert_int_equal(v->left, SET_LEFT_COLUMN - 15 * SET_LETTER / 2);
    assert_int_equal(v->width, 15 * SET_LETTER);
    assert_in_range(v->confidence, 90, 99);
    assert_string_equal(v->rule, "head.issuer");
    assert_false(fields_get(&f, "page_count", 0)->zoned);
    fields_release(&f);
    set_page_end(&p);
}

static void an_office_below_another_has_a_parent_and_a_letter_its_subject(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "TỈNH BÌNH LÂM");
    set_line_middle(&p, SET_LEFT_COLUMN, 240, "SỞ NỘI VỤ");
    set_line_middle(&p, SET_LEFT_COLUMN, 310, "Số: 1415/SNV-VP");
    set_line_middle(&p, SET_LEFT_COLUMN, 350, "V/v xây dựng gia đình văn hóa, khu");
    set_line_middle(&p, SET_LEFT_COLUMN, 388, "dân cư văn hóa");
    set_nation(&p);
    set_line_middle(&p, SET_RIGHT_COLUMN, 310, "Bình Lâm, ngày 12 tháng 10 năm 2019");
    set_line_middle(&p, 830, 500, "Kính gửi: Các thôn trên địa bàn xã.");
    set_body(&p, 600);
    set_line_middle(&p, 1200, 1700, "TL. GIÁM ĐỐC");
    set_line_middle(&p, 1200, 1742, "CHÁNH VĂN PHÒNG");
    set_line_middle(&p, 1200, 1980, "Giàng A Sửu");
    f = found_on(&p, 1);
    assert_field(&f, "parent", "ỦY BAN NHÂN DÂN TỈNH BÌNH LÂM");
    assert_field(&f, "issuer", "SỞ NỘI VỤ");
    assert_field(&f, "number", "1415");
    assert_field(&f, "symbol", "SNV-VP");
    assert_field(&f, "kind", NULL);
    assert_field(&f, "subject", "V/v xây dựng gia đình văn hóa, khu dân cư văn hóa");
    assert_field(&f, "addressee", "Các thôn trên địa bàn xã");
    assert_field(&f, "authority", "TL. GIÁM ĐỐC");
    assert_field(&f, "title", "CHÁNH VĂN PHÒNG");
    assert_field(&f, "signer", "Giàng A Sửu");
    fields_release(&f);
    set_page_end(&p);
}

static void a_paper_of_the_party_has_a_head_of_its_own(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ĐẢNG BỘ TỈNH BÌNH LÂM");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "ĐẢNG ỦY XÃ TÂN KHÊ");
    set_line_middle(&p, SET_LEFT_COLUMN, 240, "*");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số 12-QĐ/ĐU");
    set_line_middle(&p, SET_RIGHT_COLUMN, 160, "ĐẢNG CỘNG SẢN VIỆT NAM");
    set_line_middle(&p, SET_RIGHT_COLUMN, 280, "Tân Khê, ngày 01 tháng 6 năm 2020");
    set_line_middle(&p, 830, 420, "QUYẾT ĐỊNH");
    set_line_middle(&p, 830, 462, "Về việc hiến máu tình nguyện");
    set_body(&p, 600);
    set_line_middle(&p, 1200, 1700, "T/M BAN THƯỜNG VỤ");
    set_line_middle(&p, 1200, 1742, "K/T BÍ THƯ");
    set_line_middle(&p, 1200, 1784, "PHÓ BÍ THƯ");
    set_line_middle(&p, 1200, 1980, "Lý Lĩnh");
    f = found_on(&p, 1);
    assert_field(&f, "parent", "ĐẢNG BỘ TỈNH BÌNH LÂM");
    assert_field(&f, "issuer", "ĐẢNG ỦY XÃ TÂN KHÊ");
    assert_field(&f, "number", "12");
    assert_field(&f, "symbol", "QĐ/ĐU");
    assert_string_equal(fields_get(&f, "number", 0)->rule, "head.number.party");
    assert_field(&f, "authority", "T/M BAN THƯỜNG VỤ K/T BÍ THƯ");
    assert_field(&f, "title", "PHÓ BÍ THƯ");
    assert_field(&f, "signer", "Lý Lĩnh");
    fields_release(&f);
    set_page_end(&p);
}

static void what_is_quoted_in_the_body_is_not_the_papers_own(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_body(&p, 300);
    set_line(&p, 330, 900, "Trân trọng./.");
    f = found_on(&p, 1);
    assert_int_equal(f.count, 1); /* how many pages there are */
    assert_field(&f, "page_count", "1");
    fields_release(&f);
    set_page_end(&p);
}

static void the_signature_is_on_the_last_page_that_has_one(void **state)
{
    struct set_page p[2];
    struct fields f;

    (void)state;
    set_decision(&p[0]);
    set_page_begin(&p[1]);
    set_line(&p[1], 250, 200, "Quyết định này có hiệu lực kể từ ngày ký.");
    set_line_middle(&p[1], 1200, 400, "CHỦ TỊCH");
    set_line(&p[1], 1010, 460, "s§t ~ 4"); /* of the seal */
    set_line_middle(&p[1], 1200, 640, "Lò Thị Thơm");
    f = found_on(p, 2);
    assert_field(&f, "title", "CHỦ TỊCH");
    assert_field(&f, "signer", "Lò Thị Thơm");
    assert_int_equal(fields_get(&f, "signer", 0)->page, 1);
    assert_field(&f, "number", "05");
    assert_field(&f, "page_count", "2");
    fields_release(&f);
    set_page_end(&p[0]);
    set_page_end(&p[1]);
}

static void anchors_may_be_misread_and_a_kind_by_one_letter(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Só : 15/2025/QĐ-UBND");
    set_line_middle(&p, SET_RIGHT_COLUMN, 160, "CONG HÒA XÃ HQI CHỦ NGHĨA VIET NAM");
    set_line_middle(&p, SET_RIGHT_COLUMN, 280, "Tân Khê, ngảy 01 thang 6 nam 2025");
    set_line_middle(&p, 830, 420, "QUYÉT ĐỊNN");
    set_line_middle(&p, 830, 462, "Về việc hiến máu");
    set_body(&p, 600);
    f = found_on(&p, 1);
    assert_field(&f, "number", "15/2025");
    assert_field(&f, "symbol", "QĐ-UBND");
    assert_field(&f, "date", "ngày 01 tháng 6 năm 2025");
    assert_string_equal(fields_get(&f, "date", 0)->rule, "head.date.spelled");
    assert_field(&f, "place", "Tân Khê");
    assert_field(&f, "kind", "QUYẾT ĐỊNH"); /* as the list has it */
    assert_string_equal(fields_get(&f, "kind", 0)->rule, "title.kind");
    assert_field(&f, "subject", "Về việc hiến máu");
    fields_release(&f);
    set_page_end(&p);
}

static void a_number_left_blank_for_the_pen_is_empty(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "UBND XÃ TÂN KHÊ");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: /UBND-VP");
    set_nation(&p);
    set_body(&p, 600);
    f = found_on(&p, 1);
    assert_field(&f, "number", NULL);
    assert_field(&f, "symbol", "UBND-VP");
    assert_field(&f, "date", NULL);
    assert_field(&f, "signer", NULL);
    fields_release(&f);
    set_page_end(&p);
}

/* Pens: on a real letter "97" before the printed "5/…" was read as a stroke, and the day
 * as "{6"; the reader believed neither. */
static void a_day_that_cannot_be_read_leaves_the_month_and_the_year(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "UBND XÃ TÂN KHÊ");
    set_line_middle(&p, SET_LEFT_COLUMN, 280, "Số: /75/STTTT-CNTT");
    p.layout.words[p.layout.words_count - 1].confidence = 0;
    set_nation(&p);
    set_line_middle(&p, SET_RIGHT_COLUMN, 280, "Tân Khê, ngày {6 tháng 12 năm 2011");
    set_body(&p, 600);
    f = found_on(&p, 1);
    assert_field(&f, "number", NULL);
    assert_field(&f, "symbol", "STTTT-CNTT");
    assert_field(&f, "date", "tháng 12 năm 2011");
    assert_in_range(fields_get(&f, "date", 0)->confidence, 0, 60);
    assert_field(&f, "place", "Tân Khê");
    fields_release(&f);
    set_page_end(&p);
}

static void secrecy_and_urgency_are_words_that_stand_alone(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    set_line(&p, 300, 330, "TỐI MẬT");
    set_line(&p, 300, 375, "KHẨN");
    f = found_on(&p, 1);
    assert_field(&f, "secrecy", "TỐI MẬT");
    assert_field(&f, "urgency", "KHẨN");
    fields_release(&f);
    set_page_end(&p);
}

/* The same page lying on its side, and askew: the boxes are the original's. */
static void a_page_on_its_side_is_read_as_it_will_be_held(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    for (size_t i = 0; i < p.layout.words_count; i++) {
        struct word *w = &p.layout.words[i];
        struct word turned = *w;

        turned.left = w->top;
        turned.top = SET_WIDTH - w->left - w->width;
        turned.width = w->height;
        turned.height = w->width;
        *w = turned;
    }
    p.layout.width = SET_HEIGHT;
    p.layout.height = SET_WIDTH;
    p.layout.rotation = 1;
    f = found_on(&p, 1);
    assert_field(&f, "issuer", "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ ĐÔNG");
    assert_field(&f, "signer", "Trần Thị Thu Nguyệt");
    fields_release(&f);
    set_page_end(&p);
}

/* A head whose right column says place and date so, and a signature with this name. */
static struct fields found_of(const char *place_and_date, const char *signer)
{
    struct set_page p;
    struct fields f;

    set_page_begin(&p);
    set_line_middle(&p, SET_LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN");
    set_line_middle(&p, SET_LEFT_COLUMN, 200, "XÃ TÂN KHÊ ĐÔNG");
    set_line_middle(&p, SET_LEFT_COLUMN, 310, "Số: 05/QĐ-UBND");
    set_nation(&p);
    set_line_middle(&p, SET_RIGHT_COLUMN, 310, place_and_date);
    set_line_middle(&p, SET_MIDDLE, 420, "QUYẾT ĐỊNH");
    set_line_middle(&p, SET_MIDDLE, 470, "Về việc giao việc");
    set_body(&p, 600);
    set_line_middle(&p, SET_SIGNATURE, 1500, "CHỦ TỊCH");
    set_line_middle(&p, SET_SIGNATURE, 1720, signer);
    f = found_on(&p, 1);
    set_page_end(&p);
    return f;
}

static void a_commune_may_be_called_as_a_month_is_or_by_one_letter(void **state)
{
    static const struct {
        const char *line, *place, *date;
    } cases[] = {
        {"Quyết Thắng, ngày 05 tháng 02 năm 2024", "Quyết Thắng",
         "ngày 05 tháng 02 năm 2024"},
        {"Thăng Bình, ngày 15 tháng 12 năm 2019", "Thăng Bình",
         "ngày 15 tháng 12 năm 2019"},
        {"Y Tý, ngày 05 tháng 02 năm 2024", "Y Tý", "ngày 05 tháng 02 năm 2024"},
        {"- A Lưới, ngày 05 tháng 02 năm 2024", "A Lưới", "ngày 05 tháng 02 năm 2024"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fields f = found_of(cases[i].line, "Trần Thị Thu Nguyệt");

        assert_field(&f, "place", cases[i].place);
        assert_field(&f, "date", cases[i].date);
        fields_release(&f);
    }
}

static void names_of_every_people_are_names(void **state)
{
    static const char *const names[] = {"H'Hen Niê", "Y Thông Kpă", "M’Nông Đắk Ly",
                                        "Kpă H'Bia", "Sùng A Páo"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fields f = found_of("An Trạch, ngày 05 tháng 02 năm 2024", names[i]);

        assert_field(&f, "signer", names[i]);
        fields_release(&f);
    }
}

/* Only a forged layout has such lines: each would be below the other, for ever. */
static void lines_of_no_height_are_not_below_each_other(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_page_begin(&p);
    set_nation(&p);
    set_line_middle(&p, SET_MIDDLE, 420, "Kính gửi:");
    for (int i = 0; i < 2; i++) {
        set_line_middle(&p, SET_MIDDLE + 10 * i, 500, "- Sở");
        for (size_t w = p.layout.words_count - 2; w < p.layout.words_count; w++)
            p.layout.words[w].height = 0;
    }
    f = found_on(&p, 1);
    assert_field(&f, "number", NULL);
    fields_release(&f);
    set_page_end(&p);
}

static void a_layout_that_is_not_the_texts_gives_nothing(void **state)
{
    struct set_page p;
    struct fields f;

    (void)state;
    set_decision(&p);
    p.layout.words_count--;
    f = found_on(&p, 1);
    assert_int_equal(f.count, 1);
    fields_release(&f);
    set_page_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_says_all_of_itself),
        cmocka_unit_test(each_value_keeps_its_zone_its_confidence_and_its_rule),
        cmocka_unit_test(an_office_below_another_has_a_parent_and_a_letter_its_subject),
        cmocka_unit_test(a_paper_of_the_party_has_a_head_of_its_own),
        cmocka_unit_test(what_is_quoted_in_the_body_is_not_the_papers_own),
        cmocka_unit_test(the_signature_is_on_the_last_page_that_has_one),
        cmocka_unit_test(anchors_may_be_misread_and_a_kind_by_one_letter),
        cmocka_unit_test(a_number_left_blank_for_the_pen_is_empty),
        cmocka_unit_test(a_day_that_cannot_be_read_leaves_the_month_and_the_year),
        cmocka_unit_test(secrecy_and_urgency_are_words_that_stand_alone),
        cmocka_unit_test(a_page_on_its_side_is_read_as_it_will_be_held),
        cmocka_unit_test(a_commune_may_be_called_as_a_month_is_or_by_one_letter),
        cmocka_unit_test(names_of_every_people_are_names),
        cmocka_unit_test(lines_of_no_height_are_not_below_each_other),
        cmocka_unit_test(a_layout_that_is_not_the_texts_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
