/* What the kernel tells, in pieces or at once. */
#include "base/kernel_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/lib/scratch.h"

#define MANY_BYTES 150000 /* more than a pipe holds */

static struct scratch scratch;

static int start(void **state)
{
    (void)state;
    scratch_dir(&scratch);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[DISK_PATH_BYTES + 32];

    (void)snprintf(path, sizeof path, "%s/%s", scratch.dir, name);
    return path;
}

static void what_is_there_is_read_and_what_is_longer_is_cut(void **state)
{
    char text[16];
    FILE *f = fopen(path_of("load"), "w");

    (void)state;
    assert_non_null(f);
    assert_true(fputs("0.42 0.40\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_true(kernel_text(scratch.dir, "/load", text, sizeof text));
    assert_string_equal(text, "0.42 0.40\n");
    assert_true(kernel_text(scratch.dir, "/load", text, 5));
    assert_string_equal(text, "0.42");
}

static void what_is_not_there_or_empty_is_not_known(void **state)
{
    char text[16];
    FILE *f = fopen(path_of("empty"), "w");

    (void)state;
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_false(kernel_text(scratch.dir, "/empty", text, sizeof text));
    assert_false(kernel_text(scratch.dir, "/absent", text, sizeof text));
    assert_false(kernel_text(scratch.dir, "", text, sizeof text)); /* a directory */
}

/* From a pipe, which never holds all of it. */
static void what_comes_in_pieces_is_read_to_its_end(void **state)
{
    static char said[MANY_BYTES], text[MANY_BYTES + 1000];
    const char *path = path_of("pipe");
    int status;
    pid_t child;

    (void)state;
    memset(said, 'x', sizeof said);
    assert_int_equal(mkfifo(path, 0600), 0);
    child = fork();
    if (child == 0) {
        FILE *f = fopen(path, "w");

        _exit(f != NULL && fwrite(said, 1, sizeof said, f) == sizeof said &&
                      fclose(f) == 0
                  ? 0
                  : 1);
    }
    assert_true(child > 0);
    assert_true(kernel_text(scratch.dir, "/pipe", text, sizeof text));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(strlen(text), MANY_BYTES);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_is_there_is_read_and_what_is_longer_is_cut),
        STORY(what_is_not_there_or_empty_is_not_known),
        STORY(what_comes_in_pieces_is_read_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
