/* A backlog that leaves by link and by stick at once: what each road brings, and what comes
 * twice. `tram-sim --roads 2000` is the long form. */
#include "tests/sim/fleet_roads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sync/partial.h"
#include "tests/lib/scratch.h" /* must() */

#define DOCUMENTS 80
#define SEEDS     10

static void run(uint64_t seed, struct fleet_roads *out)
{
    struct fleet_options o = {.seed = seed, .boxes = 1};
    struct buffer table;
    struct fleet *f;
    struct err e;

    must(fleet_create(&f, &o, &e), &e);
    (void)fleet_roads(f, DOCUMENTS, out);
    assert_string_equal(f->failure, "");
    fleet_destroy(f);
    buffer_init(&table, 1 << 16);
    fleet_roads_tell(out, &table);
    print_message("%.*s", (int)table.count, (const char *)table.bytes);
    buffer_release(&table);
}

static uint64_t first(const struct fleet_roads *r, enum road road)
{
    return r->bytes[OBJECT_BUNDLE][road].first + r->bytes[OBJECT_BLOB][road].first;
}

static uint64_t again(const struct fleet_roads *r, enum road road, enum road before)
{
    return r->bytes[OBJECT_BUNDLE][road].twice[before] +
           r->bytes[OBJECT_BLOB][road].twice[before];
}

/* Each frame counts once, each byte of each object was the first of its kind once. */
static void assert_all_counts_once(const struct fleet_roads *r)
{
    uint64_t all = 0;

    assert_true(r->frames >= DOCUMENTS);
    assert_int_equal(r->applied, r->frames);
    assert_int_equal(r->unfinished, 0);
    for (size_t i = 0; i < r->objects_count; i++)
        all += r->objects[i].total_bytes;
    assert_int_equal(first(r, ROAD_LINK) + first(r, ROAD_STICK), all);
}

/* The link brings again what the centre had not yet promised to keep when the box was
 * back sooner than the centre knew that it had gone; and what was on its way when a
 * stick came in. */
static void assert_the_link_wastes_little(const struct fleet_roads *r)
{
    assert_true(again(r, ROAD_LINK, ROAD_LINK) <=
                (uint64_t)r->cuts * PARTIAL_UNSYNCED_BYTES_MAX);
    assert_true(again(r, ROAD_LINK, ROAD_STICK) <=
                (uint64_t)r->sticks * 4 * BLOCK_BYTES_MAX);
}

static void add(struct fleet_roads *all, const struct fleet_roads *r)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (int road = 0; road < ROADS; road++) {
            all->bytes[kind][road].first += r->bytes[kind][road].first;
            for (int before = 0; before < ROADS; before++)
                all->bytes[kind][road].twice[before] +=
                    r->bytes[kind][road].twice[before];
        }
    all->cuts += r->cuts;
    all->sticks += r->sticks;
}

static void a_backlog_on_both_roads_counts_once(void **state)
{
    struct fleet_roads all = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct fleet_roads r;

        run(seed, &r);
        assert_all_counts_once(&r);
        assert_the_link_wastes_little(&r);
        add(&all, &r);
        fleet_roads_release(&r);
    }
    /* Each road was first with some of each, and each brought what the other had. */
    assert_true(all.cuts > SEEDS && all.sticks > SEEDS);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (int road = 0; road < ROADS; road++) {
            assert_true(all.bytes[kind][road].first > 0);
            assert_true(all.bytes[kind][road].twice[1 - road] > 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backlog_on_both_roads_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
