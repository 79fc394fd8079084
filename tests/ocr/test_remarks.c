/* A PDF without its fonts, on a machine with them and on one without: this program
 * covers the machine's fonts for itself, where the kernel lets it. */
#include "ocr/remarks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ocr/client.h"
#include "tests/lib/build.h"
#include "tests/lib/documents.h"

#define SAID "Syntax Error: Couldn't find a font for 'Helvetica'\n"

static struct err e;

/* --- what is said ---------------------------------------------------------- */

static bool misses(const char *said, size_t padding)
{
    int fd = remarks_create();
    bool missed;

    assert_true(fd >= 0);
    for (size_t i = 0; i < padding; i++)
        assert_int_equal(write(fd, "\n", 1), 1);
    assert_int_equal(write(fd, said, strlen(said)), (ssize_t)strlen(said));
    missed = remarks_miss_font(fd);
    (void)close(fd);
    return missed;
}

static void a_missing_font_is_heard_among_other_remarks(void **state)
{
    (void)state;
    assert_true(misses(SAID, 0));
    assert_true(misses("Fontconfig warning: no cache\n" SAID "Syntax Warning: x\n", 0));
    assert_true(misses(SAID, REMARKS_BYTES_MAX - sizeof SAID + 1)); /* to the last byte */
}

static void silence_and_names_that_say_so_miss_nothing(void **state)
{
    (void)state;
    assert_false(misses("", 0));
    assert_false(misses("Syntax Warning: Bad annotation destination\n", 0));
    assert_false(misses("Syntax Error: Unknown font tag '" SAID, 0));
    assert_false(misses("Syntax Error: Couldn't find", REMARKS_BYTES_MAX - 27));
}

static void endless_remarks_end(void **state)
{
    static const char much[REMARKS_BYTES_MAX];
    int fd = remarks_create();

    (void)state;
    assert_int_equal(write(fd, much, sizeof much), sizeof much);
    assert_int_equal(write(fd, SAID, 1), -1);
    assert_false(remarks_miss_font(fd));
    (void)close(fd);
}

/* --- the whole ------------------------------------------------------------- */

/* Nobody else sees it. False: it is not allowed here. */
static bool fonts_are_covered(void)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    /* Without a configuration, only the first two are looked into. */
    return mount("none", "/usr/share/fonts", "tmpfs", 0, NULL) == 0 &&
           (access("/usr/local/share/fonts", F_OK) != 0 ||
            mount("none", "/usr/local/share/fonts", "tmpfs", 0, NULL) == 0) &&
           mount("none", "/etc/fonts", "tmpfs", 0, NULL) == 0;
}

/* What reading a page with this content comes to. */
static enum refusal read_of(const char *content, size_t *words)
{
    const struct pdf_sheet sheet = {
        .box = "0 0 595 842",
        .content = content,
        .fonts = "/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"};
    const struct ocr_options options = {.program = build_program("tram-ocr"), .jobs = 1};
    struct ocr_client *c;
    struct reading r;
    struct buffer pdf;
    enum refusal refusal;
    int fd;

    document_pdf(&pdf, &sheet, 1);
    fd = document_fd(pdf.bytes, pdf.count);
    assert_int_equal(ocr_client_create(&c, &options, &e), 0);
    assert_int_equal(ocr_read(c, fd, 0, 0, &r, &e), 0);
    refusal = r.refusal;
    *words = r.layout.words_count;
    reading_release(&r);
    ocr_client_destroy(c);
    (void)close(fd);
    buffer_release(&pdf);
    return refusal;
}

static void
a_pdf_whose_fonts_are_missing_here_is_refused_and_not_read_as_empty(void **state)
{
    static const char seen[] = "BT /F1 24 Tf 72 700 Td (QUYET DINH SO 12) Tj ET",
                      behind_a_scan[] = "BT 3 Tr /F1 24 Tf 72 700 Td (QUYET DINH) Tj ET";
    size_t words;

    (void)state;
    assert_int_equal(read_of(seen, &words), REFUSAL_NONE);
    assert_int_equal(words, 4);
    if (!fonts_are_covered())
        skip();
    assert_int_equal(read_of(seen, &words), REFUSAL_NO_FONT);
    assert_int_equal(read_of(behind_a_scan, &words), REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_font_is_heard_among_other_remarks),
        cmocka_unit_test(silence_and_names_that_say_so_miss_nothing),
        cmocka_unit_test(endless_remarks_end),
        /* Last: there are no fonts any more afterwards. */
        cmocka_unit_test(
            a_pdf_whose_fonts_are_missing_here_is_refused_and_not_read_as_empty),
    };

    return cmocka_run_group_tests_name("remarks", tests, NULL, NULL);
}
