/* What a box of 1 GB may count on: an idle serve and a reading child stay small.
 * Measured on the real programs by the kernel's own accounting. */
#include "tests/lib/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVE_IDLE_KB_MAX (40 * 1024)
#define READING_KB_MAX    (250 * 1024)

/* AddressSanitizer's shadow is counted as resident: its figures say nothing. */
#ifdef __SANITIZE_ADDRESS__
#define skip_under_asan() skip()
#else
#define skip_under_asan() ((void)0)
#endif

static long resident_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = -1;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (kb < 0 && fgets(line, sizeof line, f) != NULL)
        (void)sscanf(line, "VmRSS: %ld kB", &kb);
    (void)fclose(f);
    assert_true(kb > 0);
    return kb;
}

static void serve_idle_stays_under_40_mb(void **state)
{
    struct bench b;
    struct running serve;
    long kb;

    (void)state;
    skip_under_asan();
    bench_create(&b);
    bench_make_box(&b);
    serve_begin(&b, &serve);
    kb = resident_kb(serve.pid);
    printf("# serve idle: %ld kB resident\n", kb);
    assert_true(kb < SERVE_IDLE_KB_MAX);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    bench_destroy(&b);
}

static void reading_a4_at_300_dpi_in_colour_stays_under_250_mb(void **state)
{
    struct bench b;
    struct ran r;

    (void)state;
    skip_under_asan();
    bench_create(&b);
    run(&b, &r, "tram-pages", "--seed", "5", "--count", "1", "--out", b.dir, "--kind",
        "decision", "--age", "light", "--dpi", "300", "--format", "jpg", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
    run(&b, &r, "tram-ocr", bench_path(&b, "decision-5-000.jpg"), NULL);
    assert_int_equal(r.status, 0);
    assert_true(r.out.count > 200);
    printf("# reading child: %ld kB at most\n", r.resident_kb_max);
    assert_true(r.resident_kb_max < READING_KB_MAX);
    ran_release(&r);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serve_idle_stays_under_40_mb),
        cmocka_unit_test(reading_a4_at_300_dpi_in_colour_stays_under_250_mb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
