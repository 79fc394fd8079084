/* A box that is enrolled and lives by sticks alone, and all that happens to sticks. */
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/dictionary.h"
#include "tests/lib/courier_world.h"

static struct courier_world w;
static struct err *const e = &w.err;

static int start(void **state)
{
    (void)state;
    courier_world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    courier_world_finish(&w);
    return 0;
}

static void give_stick(int stick, uint64_t bytes)
{
    disk_sim_set_faults(w.sticks[stick], &(struct disk_sim_faults){.bytes_max = bytes});
}

/* --------------------------------------------------------------------- by stick alone */

static void a_box_is_enrolled_and_lives_by_stick_alone(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        courier_world_take_some(&w, 3);
        world_trip(&w, 0);
        expect_all_there(&w);
        assert_true(w.imported.news);
        assert_int_equal(w.imported.damaged + w.imported.refused, 0);
    }
    assert_true(world_site(&w).claimed);
    assert_int_equal(world_site(&w).status.last, world_last(&w));
    assert_int_equal(world_site(&w).alarms, 0);
}

static void a_dictionary_that_the_centre_lacks_keeps_nothing_from_it(void **state)
{
    static const char text[] = "những lời mà chỉ hộp này có";
    uint32_t number;

    (void)state;
    must(dictionary_add(w.box.disk, WORLD_DIR, text, sizeof text, &number, e), e);
    courier_world_take_some(&w, 3);
    world_trip(&w, 0);
    expect_all_there(&w);
    assert_int_equal(world_site(&w).alarms, 0);
}

static void a_stick_does_not_fill_with_what_has_arrived(void **state)
{
    uint64_t bytes;

    (void)state;
    courier_world_take(&w, "một", 300000);
    world_trip(&w, 0);
    bytes = disk_sim_bytes(w.sticks[0]);
    for (size_t round = 1; round < 5; round++) {
        courier_world_take(&w, "thêm", 300000 + round);
        must(world_export(&w, 0), e);
        assert_true(disk_sim_bytes(w.sticks[0]) < bytes + 350000);
        must(province_import(&w, 0), e);
        must(world_import_stick(&w, 0), e);
        assert_true(disk_sim_bytes(w.sticks[0]) < 20000);
        assert_int_equal(stick_count(&w, 0, DIRECTION_UP), 0);
        assert_int_equal(stick_count(&w, 0, DIRECTION_DOWN), 1);
    }
    expect_all_there(&w);
}

static void what_was_written_counts_as_sent_and_no_earlier(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    disk_sim_set_faults(w.sticks[0], &(struct disk_sim_faults){
                                         .fail_call = disk_sim_calls(w.sticks[0]) + 3});
    assert_int_not_equal(world_export(&w, 0), 0);
    assert_int_equal(world_number(&w.box, "SELECT sent FROM sync_state"), 0);
    give_stick(0, 0);
    must(world_export(&w, 0), e);
    assert_int_equal(world_number(&w.box, "SELECT sent FROM sync_state"),
                     (int64_t)world_last(&w));
    assert_int_equal(world_number(&w.box, "SELECT received FROM sync_state"), 0);
}

static void the_bytes_are_those_of_the_link(void **state)
{
    struct sync_object o;
    struct outbox *box;
    struct buffer link, stick;

    (void)state;
    courier_world_take_some(&w, 2);
    must(world_export(&w, 0), e);
    must(outbox_create(&box, w.box.box, &w.random.random, e), e);
    assert_int_equal(outbox_bundle(box, 1, &o, e), 1);
    buffer_init(&link, BUNDLE_BYTES_MAX);
    buffer_init(&stick, BUNDLE_BYTES_MAX);
    must(outbox_read(box, &o.id, 0, (size_t)o.total_bytes, &link, e), e);
    outbox_destroy(box);
    {
        struct courier_list l = stick_list(&w, 0);
        char path[DISK_PATH_BYTES];

        must(courier_path(path, STICK_DIR, &l.names[0], e), e);
        must(disk_read_all(w.sticks[0], path, &stick, e), e);
        courier_list_release(&l);
    }
    assert_non_null(memmem(stick.bytes, stick.count, link.bytes, link.count));
    buffer_release(&link);
    buffer_release(&stick);
}

/* --------------------------------------------------------------------- many roads */

static void two_sticks_may_go_at_once(void **state)
{
    (void)state;
    courier_world_take_some(&w, 2);
    must(world_export(&w, 0), e);
    courier_world_take_some(&w, 2);
    must(world_export(&w, 1), e); /* nobody knows whether the first one arrives */
    must(province_import(&w, 1), e);
    assert_int_equal(w.told[0].tar.state, TAR_TAKEN);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[0].tar.state, TAR_KNOWN);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
    must(world_import_stick(&w, 1), e); /* older by now */
    assert_false(w.imported.news);
    expect_all_there(&w);
}

