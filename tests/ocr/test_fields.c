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

#include "base/buffer.h"
#include "ocr/fields/fields.h"
#include "ocr/reading.h"

#define WIDTH  1654 /* A4 at 200 dpi */
#define HEIGHT 2339
#define LINE   34 /* pixels of a line of 14 points, with its accents */
#define LETTER 15

static struct err e;

/* A page being set: the next line is a block of its own unless it follows closely. */
struct page {
    struct buffer text;
    struct layout layout;
};

static void page_begin(struct page *p)
{
    *p = (struct page){.layout = {.width = WIDTH, .height = HEIGHT, .dpi = 200}};
    buffer_init(&p->text, READING_TEXT_MAX);
}

static void page_end(struct page *p)
{
    buffer_release(&p->text);
    layout_release(&p->layout);
}

static int letters_of(const char *word, size_t bytes)
{
    int letters = 0;

    for (size_t i = 0; i < bytes; i++)
        letters += (word[i] & 0xC0) != 0x80;
    return letters;
}

/* A line of words whose first begins at (left, top). */
static void line_at(struct page *p, int left, int top, const char *line)
{
    enum word_start start = WORD_NEW_BLOCK;

    while (*line != '\0') {
        size_t bytes = strcspn(line, " ");
        struct word w = {start, 96, left, top, letters_of(line, bytes) * LETTER, LINE};

        if (p->layout.words_count > 0)
            buffer_append_text(&p->text, layout_gap(start));
        buffer_append(&p->text, line, bytes);
        assert_int_equal(layout_add(&p->layout, &w, &e), 0);
        left += w.width + LETTER;
        start = WORD_IN_LINE;
        line += bytes;
        line += strspn(line, " ");
    }
}

static void line_middle_at(struct page *p, int middle, int top, const char *line)
{
    line_at(p, middle - letters_of(line, strlen(line)) * LETTER / 2, top, line);
}

static struct fields found_on(struct page *p, size_t count)
{
    struct fields_page pages[4];
    struct fields f;

