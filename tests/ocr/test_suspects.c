/* Suspects: which words a person should look at, why, and what may stand there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "ocr/language/variants.h"
#include "ocr/suspects/shape.h"
#include "ocr/suspects/suspects.h"

#define SURE 97

static struct err e;

/* A page of one line in which all words are as sure; "/" begins a line. */
static void page_of(struct layout *l, const char *text, uint8_t confidence)
{
    size_t at = 0, bytes, before = 0;
    const char *word;

    *l = (struct layout){.width = 2000, .height = 1000, .dpi = 300};
    while (words_next(text, &at, &word, &bytes)) {
        struct word w = {.confidence = confidence,
                         .left = 10 + 60 * (int32_t)l->words_count,
                         .top = 10,
                         .width = 50,
                         .height = 20};

        if (l->words_count == 0)
            w.start = WORD_NEW_BLOCK;
        else if (memchr(text + before, '\n', (size_t)(word - text) - before) != NULL)
            w.start = WORD_NEW_LINE;
        assert_int_equal(layout_add(l, &w, &e), 0);
        before = (size_t)(word - text) + bytes;
    }
}

/* "word: reason reason; word: …" */
static void story_of(char *out, size_t room, struct suspects_page *p, struct layout *l)
{
    struct suspects s;
    size_t at = 0, bytes, used = 0, next = 0;
    const char *word;

    p->layout = l;
    assert_int_equal(suspects_find(&s, p, &e), 0);
    out[0] = '\0';
    for (uint32_t i = 0; words_next(p->text, &at, &word, &bytes); i++) {
        if (next == s.count || s.list[next].word != i)
            continue;
        used += (size_t)snprintf(out + used, room - used, "%s%.*s:", used ? "; " : "",
                                 (int)bytes, word);
        for (int r = 0; r < SUSPECT_REASONS; r++)
            if (s.list[next].reasons >> r & 1)
                used += (size_t)snprintf(out + used, room - used, " %s",
                                         suspect_reason_name((enum suspect_reason)r));
        next++;
    }
    suspects_release(&s);
}

static void expect(const char *text, uint8_t confidence, const char *story)
{
    struct suspects_page p = {.text = text};
    struct layout l;
    char told[1024];

    page_of(&l, text, confidence);
    story_of(told, sizeof told, &p, &l);
    if (strcmp(told, story) != 0)
        fail_msg("'%s' at %u: '%s', not '%s'", text, confidence, told, story);
    layout_release(&l);
}

/* --- words ---------------------------------------------------------------------------- */

