/* Small images on their way out of the cage: what comes back is whole, or nothing. */
#include "ocr/small/small.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct err e;

static struct small some(void)
{
    struct small s = {.width = 2480, .height = 3508, .dpi = 200};

    buffer_init(&s.image, SMALL_BYTES_MAX);
    buffer_append_text(&s.image, "%PDF-1.4 and so on");
    buffer_init(&s.thumbnail, THUMBNAIL_BYTES_MAX);
    buffer_append(&s.thumbnail, "\xff\xd8\xff\xe0", 4);
    return s;
}

static struct buffer encoded(const struct small *s)
{
    struct buffer b;

    buffer_init(&b, 1u << 20);
    small_encode(s, &b);
    assert_int_equal(buffer_check(&b, &e), 0);
    return b;
}

static void what_is_encoded_comes_back(void **state)
{
    struct small s = some(), back;
    struct buffer b = encoded(&s);

    (void)state;
    assert_int_equal(small_decode(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.refusal, REFUSAL_NONE);
    assert_int_equal(back.width, 2480);
    assert_int_equal(back.height, 3508);
    assert_int_equal(back.dpi, 200);
    assert_int_equal(back.image.count, s.image.count);
    assert_memory_equal(back.image.bytes, s.image.bytes, s.image.count);
    assert_int_equal(back.thumbnail.count, 4);
    small_release(&back);
    for (size_t n = 0; n < b.count; n++) /* cut off anywhere */
        assert_int_equal(small_decode(&back, b.bytes, n, &e), -1);
    buffer_append_byte(&b, 0);
    assert_int_equal(small_decode(&back, b.bytes, b.count, &e), -1);
    buffer_release(&b);
    small_release(&s);
}

static void a_refusal_comes_back_alone(void **state)
{
    struct small s = {.refusal = REFUSAL_DAMAGED}, back;
    struct buffer b = encoded(&s);

    (void)state;
    assert_int_equal(b.count, 2);
    assert_int_equal(small_decode(&back, b.bytes, b.count, &e), 0);
    assert_int_equal(back.refusal, REFUSAL_DAMAGED);
    assert_int_equal(back.image.count, 0);
    b.bytes[1] = REFUSAL_COUNT;
    assert_int_equal(small_decode(&back, b.bytes, b.count, &e), -1);
    buffer_release(&b);
}

static void refused(struct small *s)
{
    struct small back;
    struct buffer b = encoded(s);

    assert_int_equal(small_decode(&back, b.bytes, b.count, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    buffer_release(&b);
    small_release(s);
}

static void what_is_no_pdf_or_jpeg_is_not_taken(void **state)
{
    struct small s = some();

    (void)state;
    s.image.bytes[0] = '<';
    refused(&s);
    s = some();
    s.thumbnail.bytes[1] = 0;
    refused(&s);
    s = some();
    s.width = 0;
    refused(&s);
    s = some();
    buffer_release(&s.thumbnail);
    refused(&s);
    s = some();
    s.thumbnail.count_max = 1u << 20;
    while (s.thumbnail.count <= THUMBNAIL_BYTES_MAX)
        buffer_append_byte(&s.thumbnail, 1);
    refused(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_comes_back),
        cmocka_unit_test(a_refusal_comes_back_alone),
        cmocka_unit_test(what_is_no_pdf_or_jpeg_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
