/* Language: what it changes, what it may never touch, and its table. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocr/language/bigram.h"
#include "ocr/language/language.h"
#include "ocr/language/letter.h"
#include "ocr/language/syllable.h"
#include "tests/language/bigrams.h"

static struct err e;

/* --- a page that the recogniser read ------------------------------------------------ */

static void offer(struct found *f, const char *letter, size_t bytes, float confidence)
{
    struct choice *c = found_add_choice(f, &e);

    assert_non_null(c);
    memcpy(c->letter, letter, bytes);
    c->confidence = confidence;
}

/* One symbol for each character, each sure of itself. */
static void write_word(struct found *f, const char *text)
{
    struct found_word *w = found_add_word(f, &e);

    assert_non_null(w);
    (void)snprintf(w->text, sizeof w->text, "%s", text);
    w->symbol_first = (uint32_t)f->symbols_count;
    w->box = (struct box){(int32_t)f->words_count * 100, 50,
                          (int32_t)f->words_count * 100 + 80, 90};
    for (size_t bytes; *text != '\0'; text += bytes) {
        struct symbol *s = found_add_symbol(f, &e);

        for (bytes = 1; ((unsigned char)text[bytes] & 0xC0) == 0x80;)
            bytes++;
        assert_non_null(s);
        s->choice_first = (uint32_t)f->choices_count;
        s->choices_count = 1;
        offer(f, text, bytes, 94);
        f->words[f->words_count - 1].symbols_count++;
    }
}

/* The last word's character `at` might also have been `letter`. */
static void or_else(struct found *f, size_t at, const char *letter, float confidence)
{
    const struct found_word *w = &f->words[f->words_count - 1];
    struct symbol *s = &f->symbols[w->symbol_first + at];
    char first[FOUND_LETTER_BYTES];

    memcpy(first, f->choices[s->choice_first].letter, sizeof first);
    s->choice_first = (uint32_t)f->choices_count;
    s->choices_count = 2;
    offer(f, first, strlen(first), 94);
    offer(f, letter, strlen(letter), confidence);
}

static void write_words(struct found *f, const char *words)
{
    char word[64];
    int bytes;

    for (; sscanf(words, "%63s%n", word, &bytes) == 1; words += bytes)
        write_word(f, word);
}

static struct language_report expect(struct found *f, const char *text)
{
    struct language_report report;
    char got[1024] = "";

    language_choose(f, &report);
    for (size_t i = 0; i < f->words_count; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s",
                       i > 0 ? " " : "", f->words[i].text);
    assert_string_equal(got, text);
    found_release(f);
    return report;
}

/* --- stories ------------------------------------------------------------------------------ */

static void the_likelier_syllable_is_chosen_and_what_it_was_is_kept(void **state)
{
    struct found f = {0};
    struct language_report report;

    (void)state;
    write_words(&f, "các cơ quan, tô");
    or_else(&f, 1, "ổ", 40);
    write_words(&f, "chức, cá nhân");
    language_choose(&f, &report);
    assert_string_equal(f.words[3].text, "tổ");
    assert_true(f.words[3].changed);
    assert_int_equal(f.words[3].change, CHANGE_LANGUAGE);
    assert_string_equal(f.words[3].was, "tô");
    assert_int_equal(report.changed, 1);
    assert_int_equal(report.words, 7);
    (void)expect(&f, "các cơ quan, tổ chức, cá nhân");
}

static void brackets_and_stops_stay_where_they_are(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "cơ quan nhà nước có “thấm");
    or_else(&f, 3, "ẩ", 70);
    write_words(&f, "quyến”;");
    or_else(&f, 3, "ề", 70);
    (void)expect(&f, "cơ quan nhà nước có “thẩm quyền”;");
}

static void a_letter_that_was_not_offered_is_never_written(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "các cơ quan, tô chức, cá nhân");
    assert_int_equal(expect(&f, "các cơ quan, tô chức, cá nhân").changed, 0);
}

static void what_the_recogniser_is_sure_of_stays(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "đã tô");
    or_else(&f, 1, "ổ", 0);
    write_words(&f, "màu");
    (void)expect(&f, "đã tô màu");
}

static void without_knowledge_of_the_neighbours_a_sound_word_stays(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "của Hoàng 17 quần");
    or_else(&f, 2, "ẩ", 70);
    write_words(&f, "17");
    (void)expect(&f, "của Hoàng 17 quần 17");
}

static void names_capitals_numbers_and_codes_stay(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "ông Tô");
    or_else(&f, 1, "ổ", 90);
    write_words(&f, "chức TÔ");
    or_else(&f, 1, "Ổ", 90);
    write_words(&f, "CHỨC 12");
    or_else(&f, 1, "3", 93);
    write_words(&f, "tô1");
    or_else(&f, 1, "ổ", 93);
    write_words(&f, "chức");
    assert_int_equal(expect(&f, "ông Tô chức TÔ CHỨC 12 tô1 chức").changed, 0);
}

