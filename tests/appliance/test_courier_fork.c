/* A box that lives by sticks alone and was put back without noticing: what the centre
 * writes to the stick is enough to find it, and to heal it. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "sync/known_lines.h"
#include "tests/lib/courier_world.h"

#define KEPT_BYTES_MAX (64u << 20)

static struct courier_world w;
static struct err *const e = &w.err;
static struct buffer kept[2], other[2];
static const char *const kept_files[2] = {WORLD_DIR "/tram.db", WORLD_DIR "/tram.db-wal"};

static int start(void **state)
{
    (void)state;
    courier_world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        buffer_release(&kept[i]);
        buffer_release(&other[i]);
    }
    courier_world_finish(&w);
    return 0;
}

static void keep_as(struct buffer card[2])
{
    world_close(&w.box);
    for (size_t i = 0; i < 2; i++) {
        buffer_release(&card[i]);
        buffer_init(&card[i], KEPT_BYTES_MAX);
        must(disk_read_all(w.box.disk, kept_files[i], &card[i], e), e);
    }
    must(world_open(&w.box, e), e);
}

static void keep(void)
{
    keep_as(kept);
}

/* The database only, as a card's image would: the originals are all there. */
static void put_in(const struct buffer card[2])
{
    world_close(&w.box);
    must(disk_remove(w.box.disk, WORLD_DIR "/tram.db-shm", e), e);
    for (size_t i = 0; i < 2; i++)
        must(disk_replace(w.box.disk, kept_files[i], card[i].bytes, card[i].count, e), e);
    must(world_open(&w.box, e), e);
}

static void put_back(void)
{
    put_in(kept);
}

static void take(const char *text)
{
    courier_world_take(&w, text, 3000 + strlen(text));
}

static int64_t epoch(void)
{
    return world_number(&w.box, "SELECT epoch FROM identity");
}

static void same_at_both_ends(const char *sql)
{
    assert_int_equal(world_number(&w.box, sql), province_number(&w.province, sql));
}

static void ends_are_equal(unsigned documents)
{
    assert_int_equal(world_number(&w.box, "SELECT count(*) FROM document"), documents);
    same_at_both_ends("SELECT count(*) FROM document");
    same_at_both_ends("SELECT sum(id % 1000003) FROM document");
    same_at_both_ends("SELECT sum(id % 1000003) FROM page");
    same_at_both_ends("SELECT sum(id % 1000003) FROM reading");
    same_at_both_ends("SELECT sum(id % 1000003) FROM event");
    assert_null(world_problem(&w.box));
    assert_int_equal(world_site(&w).received, world_last(&w));
}

/* One paper both have, two that the box forgets. */
static void a_box_that_is_to_be_put_back(void)
{
    take("Quyết định một");
    world_trip(&w, 0);
    keep();
    take("Công văn bị quên");
    take("Biên bản bị quên hẳn");
    world_trip(&w, 0);
    put_back();
}

static void a_box_put_back_is_healed_by_sticks_alone(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    take("Tờ trình sau đó");
    world_trip(&w, 1);
    assert_true(w.imported.forked);
    assert_int_equal(epoch(), 2);
    world_trip(&w, 1);
    assert_false(w.imported.forked);
    assert_true(w.imported.changes > 0);
    world_trip(&w, 1);
    ends_are_equal(4);
    assert_int_equal(epoch(), 2);
}

static void one_with_nothing_written_since_too(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    assert_int_equal(world_number(&w.box, "SELECT count(*) FROM document"), 1);
    world_trip(&w, 1);
    assert_true(w.imported.forked);
    world_trip(&w, 1);
    world_trip(&w, 1);
    ends_are_equal(3);
}

static void one_with_more_written_than_it_lost_too(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    take("Một");
    take("Hai hai");
    take("Ba ba ba ba");
    take("Bốn bốn bốn bốn bốn");
    world_trip(&w, 1);
    assert_true(w.imported.forked);
    world_trip(&w, 1);
    world_trip(&w, 1);
    ends_are_equal(7);
}

/* The stick that was in the box when its card was put back. */
static void a_receipt_of_what_never_left_is_not_believed(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    take("Tờ trình sau đó");
    take("Và một tờ nữa");
    must(world_import_stick(&w, 0), e);
    assert_true(w.imported.refused > 0);
    assert_true(world_number(&w.box, "SELECT received FROM sync_state") <
                (int64_t)world_site(&w).received);
    world_trip(&w, 0);
    world_trip(&w, 0);
    world_trip(&w, 0);
    ends_are_equal(5);
}

static void an_old_word_about_lines_changes_nothing(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    take("Tờ trình sau đó");
    must(world_export(&w, 1), e);
    must(province_import(&w, 1), e);
    stick_copy(&w, 1, 0);
    must(world_import_stick(&w, 1), e);
    assert_true(w.imported.forked);
    world_trip(&w, 1);
    must(world_import_stick(&w, 0), e); /* the same word again */
    assert_false(w.imported.forked);
    assert_int_equal(epoch(), 2);
    world_trip(&w, 1);
    ends_are_equal(4);
}

static void a_stick_that_the_link_has_overtaken_is_no_fork(void **state)
{
    (void)state;
    take("Quyết định một");
    world_trip(&w, 0);
    take("Quyết định một nữa");
    must(world_export(&w, 0), e);
    take("Quyết định hai");
    world_link(&w, true);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    assert_false(w.imported.forked);
    assert_int_equal(w.imported.refused, 0);
    assert_int_equal(epoch(), 1);
}

