/* Pace: reading gives way to heat, to want of memory and to other work. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>

#include "appliance/pace.h"

#define MIB (1ll << 20)

static struct machine idle(void)
{
    return (struct machine){.hottest_millidegrees = 45000,
                            .memory_available_bytes = 3000 * MIB,
                            .load = 0.2,
                            .cores = 4};
}

static void an_idle_machine_reads_with_every_core(void **state)
{
    struct pace p = {0};
    struct machine m = idle();

    (void)state;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 4);
    assert_int_equal(p.reason, PACE_FREE);
    m.load = 4.3; /* our own four */
    assert_int_equal(pace_jobs(&p, &m, 4, 4), 4);
}

static void a_hot_board_rests_until_it_has_cooled_down(void **state)
{
    struct pace p = {0};
    struct machine m = idle();

    (void)state;
    m.hottest_millidegrees = PACE_HOT_MILLIDEGREES;
    assert_int_equal(pace_jobs(&p, &m, 4, 2), 0);
    assert_int_equal(p.reason, PACE_HOT);
    m.hottest_millidegrees = PACE_COOL_MILLIDEGREES + 1000;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 0); /* not at once again */
    m.hottest_millidegrees = PACE_COOL_MILLIDEGREES;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 4);
    assert_string_equal(pace_reason_name(p.reason), "");
}

static void a_machine_without_a_thermometer_never_rests(void **state)
{
    struct pace p = {0};
    struct machine m = idle();

    (void)state;
    m.hottest_millidegrees = MACHINE_UNKNOWN;
    m.memory_available_bytes = MACHINE_UNKNOWN;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 4);
}

static void a_box_with_one_gigabyte_reads_page_by_page(void **state)
{
    struct pace p = {0};
    struct machine m = idle();

    (void)state;
    m.memory_available_bytes = 500 * MIB;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 2);
    assert_int_equal(p.reason, PACE_NO_MEMORY);
    m.memory_available_bytes = 150 * MIB;
    assert_int_equal(pace_jobs(&p, &m, 4, 1), 1); /* what is at work is let finish */
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 0);
    assert_string_equal(pace_reason_name(p.reason), "no_memory");
}

static void other_work_takes_cores_but_never_the_last(void **state)
{
    struct pace p = {0};
    struct machine m = idle();

    (void)state;
    m.load = 2.5;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 2);
    assert_int_equal(p.reason, PACE_BUSY);
    m.load = 40;
    assert_int_equal(pace_jobs(&p, &m, 4, 0), 1);
    assert_int_equal(pace_jobs(&p, &m, 4, 4), 1);
}

/* A file of the kernel's, under a root of our own. */
static void kernel_says(const char *root, const char *dir, const char *name,
                        const char *text)
{
    char path[256], made[256];
    FILE *f;

    (void)snprintf(made, sizeof made, "mkdir -p %s%s", root, dir);
    assert_int_equal(system(made), 0);
    (void)snprintf(path, sizeof path, "%s%s/%s", root, dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void the_kernels_files_are_read(void **state)
{
    struct scratch s = {0};
    struct machine m;

    (void)state;
    scratch_dir(&s);
    kernel_says(s.dir, "/sys/class/thermal/thermal_zone0", "temp", "51234\n");
    kernel_says(s.dir, "/sys/class/thermal/thermal_zone1", "temp", "66100\n");
    kernel_says(s.dir, "/proc", "loadavg", "1.25 0.90 0.40 2/310 12345\n");
    kernel_says(s.dir, "/proc", "meminfo",
                "MemTotal:         945408 kB\nMemFree:   52000 kB\n"
                "MemAvailable:     412000 kB\nBuffers: 1 kB\n");
    machine_look(&m, s.dir);
    assert_int_equal(m.hottest_millidegrees, 66100);
    assert_int_equal(m.memory_available_bytes, 412000ll * 1024);
    assert_true(m.load > 1.24 && m.load < 1.26);
    assert_true(m.cores >= 1);
    scratch_remove(&s);
}

static void what_the_kernel_does_not_tell_is_unknown(void **state)
{
    struct scratch s = {0};
    struct machine m;

    (void)state;
    scratch_dir(&s);
    machine_look(&m, s.dir);
    assert_int_equal(m.hottest_millidegrees, MACHINE_UNKNOWN);
    assert_int_equal(m.memory_available_bytes, MACHINE_UNKNOWN);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_machine_reads_with_every_core),
        cmocka_unit_test(a_hot_board_rests_until_it_has_cooled_down),
        cmocka_unit_test(a_machine_without_a_thermometer_never_rests),
        cmocka_unit_test(a_box_with_one_gigabyte_reads_page_by_page),
        cmocka_unit_test(other_work_takes_cores_but_never_the_last),
        cmocka_unit_test(the_kernels_files_are_read),
        cmocka_unit_test(what_the_kernel_does_not_tell_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