static void a_capital_that_begins_a_sentence_is_no_name(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "pháp luật. Tô");
    or_else(&f, 1, "ổ", 70);
    write_words(&f, "chức thực hiện");
    (void)expect(&f, "pháp luật. Tổ chức thực hiện");
}

static void a_capital_before_another_may_be_a_name(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "Chủ tịch. Tô");
    or_else(&f, 1, "ổ", 90);
    write_words(&f, "Chức");
    (void)expect(&f, "Chủ tịch. Tô Chức");
}

static void a_word_alone_among_names_keeps_its_base_letters(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "Thuận Hòa, xà");
    or_else(&f, 0, "v", 90);
    write_words(&f, "Thuận Hòa");
    (void)expect(&f, "Thuận Hòa, xà Thuận Hòa");
    write_words(&f, "ngày 05 thúng");
    or_else(&f, 2, "á", 70);
    write_words(&f, "12 năm");
    (void)expect(&f, "ngày 05 tháng 12 năm");
}

static void a_full_stop_before_a_small_word_is_a_comma_if_that_was_offered(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "đã hoạt động.");
    or_else(&f, 4, ",", 10);
    write_words(&f, "trong đó đạt.");
    or_else(&f, 3, ":", 60);
    write_words(&f, "có và xã.");
    or_else(&f, 2, ",", 60);
    write_words(&f, "Hòa Bình. Ủy.");
    assert_int_equal(
        expect(&f, "đã hoạt động, trong đó đạt. có và xã. Hòa Bình. Ủy.").changed, 1);
}

static void abbreviations_and_numbers_keep_their_stops(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "tr.");
    or_else(&f, 2, ",", 90);
    write_words(&f, "năm TP.");
    or_else(&f, 2, ",", 90);
    write_words(&f, "lớn 2015.");
    or_else(&f, 4, ",", 90);
    write_words(&f, "trong đó.");
    or_else(&f, 2, ",", 90);
    write_words(&f, "l các"); /* a one, misread */
    (void)expect(&f, "tr. năm TP. lớn 2015. trong đó. l các");
}

static void an_item_ends_in_a_semicolon_before_another(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "- Như trên:");
    or_else(&f, 4, ";", 40);
    write_words(&f, "- Các phòng,");
    f.words[3].start = WORD_NEW_LINE;
    or_else(&f, 5, ";", 40);
    write_words(&f, "- Lưu.");
    f.words[6].start = WORD_NEW_LINE;
    assert_int_equal(expect(&f, "- Như trên; - Các phòng; - Lưu.").changed, 2);
}

static void what_introduces_a_list_keeps_its_colon(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "Nơi nhận:");
    or_else(&f, 4, ";", 60);
    write_words(&f, "- Như trên");
    f.words[2].start = WORD_NEW_LINE;
    (void)expect(&f, "Nơi nhận: - Như trên");
}

static void table_cells_stay(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "các cơ quan, tô");
    or_else(&f, 1, "ổ", 90);
    write_words(&f, "chức");
    for (size_t i = 0; i < f.words_count; i++)
        f.words[i].cell = 0;
    (void)expect(&f, "các cơ quan, tô chức");
}

static void letters_that_count_things_stay(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "a)");
    or_else(&f, 0, "à", 90);
    write_words(&f, "và các");
    (void)expect(&f, "a) và các");
}

static void what_another_thing_changed_stays_changed(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "các cơ quan, tô-");
    or_else(&f, 1, "ổ", 90);
    found_change(&f.words[3], "tô", CHANGE_MARK);
    write_words(&f, "chức");
    (void)expect(&f, "các cơ quan, tô chức");
}

static void a_syllable_that_was_split_is_joined(void **state)
{
    struct found f = {0};
    struct language_report report;

    (void)state;
    write_words(&f, "chủ tị ch nước");
    f.words[2].box.left = f.words[1].box.right + 6;
    language_choose(&f, &report);
    assert_int_equal(report.joined, 1);
    assert_string_equal(f.words[1].was, "tị ch");
    assert_int_equal(f.words[1].change, CHANGE_JOIN);
    assert_int_equal(f.words[1].box.right, 380);
    (void)expect(&f, "chủ tịch nước");
}

static void words_stay_apart_that_are_or_that_stand_apart(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "chủ tị ch nước"); /* with a whole gap between them */
    (void)expect(&f, "chủ tị ch nước");
    write_words(&f, "ba n"); /* in two cells */
    f.words[1].box.left = f.words[0].box.right + 6;
    f.words[0].cell = 0;
    f.words[1].cell = 1;
    (void)expect(&f, "ba n");
    write_words(&f, "hai a i"); /* both are syllables */
    f.words[2].box.left = f.words[1].box.right + 6;
    (void)expect(&f, "hai a i");
}

