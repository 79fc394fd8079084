/* The command line of tram-ocr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/build.h"
#include "tests/lib/client_papers.h"
#include "tests/lib/documents.h"

/* Runs tram-ocr with `args` in a shell, in English; its exit status, and what it
 * wrote to both in `said`. */
static int command(struct buffer *said, const char *args)
{
    char line[8192];
    FILE *f;
    int status;

    (void)snprintf(line, sizeof line, "TRAM_LANG=en %s %s 2>&1",
                   build_program("tram-ocr"), args);
    buffer_init(said, 1 << 20);
    f = popen(line, "r");
    assert_non_null(f);
    for (int c; (c = fgetc(f)) != EOF;)
        buffer_append_byte(said, (uint8_t)c);
    status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_command(const char *args, int status, const char *words)
{
    struct buffer said;

    assert_int_equal(command(&said, args), status);
    assert_non_null(strstr(said.count == 0 ? "" : (char *)said.bytes, words));
    buffer_release(&said);
}

static void words_that_make_no_sense_exit_2(void **state)
{
    (void)state;
    expect_command("", 2, "No file");
    expect_command("--format pfd x.png", 2, "tsv, pdf");
    expect_command("--format docx x.png", 2, "docx");
    expect_command("--jobs 0 x.png", 2, "“0”");
    expect_command("--frobnicate", 2, "--frobnicate");
    expect_command("--help", 0, "Exit status");
    expect_command("--version", 0, "tram-ocr ");
}

static void copy_to(int fd, const char *path)
{
    static char bytes[1 << 20];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    int to = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_in_range(n, 1, sizeof bytes - 1);
    assert_int_equal(write(to, bytes, (size_t)n), n);
    (void)close(to);
    (void)close(fd);
}

static void a_small_image_is_written_by_hand(void **state)
{
    char dir[] = "/tmp/tram-ocr-XXXXXX", args[512];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(args, sizeof args, "%s/a.pdf", dir);
    copy_to(a_drawn_pdf(), args);
    (void)snprintf(args, sizeof args,
                   "--small %s/small.pdf --thumbnail %s/t.jpg --page 2 %s/a.pdf", dir,
                   dir, dir);
    expect_command(args, 0, "");
    (void)snprintf(args, sizeof args, "--small %s/none.pdf --page 3 %s/a.pdf", dir, dir);
    expect_command(args, 3, "a.pdf: ");
    expect_command("--page 2 x.png", 2, "--page");
    expect_command("--small a.pdf --repack b x.png", 2, "one of them at a time");
    (void)snprintf(args, sizeof args, "rm %s/small.pdf %s/t.jpg %s/a.pdf && rmdir %s",
                   dir, dir, dir, dir);
    assert_int_equal(system(args), 0);
}

static void a_bad_file_is_one_line_and_the_batch_goes_on_in_order(void **state)
{
    char dir[] = "/tmp/tram-ocr-XXXXXX", args[512];
    struct buffer said;
    const char *first, *bad, *second;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(args, sizeof args, "%s/a.pdf", dir);
    copy_to(a_drawn_pdf(), args);
    (void)snprintf(args, sizeof args, "%s/b.png", dir);
    copy_to(document_fd("words", 5), args);
    (void)snprintf(args, sizeof args, "--json %s/b.png %s/a.pdf %s/none.png", dir, dir,
                   dir);
    assert_int_equal(command(&said, args), 3);
    if (strstr((char *)said.bytes, "Mot trang") == NULL)
        print_error("%s\n", (char *)said.bytes); /* which says what was there instead */
    bad = strstr((char *)said.bytes, "b.png: not a kind of file");
    first = strstr((char *)said.bytes, "Mot trang");
    second = strstr((char *)said.bytes, "Hai trang");
    assert_non_null(bad);
    assert_non_null(first);
    assert_true(second > first);
    assert_non_null(strstr((char *)said.bytes, "\"refusal\":\"wrong_type\""));
    assert_non_null(strstr((char *)said.bytes, "\"refusal\":\"unopened\""));
    buffer_release(&said);
    (void)snprintf(args, sizeof args, "rm -r %s", dir);
    assert_int_equal(system(args), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_make_no_sense_exit_2),
        cmocka_unit_test(a_small_image_is_written_by_hand),
        cmocka_unit_test(a_bad_file_is_one_line_and_the_batch_goes_on_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