static void the_same_stick_twice_counts_once(void **state)
{
    uint64_t frames;

    (void)state;
    courier_world_take_some(&w, 3);
    must(world_export(&w, 0), e);
    stick_copy(&w, 0, 1);
    must(province_import(&w, 0), e);
    frames = (uint64_t)province_number(&w.province, "SELECT count(*) FROM journal_frame");
    must(province_import(&w, 0), e);
    must(province_import(&w, 1), e); /* a copy of it */
    for (size_t i = 0; i < w.told_count; i++)
        assert_int_equal(w.told[i].tar.state, TAR_KNOWN);
    assert_int_equal(province_number(&w.province, "SELECT count(*) FROM journal_frame"),
                     frames);
    must(world_import_stick(&w, 1), e);
    expect_all_there(&w);
    assert_int_equal(world_site(&w).alarms, 0);
}

static void a_stick_that_the_link_has_overtaken_is_fine(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    courier_world_take_some(&w, 2);
    must(world_export(&w, 0), e);
    world_link(&w, true);
    courier_world_take_some(&w, 1);
    world_link(&w, true);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[0].tar.state, TAR_KNOWN);
    assert_int_equal(w.told[0].tar.why, 0);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(world_site(&w).received, world_last(&w));
    assert_int_equal(world_site(&w).alarms, 0);
}

static void an_old_stick_does_not_make_the_status_older(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    courier_world_take_some(&w, 2);
    must(world_export(&w, 1), e);
    must(province_import(&w, 1), e);
    assert_int_equal(world_site(&w).status.last, world_last(&w));
    must(province_import(&w, 0), e);
    assert_int_equal(world_site(&w).status.last, world_last(&w));
}

static void what_the_stick_carries_already_is_not_written_again(void **state)
{
    (void)state;
    courier_world_take(&w, "một", 2500000);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.bundles, 1);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.bundles + w.exported.blobs + w.exported.parts, 0);
    assert_int_equal(w.exported.carried, 2);
    assert_int_equal(w.exported.last, world_last(&w));
    courier_world_take(&w, "hai", 1000);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.bundles, 1);
    assert_int_equal(w.exported.blobs, 1);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

static void a_stick_that_was_lost_costs_nothing_but_time(void **state)
{
    (void)state;
    courier_world_take_some(&w, 3);
    must(world_export(&w, 0), e); /* and never seen again */
    courier_world_take_some(&w, 1);
    world_trip(&w, 1);
    expect_all_there(&w);
}

static void an_old_receipt_changes_nothing(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    stick_copy(&w, 0, 1);
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    must(world_import_stick(&w, 1), e);
    assert_false(w.imported.news);
    expect_all_there(&w);
}

/* --------------------------------------------------------------------------- room */

static void records_go_before_originals_when_there_is_little_room(void **state)
{
    (void)state;
    courier_world_take(&w, "một", 3000000);
    courier_world_take(&w, "hai", 100000);
    give_stick(0, COURIER_MARGIN_BYTES + 60000);
    must(world_export(&w, 0), e);
    assert_true(w.exported.full);
    assert_int_equal(w.exported.bundles, 1);
    assert_true(disk_sim_bytes(w.sticks[0]) <= 60000);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(w.imported.applied, world_last(&w));
}

static void an_original_larger_than_the_stick_goes_in_parts(void **state)
{
    unsigned trips = 0;

    (void)state;
    courier_world_take(&w, "một", 3000000);
    give_stick(0, COURIER_MARGIN_BYTES + 700000);
    do {
        world_trip(&w, 0);
        assert_true(++trips < 10);
    } while (w.exported.full);
    assert_true(trips >= 5);
    expect_all_there(&w);
    assert_int_equal(world_site(&w).alarms, 0);
}