static void what_papers_hold_is_no_suspect(void **state)
{
    static const char *const lines[] = {
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
        "Ủy ban nhân dân xã báo cáo kết quả thực hiện nhiệm vụ",
        "Số: 12/QĐ-UBND",
        "1656/NQ-UBTVQH15",
        "30/2020/NĐ-CP",
        "QĐ-UBND",
        "TTHC",
        "HĐND",
        "a) Điều kiện",
        "b. Đối tượng",
        "dài 5 km",
        "rộng 12,5 m2",
        "giá 12.000 đ",
        "tăng 7,5%",
        "(12/03/1975)",
        "ngày 3/2/1930.",
        "từ 1996 - 2001;",
        "khổ A4",
        "Điều 12a",
        "08h30",
        "0912.345.678",
        "www.chinhphu.vn",
        "vp@hue.gov.vn",
        "hoà bình và hòa bình",
        "uỷ ban",
        "quý và quí",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect(lines[i], SURE, "");
}

static void names_of_the_highlands_are_no_suspects(void **state)
{
    static const char *const names[] = {
        "Y Bhăm Êban", "H' Hen Niê",  "H'Hen Niê",   "H’Mông",
        "Đắk Lắk",     "Kpă Klơng",   "Krông Năng",  "Ea H'leo",
        "A Ma Kông",   "Ksor Phước",  "Rmah Hnai",   "Y Ngông",
        "Siu Blăh",    "Giàng A Páo", "Lò Văn Muôn", "Thạch Sok Rương",
        "ĐẮK LẮK",     "KPĂ",         "Bkrông",      "Mlô",
        "Kđăm",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        expect(names[i], SURE, "");
}

static void what_nobody_spells_so_is(void **state)
{
    static const char *const words[] = {"nguời",  "quyêết", "thưc",   "nghành", "ngiên",
                                        "Dântôc", "Vhám",   "côgn",   "tríhc",  "TRƯỚGN",
                                        "nhâân",  "kông",   "bảng.số"};
    static const char *const reasons[] = {"nguời: syllable",
                                          "quyêết: syllable",
                                          "thưc: syllable",
                                          "nghành: syllable",
                                          "ngiên: syllable",
                                          "Dântôc: syllable",
                                          "Vhám: syllable",
                                          "côgn: syllable",
                                          "tríhc: syllable",
                                          "TRƯỚGN: syllable",
                                          "nhâân: syllable",
                                          "kông: syllable",
                                          ""};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        expect(words[i], SURE, reasons[i]);
}

static void pieces_and_dirt_are(void **state)
{
    (void)state;
    expect("và th của", SURE, "th: fragment");
    expect("đồng\nc\nđồng", SURE, "c: fragment");
    expect("đồng § đồng", SURE, "§: fragment");
    expect("đồng ¿| đồng", SURE, "¿|: fragment");
    expect("đồng - đồng", SURE, "");
}

static void digits_that_do_not_fit_are(void **state)
{
    static const struct {
        const char *text;
        bool bad;
    } cases[] = {
        {"31/12/1999", false}, {"32/12/1999", true},  {"12/13/1999", true},
        {"24/09/7973", true},  {"119/05/2000", true}, {"3/99", false},
        {"1.234.567", false},  {"8,xã", true},        {"số2,xã", true},
        {"2O19", true},        {"12a", false},        {"m2", false},
        {"66¡%", true},        {"5A", false},         {"UBTVQH15", false},
        {"Thôn2", true},       {"l2b4", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (shape_is_bad_number(cases[i].text) != cases[i].bad)
            fail_msg("%s", cases[i].text);
    expect("ngày II tháng 0Ì năm 2000", SURE, "II: digits; 0Ì: digits");
    expect("ngày càng tháng ba", SURE, "");
}

static void a_digit_in_a_name_and_an_unsure_one_in_a_number_are(void **state)
{
    static const struct suspects_zone name = {5, 5, 180, 40, true},
                                      number = {5, 5, 180, 40, false};
    struct suspects_page p = {.text = "Lê Th1 Hoa", .zones = &name, .zones_count = 1};
    struct layout l;
    char told[256];

    (void)state;
    page_of(&l, p.text, SURE);
    story_of(told, sizeof told, &p, &l);
    assert_string_equal(told, "Th1: digits");
    layout_release(&l);

    p.text = "Số: 12/QĐ-UBND";
    page_of(&l, p.text, 94);
    p.zones_count = 0;
    story_of(told, sizeof told, &p, &l);
    assert_string_equal(told, "");
    p.zones = &number;
    p.zones_count = 1;
    story_of(told, sizeof told, &p, &l);
    assert_string_equal(told, "12/QĐ-UBND: unsure");
    layout_release(&l);
}

static bool is_thuon(void *arg, const char *syllable, bool name)
{
    (void)arg;
    assert_false(name);
    return strcmp(syllable, "thuốm") == 0;
}

static void a_syllable_that_neither_laws_nor_the_commune_know_is(void **state)
{
    struct suspects_page p = {.text = "thuốm"};
    struct layout l;
    char told[256];

    (void)state;
    page_of(&l, p.text, SURE);
    story_of(told, sizeof told, &p, &l);
    assert_string_equal(told, "thuốm: unknown");
    p.known = is_thuon;
    story_of(told, sizeof told, &p, &l);
    assert_string_equal(told, "");
    layout_release(&l);
}

static void the_recognisers_doubt_counts_by_the_kind_of_word(void **state)
{
    (void)state;
    expect("quyết định", 87, "");
    expect("quyết định", 85, "quyết: unsure; định: unsure");
    expect("12", 91, "12: unsure");
    expect("12", 93, "");
}

/* --- what may stand there ----------------------------------------------------------------- */

static void another_mark_that_fits_far_better_is_a_reason_and_is_proposed(void **state)
{
    struct alternatives offered = {0};
    struct alternatives_word w = {.word = 1, .count = 1, .texts = {"quyển,"}};
    struct suspects_page p = {.text = "thấm quyền, có", .alternatives = &offered};
    struct suspects s;
    struct layout l;

    (void)state;
    assert_int_equal(alternatives_add(&offered, &w, &e), 0);
    page_of(&l, p.text, 92);
    l.words[1].confidence = 40;
    p.layout = &l;
    assert_int_equal(suspects_find(&s, &p, &e), 0);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.list[0].reasons, 1u << SUSPECT_MARK);
    assert_string_equal(s.list[0].alternatives[0], "thẩm");
    assert_int_equal(s.list[1].reasons, 1u << SUSPECT_UNSURE);
    assert_string_equal(s.list[1].alternatives[0], "quyển,");
    suspects_release(&s);
    alternatives_release(&offered);
    layout_release(&l);
}

static void a_word_that_a_person_has_looked_at_is_none(void **state)
{
    static const bool settled[] = {true, false};
    struct suspects_page p = {.text = "nguời nguời", .settled = settled};
    struct suspects s;
    struct layout l;

    (void)state;
    page_of(&l, p.text, SURE);
    p.layout = &l;
    assert_int_equal(suspects_find(&s, &p, &e), 0);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.list[0].word, 1);
    suspects_release(&s);
    layout_release(&l);
}

static void a_text_of_other_words_than_the_layout_has_is_corrupt(void **state)
{
    struct suspects_page p = {.text = "một hai"};
    struct suspects s;
    struct layout l;

    (void)state;
    page_of(&l, "một hai ba", SURE);
    p.layout = &l;
    assert_int_equal(suspects_find(&s, &p, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    p.text = "một hai ba bốn";
    assert_int_equal(suspects_find(&s, &p, &e), -1);
    layout_release(&l);
}

static void variants_differ_in_one_mark_and_are_in_use(void **state)
{
    struct variants v;
    struct core c;
    bool found = false;

    (void)state;
    core_read(&c, "Thấm");
    variants_of(&v, &c);
    assert_in_range(v.count, 2, VARIANTS_MAX);
    for (size_t i = 0; i < v.count; i++) {
        found = found || strcmp(v.all[i].letters, "Thẩm") == 0;
        assert_string_not_equal(v.all[i].letters, "Thấm");
        assert_int_equal(syllable_of(v.all[i].letters).kind, SYLLABLE_SOUND);
    }
    assert_true(found);
    core_read(&c, "12");
    variants_of(&v, &c);
    assert_int_equal(v.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_papers_hold_is_no_suspect),
        cmocka_unit_test(names_of_the_highlands_are_no_suspects),
        cmocka_unit_test(what_nobody_spells_so_is),
        cmocka_unit_test(pieces_and_dirt_are),
        cmocka_unit_test(digits_that_do_not_fit_are),
        cmocka_unit_test(a_digit_in_a_name_and_an_unsure_one_in_a_number_are),
        cmocka_unit_test(a_syllable_that_neither_laws_nor_the_commune_know_is),
        cmocka_unit_test(the_recognisers_doubt_counts_by_the_kind_of_word),
        cmocka_unit_test(another_mark_that_fits_far_better_is_a_reason_and_is_proposed),
        cmocka_unit_test(a_word_that_a_person_has_looked_at_is_none),
        cmocka_unit_test(a_text_of_other_words_than_the_layout_has_is_corrupt),
        cmocka_unit_test(variants_differ_in_one_mark_and_are_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
