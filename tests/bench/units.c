/* Bench of the unit tables: what loading them takes in time and memory, and what it takes
 * to find the unit of an address: each unit's own, as it is, without accents, and in the
 * time after it ended. No peers: a library for this that runs on the box is not known.
 *
 *   build/release/bench-units */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/units/units.h"
#include "tests/lib/plain.h"

#define TEXT_BYTES 512

struct addresses {
    const struct units *u;
    char (*texts)[TEXT_BYTES];
    size_t count, room;
};

struct figures {
    double mean_us, worst_us;
};

static double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t bytes_in_use(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static int address_add(void *arg, const struct unit *unit)
{
    struct addresses *a = arg;
    struct unit_when day = {20250630, 20250630};
    struct unit district, province;

    if (unit->level != UNIT_COMMUNE || a->count == a->room ||
        !units_parent(a->u, unit, day, &district) ||
        !units_parent(a->u, &district, day, &province))
        return 0;
    (void)snprintf(a->texts[a->count++], TEXT_BYTES, "%s %s, %s %s, %s %s",
                   unit_kind_name(unit->kind), unit->name, unit_kind_name(district.kind),
                   district.name, unit_kind_name(province.kind), province.name);
    return 0;
}

static struct figures measure(const struct addresses *a, struct unit_when when)
{
    struct figures f = {0, 0};
    struct unit_answer answer;

    for (size_t i = 0; i < a->count; i++) {
        double start = now_us(), took;

        units_find(a->u, a->texts[i], when, &answer);
        took = now_us() - start;
        f.mean_us += took / (double)a->count;
        if (took > f.worst_us)
            f.worst_us = took;
    }
    return f;
}

static void print_figures(const char *name, struct figures f)
{
    printf("%-34s %8.1f %8.1f\n", name, f.mean_us, f.worst_us);
}

int main(void)
{
    struct units_texts texts = units_own();
    struct addresses a = {.room = 20000};
    struct units *u;
    struct err e;
    double start = now_us();
    size_t before = bytes_in_use();

    if (units_create(&u, &texts, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    printf("units loaded: %zu, in %.1f ms, %zu kB by malloc, %zu kB by its own count, "
           "%zu kB of text in the program\n",
           units_count(u), (now_us() - start) / 1e3, (bytes_in_use() - before) / 1000,
           units_bytes(u) / 1000, texts.units.bytes / 1000);
    a.u = u;
    a.texts = malloc(a.room * sizeof *a.texts);
    if (a.texts == NULL)
        return 1;
    (void)units_each(u, (struct unit_when){20250630, 20250630}, address_add, &a);
    printf("%zu addresses of three units, microseconds%9s %8s\n", a.count, "mean",
           "worst");
    print_figures("in its time", measure(&a, (struct unit_when){20240101, 20240101}));
    print_figures("after its time", measure(&a, (struct unit_when){20260101, 20260101}));
    print_figures("at any time", measure(&a, (struct unit_when){0, 0}));
    for (size_t i = 0; i < a.count; i++) {
        char plain[TEXT_BYTES];

        plain_text(plain, sizeof plain, a.texts[i]);
        memcpy(a.texts[i], plain, sizeof plain);
    }
    print_figures("in its time, without accents",
                  measure(&a, (struct unit_when){20240101, 20240101}));
    free(a.texts);
    units_destroy(u);
    return 0;
}
