/* Errors read from the outside in, and never overflow. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void context_is_put_before_and_the_code_stays(void **state)
{
    struct err e;

    (void)state;
    assert_int_equal(err_set(&e, ERR_CORRUPT, "header %d bytes, need %d", 3, 16), -1);
    assert_int_equal(err_wrap(&e, "changeset %d", 41), -1);
    assert_int_equal(err_wrap(&e, "sync"), -1);
    assert_string_equal(e.text, "sync: changeset 41: header 3 bytes, need 16");
    assert_int_equal(e.code, ERR_CORRUPT);
}

static void errno_is_told_in_words(void **state)
{
    struct err e;

    (void)state;
    errno = ENOENT;
    assert_int_equal(err_set_errno(&e, ERR_IO, "open %s", "a.pdf"), -1);
    assert_string_equal(e.text, "open a.pdf: No such file or directory");
    assert_int_equal(e.code, ERR_IO);
}

static void a_full_disk_is_told_apart_whatever_the_caller_says(void **state)
{
    struct err e;

    (void)state;
    errno = ENOSPC;
    (void)err_set_errno(&e, ERR_IO, "write");
    assert_int_equal(e.code, ERR_NO_SPACE);
    errno = EDQUOT;
    (void)err_set_errno(&e, ERR_FAILED, "write");
    assert_int_equal(e.code, ERR_NO_SPACE);
}

static void a_long_text_is_cut_at_its_end(void **state)
{
    struct err e;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)err_set(&e, ERR_FAILED, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    (void)err_wrap(&e, "outside");
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_memory_equal(e.text, "outside: xxx", 12);
    (void)err_wrap(&e, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    errno = EIO;
    (void)err_set_errno(&e, ERR_IO, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_is_put_before_and_the_code_stays),
        cmocka_unit_test(errno_is_told_in_words),
        cmocka_unit_test(a_full_disk_is_told_apart_whatever_the_caller_says),
        cmocka_unit_test(a_long_text_is_cut_at_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
