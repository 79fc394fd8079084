/* Down: what the centre writes reaches the box, once, in order, by any road, and in the
 * schema that the box has. */
#include "tests/lib/pair.h"

#include <stdio.h>
#include <string.h>

#include "schema/migrations.h"
#include "schema/statements.h"

#define ID PAIR_ID

static struct pair p;

static int begin(void **state)
{
    (void)state;
    pair_start(&p, 9);
    pair_document(&p);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pair_finish(&p);
    return 0;
}

static void retype(const char *type)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "UPDATE document SET type = '%s'", type);
    assert_true(pair_centre_writes(&p, sql) > 0);
}

static void seal(uint64_t sequence, struct down_sealed *out)
{
    bool found;

    must(down_bundle(p.p.centre, p.site, sequence, out, &found, &p.err), &p.err);
    assert_true(found);
}

static enum incoming_verdict take(const void *bytes, size_t count)
{
    enum incoming_verdict verdict;

    must(incoming_take(p.box, bytes, count, &verdict, &p.err), &p.err);
    return verdict;
}

static bool box_has_type(const char *type)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM document WHERE type = '%s'",
                   type);
    return pair_box_number(&p, sql) == 1;
}

/* ------------------------------------------------------------------------ the line */

static void a_correction_of_the_centres_is_at_the_box_and_found_there(void **state)
{
    struct incoming_numbers n;

    (void)state;
    assert_int_equal(pair_centre_writes(
                         &p, "INSERT INTO field (document, name, ordinal, source, value)"
                             " VALUES (" ID "1, 'so', 0, 'province', 'Số Mười Hai')"),
                     1);
    assert_int_equal(province_search(&p.p, "so muoi hai", NULL), 1);
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    must(incoming_numbers(p.box, &n, &p.err), &p.err);
    assert_int_equal(n.last, 1);
    assert_int_equal(n.seen, 0);
    assert_int_equal(pair_apply_down(&p, 10), 1);
    must(incoming_numbers(p.box, &n, &p.err), &p.err);
    assert_int_equal(n.seen, 1);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM search_fresh"
                                         " WHERE ' ' || folded LIKE '% muoi %'"),
                     1);
    assert_int_equal(pair_box_last(&p), 1); /* it is no change of the box's */
    pair_expect_equal(&p);
    assert_int_equal(pair_problems(&p), 0);
}

