/* A contact with nothing to say: what the box pays each hour for being in touch. The
 * emulator counts TCP's payload; the centre's log says what of it was the handshake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/link/emulator.h"
#include "tests/bench/link/parts.h"

#define RATE 256000
#define PAPER_BYTES                                                                      \
    10000 /* sent before: a box that was never heard of claims its number */
#define SETTLE_MS     3000 /* the last goodbye, and the centre's line in its log */
#define IDLE_MAX      400
#define HANDSHAKE_MAX 2500
#define LINE_BYTES    1024

/* The last contact's, as the centre tells it. */
static uint64_t handshake_bytes(const struct pair_running *p)
{
    char path[DISK_PATH_BYTES], line[LINE_BYTES];
    uint64_t last = 0;
    struct err ignored;
    FILE *f;

    if (disk_path(path, &ignored, "%s/centre.out.err", p->dir) != 0 ||
        (f = fopen(path, "r")) == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL) {
        const char *at = strstr(line, "bytes_handshake=");

        if (at != NULL)
            last = strtoull(at + strlen("bytes_handshake="), NULL, 10);
    }
    (void)fclose(f);
    return last;
}

static const char *const once[] = {"sync", "--once", NULL};

static int measure(const struct link_plan *p, struct pair_running *pair,
                   struct emulator *link, unsigned *missed, struct err *e)
{
    struct emulator_count before, after;
    uint64_t up, down, handshake;
    int64_t began_ms = place_now_ms(), took_ms;

    emulator_count(link, &before);
    if (seed_box(pair, once, e) != 0)
        return -1;
    took_ms = place_now_ms() - began_ms;
    place_sleep_ms(SETTLE_MS);
    emulator_count(link, &after);
    up = after.payload[NET_BOX] - before.payload[NET_BOX];
    down = after.payload[NET_CENTRE] - before.payload[NET_CENTRE];
    handshake = handshake_bytes(pair);
    *missed += up + down - handshake > IDLE_MAX;
    *missed += handshake > HANDSHAKE_MAX;
    printf("| %llu | %llu | %llu (≤ %d) | %llu (≤ %d) %s | %.1f |\n",
           (unsigned long long)up, (unsigned long long)down,
           (unsigned long long)handshake, HANDSHAKE_MAX,
           (unsigned long long)(up + down - handshake), IDLE_MAX,
           up + down - handshake <= IDLE_MAX ? "ok" : "MISSED",
           (double)took_ms / (2.0 * p->delay_ms));
    return 0;
}

int part_idle(const struct link_plan *p, unsigned *missed, struct err *e)
{
    const struct emulator_plan plan = {.rate_bit_s = RATE, .delay_ms = p->delay_ms};
    struct seed s = {.papers = 1, .paper_bytes = PAPER_BYTES};
    struct pair_running pair = {0};
    struct emulator *link = NULL;
    char dir[DISK_PATH_BYTES];
    struct net n;
    int rc = -1;

    if (disk_path(s.dir, e, "%s/idle", p->scratch) != 0 ||
        disk_path(s.build, e, "%s", p->build) != 0 ||
        disk_path(dir, e, "%s/idle-run", p->scratch) != 0 || seed_make(&s, e) != 0 ||
        net_create(&n, e) != 0)
        return -1;
    printf("\n## Nothing to say: one contact, bytes of TCP payload\n\n"
           "| up | down | handshake, both | the rest, both | round trips, the program's "
           "start and end included |\n| --- | --- | --- | --- | --- |\n");
    if (emulator_start(&link, &n, &plan, e) == 0 &&
        seed_copy(&pair, &s, &n, dir, e) == 0 && seed_start_centre(&pair, e) == 0) {
        emulator_up(link);
        rc = seed_box(&pair, once, e);
        for (unsigned i = 0; rc == 0 && i < p->times; i++)
            rc = measure(p, &pair, link, missed, e);
    }
    seed_stop(&pair);
    emulator_stop(link);
    net_release(&n);
    return rc;
}
