/* Tokenizer: what is one word, and which words are the same. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "schema/tokenizer.h"

#define TEXT_BYTES_MAX 65536

struct written {
    char text[TEXT_BYTES_MAX];
    size_t bytes;
    bool exact;
};

static int write_token(void *arg, const struct token *t)
{
    struct written *w = arg;
    const char *form = w->exact ? t->exact : t->folded;

    assert_int_equal(strlen(t->folded), t->folded_bytes);
    assert_int_equal(strlen(t->exact), t->exact_bytes);
    assert_true(t->folded_bytes > 0 && t->folded_bytes <= TOKEN_BYTES_MAX);
    assert_true(w->bytes + strlen(form) + 2 < TEXT_BYTES_MAX);
    w->bytes +=
        (size_t)sprintf(w->text + w->bytes, "%s%s", w->bytes > 0 ? " " : "", form);
    return 0;
}

/* The tokens with a space between; valid until the second next call. */
static const char *forms_of(const char *text, size_t bytes, bool exact)
{
    static struct written two[2];
    static unsigned turn;
    struct written *w = &two[turn++ % 2];

    w->text[0] = '\0'; /* not all of it: it is called a million times */
    w->bytes = 0;
    w->exact = exact;
    assert_int_equal(tokens_each(text, bytes, write_token, w), 0);
    return w->text;
}

static const char *folded(const char *text)
{
    return forms_of(text, strlen(text), false);
}

static const char *exact(const char *text)
{
    return forms_of(text, strlen(text), true);
}

static void tones_circumflexes_horns_and_breves_are_folded_away(void **state)
{
    (void)state;
    assert_string_equal(folded("Quyết định phê duyệt"), "quyet dinh phe duyet");
    assert_string_equal(folded("CỘNG HOÀ XÃ HỘI CHỦ NGHĨA"), "cong hoa xa hoi chu nghia");
    assert_string_equal(folded("bồi thường, hỗ trợ; ưu ẵm"), "boi thuong ho tro uu am");
}

static void every_d_with_a_stroke_folds_to_d(void **state)
{
    (void)state;
    assert_string_equal(folded("đường Đường Ðường ðường"), "duong duong duong duong");
    assert_string_equal(exact("Đ"), exact("đ"));
    assert_string_equal(exact("Ð"), exact("đ")); /* U+00D0, as Tesseract reads it */
    assert_string_not_equal(exact("đ"), exact("d"));
}

static void composed_and_decomposed_text_has_the_same_tokens(void **state)
{
    const char *text = "Uỷ ban nhân dân xã Hưng Thịnh, nghĩa vụ tài chính, Nguyễn Văn Ổn";
    char *nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)text);

    (void)state;
    assert_string_not_equal(text, nfd);
    assert_string_equal(folded(text), folded(nfd));
    assert_string_equal(exact(text), exact(nfd));
    free(nfd);
}

static void marks_in_any_order_are_the_same_letter(void **state)
{
    (void)state;
    assert_string_equal(exact("e\u0323\u0302"), exact("ệ"));
    assert_string_equal(exact("e\u0302\u0323"), exact("ệ"));
    assert_string_equal(exact("o\u0301\u031b"), exact("ớ"));
}

static void the_place_of_the_tone_does_not_count(void **state)
{
    (void)state;
    assert_string_equal(exact("hoà"), exact("hòa"));
    assert_string_equal(exact("uỷ"), exact("ủy"));
    assert_string_equal(exact("thuý"), exact("thúy"));
    assert_string_equal(exact("khoẻ"), exact("khỏe"));
}

static void other_spellings_stay_different(void **state)
{
    (void)state;
    assert_string_not_equal(exact("quý"), exact("quí"));
    assert_string_not_equal(exact("hoà"), exact("hoá"));
    assert_string_not_equal(exact("hoa"), exact("hoà"));
    assert_string_not_equal(exact("tân"), exact("tăn"));
    assert_string_not_equal(exact("ương"), exact("ưong"));
}

static void numbers_and_signs_of_papers_come_apart_at_punctuation(void **state)
{
    (void)state;
    assert_string_equal(folded("Số: 12/QĐ-UBND"), "so 12 qd ubnd");
    assert_string_equal(folded("ngày 03/1975 (bản_sao)"), "ngay 03 1975 ban sao");
    assert_string_equal(folded("ông K'Brêu"), "ong k breu");
    assert_string_equal(folded("K\u02bcBrêu"), "k breu");
}

static void compatibility_forms_of_one_character_are_that_character(void **state)
{
    (void)state;
    assert_string_equal(folded("120 m² Nº ①"), "120 m2 no 1");
    assert_string_equal(folded("\uff11\uff12 \uff21\uff22"), "12 ab"); /* full width */
    assert_string_equal(folded("1½"), "1½");
}

static void invisible_joiners_do_not_part_a_word(void **state)
{
    (void)state;
    assert_string_equal(folded("quy\u00adết"), "quyet");
    assert_string_equal(folded("\ufeffquyết"), "quyet");
    assert_string_equal(folded("quyết\u200bđịnh"), "quyet dinh");
}

static void bytes_that_are_not_utf8_and_nul_separate(void **state)
{
    static const char bad[] = "an\xff"
                              "toàn\0dân \xe1\xba x \xc3";

    (void)state;
    assert_string_equal(forms_of(bad, sizeof bad - 1, false), "an toan dan x");
    assert_string_equal(folded(""), "");
    assert_string_equal(folded(" \u0301 - '\u0323 "), "");
}

