/* A box made of its second copy goes on with the centre, over real sockets and disks. */
#include <stdio.h>
#include <string.h>

#include "appliance/backup.h"
#include "appliance/room.h"
#include "appliance/verify.h"
#include "schema/statements.h"
#include "tests/lib/link_world.h"

static struct link_world w;
static struct err *e = &w.err;
static const struct backup_options quiet;

static int start(void **state)
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

static void expect_drained(void)
{
    struct agent_result r = link_world_sync(&w, 0);

    if (r.end != AGENT_DRAINED)
        fail_msg("the contact ended %s: %s", agent_end_name(r.end), r.reason);
    assert_int_equal(r.received, link_world_last(&w));
}

static void on_problem(void *arg, const char *text)
{
    (void)arg;
    fail_msg("verify: %s", text);
}

/* The box burns; another is made of the copy in its place. */
static void burn_and_restore(const char *stick)
{
    struct verify_sink sink = {.problem = on_problem};
    struct second_copy_counts counts;
    struct recovery_key key;
    char dir[96];
    bool found;

    must(second_copy_key(w.box, &key, &found, e), e);
    assert_true(found);
    box_close(w.box);
    w.box = NULL;
    (void)snprintf(dir, sizeof dir, "%s/again", w.dir);
    must(second_copy_restore(disk_system(), clock_system(), dir, disk_system(), stick,
                             &key, &quiet, &counts, e),
         e);
    must(box_open(&w.box, disk_system(), clock_system(), dir, &w.reader.reader, e), e);
    must(verify_box(w.box, &sink, e), e);
    assert_int_equal(counts.epoch, store_identity(w.box->store)->epoch);
}

static void a_restored_box_goes_on_where_its_copy_ended(void **state)
{
    struct second_copy_counts counts;
    struct hash first, second;
    uint64_t before, after;
    char stick[96];

    (void)state;
    (void)snprintf(stick, sizeof stick, "%s/stick", w.dir);
    link_world_take(&w, "Quyết định số 1", 5000);
    first = w.taken;
    before = w.document;
    expect_drained();
    link_world_take(&w, "Tờ trình số 2", 5000); /* in the copy, not at the centre */
    second = w.taken;
    must(second_copy_make(w.box, disk_system(), stick, w.random, &quiet, &counts, e), e);
    burn_and_restore(stick);
    link_world_take(&w, "Thông báo số 3", 5000);
    after = w.document;
    assert_true(after > before);
    assert_int_not_equal(after >> ID_COUNTER_BITS, before >> ID_COUNTER_BITS);
    expect_drained();
    link_world_wait_applied(&w, id_site(after), link_world_last(&w));
    assert_int_equal(link_world_search(&w, "Quyết định số 1", NULL) > 0, true);
    assert_int_equal(link_world_search(&w, "Tờ trình số 2", NULL) > 0, true);
    assert_int_equal(link_world_search(&w, "Thông báo số 3", NULL) > 0, true);
    link_world_wait_original(&w, &first);
    link_world_wait_original(&w, &second);
    link_world_wait_original(&w, &w.taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_restored_box_goes_on_where_its_copy_ended,
                                        start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
