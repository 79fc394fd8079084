/* Syllable: what Vietnamese spells so, what only a name does, and what nobody does. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ocr/language/letter.h"
#include "ocr/language/syllable.h"

static void each_is(enum syllable_kind kind, const char *const *words)
{
    for (; *words != NULL; words++)
        if (syllable_of(*words).kind != kind)
            fail_msg("%s is of kind %d", *words, (int)syllable_of(*words).kind);
}

#define EACH_IS(kind, ...) each_is(kind, (const char *const[]){__VA_ARGS__, NULL})

static void what_vietnamese_spells_so_is_sound(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_SOUND, "a", "ở", "ủy", "yêu", "uống", "nghiêng", "nghị", "quyết",
            "tịch", "khuỷu", "ngoằn", "huyện", "xoèn", "đường", "chuyển", "trưởng",
            "quốc", "được", "hoạch", "thuế", "khuya", "oăng", "ký", "kỹ", "lý", "tuyến");
}

static void onsets_keep_to_the_vowels_that_they_are_written_before(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_SOUND, "ca", "kê", "ghi", "ga", "nga", "nghe", "cơ", "kỳ");
    for (const char *const *w = (const char *const[]){"ka", "cê", "gha", "ge", "nge",
                                                      "ngha", "iêu", "tyêu", NULL};
         *w != NULL; w++)
        assert_int_not_equal(syllable_of(*w).kind, SYLLABLE_SOUND);
}

static void gi_and_qu_share_a_letter_with_what_follows(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_SOUND, "gì", "gìn", "già", "giếng", "giết", "giữa", "giao", "quý",
            "quả", "quyền", "quốc", "quân", "quỹ", "quanh");
    assert_int_not_equal(syllable_of("qá").kind, SYLLABLE_SOUND);
    assert_int_not_equal(syllable_of("gíup").kind, SYLLABLE_SOUND);
}

static void both_ways_to_place_a_tone_are_one_syllable(void **state)
{
    static const char *const PAIRS[][2] = {
        {"hòa", "hoà"}, {"ủy", "uỷ"}, {"khỏe", "khoẻ"}, {"HÒA", "hoà"}, {"Thủy", "thuỷ"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        assert_int_equal(syllable_of(PAIRS[i][0]).kind, SYLLABLE_SOUND);
        assert_int_equal(syllable_of(PAIRS[i][0]).code, syllable_of(PAIRS[i][1]).code);
    }
    assert_int_not_equal(syllable_of("hoa").code, syllable_of("hoà").code);
}

static void a_tone_elsewhere_is_a_misspelling(void **state)
{
    (void)state;
    for (const char *const *w = (const char *const[]){"hoàn", "toán", "nghĩa", "cửu",
                                                      "thuở", "người", "khuyến", NULL};
         *w != NULL; w++)
        assert_int_equal(syllable_of(*w).kind, SYLLABLE_SOUND);
    for (const char *const *w = (const char *const[]){"hòan", "tóan", "nghiã", "cuả",
                                                      "ngừơi", "àn̉", "tạọ", NULL};
         *w != NULL; w++)
        assert_int_not_equal(syllable_of(*w).kind, SYLLABLE_SOUND);
}

static void what_a_stop_ends_rises_or_is_heavy(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_SOUND, "các", "học", "đáp", "việt", "ích", "mạch");
    EACH_IS(SYLLABLE_UNUSUAL, "cac", "hoc", "viêt", "mach", "càc");
}

static void names_of_the_highlands_and_loans_are_unusual_not_wrong(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_UNUSUAL, "Krông", "Lăk", "Plei", "Ðăk", "Đắk", "Kbang", "gen",
            "Jrai", "Srê", "fax");
    EACH_IS(SYLLABLE_SOUND, "Pác", "Mường", "Xơ", "Đăng", "Ba", "Na", "Dao", "Súp");
}

static void letters_in_no_order_are_no_syllable(void **state)
{
    (void)state;
    EACH_IS(SYLLABLE_NONE, "", "ch", "đ", "tngh", "logistics", "việtnam", "12", "a1", "ö",
            "tị ch", "t.", "methylphenyl", "aeiou", "\xff\xfe");
}

static void a_letter_is_taken_apart(void **state)
{
    struct letter l;

    (void)state;
    assert_true(letter_read(&l, "Ễ"));
    assert_string_equal(l.plain, "ê");
    assert_int_equal(l.tone, TONE_BROKEN);
    assert_true(l.capital && l.vowel);
    assert_int_equal(l.bytes, 3);
    assert_int_equal(letter_base(&l), 'e');
    assert_true(letter_read(&l, "Ðà")); /* the model's Icelandic one */
    assert_string_equal(l.plain, "đ");
    assert_int_equal(letter_base(&l), 'd');
    assert_false(letter_read(&l, "7"));
    assert_false(letter_read(&l, ""));
}

/* What is in laws and is none: abbreviations, Roman numbers, chemistry. */
#define SHARE_SOUND_MIN 0.98

static void nearly_all_syllables_of_laws_are_sound(void **state)
{
    char line[256], word[64];
    double all = 0, sound = 0;
    unsigned count;
    FILE *f = fopen("../shared/language/syllables.tsv", "r");

    (void)state;
    if (f == NULL)
        skip();
    while (fgets(line, sizeof line, f) != NULL) {
        assert_int_equal(sscanf(line, "%63s %u", word, &count), 2);
        all += count;
        if (syllable_of(word).kind == SYLLABLE_SOUND)
            sound += count;
        else if (count > 400 && strlen(word) > 2)
            print_message("# not sound: %s, %u times\n", word, count);
    }
    (void)fclose(f);
    assert_true(all > 1000000);
    assert_true(sound / all > SHARE_SOUND_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_vietnamese_spells_so_is_sound),
        cmocka_unit_test(onsets_keep_to_the_vowels_that_they_are_written_before),
        cmocka_unit_test(gi_and_qu_share_a_letter_with_what_follows),
        cmocka_unit_test(both_ways_to_place_a_tone_are_one_syllable),
        cmocka_unit_test(a_tone_elsewhere_is_a_misspelling),
        cmocka_unit_test(what_a_stop_ends_rises_or_is_heavy),
        cmocka_unit_test(names_of_the_highlands_and_loans_are_unusual_not_wrong),
        cmocka_unit_test(letters_in_no_order_are_no_syllable),
        cmocka_unit_test(a_letter_is_taken_apart),
        cmocka_unit_test(nearly_all_syllables_of_laws_are_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
