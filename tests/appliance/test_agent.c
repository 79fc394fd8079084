/* The agent, over real sockets, against a real centre: what was taken in at the box
 * is at the centre, whatever the wire did. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "appliance/afterwards.h"
#include "tests/lib/link_world.h"

/* A first flight of TLS, Upgrade, claim and hello: what a broken contact costs,
 * besides the block that was cut. */
#define GREETING_BYTES_MAX 1600
#define BLOCK_WIRE_BYTES   (BLOCK_BYTES_MAX + 64)

static struct link_world w;

static int start(void **state)
{
    (void)state;
    link_world_start(&w, false);
    return 0;
}

static int start_plain(void **state)
{
    (void)state;
    link_world_start(&w, true);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    link_world_finish(&w);
    return 0;
}

static int64_t number(const char *sql)
{
    int64_t n;

    must(sql_number(store_db(w.box->store), sql, &n, &w.err), &w.err);
    return n;
}

static void expect_end(const struct agent_result *r, enum agent_end end)
{
    if (r->end != end)
        fail_msg("the contact ended %s (%s), not %s", agent_end_name(r->end), r->reason,
                 agent_end_name(end));
}

static void expect_drained(void)
{
    struct agent_result r = link_world_sync(&w, 0);

    expect_end(&r, AGENT_DRAINED);
    assert_int_equal(r.received, link_world_last(&w));
}

static void expect_found_at_the_centre(const char *query)
{
    uint64_t document;

    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    assert_int_equal(link_world_search(&w, query, &document), 1);
    assert_int_equal(document, w.document);
    link_world_wait_original(&w, &w.taken);
}

static void expect_page_and_original_arrive(void)
{
    struct agent_result r;

    link_world_take(&w, "Quyết định số 12 về đất đai", 100000);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_DRAINED);
    expect_found_at_the_centre("\"quyet dinh so 12\"");
    assert_int_equal(r.received, link_world_last(&w));
    assert_true(r.bytes_out > 100000 && r.bytes_in > 0);
    assert_int_equal(number("SELECT count(*) FROM contact WHERE ended = 'drained'"), 1);
    assert_int_equal(number("SELECT bytes_out FROM contact"), r.bytes_out);
    assert_int_equal(number("SELECT count(*) FROM blob_sent WHERE state >= 1"), 1);
}

static void a_page_and_its_original_arrive_over_tls(void **state)
{
    (void)state;
    expect_page_and_original_arrive();
}

static void a_page_and_its_original_arrive_in_the_clear_on_this_machine(void **state)
{
    (void)state;
    expect_page_and_original_arrive();
}

static void a_packed_original_arrives_and_becomes_what_it_was(void **state)
{
    struct afterwards a = {0};
    const struct afterwards_run run = {0};
    struct afterwards_counts made;

    (void)state;
    link_world_take(&w, "Tờ trình số 7", 5000);
    must(afterwards_run(w.box, &a, &run, &made, &w.err), &w.err);
    assert_int_equal(made.images, 1);
    assert_int_equal(made.packed, 1);
    expect_drained();
    expect_found_at_the_centre("\"to trinh so 7\""); /* and its original, restored */
    assert_int_equal(w.restorer.asked, 1);
    assert_int_equal(number("SELECT count(*) FROM image JOIN blob_sent USING (sha256)"
                            " WHERE state >= 1"),
                     2);
    assert_int_equal(number("SELECT count(*) FROM original JOIN blob_sent USING (sha256)"
                            " WHERE state >= 1"),
                     1);
}

static void
a_contact_with_nothing_to_send_is_short_and_learns_what_was_applied(void **state)
{
    struct agent_result r;

    (void)state;
    link_world_take(&w, "một", 0);
    expect_drained();
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_DRAINED);
    assert_int_equal(r.applied, link_world_last(&w));
    assert_true(r.bytes_out < GREETING_BYTES_MAX);
}

static void no_centre_means_unreachable_and_loses_nothing(void **state)
{
    struct agent_result r;

    (void)state;
    link_world_take(&w, "một hai ba", 1000);
    link_world_stop_centre(&w);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_UNREACHABLE);
    assert_true(r.reason[0] != '\0');
    link_world_serve(&w);
    expect_drained();
    expect_found_at_the_centre("\"mot hai ba\"");
}

static void another_certificate_than_the_enrolled_one_hears_nothing(void **state)
{
    struct agent_result r;

    (void)state;
    link_world_take(&w, "một", 0);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(sql_run(store_db(w.box->store), "UPDATE centre_link SET tls_key = centre_key",
                 &w.err),
         &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_UNREACHABLE);
    assert_non_null(strstr(r.reason, "enrolment file"));
    assert_int_equal(r.received, 0);
}

