/* What a box of 1 GB may count on: an idle serve and a reading child stay small.
 * Measured on the real programs by the kernel's own accounting. */
#include "tests/lib/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <leptonica/allheaders.h>

#define SERVE_IDLE_KB_MAX (40 * 1024)
#define A4_KB_MAX         (200 * 1024)
#define A3_KB_MAX         (300 * 1024)

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

/* A page that takes the reader all its attempts. */
static void draw_page(const struct bench *b, const char *dpi)
{
    struct ran r;

    run(b, &r, "tram-pages", "--seed", "5", "--count", "1", "--out", b->dir, "--kind",
        "decision", "--age", "heavy", "--tone", "colour", "--seal", "yes", "--dpi", dpi,
        "--format", "jpg", "--name", "page", NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
}

static void expect_reading_under(const struct bench *b, const char *file, long kb_max)
{
    struct ran r;

    run(b, &r, "tram-ocr", bench_path(b, file), NULL);
    assert_int_equal(r.status, 0);
    assert_true(r.out.count > 200);
    printf("# reading child, %s: %ld kB at most\n", file, r.resident_kb_max);
    assert_true(r.resident_kb_max < kb_max);
    ran_release(&r);
}

static void reading_a4_at_300_dpi_in_colour_stays_under_200_mb(void **state)
{
    struct bench b;

    (void)state;
    skip_under_asan();
    bench_create(&b);
    draw_page(&b, "300");
    expect_reading_under(&b, "page.jpg", A4_KB_MAX);
    bench_destroy(&b);
}

/* A4 drawn at 566 dpi has the pixels of A3 at 400. */
static void reading_a3_at_400_dpi_in_colour_stays_under_300_mb(void **state)
{
    static const struct {
        const char *file;
        int format;
    } forms[] = {
        {"a3.jpg", IFF_JFIF_JPEG}, {"a3.png", IFF_PNG}, {"a3.tif", IFF_TIFF_LZW}};
    struct bench b;
    struct Pix *pix;

    (void)state;
    skip_under_asan();
    bench_create(&b);
    draw_page(&b, "566");
    pix = pixRead(bench_path(&b, "page.jpg"));
    assert_non_null(pix);
    (void)pixSetResolution(pix, 400, 400);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_int_equal(pixWrite(bench_path(&b, forms[i].file), pix, forms[i].format),
                         0);
        expect_reading_under(&b, forms[i].file, A3_KB_MAX);
    }
    pixDestroy(&pix);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serve_idle_stays_under_40_mb),
        cmocka_unit_test(reading_a4_at_300_dpi_in_colour_stays_under_200_mb),
        cmocka_unit_test(reading_a3_at_400_dpi_in_colour_stays_under_300_mb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
