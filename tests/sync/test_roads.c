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

#define DOCUMENTS 120

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

static void a_backlog_on_both_roads_counts_once(void **state)
{
    struct fleet_roads stick_first, link_first;

    (void)state;
    run(7, &stick_first); /* a stick is there while records are on their way */
    assert_true(stick_first.cuts > 3 && stick_first.sticks > 0);
    assert_true(stick_first.bytes[OBJECT_BUNDLE][ROAD_STICK].first > 20000);
    assert_true(stick_first.bytes[OBJECT_BUNDLE][ROAD_LINK].first > 0);
    assert_all_counts_once(&stick_first);
    assert_the_link_wastes_little(&stick_first);
    run(6, &link_first); /* the link has brought half when the first one comes */
    assert_true(link_first.cuts > 3 && link_first.sticks > 0);
    assert_true(first(&link_first, ROAD_LINK) > first(&link_first, ROAD_STICK));
    assert_true(again(&link_first, ROAD_STICK, ROAD_LINK) > 0);
    assert_all_counts_once(&link_first);
    assert_the_link_wastes_little(&link_first);
    fleet_roads_release(&stick_first);
    fleet_roads_release(&link_first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backlog_on_both_roads_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