static void a_second_box_with_the_same_file_is_refused_and_shown(void **state)
{
    struct box *first = w.box;
    struct agent_result r;
    struct centre *c;
    int64_t alarms;

    (void)state;
    link_world_take(&w, "một", 0);
    expect_drained();
    w.box = link_world_make_box(&w, "thief", &w.enrolment);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_REFUSED);
    assert_int_equal(r.refused, REFUSED_CLAIM_USED);
    box_close(w.box);
    w.box = first;
    c = link_world_look(&w);
    must(sql_number(store_db(c->store),
                    "SELECT count(*) FROM alarm WHERE kind = 'claim_used'", &alarms,
                    &w.err),
         &w.err);
    centre_close(c);
    assert_int_equal(alarms, 1);
    expect_drained();
}

/* ------------------------------------------------------------------- the wire */

static void a_wire_that_breaks_again_and_again_only_costs_what_was_on_it(void **state)
{
    struct random_seeded luck;
    uint64_t payload = 0, bound;
    unsigned contacts = 0;
    struct agent_result r = {.end = AGENT_LINK_DOWN};

    (void)state;
    random_seeded_init(&luck, 5);
    for (int i = 0; i < 4; i++)
        link_world_take(&w, i < 3 ? "công văn về việc trồng cây" : "giấy mời họp",
                        150000);
    payload = (uint64_t)number("SELECT sum(bytes) FROM original") +
              (uint64_t)number("SELECT sum(length(changeset)) FROM changelog");
    while (r.end != AGENT_DRAINED && contacts < 200) {
        wire_break_after(w.wire, 2000 + random_below(&luck.random, 60000), WIRE_WHOLE);
        r = link_world_sync(&w, 0);
        contacts++;
    }
    expect_end(&r, AGENT_DRAINED);
    assert_true(contacts > 5);
    expect_found_at_the_centre("\"giay moi hop\"");
    /* Every byte that arrived counted, but the block that was cut. */
    bound = payload + payload / 16 + contacts * (GREETING_BYTES_MAX + BLOCK_WIRE_BYTES);
    if (wire_bytes_up(w.wire) > bound)
        fail_msg("%llu bytes for %llu in %u contacts",
                 (unsigned long long)wire_bytes_up(w.wire), (unsigned long long)payload,
                 contacts);
}

static void a_wire_that_breaks_on_the_way_back_loses_no_receipt(void **state)
{
    struct random_seeded luck;
    unsigned contacts = 0;
    struct agent_result r = {.end = AGENT_LINK_DOWN};

    (void)state;
    random_seeded_init(&luck, 6);
    for (int i = 0; i < 6; i++)
        link_world_take(&w, "biên bản họp", 3000);
    while (r.end != AGENT_DRAINED && contacts < 200) {
        wire_break_after(w.wire, WIRE_WHOLE, 700 + random_below(&luck.random, 900));
        r = link_world_sync(&w, 0);
        contacts++;
    }
    expect_end(&r, AGENT_DRAINED);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    assert_int_equal(link_world_search(&w, "\"bien ban hop\"", NULL), 6);
}

static void no_more_bytes_leave_than_are_allowed(void **state)
{
    struct agent_result r;
    unsigned contacts = 0;

    (void)state;
    link_world_take(&w, "thông báo", 60000);
    do {
        uint64_t before = wire_bytes_up(w.wire);

        r = link_world_sync(&w, 25000);
        assert_true(wire_bytes_up(w.wire) - before <= 25000);
        assert_true(r.bytes_out <= 25000);
        contacts++;
        if (r.end != AGENT_DRAINED)
            expect_end(&r, AGENT_BUDGET);
    } while (r.end != AGENT_DRAINED && contacts < 10);
    expect_end(&r, AGENT_DRAINED);
    assert_true(contacts >= 3);
    expect_found_at_the_centre("\"thong bao\"");
}

/* ---------------------------------------------------------------- month's budget */

static void configure(const char *sql)
{
    assert_int_equal(sqlite3_exec(store_db(w.box->store), sql, NULL, NULL, NULL),
                     SQLITE_OK);
}

static int64_t travelled(const char *which)
{
    char sql[128];
    int64_t bytes;

    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(sum(bytes), 0) FROM link_month WHERE class %s",
                   which);
    must(sql_number(store_db(w.box->store), sql, &bytes, &w.err), &w.err);
    return bytes;
}