static void what_changes_nothing_takes_no_number(void **state)
{
    uint64_t sequence = 9;

    (void)state;
    must(down_begin(p.p.centre, p.site, &p.err), &p.err);
    must(down_commit(p.p.centre, &sequence, &p.err), &p.err);
    assert_int_equal(sequence, 0);
    must(down_begin(p.p.centre, p.site, &p.err), &p.err);
    must(sql_run(store_db(p.p.centre->store), "UPDATE document SET type = 'x'", &p.err),
         &p.err);
    down_rollback(p.p.centre);
    assert_int_equal(pair_centre_last(&p), 0);
    retype("công văn");
    assert_int_equal(pair_centre_last(&p), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM changelog"), 0);
}

static void a_row_of_another_site_is_nobodys_here(void **state)
{
    (void)state;
    must(down_begin(p.p.centre, p.site, &p.err), &p.err);
    must(sql_run(store_db(p.p.centre->store),
                 "INSERT INTO dossier (id, code) VALUES ((2 << 36) + 1, 'x')", &p.err),
         &p.err);
    assert_int_equal(down_commit(p.p.centre, NULL, &p.err), -1);
    assert_int_equal(p.err.code, ERR_USAGE);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM dossier"), 0);
    assert_int_equal(down_begin(p.p.centre, 999, &p.err), -1);
    assert_int_equal(p.err.code, ERR_USAGE);
    retype("công văn"); /* nothing is left open */
}

static void ids_of_the_centres_rows_are_nobody_elses(void **state)
{
    uint64_t one, two;

    (void)state;
    must(down_begin(p.p.centre, p.site, &p.err), &p.err);
    must(down_new_id(p.p.centre, &one, &p.err), &p.err);
    must(down_new_id(p.p.centre, &two, &p.err), &p.err);
    must(down_commit(p.p.centre, NULL, &p.err), &p.err);
    assert_int_equal(id_site(one), p.site);
    assert_int_equal(one >> ID_COUNTER_BITS & 255, DOWN_EPOCH);
    assert_int_equal(two, one + 1);
    p.p.centre->epoch = 3; /* put back to a backup, in which none was given out */
    must(down_begin(p.p.centre, p.site, &p.err), &p.err);
    must(down_new_id(p.p.centre, &one, &p.err), &p.err);
    down_rollback(p.p.centre);
    assert_int_equal(one & ((1u << ID_COUNTER_BITS) - 1), (3u << 20) + 1);
}

/* ------------------------------------------------------------------------- bundles */

static void the_same_bundle_is_the_same_bytes_and_counts_once(void **state)
{
    struct down_sealed first, again;

    (void)state;
    retype("công văn");
    seal(1, &first);
    retype("tờ trình"); /* a frame later: what was sealed stays as it is */
    seal(1, &again);
    assert_int_equal(first.bytes.count, again.bytes.count);
    assert_memory_equal(first.bytes.bytes, again.bytes.bytes, first.bytes.count);
    assert_int_equal(take(first.bytes.bytes, first.bytes.count), INCOMING_TAKEN);
    assert_int_equal(take(again.bytes.bytes, again.bytes.count), INCOMING_KNOWN);
    assert_int_equal(pair_apply_down(&p, 10), 1);
    assert_int_equal(take(first.bytes.bytes, first.bytes.count), INCOMING_KNOWN);
    assert_int_equal(pair_apply_down(&p, 10), 0);
    down_sealed_release(&first);
    down_sealed_release(&again);
}

static void after_a_gap_nothing_is_kept(void **state)
{
    struct down_sealed first;

    (void)state;
    retype("công văn");
    seal(1, &first);
    down_sealed_release(&first);
    retype("tờ trình");
    assert_int_equal(pair_carry_down(&p, 2), INCOMING_GAP);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM incoming_frame"), 0);
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    assert_int_equal(pair_carry_down(&p, 2), INCOMING_TAKEN);
    assert_int_equal(pair_apply_down(&p, 10), 2);
    assert_true(box_has_type("tờ trình"));
}

static void what_is_altered_cut_off_or_of_another_is_refused(void **state)
{
    struct down_sealed sealed;
    struct bundle_header h;

    (void)state;
    retype("công văn");
    seal(1, &sealed);
    for (size_t i = 0; i < sealed.bytes.count; i++) {
        enum incoming_verdict v;

        sealed.bytes.bytes[i] ^= 1;
        v = take(sealed.bytes.bytes, sealed.bytes.count);
        /* The signature is of a line: another one's is a fork, to be looked at. */
        assert_true(v == INCOMING_REFUSED ||
                    (v == INCOMING_FORK && i >= sealed.bytes.count - SIGNATURE_BYTES));
        sealed.bytes.bytes[i] ^= 1;
    }
    for (size_t n = 0; n < sealed.bytes.count; n += 7)
        assert_int_equal(take(sealed.bytes.bytes, n), INCOMING_REFUSED);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM incoming_frame"), 0);
    must(bundle_peek(&h, sealed.bytes.bytes, sealed.bytes.count, &p.err), &p.err);
    assert_int_equal(h.direction, DIRECTION_DOWN);
    assert_int_equal(h.seen_epoch, 1);
    assert_int_equal(take(sealed.bytes.bytes, sealed.bytes.count), INCOMING_TAKEN);
    down_sealed_release(&sealed);
}

/* The centre loses its last frame, and writes another in its place. */
static void another_line_of_the_centres_is_a_fork(void **state)
{
    (void)state;
    retype("công văn");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    must(sql_run(store_db(p.p.centre->store),
                 "DELETE FROM down_frame; DELETE FROM down_bundle", &p.err),
         &p.err);
    retype("tờ trình");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_FORK);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM incoming_frame"), 1);
}

