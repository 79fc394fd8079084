/* Two scans of one paper, and two papers of one form. */
#include "appliance/twins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/words.h"

#define FORM                                                                                                   \
    "UỶ BAN NHÂN DÂN XÃ CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập Tự do Hạnh phúc " \
    "Số 12/QĐ-UBND ngày 05 tháng 3 năm 2019 về việc hỗ trợ cho ông "

/* A word in [brackets] is one that the reader was not sure of. */
static void take(struct twin_text *out, const char *text, struct layout *layout,
                 char *plain)
{
    size_t at = 0, bytes;
    const char *word;
    struct err e;

    *layout = (struct layout){.width = 100, .height = 100};
    plain[0] = '\0';
    while (words_next(text, &at, &word, &bytes)) {
        bool doubted = word[0] == '[';
        struct word w = {.confidence = doubted ? 40 : 95, .width = 1, .height = 1};

        assert_int_equal(layout_add(layout, &w, &e), 0);
        (void)sprintf(plain + strlen(plain), "%.*s ", (int)bytes - 2 * doubted,
                      word + doubted);
    }
    assert_int_equal(twin_text_init(out, plain, layout, &e), 0);
}

static struct twin_verdict compare(const char *a, const char *b)
{
    struct layout layouts[2];
    struct twin_text texts[2];
    struct twin_verdict verdict;
    char plain[2][2048];
    struct err e;

    take(&texts[0], a, &layouts[0], plain[0]);
    take(&texts[1], b, &layouts[1], plain[1]);
    assert_int_equal(twins_compare(&texts[0], &texts[1], &verdict, &e), 0);
    for (int i = 0; i < 2; i++) {
        twin_text_release(&texts[i]);
        layout_release(&layouts[i]);
    }
    return verdict;
}

static void one_paper_scanned_twice_is_one(void **state)
{
    static const char *const pairs[][2] = {
        {FORM "Nguyễn Văn Bình", FORM "Nguyễn Văn Bình"},
        /* Tones misread, letters misread, a word torn, dirt read as a word. */
        {FORM "Nguyễn Văn Bình", FORM "Nguyên Văn Binh"},
        {FORM "Nguyễn Văn Bình", FORM "[Ngnyễn] Văn [Bìnb]"},
        {FORM "Nguyễn Văn Bình", FORM "Ngu yễn Văn Bình [|]"},
        /* A number that the reader doubts. */
        {FORM "Nguyễn Văn Bình 034", FORM "Nguyễn Văn Bình [084]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct twin_verdict v = compare(pairs[i][0], pairs[i][1]);

        if (!v.is_twin)
            fail_msg("%zu: %zu of %zu agree, %zu contradict", i, v.agreeing, v.fewer,
                     v.contradicted);
    }
}

static void one_form_for_two_people_is_two(void **state)
{
    static const char *const pairs[][2] = {
        {FORM "Nguyễn Văn Bình", FORM "Trần Thị Hoa"},
        /* The same person, another number; or another day. */
        {FORM "Nguyễn Văn Bình 034", FORM "Nguyễn Văn Bình 084"},
        {FORM "Nguyễn Văn Bình sinh 1975", FORM "Nguyễn Văn Bình sinh 1957"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_false(compare(pairs[i][0], pairs[i][1]).is_twin);
}

static void other_papers_and_nearly_empty_ones_are_no_twins(void **state)
{
    (void)state;
    assert_false(compare(FORM "Nguyễn Văn Bình",
                         "Biên bản họp thôn về việc làm đường liên xã năm ấy")
                     .is_twin);
    assert_false(compare("Trang trắng", "Trang trắng").is_twin);
    assert_false(compare("", "").is_twin);
    assert_int_equal(compare("", FORM).fewer, 0);
}

static void a_page_longer_than_can_be_compared_is_cut(void **state)
{
    static char long_text[40000];
    struct twin_text t;
    struct err e;

    (void)state;
    for (size_t i = 0; i + 4 < sizeof long_text; i += 3)
        memcpy(long_text + i, "ab ", 4);
    assert_int_equal(twin_text_init(&t, long_text, NULL, &e), 0);
    assert_int_equal(t.count, TWIN_WORDS_MAX);
    assert_int_equal(t.words[7].confidence, 100);
    twin_text_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_paper_scanned_twice_is_one),
        cmocka_unit_test(one_form_for_two_people_is_two),
        cmocka_unit_test(other_papers_and_nearly_empty_ones_are_no_twins),
        cmocka_unit_test(a_page_longer_than_can_be_compared_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
