/* Time as a box without a battery clock has it.
 *
 * A moment is (boot, monotonic ms, wall estimate, confidence). Monotonic time is
 * true within one boot; the wall is an estimate that may say 1970. No decision
 * of sync, security or TLS compares wall clocks. An age is powered-on time plus
 * the gaps between boots whose both ends are trusted: a lower bound, shown as
 * "at least". */
#ifndef TRAM_BASE_CLOCK_H
#define TRAM_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum wall_confidence {
    WALL_UNKNOWN = 0, /* nothing to go by: may be 1970 */
    WALL_SAVED = 1,   /* the last time saved before power went: a lower bound */
    WALL_SYSTEM = 2,  /* the system says its clock is synchronised */
    WALL_SIGNED = 3,  /* corrected by the centre's signed time */
};

struct moment {
    uint32_t boot;   /* number of this boot of this box, from 1; see struct boot_span */
    int64_t mono_ms; /* since that boot */
    int64_t wall_ms; /* Unix time, estimate */
    enum wall_confidence confidence;
};

/* One boot of the box as the store remembers it: its first and last moment. */
struct boot_span {
    uint32_t boot;
    int64_t first_mono_ms, last_mono_ms;
    int64_t first_wall_ms, last_wall_ms;
    enum wall_confidence first_confidence, last_confidence;
};

#define BOOT_ID_BYTES 37 /* the kernel's UUID as text, with the NUL */

/* The seam: production reads the kernel, tests and the simulator set it. */
struct clock {
    int64_t (*mono_ms)(struct clock *c);
    int64_t (*wall_ms)(struct clock *c, enum wall_confidence *confidence);
    /* What tells one boot of the machine from the next. */
    void (*boot_id)(struct clock *c, char out[BOOT_ID_BYTES]);
};

/* CLOCK_BOOTTIME, CLOCK_REALTIME with adjtimex()'s word on it, and
 * /proc/sys/kernel/random/boot_id. Static; never released. */
struct clock *clock_system(void);

/* Milliseconds for waits and measurements, which no test moves: they stand still while
 * the machine sleeps (CLOCK_MONOTONIC), so that no page times out in its sleep. */
int64_t clock_mono_now_ms(void);

/* A clock that only moves when told. */
struct clock_manual {
    struct clock clock;
    int64_t mono_ms_now;
    int64_t wall_ms_now;
    enum wall_confidence confidence;
    uint32_t boot; /* boot_id() is made from it */
};

void clock_manual_init(struct clock_manual *c, uint32_t boot);

/* How long ago `then` was, at least: never negative. `spans` are the boots known,
 * in order of their number, the last of them being now's (with any last_mono). */
int64_t moment_age_ms_min(const struct moment *then, const struct moment *now,
                          const struct boot_span *spans, size_t spans_count);

#endif