static void bundles_that_the_box_has_applied_are_forgotten(void **state)
{
    (void)state;
    retype("công văn");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    retype("tờ trình");
    assert_int_equal(pair_carry_down(&p, 2), INCOMING_TAKEN);
    must(down_seen(p.p.centre, p.site, 0, 1, &p.err), &p.err);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM down_bundle"), 1);
    must(down_seen(p.p.centre, p.site, 0, 2, &p.err), &p.err);
    must(down_seen(p.p.centre, p.site, 0, 1, &p.err), &p.err); /* old news */
    assert_int_equal(pair_centre_number(&p, "SELECT down_seen FROM site"), 2);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM down_bundle"), 0);
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_KNOWN); /* made again if need be */
}

/* At every call of the disk: the frame is there with its cursor, or neither is. */
static void a_power_cut_while_applying_leaves_rows_and_cursor_together(void **state)
{
    (void)state;
    for (uint64_t cut = 1;; cut++) {
        unsigned applied;
        bool died;

        pair_finish(&p);
        (void)begin(NULL);
        retype("công văn");
        assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){
                                        .die_at_call = disk_sim_calls(p.disk) + cut});
        died = incoming_apply(p.box, 10, &applied, &p.err) != 0;
        box_close(p.box);
        p.box = NULL;
        disk_sim_power_cut(p.disk);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){0});
        p.clock.boot++;
        must(box_open(&p.box, p.disk, &p.clock.clock, PAIR_DIR, NULL, &p.err), &p.err);
        assert_int_equal(box_has_type("công văn"),
                         pair_box_number(&p, "SELECT seen FROM sync_state"));
        (void)pair_apply_down(&p, 10);
        assert_true(box_has_type("công văn"));
        pair_expect_equal(&p);
        if (!died)
            return;
        assert_true(cut < 100);
    }
}

/* ------------------------------------------------------------------------- schemas */

static void a_frame_of_a_newer_schema_waits_at_the_box(void **state)
{
    size_t ours;

    (void)state;
    (void)migrations_all(&ours);
    retype("công văn");
    retype("tờ trình");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    must(sql_run(store_db(p.box->store),
                 "UPDATE incoming_frame SET schema = schema + 1 WHERE sequence = 1",
                 &p.err),
         &p.err);
    assert_int_equal(pair_apply_down(&p, 10), 0);
    must(sql_run(store_db(p.box->store),
                 "UPDATE incoming_frame SET schema = schema - 1 WHERE sequence = 1",
                 &p.err),
         &p.err);
    assert_int_equal(pair_apply_down(&p, 10), 2);
}

/* A box of schema 3 has no table for conflicts: they follow when it has. What it can
 * hold comes at once. */
static void what_the_boxs_schema_cannot_hold_follows_when_it_can(void **state)
{
    size_t ours;

    (void)state;
    (void)migrations_all(&ours);
    must(down_schema(p.p.centre, p.site, 3, &p.err), &p.err);
    retype("tỉnh");
    pair_box_writes(&p, "UPDATE document SET type = 'xã'");
    pair_settle(&p);
    assert_true(box_has_type("xã"));
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM conflict"), 0);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM down_waiting"), 1);
    assert_int_equal(pair_box_number(&p, "SELECT max(schema) FROM incoming_frame"), 3);
    pair_centre_writes(&p,
                       "UPDATE conflict SET closed_by = 'tỉnh'"); /* waits behind it */
    pair_centre_writes(&p, "UPDATE document SET configuration = 'mới'");
    pair_settle(&p);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM conflict"), 0);
    must(down_schema(p.p.centre, p.site, (uint32_t)ours, &p.err), &p.err);
    must(down_schema(p.p.centre, p.site, (uint32_t)ours, &p.err), &p.err); /* no news */
    pair_settle(&p);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM down_waiting"), 0);
    assert_int_equal(
        pair_box_number(&p, "SELECT count(*) FROM conflict WHERE closed_by = 'tỉnh'"), 1);
    pair_expect_equal(&p);
    assert_int_equal(pair_problems(&p), 0);
}