    for (size_t i = 0; i < count; i++)
        pages[i] = (struct fields_page){(const char *)p[i].text.bytes, &p[i].layout};
    assert_int_equal(fields_find(&f, pages, count, NULL, 0, &e), 0);
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

#define LEFT_COLUMN  460
#define RIGHT_COLUMN 1150

static void nation_set(struct page *p)
{
    line_middle_at(p, RIGHT_COLUMN, 160, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    line_middle_at(p, RIGHT_COLUMN, 200, "Độc lập - Tự do - Hạnh phúc");
}

static void body_set(struct page *p, int top)
{
    line_at(p, 330, top,
            "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn");
    line_at(
        p, 250, top + 45,
        "thi hành, theo đề nghị của Quyết định số 99/QĐ-UBND ngày 01 tháng 3 năm 2001");
}

static void decision_set(struct page *p)
{
    page_begin(p);
    line_middle_at(p, LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN");
    line_middle_at(p, LEFT_COLUMN, 200, "XÃ TÂN KHÊ ĐÔNG");
    line_middle_at(p, LEFT_COLUMN, 280, "Số: 05/QĐ-UBND");
    nation_set(p);
    line_middle_at(p, RIGHT_COLUMN, 280, "Tân Khê Đông, ngày 07 tháng 02 năm 2024");
    line_middle_at(p, 830, 420, "QUYẾT ĐỊNH");
    line_middle_at(p, 830, 462, "Về việc rà soát, số hóa sổ hộ tịch lưu tại");
    line_middle_at(p, 830, 504, "Ủy ban nhân dân xã");
    body_set(p, 600);
    line_at(p, 250, 1700, "Nơi nhận:");
    line_at(p, 250, 1740, "- Như Điều 2;");
    line_at(p, 250, 1775, "- Lưu: VT.");
    line_middle_at(p, 1200, 1700, "TM. ỦY BAN NHÂN DÂN");
    line_middle_at(p, 1200, 1742, "KT. CHỦ TỊCH");
    line_middle_at(p, 1200, 1784, "PHÓ CHỦ TỊCH");
    line_middle_at(p, 1200, 1980, "Trần Thị Thu Nguyệt");
}

static void a_decision_says_all_of_itself(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    decision_set(&p);
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
    page_end(&p);
}

static void each_value_keeps_its_zone_its_confidence_and_its_rule(void **state)
{
    struct page p;
    struct fields f;
    const struct field_found *v;

    (void)state;
    decision_set(&p);
    f = found_on(&p, 1);
    v = fields_get(&f, "issuer", 0);
    assert_true(v->zoned && v->page == 0);
    assert_int_equal(v->top, 160);
    assert_int_equal(v->height, 40 + LINE);
    assert_int_equal(v->left, LEFT_COLUMN - 15 * LETTER / 2);
    assert_int_equal(v->width, 15 * LETTER);
    assert_in_range(v->confidence, 90, 99);
    assert_string_equal(v->rule, "head.issuer");
    assert_false(fields_get(&f, "page_count", 0)->zoned);
    fields_release(&f);
    page_end(&p);
}

static void an_office_below_another_has_a_parent_and_a_letter_its_subject(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    page_begin(&p);
    line_middle_at(&p, LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN");
    line_middle_at(&p, LEFT_COLUMN, 200, "TỈNH BÌNH LÂM");
    line_middle_at(&p, LEFT_COLUMN, 240, "SỞ NỘI VỤ");
    line_middle_at(&p, LEFT_COLUMN, 310, "Số: 1415/SNV-VP");
    line_middle_at(&p, LEFT_COLUMN, 350, "V/v xây dựng gia đình văn hóa, khu");
    line_middle_at(&p, LEFT_COLUMN, 388, "dân cư văn hóa");
    nation_set(&p);
    line_middle_at(&p, RIGHT_COLUMN, 310, "Bình Lâm, ngày 12 tháng 10 năm 2019");
    line_middle_at(&p, 830, 500, "Kính gửi: Các thôn trên địa bàn xã.");
    body_set(&p, 600);
    line_middle_at(&p, 1200, 1700, "TL. GIÁM ĐỐC");
    line_middle_at(&p, 1200, 1742, "CHÁNH VĂN PHÒNG");
    line_middle_at(&p, 1200, 1980, "Giàng A Sửu");
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
    page_end(&p);
}

static void a_paper_of_the_party_has_a_head_of_its_own(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    page_begin(&p);
    line_middle_at(&p, LEFT_COLUMN, 160, "ĐẢNG BỘ TỈNH BÌNH LÂM");
    line_middle_at(&p, LEFT_COLUMN, 200, "ĐẢNG ỦY XÃ TÂN KHÊ");
    line_middle_at(&p, LEFT_COLUMN, 240, "*");
    line_middle_at(&p, LEFT_COLUMN, 280, "Số 12-QĐ/ĐU");
    line_middle_at(&p, RIGHT_COLUMN, 160, "ĐẢNG CỘNG SẢN VIỆT NAM");
    line_middle_at(&p, RIGHT_COLUMN, 280, "Tân Khê, ngày 01 tháng 6 năm 2020");
    line_middle_at(&p, 830, 420, "QUYẾT ĐỊNH");
    line_middle_at(&p, 830, 462, "Về việc hiến máu tình nguyện");
    body_set(&p, 600);
    line_middle_at(&p, 1200, 1700, "T/M BAN THƯỜNG VỤ");
    line_middle_at(&p, 1200, 1742, "K/T BÍ THƯ");
    line_middle_at(&p, 1200, 1784, "PHÓ BÍ THƯ");
    line_middle_at(&p, 1200, 1980, "Lý Lĩnh");
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
    page_end(&p);
}

static void what_is_quoted_in_the_body_is_not_the_papers_own(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    page_begin(&p);
    body_set(&p, 300);
    line_at(&p, 330, 900, "Trân trọng./.");
    f = found_on(&p, 1);
    assert_int_equal(f.count, 1); /* how many pages there are */
    assert_field(&f, "page_count", "1");
    fields_release(&f);
    page_end(&p);
}

static void the_signature_is_on_the_last_page_that_has_one(void **state)
{
    struct page p[2];
    struct fields f;

    (void)state;
    decision_set(&p[0]);
    page_begin(&p[1]);
    line_at(&p[1], 250, 200, "Quyết định này có hiệu lực kể từ ngày ký.");
    line_middle_at(&p[1], 1200, 400, "CHỦ TỊCH");
    line_at(&p[1], 1010, 460, "s§t ~ 4"); /* of the seal */
    line_middle_at(&p[1], 1200, 640, "Lò Thị Thơm");
    f = found_on(p, 2);
    assert_field(&f, "title", "CHỦ TỊCH");
    assert_field(&f, "signer", "Lò Thị Thơm");
    assert_int_equal(fields_get(&f, "signer", 0)->page, 1);
    assert_field(&f, "number", "05");
    assert_field(&f, "page_count", "2");
    fields_release(&f);
    page_end(&p[0]);
    page_end(&p[1]);
}

static void anchors_may_be_misread_and_a_kind_by_one_letter(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    page_begin(&p);
    line_middle_at(&p, LEFT_COLUMN, 160, "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ");
    line_middle_at(&p, LEFT_COLUMN, 280, "Só : 15/2025/QĐ-UBND");
    line_middle_at(&p, RIGHT_COLUMN, 160, "CONG HÒA XÃ HQI CHỦ NGHĨA VIET NAM");
    line_middle_at(&p, RIGHT_COLUMN, 280, "Tân Khê, ngảy 01 thang 6 nam 2025");
    line_middle_at(&p, 830, 420, "QUYÉT ĐỊNN");
    line_middle_at(&p, 830, 462, "Về việc hiến máu");
    body_set(&p, 600);
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
    page_end(&p);
}

static void a_number_left_blank_for_the_pen_is_empty(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    page_begin(&p);
    line_middle_at(&p, LEFT_COLUMN, 160, "UBND XÃ TÂN KHÊ");
    line_middle_at(&p, LEFT_COLUMN, 280, "Số: /UBND-VP");
    nation_set(&p);
    body_set(&p, 600);
    f = found_on(&p, 1);
    assert_field(&f, "number", NULL);
    assert_field(&f, "symbol", "UBND-VP");
    assert_field(&f, "date", NULL);
    assert_field(&f, "signer", NULL);
    fields_release(&f);
    page_end(&p);
}

static void secrecy_and_urgency_are_words_that_stand_alone(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    decision_set(&p);
    line_at(&p, 300, 330, "TỐI MẬT");
    line_at(&p, 300, 375, "KHẨN");
    f = found_on(&p, 1);
    assert_field(&f, "secrecy", "TỐI MẬT");
    assert_field(&f, "urgency", "KHẨN");
    fields_release(&f);
    page_end(&p);
}

/* The same page lying on its side, and askew: the boxes are the original's. */
static void a_page_on_its_side_is_read_as_it_will_be_held(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    decision_set(&p);
    for (size_t i = 0; i < p.layout.words_count; i++) {
        struct word *w = &p.layout.words[i];
        struct word turned = *w;

        turned.left = w->top;
        turned.top = WIDTH - w->left - w->width;
        turned.width = w->height;
        turned.height = w->width;
        *w = turned;
    }
    p.layout.width = HEIGHT;
    p.layout.height = WIDTH;
    p.layout.rotation = 1;
    f = found_on(&p, 1);
    assert_field(&f, "issuer", "ỦY BAN NHÂN DÂN XÃ TÂN KHÊ ĐÔNG");
    assert_field(&f, "signer", "Trần Thị Thu Nguyệt");
    fields_release(&f);
    page_end(&p);
}

static void a_layout_that_is_not_the_texts_gives_nothing(void **state)
{
    struct page p;
    struct fields f;

    (void)state;
    decision_set(&p);
    p.layout.words_count--;
    f = found_on(&p, 1);
    assert_int_equal(f.count, 1);
    fields_release(&f);
    page_end(&p);
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
        cmocka_unit_test(secrecy_and_urgency_are_words_that_stand_alone),
        cmocka_unit_test(a_page_on_its_side_is_read_as_it_will_be_held),
        cmocka_unit_test(a_layout_that_is_not_the_texts_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
