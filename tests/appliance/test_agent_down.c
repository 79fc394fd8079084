/* A box and its centre over a real link: what the centre changed comes down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "tests/lib/link_world.h"

#define LARGE              240000 /* bytes that do not compress: more than is sent without asking */
#define GREETING_BYTES_MAX 2500
#define BLOCK_WIRE_BYTES   4700

static struct link_world w;

static int start(void **state)
{
    (void)state;
    link_world_start(&w, false);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    link_world_finish(&w);
    return 0;
}

/* By another process than the one that serves. */
static void centre_gives_type(const char *type)
{
    struct centre *c = link_world_look(&w);
    char *sql = sqlite3_mprintf("UPDATE document SET type = %Q", type);

    must(down_begin(c, w.enrolment.site, &w.err), &w.err);
    must(sql_run(store_db(c->store), sql, &w.err), &w.err);
    must(down_commit(c, NULL, &w.err), &w.err);
    sqlite3_free(sql);
    centre_close(c);
}

static void centre_gives_long_type(void)
{
    static char type[LARGE + 1];
    struct random_seeded r;

    random_seeded_init(&r, 3);
    for (size_t i = 0; i < LARGE; i++)
        type[i] = (char)('!' + random_below(&r.random, 90));
    centre_gives_type(type);
}

static int64_t number(const char *sql)
{
    int64_t n = 0;

    must(sql_number(store_db(w.box->store), sql, &n, &w.err), &w.err);
    return n;
}

static void expect_end(const struct agent_result *r, enum agent_end end)
{
    if (r->end != end)
        fail_msg("ended %s (%s)", agent_end_name(r->end), r->reason);
}

/* A paper that the centre has, and has changed. */
static void begin(void)
{
    struct agent_result r;

    link_world_take(&w, "một", 0);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_DRAINED);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
}

static void what_the_centre_changed_comes_down_in_the_same_contact(void **state)
{
    struct agent_result r;

    (void)state;
    begin();
    centre_gives_type("quyết định");
    centre_gives_long_type();
    link_world_take(&w, "hai", 400000);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_DRAINED);
    assert_int_equal(number("SELECT count(*) FROM document WHERE length(type) = 240000"),
                     1);
    assert_int_equal(number("SELECT seen FROM sync_state"), 2);
    assert_true(r.bytes_in > LARGE / 2 && r.bytes_in < 2 * LARGE);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_DRAINED);
    assert_true(r.bytes_in < GREETING_BYTES_MAX); /* once is enough */
}

static void a_wire_that_breaks_on_the_way_down_only_costs_what_was_on_it(void **state)
{
    struct random_seeded luck;
    struct agent_result r = {.end = AGENT_LINK_DOWN};
    uint64_t before, bound;
    unsigned contacts = 0;

    (void)state;
    begin();
    centre_gives_long_type();
    random_seeded_init(&luck, 5);
    before = wire_bytes_down(w.wire);
    while (r.end != AGENT_DRAINED && contacts < 200) {
        wire_break_after(w.wire, WIRE_WHOLE, 2000 + random_below(&luck.random, 40000));
        r = link_world_sync(&w, 0);
        contacts++;
    }
    expect_end(&r, AGENT_DRAINED);
    assert_int_equal(number("SELECT seen FROM sync_state"), 1);
    assert_true(contacts > 5);
    bound = LARGE + LARGE / 16 + contacts * (GREETING_BYTES_MAX + BLOCK_WIRE_BYTES);
    if (wire_bytes_down(w.wire) - before > bound)
        fail_msg("%llu bytes in %u contacts",
                 (unsigned long long)(wire_bytes_down(w.wire) - before), contacts);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(what_the_centre_changed_comes_down_in_the_same_contact),
        claim_test(a_wire_that_breaks_on_the_way_down_only_costs_what_was_on_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