/* Their words together are longer than any bundle may be. */
static void much_that_waited_follows_in_frames_of_their_size(void **state)
{
    size_t ours;

    (void)state;
    (void)migrations_all(&ours);
    must(down_schema(p.p.centre, p.site, 3, &p.err), &p.err);
    for (int i = 0; i < 100; i++) {
        char sql[512];

        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO conflict (id, subject, name, row, field, box_value,"
            " centre_value, taken, epoch, sequence) VALUES (((1 << 8) + 255 <<"
            " 28) + 2000 + %d, " ID "1, 'document', '{}', 'type',"
            " printf('%%.90000c', 'x'), printf('%%.90000c', 'y'), 'box', 1, 1)",
            i);
        pair_centre_writes(&p, sql);
    }
    assert_int_equal(pair_centre_last(&p), 0);
    must(down_schema(p.p.centre, p.site, (uint32_t)ours, &p.err), &p.err);
    assert_true(pair_centre_last(&p) > 10);
    pair_settle(&p);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM conflict"), 100);
    pair_expect_equal(&p);
}

/* -------------------------------------------------------------- parked at the box */

/* A row that the centre has and the box has not: no honest one makes it. */
static void what_the_box_cannot_apply_is_parked_there_and_told_to_the_centre(void **state)
{
    (void)state;
    pair_centre_alone(&p, "INSERT INTO dossier (id, code) VALUES (" ID "50, 'x')");
    pair_centre_writes(&p, "UPDATE dossier SET code = 'y'");
    pair_centre_writes(&p, "UPDATE document SET type = 'công văn'");
    pair_settle(&p);
    assert_true(box_has_type("công văn"));
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM dossier"), 0);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM parked WHERE name = 'dossier'"
                               " AND reason = 'the row is not there'"
                               " AND closed_by IS NULL AND (id >> 28 & 255) = 1"),
        1);
    /* Captured in the transaction that applied: it has seen the frame. */
    assert_int_equal(pair_box_number(&p, "SELECT seen FROM changelog WHERE sequence = 2"),
                     1);
    /* The row comes: what was parked waits no more, and is closed at both ends. The row
     * was made knowing of it, and stands. */
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "50, 'x')");
    pair_centre_writes(&p, "UPDATE document SET type = 'tờ trình'");
    pair_settle(&p);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM dossier WHERE code = 'x'"),
                     1);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM parked WHERE name = 'dossier'"
                               " AND applied = 1 AND closed_by IS NOT NULL"
                               " AND (id >> 28 & 255) = 1"),
        1);
}

#define story(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_correction_of_the_centres_is_at_the_box_and_found_there),
        story(what_changes_nothing_takes_no_number),
        story(a_row_of_another_site_is_nobodys_here),
        story(ids_of_the_centres_rows_are_nobody_elses),
        story(the_same_bundle_is_the_same_bytes_and_counts_once),
        story(after_a_gap_nothing_is_kept),
        story(what_is_altered_cut_off_or_of_another_is_refused),
        story(another_line_of_the_centres_is_a_fork),
        story(bundles_that_the_box_has_applied_are_forgotten),
        story(a_power_cut_while_applying_leaves_rows_and_cursor_together),
        story(a_frame_of_a_newer_schema_waits_at_the_box),
        story(what_the_boxs_schema_cannot_hold_follows_when_it_can),
        story(much_that_waited_follows_in_frames_of_their_size),
        story(what_the_box_cannot_apply_is_parked_there_and_told_to_the_centre),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