/* A card is copied; the box takes a paper, and puts it on the first stick. The copy is made
 * another box's, knowingly, and the province goes on with that. */
static void a_stick_is_under_way(void)
{
    take("Quyết định một");
    world_trip(&w, 1);
    keep();
    must(world_export(&w, 1), e);
    take("Công văn trên thẻ nhớ");
    must(world_export(&w, 0), e);
    keep_as(other);
    put_back();
    must(fork_epoch(w.box.box->store, 2, e), e);
    take("Biên bản của máy kia");
    world_link(&w, false);
    put_in(other);
}

/* What it wrote to the first stick keeps its names: it is not there twice. */
static void what_is_on_another_stick_is_not_renamed(void **state)
{
    (void)state;
    a_stick_is_under_way();
    must(province_import(&w, 1), e); /* from before the paper */
    must(world_import_stick(&w, 1), e);
    assert_true(w.imported.forked);
    assert_int_equal(epoch(), 3);
    must(province_import(&w, 0), e);
    world_trip(&w, 1);
    world_trip(&w, 1);
    world_trip(&w, 1);
    ends_are_equal(3);
    assert_int_equal(epoch(), 3);
}

/* That stick comes when the new line is there; or never. */
static void nor_if_that_comes_later(void **state)
{
    (void)state;
    a_stick_is_under_way();
    must(province_import(&w, 1), e);
    must(world_import_stick(&w, 1), e);
    world_trip(&w, 1);
    world_trip(&w, 1);
    world_trip(&w, 1);
    ends_are_equal(3);
    must(province_import(&w, 0), e);
    world_trip(&w, 1);
    ends_are_equal(3);
}

/* A third box has put another paper in its place meanwhile, and a line of the same epoch
 * behind it: then it is renamed after all, by stick alone. */
static void what_is_contradicted_after_that_is_renamed(void **state)
{
    (void)state;
    a_stick_is_under_way();
    must(province_import(&w, 1), e);
    must(world_import_stick(&w, 1), e);
    assert_int_equal(epoch(), 3);
    keep_as(other);
    put_back();
    take("Giấy mời của máy thứ ba");
    must(world_export(&w, 1), e);
    must(province_import(&w, 1), e);
    put_in(other);
    world_trip(&w, 1);
    assert_int_equal(epoch(), 4);
    world_trip(&w, 1);
    world_trip(&w, 1);
    world_trip(&w, 1);
    ends_are_equal(4);
    must(province_import(&w, 0), e);
    world_trip(&w, 1);
    ends_are_equal(4);
}

/* The frames were renamed once: a box that is made of a copy from before that gives them
 * the same names again. */
static void a_copy_from_before_the_renaming_is_healed_by_sticks_alone(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    take("Tờ trình sau đó");
    take("Thông báo sau đó");
    keep();
    for (unsigned i = 0; i < 3; i++)
        world_trip(&w, 1);
    ends_are_equal(5);
    put_back();
    must(fork_epoch(w.box.box->store, 2, e), e);
    take("Giấy mời của máy mới");
    for (unsigned i = 0; i < 4; i++)
        world_trip(&w, 0);
    ends_are_equal(6);
    assert_int_equal(epoch(), 3);
}

static void a_word_about_lines_is_the_centres_only(void **state)
{
    struct known_frame frames[] = {{1, {1}}, {2, {2}}, {2, {3}}};
    struct known_lines k = {.site = 17,
                            .epoch = 2,
                            .received = 2,
                            .ends = {[1] = 2, [254] = 9},
                            .frames = frames,
                            .count = 3};
    struct key_pair centre, stranger;
    struct known_lines same;
    struct buffer b;

    (void)state;
    key_pair_make(&centre, &w.random.random);
    key_pair_make(&stranger, &w.random.random);
    buffer_init(&b, 4096);
    known_lines_encode(&k, &centre, &b);
    must(known_lines_decode(&same, b.bytes, b.count, &centre.public_key, 17, e), e);
    assert_true(known_lines_has(&same, 2, frames[1].chain));
    assert_true(known_lines_has(&same, 2, frames[2].chain));
    assert_false(known_lines_has(&same, 1, frames[1].chain));
    assert_true(same.ends[1] == 2 && same.ends[2] == 0 && same.ends[254] == 9);
    known_lines_release(&same);
    assert_int_equal(
        known_lines_decode(&same, b.bytes, b.count, &stranger.public_key, 17, e), -1);
    assert_int_equal(
        known_lines_decode(&same, b.bytes, b.count, &centre.public_key, 18, e), -1);
    for (size_t i = 0; i < b.count; i++) {
        b.bytes[i] ^= 1;
        assert_int_equal(
            known_lines_decode(&same, b.bytes, b.count, &centre.public_key, 17, e), -1);
        b.bytes[i] ^= 1;
        assert_int_equal(known_lines_decode(&same, b.bytes, i, &centre.public_key, 17, e),
                         -1);
    }
    buffer_release(&b);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_box_put_back_is_healed_by_sticks_alone),
        story(one_with_nothing_written_since_too),
        story(one_with_more_written_than_it_lost_too),
        story(a_receipt_of_what_never_left_is_not_believed),
        story(an_old_word_about_lines_changes_nothing),
        story(a_stick_that_the_link_has_overtaken_is_no_fork),
        story(what_is_on_another_stick_is_not_renamed),
        story(nor_if_that_comes_later),
        story(what_is_contradicted_after_that_is_renamed),
        story(a_copy_from_before_the_renaming_is_healed_by_sticks_alone),
        story(a_word_about_lines_is_the_centres_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
