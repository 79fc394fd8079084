#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/kernel_text.h"

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t); /* cannot fail for these clocks */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_mono_ms(struct clock *c)
{
    (void)c;
    return read_clock_ms(CLOCK_BOOTTIME);
}

static int64_t system_wall_ms(struct clock *c, enum wall_confidence *confidence)
{
    struct timex state = {0};

    (void)c;
    *confidence = adjtimex(&state) == TIME_ERROR ? WALL_UNKNOWN : WALL_SYSTEM;
    return read_clock_ms(CLOCK_REALTIME);
}

static void system_boot_id(struct clock *c, char out[BOOT_ID_BYTES])
{
    (void)c;
    if (!kernel_text("", "/proc/sys/kernel/random/boot_id", out, BOOT_ID_BYTES) ||
        strlen(out) != BOOT_ID_BYTES - 1)
        (void)snprintf(out, BOOT_ID_BYTES, "unknown"); /* /proc is not mounted */
}

struct clock *clock_system(void)
{
    static struct clock system = {system_mono_ms, system_wall_ms, system_boot_id};

    return &system;
}

int64_t clock_mono_now_ms(void)
{
    return read_clock_ms(CLOCK_MONOTONIC);
}

static int64_t manual_mono_ms(struct clock *c)
{
    return ((struct clock_manual *)c)->mono_ms_now;
}

static int64_t manual_wall_ms(struct clock *c, enum wall_confidence *confidence)
{
    struct clock_manual *m = (struct clock_manual *)c;

    *confidence = m->confidence;
    return m->wall_ms_now;
}

static void manual_boot_id(struct clock *c, char out[BOOT_ID_BYTES])
{
    (void)snprintf(out, BOOT_ID_BYTES, "00000000-0000-4000-8000-%012u",
                   ((struct clock_manual *)c)->boot);
}

void clock_manual_init(struct clock_manual *c, uint32_t boot)
{
    *c = (struct clock_manual){
        .clock = {manual_mono_ms, manual_wall_ms, manual_boot_id},
        .boot = boot,
    };
}

static int64_t at_least_zero(int64_t value)
{
    return value < 0 ? 0 : value;
}

/* Unpowered time between two boots, if both walls can be believed. */
static int64_t trusted_gap_ms(const struct boot_span *before,
                              const struct boot_span *after)
{
    if (before->last_confidence < WALL_SYSTEM || after->first_confidence < WALL_SYSTEM)
        return 0;
    return at_least_zero(after->first_wall_ms - before->last_wall_ms);
}

int64_t moment_age_ms_min(const struct moment *then, const struct moment *now,
                          const struct boot_span *spans, size_t spans_count)
{
    int64_t age = 0;

    if (then->boot == now->boot)
        return at_least_zero(now->mono_ms - then->mono_ms);
    for (size_t i = 0; i < spans_count; i++) {
        const struct boot_span *s = &spans[i];

        assert(i == 0 || spans[i - 1].boot < s->boot);
        if (s->boot < then->boot || s->boot > now->boot)
            continue;
        if (s->boot == then->boot)
            age += at_least_zero(s->last_mono_ms - then->mono_ms);
        else if (s->boot == now->boot)
            age += at_least_zero(now->mono_ms - s->first_mono_ms);
        else
            age += at_least_zero(s->last_mono_ms - s->first_mono_ms);
        if (i > 0 && s->boot > then->boot)
            age += trusted_gap_ms(&spans[i - 1], s);
    }
    return age;
}