static void a_stick_that_is_full_of_others_is_told(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    give_stick(0, COURIER_MARGIN_BYTES);
    must(world_export(&w, 0), e);
    assert_true(w.exported.full);
    assert_int_equal(w.exported.tars, 0);
    assert_int_equal(disk_sim_bytes(w.sticks[0]), 0);
    give_stick(0, 0);
    must(world_export(&w, 0), e);
    give_stick(0, disk_sim_bytes(w.sticks[0]) + 1000);
    must(province_import(&w, 0), e);
    assert_true(w.answered.full);
    give_stick(0, 0);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

/* ------------------------------------------------------------------- pulled sticks */

/* At each call on the stick it is pulled out, at the box and at the centre: the next
 * trip brings everything, and nothing counts twice. */
static void a_stick_pulled_out_at_any_instant_loses_nothing(void **state)
{
    unsigned pulled = 0;

    (void)state;
    for (uint64_t n = 1; n < 30; n++) {
        struct disk_sim_faults f = {0};

        courier_world_take_some(&w, 1);
        f.die_at_call = disk_sim_calls(w.sticks[0]) + n;
        disk_sim_set_faults(w.sticks[0], &f);
        pulled += world_export(&w, 0) != 0;
        disk_sim_power_cut(w.sticks[0]);
        disk_sim_set_faults(w.sticks[0], &(struct disk_sim_faults){0});
        must(world_export(&w, 0), e);
        f.die_at_call = disk_sim_calls(w.sticks[0]) + n;
        disk_sim_set_faults(w.sticks[0], &f);
        pulled += province_import(&w, 0) != 0;
        disk_sim_power_cut(w.sticks[0]);
        disk_sim_set_faults(w.sticks[0], &(struct disk_sim_faults){0});
        must(province_import(&w, 0), e);
        must(world_import_stick(&w, 0), e);
        expect_all_there(&w);
    }
    assert_true(pulled > 10);
    assert_int_equal(world_site(&w).alarms, 0);
}

/* -------------------------------------------------------------------------- safe */

static void what_is_safe_is_told_by_stick_until_the_box_has_heard(void **state)
{
    (void)state;
    courier_world_take_some(&w, 2);
    world_trip(&w, 0);
    must(sql_run(store_db(w.province.centre->store),
                 "UPDATE held_blob SET state = 2; UPDATE site SET safe = applied", e),
         e);
    must(province_export(&w, 0), e); /* nobody brought anything */
    must(world_import_stick(&w, 0), e);
    assert_true(w.imported.news);
    assert_int_equal(w.imported.safe, world_last(&w));
    assert_int_equal(world_number(&w.box, "SELECT min(state) FROM blob_sent"), 2);
    assert_int_equal(
        world_number(&w.box, "SELECT count(*) FROM centre_link WHERE secret IS NULL"), 1);
    must(world_export(&w, 0), e);
    must(province_import(&w, 0), e);
    assert_int_equal(province_number(&w.province, "SELECT min(told) FROM held_blob"), 2);
    assert_int_equal(w.answered.receipts, 1); /* no need to name them any more */
}

/* ------------------------------------------------------------------------- down */

static void retype_at_the_centre(const char *type)
{
    char sql[128];

    must(down_begin(w.province.centre, w.enrolment.site, e), e);
    (void)snprintf(sql, sizeof sql, "UPDATE document SET type = '%s'", type);
    must(sql_run(store_db(w.province.centre->store), sql, e), e);
    must(down_commit(w.province.centre, NULL, e), e);
}

static int64_t documents_of(const char *type)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM document WHERE type = '%s'",
                   type);
    return world_number(&w.box, sql);
}

static void what_the_province_changes_comes_by_stick(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    retype_at_the_centre("to_trinh");
    must(province_export(&w, 0), e);
    assert_int_equal(w.answered.bundles, 1);
    stick_copy(&w, 0, 1);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(w.imported.changes, 1);
    assert_int_equal(documents_of("to_trinh"), 1);
    must(world_import_stick(&w, 1), e); /* the same again */
    assert_int_equal(w.imported.changes, 0);
    assert_false(w.imported.news);
    must(world_export(&w, 0), e); /* it says what it has applied */
    must(province_import(&w, 0), e);
    assert_int_equal(w.answered.bundles, 0);
    assert_int_equal(province_number(&w.province, "SELECT down_seen FROM site"), 1);
    assert_int_equal(province_number(&w.province, "SELECT count(*) FROM down_bundle"), 0);
}

static void a_change_that_was_lost_on_its_way_comes_again(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    retype_at_the_centre("to_trinh");
    must(province_export(&w, 1), e); /* and never seen again */
    retype_at_the_centre("bao_cao");
    world_trip(&w, 0);
    assert_int_equal(w.answered.bundles >= 1, 1);
    assert_int_equal(w.imported.changes, 2);
    assert_int_equal(documents_of("bao_cao"), 1);
    expect_all_there(&w);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_box_is_enrolled_and_lives_by_stick_alone),
        STORY(a_dictionary_that_the_centre_lacks_keeps_nothing_from_it),
        STORY(a_stick_does_not_fill_with_what_has_arrived),
        STORY(what_was_written_counts_as_sent_and_no_earlier),
        STORY(the_bytes_are_those_of_the_link),
        STORY(two_sticks_may_go_at_once),
        STORY(the_same_stick_twice_counts_once),
        STORY(a_stick_that_the_link_has_overtaken_is_fine),
        STORY(an_old_stick_does_not_make_the_status_older),
        STORY(what_the_stick_carries_already_is_not_written_again),
        STORY(a_stick_that_was_lost_costs_nothing_but_time),
        STORY(an_old_receipt_changes_nothing),
        STORY(records_go_before_originals_when_there_is_little_room),
        STORY(an_original_larger_than_the_stick_goes_in_parts),
        STORY(a_stick_that_is_full_of_others_is_told),
        STORY(a_stick_pulled_out_at_any_instant_loses_nothing),
        STORY(what_is_safe_is_told_by_stick_until_the_box_has_heard),
        STORY(what_the_province_changes_comes_by_stick),
        STORY(a_change_that_was_lost_on_its_way_comes_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