static void a_metered_link_carries_the_records_and_the_originals_wait(void **state)
{
    struct agent_result r;

    (void)state;
    link_world_take(&w, "thông báo", 60000);
    configure("UPDATE centre_link SET metered = 1");
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_WITHHELD);
    assert_true(r.bytes_out < 20000);
    assert_int_equal(travelled("= 0"), r.bytes_out + r.bytes_in);
    assert_true(travelled("= 1") > 0);
    assert_int_equal(travelled("= 5"), 0);
    configure("UPDATE centre_link SET metered = 0");
    expect_drained();
    assert_true(travelled("= 5") > 60000);
    expect_found_at_the_centre("\"thong bao\"");
}

static void a_budget_that_is_spent_waits_for_the_next_month(void **state)
{
    struct agent_result r;

    (void)state;
    link_world_take(&w, "thông báo", 60000);
    configure("INSERT INTO link_budget VALUES (5, 30000)");
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_WITHHELD);
    assert_true(travelled("= 5") > 20000 && travelled("= 5") <= 30000);
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_WITHHELD); /* it is remembered */
    assert_true(travelled("= 5") <= 30000);
    configure("UPDATE link_month SET month = month - 1");
    r = link_world_sync(&w, 0);
    expect_end(&r, AGENT_WITHHELD);
    assert_true(travelled("= 5") > 50000); /* it went on where it was */
}

/* ------------------------------------------------------------ a thread that stays */

struct standing {
    struct box *box;
    struct agent *agent;
    pthread_t thread;
    struct agent_result result;
    struct err err;
    int rc;
};

static void *stand(void *arg)
{
    struct standing *s = arg;

    s->rc = agent_run(s->agent, &s->result, &s->err);
    return NULL;
}

static void begin_standing(struct standing *s)
{
    struct agent_options o = {.random = w.random};

    *s = (struct standing){0};
    must(box_open(&s->box, disk_system(), clock_system(), w.box->dir, NULL, &w.err),
         &w.err);
    o.box = s->box;
    must(agent_create(&s->agent, &o, &w.err), &w.err);
    assert_int_equal(pthread_create(&s->thread, NULL, stand, s), 0);
}

static void end_standing(struct standing *s)
{
    agent_stop(s->agent);
    (void)pthread_join(s->thread, NULL);
    assert_int_equal(s->rc, 0);
    assert_int_equal(s->result.end, AGENT_STOPPED);
    agent_destroy(s->agent);
    box_close(s->box);
}

static void what_is_committed_meanwhile_follows_by_itself(void **state)
{
    struct standing s;

    (void)state;
    link_world_take(&w, "một", 0);
    begin_standing(&s);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    link_world_take(&w, "hai lúa", 5000);
    agent_wake(s.agent, false);
    expect_found_at_the_centre("\"hai lua\"");
    end_standing(&s);
}

/* The centre still believes in the old connection when the box is back. */
static void a_box_that_comes_back_goes_on_where_its_silent_link_was(void **state)
{
    struct standing s;
    uint64_t before;

    (void)state;
    link_world_take(&w, "một hai", 400000);
    wire_break_after(w.wire, 200000, WIRE_WHOLE);
    wire_fall_silent(w.wire, true);
    begin_standing(&s);
    for (int i = 0; i < 1000 && wire_bytes_up(w.wire) < 200000; i++)
        (void)poll(NULL, 0, 10);
    assert_int_equal(wire_bytes_up(w.wire), 200000);
    end_standing(&s);
    before = wire_bytes_up(w.wire);
    wire_break_after(w.wire, WIRE_WHOLE, WIRE_WHOLE);
    expect_drained();
    expect_found_at_the_centre("\"mot hai\"");
    assert_true(wire_bytes_up(w.wire) - before < 250000);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(a_page_and_its_original_arrive_over_tls),
        cmocka_unit_test_setup_teardown(
            a_page_and_its_original_arrive_in_the_clear_on_this_machine, start_plain,
            finish),
        claim_test(a_packed_original_arrives_and_becomes_what_it_was),
        claim_test(a_contact_with_nothing_to_send_is_short_and_learns_what_was_applied),
        claim_test(no_centre_means_unreachable_and_loses_nothing),
        claim_test(another_certificate_than_the_enrolled_one_hears_nothing),
        claim_test(a_second_box_with_the_same_file_is_refused_and_shown),
        claim_test(a_wire_that_breaks_again_and_again_only_costs_what_was_on_it),
        claim_test(a_wire_that_breaks_on_the_way_back_loses_no_receipt),
        claim_test(no_more_bytes_leave_than_are_allowed),
        claim_test(a_metered_link_carries_the_records_and_the_originals_wait),
        claim_test(a_budget_that_is_spent_waits_for_the_next_month),
        claim_test(what_is_committed_meanwhile_follows_by_itself),
        claim_test(a_box_that_comes_back_goes_on_where_its_silent_link_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