static void a_page_without_alternatives_or_words_is_fine(void **state)
{
    struct found f = {0};
    struct language_report report;

    (void)state;
    language_choose(&f, &report);
    assert_int_equal(report.words + report.changed + report.joined, 0);
    assert_true(language_valid_share(&f) == 1);
    assert_non_null(found_add_word(&f, &e));
    (void)snprintf(f.words[0].text, sizeof f.words[0].text, "tô");
    (void)expect(&f, "tô");
}

static void a_clause_longer_than_any_is_read_in_parts(void **state)
{
    struct found f = {0};
    struct language_report report;

    (void)state;
    for (int i = 0; i < 300; i++) {
        write_word(&f, "tô");
        or_else(&f, 1, "ổ", 80);
        write_word(&f, "chức");
    }
    language_choose(&f, &report);
    assert_int_equal(report.changed, 300);
    found_release(&f);
}

static void the_share_of_syllables_tells_letters_from_dirt(void **state)
{
    struct found f = {0};

    (void)state;
    write_words(&f, "của ủy ban NHÂN 12 hrx");
    assert_true(language_valid_share(&f) == 0.75);
    found_release(&f);
}

/* --- the table ------------------------------------------------------------------------------ */

static uint16_t place_of(const char *word)
{
    struct syllable s = syllable_of(word);

    assert_int_equal(s.kind, SYLLABLE_SOUND);
    return bigram_find(s.code);
}

static void what_stands_together_in_laws_is_cheap(void **state)
{
    (void)state;
    assert_true(bigram_cost(place_of("tổ"), place_of("chức")) < 1);
    assert_true(bigram_cost(place_of("quy"), place_of("định")) < 1);
    assert_true(bigram_cost(place_of("tô"), place_of("chức")) > 5);
    assert_true(bigram_cost(bigram_edge(), place_of("điều")) <
                bigram_cost(bigram_edge(), place_of("tổ")));
    assert_int_equal(place_of("uỷ"), place_of("ủy"));
}

static void who_was_never_counted_is_dear_after_anything(void **state)
{
    (void)state;
    assert_int_equal(place_of("ngoằm"), BIGRAM_UNSEEN);
    assert_true(bigram_cost(place_of("tổ"), BIGRAM_UNSEEN) > 12);
    assert_true(bigram_cost(BIGRAM_UNSEEN, BIGRAM_UNSEEN) > 12);
    assert_true(bigram_cost(BIGRAM_NO_WORD, place_of("của")) < 6);
}

static void the_table_is_what_the_counts_make(void **state)
{
    struct buffer made, kept;
    struct counts counts;
    FILE *f = fopen("ocr/language/bigrams.bin", "rb");

    (void)state;
    if (f == NULL || access("../shared/language/pairs.tsv", R_OK) != 0)
        skip();
    buffer_init(&made, 600000);
    buffer_init(&kept, 600000);
    assert_int_equal(buffer_read_fd(&kept, fileno(f), &e), 0);
    (void)fclose(f);
    assert_int_equal(counts_read(&counts, "../shared/language", &e), 0);
    assert_int_equal(bigrams_make(&counts, &made, &e), 0);
    assert_int_equal(made.count, kept.count);
    assert_memory_equal(made.bytes, kept.bytes, kept.count);
    counts_release(&counts);
    buffer_release(&made);
    buffer_release(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_likelier_syllable_is_chosen_and_what_it_was_is_kept),
        cmocka_unit_test(brackets_and_stops_stay_where_they_are),
        cmocka_unit_test(a_letter_that_was_not_offered_is_never_written),
        cmocka_unit_test(what_the_recogniser_is_sure_of_stays),
        cmocka_unit_test(without_knowledge_of_the_neighbours_a_sound_word_stays),
        cmocka_unit_test(names_capitals_numbers_and_codes_stay),
        cmocka_unit_test(a_capital_that_begins_a_sentence_is_no_name),
        cmocka_unit_test(a_capital_before_another_may_be_a_name),
        cmocka_unit_test(a_word_alone_among_names_keeps_its_base_letters),
        cmocka_unit_test(a_full_stop_before_a_small_word_is_a_comma_if_that_was_offered),
        cmocka_unit_test(abbreviations_and_numbers_keep_their_stops),
        cmocka_unit_test(an_item_ends_in_a_semicolon_before_another),
        cmocka_unit_test(what_introduces_a_list_keeps_its_colon),
        cmocka_unit_test(table_cells_stay),
        cmocka_unit_test(letters_that_count_things_stay),
        cmocka_unit_test(what_another_thing_changed_stays_changed),
        cmocka_unit_test(a_syllable_that_was_split_is_joined),
        cmocka_unit_test(words_stay_apart_that_are_or_that_stand_apart),
        cmocka_unit_test(a_page_without_alternatives_or_words_is_fine),
        cmocka_unit_test(a_clause_longer_than_any_is_read_in_parts),
        cmocka_unit_test(the_share_of_syllables_tells_letters_from_dirt),
        cmocka_unit_test(what_stands_together_in_laws_is_cheap),
        cmocka_unit_test(who_was_never_counted_is_dear_after_anything),
        cmocka_unit_test(the_table_is_what_the_counts_make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