struct offsets {
    const char *text;
    size_t seen;
};

static int covers_its_word(void *arg, const struct token *t)
{
    static const char *const words[] = {"Hoà", "tie\u0302\u0301ng", "ở", "x\u0301\u0323"};
    struct offsets *o = arg;

    assert_true(o->seen < 4);
    assert_int_equal(t->end - t->start, strlen(words[o->seen]));
    assert_memory_equal(o->text + t->start, words[o->seen], t->end - t->start);
    assert_true(t->accented);
    o->seen++;
    return 0;
}

static void offsets_cover_the_word_with_its_marks(void **state)
{
    struct offsets o = {.text = " Hoà, tie\u0302\u0301ng\nở!x\u0301\u0323"};

    (void)state;
    assert_int_equal(tokens_each(o.text, strlen(o.text), covers_its_word, &o), 0);
    assert_int_equal(o.seen, 4);
}

static int stop_at_second(void *arg, const struct token *t)
{
    (void)t;
    return ++*(int *)arg == 2 ? 7 : 0;
}

static void the_callee_stops_the_walk(void **state)
{
    int seen = 0;

    (void)state;
    assert_int_equal(tokens_each("a b c d", 7, stop_at_second, &seen), 7);
    assert_int_equal(seen, 2);
}

static void a_long_run_is_cut_alike_in_both_normal_forms(void **state)
{
    char text[3 * 300 + 1] = "";
    char *nfd;

    (void)state;
    for (size_t i = 0; i < 300; i++)
        memcpy(text + 3 * i, "ệ", 4);
    nfd = (char *)utf8proc_NFD((const utf8proc_uint8_t *)text);
    assert_string_equal(folded(text), folded(nfd));
    assert_int_equal(strcspn(folded(text), " "), TOKEN_BYTES_MAX);
    assert_string_equal(exact(text), exact(nfd));
    free(nfd);
}

static void a_letter_under_ten_thousand_marks_is_one_token(void **state)
{
    static char text[1 + 2 * 10000 + 1] = "a";

    (void)state;
    for (size_t i = 0; i < 10000; i++)
        memcpy(text + 1 + 2 * i, "\u0301", 2);
    assert_string_equal(folded(text), "a");
}

static void every_code_point_folds_to_itself_and_alike_in_nfd(void **state)
{
    (void)state;
    for (int32_t code = 1; code < 0x110000; code++) {
        utf8proc_uint8_t text[5] = {0};
        char once[256];
        char *nfd;

        if (!utf8proc_codepoint_valid(code) || utf8proc_encode_char(code, text) == 0)
            continue;
        strcpy(once, folded((char *)text));
        nfd = (char *)utf8proc_NFD(text);
        if (strcmp(folded(once), once) != 0 || strcmp(folded(nfd), once) != 0)
            fail_msg("U+%04X: %s, again %s, NFD %s", (unsigned)code, once, folded(once),
                     folded(nfd));
        free(nfd);
    }
}

/* Found by fuzzing: U+1D9E stands for ð, and U+03D3 decomposes to U+03D2, for υ. */
static void what_stands_for_a_letter_is_folded_like_it(void **state)
{
    (void)state;
    assert_string_equal(folded("\u1d9e \u03d3"), "d υ");
}

static void fts5_indexes_the_folded_tokens(void **state)
{
    sqlite3 *db = NULL;
    struct err e;
    sqlite3_stmt *s;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(tokenizer_register(db, &e), 0);
    assert_int_equal(
        sqlite3_exec(db,
                     "CREATE VIRTUAL TABLE t USING fts5(text, tokenize = 'tram');"
                     "INSERT INTO t VALUES ('Quyết định số 12/QĐ-UBND');"
                     "CREATE VIRTUAL TABLE v USING fts5vocab(t, row);",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT group_concat(term, ' ') FROM v", -1, &s, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0),
                        "12 dinh qd quyet so ubnd");
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_circumflexes_horns_and_breves_are_folded_away),
        cmocka_unit_test(every_d_with_a_stroke_folds_to_d),
        cmocka_unit_test(composed_and_decomposed_text_has_the_same_tokens),
        cmocka_unit_test(marks_in_any_order_are_the_same_letter),
        cmocka_unit_test(the_place_of_the_tone_does_not_count),
        cmocka_unit_test(other_spellings_stay_different),
        cmocka_unit_test(numbers_and_signs_of_papers_come_apart_at_punctuation),
        cmocka_unit_test(compatibility_forms_of_one_character_are_that_character),
        cmocka_unit_test(invisible_joiners_do_not_part_a_word),
        cmocka_unit_test(bytes_that_are_not_utf8_and_nul_separate),
        cmocka_unit_test(offsets_cover_the_word_with_its_marks),
        cmocka_unit_test(the_callee_stops_the_walk),
        cmocka_unit_test(a_long_run_is_cut_alike_in_both_normal_forms),
        cmocka_unit_test(a_letter_under_ten_thousand_marks_is_one_token),
        cmocka_unit_test(every_code_point_folds_to_itself_and_alike_in_nfd),
        cmocka_unit_test(what_stands_for_a_letter_is_folded_like_it),
        cmocka_unit_test(fts5_indexes_the_folded_tokens),
    };

    return cmocka_run_group_tests_name("tokenizer", tests, NULL, NULL);
}
