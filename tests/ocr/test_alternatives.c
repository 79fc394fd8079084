/* Alternatives: what the recogniser would have believed instead, packed and distrusted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ocr/alternatives.h"

static struct err e;

static void offer(struct alternatives *a, uint32_t word, const char *first,
                  const char *second)
{
    struct alternatives_word w = {.word = word, .count = second == NULL ? 1 : 2};

    memcpy(w.texts[0], first, strlen(first) + 1);
    if (second != NULL)
        memcpy(w.texts[1], second, strlen(second) + 1);
    assert_int_equal(alternatives_add(a, &w, &e), 0);
}

static void they_come_back_by_their_words(void **state)
{
    struct alternatives a = {0}, back;
    struct buffer b;

    (void)state;
    offer(&a, 0, "tổ", "tờ");
    offer(&a, 7, "01", NULL);
    offer(&a, 8, "thẩm", "thấm");
    buffer_init(&b, ALTERNATIVES_BYTES_MAX);
    alternatives_pack(&a, &b);
    assert_int_equal(alternatives_unpack(&back, b.bytes, b.count, 9, &e), 0);
    assert_int_equal(back.count, 3);
    assert_string_equal(alternatives_of(&back, 0)->texts[1], "tờ");
    assert_string_equal(alternatives_of(&back, 7)->texts[0], "01");
    assert_int_equal(alternatives_of(&back, 7)->count, 1);
    assert_null(alternatives_of(&back, 1));
    alternatives_release(&back);
    /* A reading of fewer words has not these. */
    assert_int_equal(alternatives_unpack(&back, b.bytes, b.count, 8, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&b);
    alternatives_release(&a);
}

static void what_is_cut_off_anywhere_is_corrupt(void **state)
{
    struct alternatives a = {0}, back;
    struct buffer b;

    (void)state;
    offer(&a, 3, "thẩm", "thấm");
    buffer_init(&b, ALTERNATIVES_BYTES_MAX);
    alternatives_pack(&a, &b);
    for (size_t n = 1; n < b.count; n++) {
        unsigned char *cut = malloc(n);

        memcpy(cut, b.bytes, n);
        assert_int_equal(alternatives_unpack(&back, cut, n, 9, &e), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        free(cut);
    }
    buffer_release(&b);
    alternatives_release(&a);
}

static void hostile_ones_are_corrupt(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
    } cases[] = {
        {"\x02\x00", 2},         /* another version */
        {"\x01\x00\x00", 3},     /* a byte too many */
        {"\x01\x01\x00\x00", 4}, /* a word without any */
        {"\x01\x01\x00\x05\x01"
         "a\x01"
         "b\x01"
         "c\x01"
         "d\x01"
         "e",
         14},                        /* five */
        {"\x01\x01\x00\x01\x00", 5}, /* an empty one */
        {"\x01\x01\x00\x01\x03"
         "a b",
         8}, /* two words */
        {"\x01\x01\x00\x01\x02"
         "a\x1b",
         7},                             /* a control character */
        {"\x01\x01\x00\x01\x01\xff", 6}, /* no UTF-8 */
        {"\x01\x01\x09\x01\x01"
         "a",
         6}, /* of a tenth word of nine */
        {"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* words beyond count */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alternatives back;

        assert_int_equal(
            alternatives_unpack(&back, cases[i].bytes, cases[i].count, 9, &e), -1);
        assert_int_equal(e.code, ERR_CORRUPT);
        assert_int_equal(back.count, 0);
    }
}

static void no_bytes_are_none(void **state)
{
    struct alternatives back;

    (void)state;
    assert_int_equal(alternatives_unpack(&back, NULL, 0, 9, &e), 0);
    assert_null(alternatives_of(&back, 0));
}

static void more_than_there_is_room_for_is_left_out_from_there_on(void **state)
{
    struct alternatives a = {0}, back;
    char text[ALTERNATIVE_BYTES];
    struct buffer b;

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (uint32_t i = 0; i < 2000; i++)
        offer(&a, i, text, text);
    buffer_init(&b, ALTERNATIVES_BYTES_MAX);
    alternatives_pack(&a, &b);
    assert_int_equal(buffer_check(&b, &e), 0);
    assert_int_equal(alternatives_unpack(&back, b.bytes, b.count, 2000, &e), 0);
    assert_in_range(back.count, 400, 1000);
    assert_string_equal(alternatives_of(&back, 399)->texts[1], text);
    alternatives_release(&back);
    alternatives_release(&a);
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_back_by_their_words),
        cmocka_unit_test(what_is_cut_off_anywhere_is_corrupt),
        cmocka_unit_test(hostile_ones_are_corrupt),
        cmocka_unit_test(no_bytes_are_none),
        cmocka_unit_test(more_than_there_is_room_for_is_left_out_from_there_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
