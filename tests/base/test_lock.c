/* Who owns a data directory: one process, for as long as it lives. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "tests/lib/scratch.h"

static struct scratch s;
static struct err err;

static int start(void **state)
{
    (void)state;
    scratch_dir(&s);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_remove(&s);
    return 0;
}

static void a_second_owner_finds_it_taken(void **state)
{
    struct lock *first, *second;

    (void)state;
    must(lock_try(&first, s.dir, &err), &err);
    assert_non_null(first);
    must(lock_try(&second, s.dir, &err), &err);
    assert_null(second);
    lock_release(first);
    must(lock_try(&second, s.dir, &err), &err);
    assert_non_null(second);
    lock_release(second);
}

static void ownership_ends_with_its_process_however_that_ends(void **state)
{
    struct lock *mine;
    int ready[2];
    char byte;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (lock_try(&mine, s.dir, &err) == 0 && mine != NULL)
            (void)!write(ready[1], "", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    must(lock_try(&mine, s.dir, &err), &err);
    assert_null(mine);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    must(lock_try(&mine, s.dir, &err), &err);
    assert_non_null(mine);
    lock_release(mine);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void a_program_that_the_owner_starts_does_not_own(void **state)
{
    struct lock *mine;
    pid_t pid;

    (void)state;
    must(lock_try(&mine, s.dir, &err), &err);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execlp("sleep", "sleep", "60", (char *)NULL);
        _exit(127);
    }
    lock_release(mine);
    /* The fork holds it until its exec; then nobody does. */
    for (mine = NULL; mine == NULL;)
        must(lock_try(&mine, s.dir, &err), &err);
    lock_release(mine);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static void a_directory_that_is_not_there_is_an_error_with_its_name(void **state)
{
    struct lock *o;

    (void)state;
    assert_int_equal(lock_try(&o, "/tmp/tram-no-such-box", &err), -1);
    assert_null(o);
    assert_non_null(strstr(err.text, "/tmp/tram-no-such-box"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_owner_finds_it_taken, start, finish),
        cmocka_unit_test_setup_teardown(ownership_ends_with_its_process_however_that_ends,
                                        start, finish),
        cmocka_unit_test_setup_teardown(a_program_that_the_owner_starts_does_not_own,
                                        start, finish),
        cmocka_unit_test(a_directory_that_is_not_there_is_an_error_with_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
