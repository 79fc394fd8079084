/* Buffers grow to their cap and no further; cursors never read past the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/hash.h"

static struct err e;

static void what_is_appended_is_there_with_a_nul_behind_it(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 1000);
    buffer_append(&b, "ab", 2);
    buffer_append_text(&b, "cd");
    buffer_append_byte(&b, 'e');
    buffer_append_format(&b, "%d", 42);
    buffer_append(&b, NULL, 0);
    assert_int_equal(buffer_check(&b, &e), 0);
    assert_int_equal(b.count, 7);
    assert_string_equal((char *)b.bytes, "abcde42");
    buffer_clear(&b);
    assert_string_equal((char *)b.bytes, "");
    buffer_release(&b);
    assert_null(b.bytes);
}

static void the_cap_can_be_reached_and_not_crossed(void **state)
{
    struct buffer b;

    (void)state;
    for (size_t cap = 0; cap < 300; cap++) {
        buffer_init(&b, cap);
        for (size_t i = 0; i < cap; i++)
            buffer_append_byte(&b, 'x');
        assert_int_equal(buffer_check(&b, &e), 0);
        assert_int_equal(b.count, cap);
        buffer_append_byte(&b, 'y');
        assert_int_equal(buffer_check(&b, &e), -1);
        assert_int_equal(e.code, ERR_TOO_BIG);
        assert_int_equal(b.count, cap);
        buffer_release(&b);
    }
}

static void the_first_failure_sticks_until_it_is_cleared(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 4);
    buffer_append_text(&b, "ab");
    buffer_append_text(&b, "too long");
    buffer_append_text(&b, "c");
    assert_int_equal(b.count, 2);
    assert_int_equal(buffer_check(&b, &e), -1);
    buffer_clear(&b);
    buffer_append_text(&b, "c");
    assert_int_equal(buffer_check(&b, &e), 0);
    buffer_append_format(&b, "%s", "also too long");
    assert_int_equal(buffer_check(&b, &e), -1);
    buffer_release(&b);
}

static void integers_come_back_as_they_went(void **state)
{
    static const int64_t values[] = {0,     1,         -1,        63,        64,
                                     -64,   -65,       127,       128,       16383,
                                     16384, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    struct buffer b;
    struct cursor c;

    (void)state;
    buffer_init(&b, 1000);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        buffer_append_u16(&b, (uint16_t)values[i]);
        buffer_append_u32(&b, (uint32_t)values[i]);
        buffer_append_u64(&b, (uint64_t)values[i]);
        buffer_append_varint(&b, (uint64_t)values[i]);
        buffer_append_signed(&b, values[i]);
    }
    cursor_init(&c, b.bytes, b.count);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(cursor_u16(&c), (uint16_t)values[i]);
        assert_int_equal(cursor_u32(&c), (uint32_t)values[i]);
        assert_int_equal(cursor_u64(&c), (uint64_t)values[i]);
        assert_int_equal(cursor_varint(&c), (uint64_t)values[i]);
        assert_int_equal(cursor_signed(&c), values[i]);
    }
    assert_int_equal(cursor_done(&c, "numbers", &e), 0);
    buffer_release(&b);
}

static void bytes_on_disk_are_little_endian(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 100);
    buffer_append_u16(&b, 0x0102);
    buffer_append_u32(&b, 0x01020304);
    buffer_append_varint(&b, 300);
    buffer_append_signed(&b, -2);
    assert_int_equal(b.count, 9);
    assert_memory_equal(b.bytes, "\x02\x01\x04\x03\x02\x01\xac\x02\x03", 9);
    buffer_release(&b);
}

static void every_cut_is_noticed(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 100);
    buffer_append_u32(&b, 7);
    buffer_append_varint(&b, 1u << 20);
    buffer_append_text(&b, "text");
    for (size_t count = 0; count <= b.count; count++) {
        struct cursor c;

        cursor_init(&c, b.bytes, count);
        (void)cursor_u32(&c);
        (void)cursor_varint(&c);
        (void)cursor_take(&c, 4);
        assert_int_equal(cursor_done(&c, "record", &e), count == b.count ? 0 : -1);
        assert_true(count == b.count || (e.code == ERR_CORRUPT && cursor_left(&c) == 0));
    }
    buffer_release(&b);
}

static void after_a_failure_a_cursor_yields_zeroes(void **state)
{
    struct cursor c;

    (void)state;
    cursor_init(&c, "\xff", 1);
    assert_int_equal(cursor_u16(&c), 0);
    assert_true(c.failed);
    assert_int_equal(cursor_byte(&c), 0);
    assert_null(cursor_take(&c, 0));
    cursor_init(&c, NULL, 0);
    assert_int_equal(cursor_left(&c), 0);
    assert_int_equal(cursor_done(&c, "nothing", &e), 0);
}

static void a_varint_that_is_too_long_or_too_big_is_refused(void **state)
{
    static const unsigned char longest[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    static const unsigned char too_big[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
    static const unsigned char too_long[] =
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01";
    struct cursor c;

    (void)state;
    cursor_init(&c, longest, 10);
    assert_true(cursor_varint(&c) == UINT64_MAX);
    assert_int_equal(cursor_done(&c, "varint", &e), 0);
    cursor_init(&c, too_big, 10);
    assert_int_equal(cursor_varint(&c), 0);
    assert_true(c.failed);
    cursor_init(&c, too_long, 11);
    assert_int_equal(cursor_varint(&c), 0);
    assert_true(c.failed);
}

static void bytes_too_many_are_refused(void **state)
{
    struct cursor c;

    (void)state;
    cursor_init(&c, "ab", 2);
    (void)cursor_byte(&c);
    assert_int_equal(cursor_done(&c, "record", &e), -1);
    assert_string_equal(e.text, "record has 1 bytes too many");
}

static void a_pipe_is_read_to_its_end_and_to_the_cap(void **state)
{
    struct buffer b;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "paper", 5), 5);
    assert_int_equal(close(fds[1]), 0);
    buffer_init(&b, 5);
    assert_int_equal(buffer_read_fd(&b, fds[0], &e), 0);
    assert_string_equal((char *)b.bytes, "paper");
    buffer_release(&b);
    assert_int_equal(close(fds[0]), 0);

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "papers", 6), 6);
    assert_int_equal(close(fds[1]), 0);
    buffer_init(&b, 5);
    assert_int_equal(buffer_read_fd(&b, fds[0], &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    buffer_release(&b);
    assert_int_equal(close(fds[0]), 0);
}

static void hashes_are_sha256_and_their_text_comes_back(void **state)
{
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
                              "0015ad"; /* FIPS 180-2 */
    struct hash h, again;
    struct hasher streamed;
    char hex[HASH_HEX_BYTES];

    (void)state;
    hash_of(&h, "abc", 3);
    hash_to_hex(hex, &h);
    assert_string_equal(hex, abc);
    hasher_init(&streamed);
    hasher_add(&streamed, "a", 1);
    hasher_add(&streamed, "bc", 2);
    hasher_finish(&streamed, &again);
    assert_true(hash_equal(&h, &again));
    assert_true(hash_from_hex(&again, abc) && hash_equal(&h, &again));
    hex[0] = 'B';
    assert_false(hash_from_hex(&again, hex));
    assert_false(hash_from_hex(&again, abc + 1));
    assert_false(hash_from_hex(&again, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_there_with_a_nul_behind_it),
        cmocka_unit_test(the_cap_can_be_reached_and_not_crossed),
        cmocka_unit_test(the_first_failure_sticks_until_it_is_cleared),
        cmocka_unit_test(integers_come_back_as_they_went),
        cmocka_unit_test(bytes_on_disk_are_little_endian),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(after_a_failure_a_cursor_yields_zeroes),
        cmocka_unit_test(a_varint_that_is_too_long_or_too_big_is_refused),
        cmocka_unit_test(bytes_too_many_are_refused),
        cmocka_unit_test(a_pipe_is_read_to_its_end_and_to_the_cap),
        cmocka_unit_test(hashes_are_sha256_and_their_text_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
