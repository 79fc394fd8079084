/* Room: what the centre has safe leaves when the disk runs low, nothing else does, and
 * it comes back when asked for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/room.h"
#include "appliance/show.h"
#include "appliance/status.h"
#include "schema/statements.h"
#include "tests/lib/enrolled.h"

#define PAPERS      12
#define PAPER_BYTES 65536

/* The sanitizers make a story ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define CUTS_APART 7
#else
#define CUTS_APART 1
#endif

static struct enrolled n;
static struct err *e = &n.w.err;

/* A paper of 64 KiB; every one has bytes of its own. */
static void write_paper(char out[PAPER_BYTES + 1], unsigned number)
{
    int head = snprintf(out, PAPER_BYTES, "fake jpeg\npage: Giấy số %u\n", number);

    for (int i = head; i < PAPER_BYTES; i++)
        out[i] = i % 64 == 0 ? '\n' : (char)('a' + number % 26);
    memcpy(out + PAPER_BYTES - 5, "\nend\n", 6);
}

static void take_paper(unsigned number)
{
    static char paper[PAPER_BYTES + 1];
    char file[32];

    write_paper(paper, number);
    (void)snprintf(file, sizeof file, "%u.jpg", number);
    must(world_take(&n.w, file, paper, e), e);
}

static void read_all(void)
{
    struct queue_progress progress;
    struct afterwards_counts counts;

    must(world_read(&n.w, &progress, e), e);
    must(world_afterwards(&n.w, &counts, e), e);
}

static int start(void **state)
{
    (void)state;
    enrolled_start(&n);
    for (unsigned i = 1; i <= PAPERS; i++)
        take_paper(i);
    read_all();
    return 0;
}

static int end(void **state)
{
    (void)state;
    enrolled_finish(&n);
    return 0;
}

static const struct hash *hash_of_paper(unsigned number)
{
    char file[32];

    (void)snprintf(file, sizeof file, "%u.jpg", number);
    return &world_told(&n.w, file)->sha256;
}

/* The centre of this epoch says so of papers first..last. */
static void centre_says(enum blob_state what, uint8_t epoch, unsigned first,
                        unsigned last)
{
    struct receipt_blob blobs[PAPERS];
    struct receipt r = {.centre_epoch = epoch, .blobs = blobs};

    for (unsigned i = first; i <= last; i++)
        blobs[r.blobs_count++] =
            (struct receipt_blob){.sha256 = *hash_of_paper(i), .state = what};
    must(enrolled_receipt(&n, &r, e), e);
}

/* So that this much of the disk is free, in per cent. */
static void leave_free(unsigned percent)
{
    struct disk_sim_faults faults = {.bytes_max = disk_sim_bytes(n.w.disk) * 100 /
                                                  (100 - percent)};

    disk_sim_set_faults(n.w.disk, &faults);
}

static unsigned percent_free(void)
{
    struct disk_space space;

    must(disk_space(n.w.disk, "/", &space, e), e);
    return (unsigned)(space.free_bytes * 100 / space.total_bytes);
}

static void make_room(void)
{
    struct room room = {0};
    int did = 1;

    for (int turns = 0; did == 1; turns++) {
        assert_true(turns < 1000);
        did = room_turn(n.w.box, &room, e);
        if (did < 0)
            fail_msg("%s", e->text);
    }
}

static bool is_here(unsigned number)
{
    bool there;

    must(blob_exists(n.w.box->blobs, hash_of_paper(number), &there, e), e);
    return there;
}

static unsigned count_here(void)
{
    unsigned count = 0;

    for (unsigned i = 1; i <= PAPERS; i++)
        count += is_here(i);
    return count;
}

static void verify_is_content(void)
{
    const char *problem = world_problem(&n.w);

    if (problem != NULL)
        fail_msg("verify: %s", problem);
}

/* --------------------------------------------------------------------- leaving */

static void the_floor_is_a_tenth_within_bounds(void **state)
{
    const uint64_t gib = 1ull << 30;

    (void)state;
    assert_int_equal(room_floor_bytes(32 * gib) / gib, 3);
    assert_int_equal(room_floor_bytes(16 * gib), 2 * gib);
    assert_int_equal(room_floor_bytes(4 * gib), gib);
    assert_int_equal(room_floor_bytes(1000 * gib), 16 * gib);
    assert_int_equal(room_mark_bytes(16 * gib), 3 * gib);
    assert_int_equal(room_floor_bytes(0), 0);
}

static void while_there_is_room_nothing_leaves(void **state)
{
    (void)state;
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    leave_free(30);
    make_room();
    assert_int_equal(count_here(), PAPERS);
}

static void below_the_floor_the_oldest_leave_up_to_the_mark_and_no_further(void **state)
{
    unsigned here;

    (void)state;
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    leave_free(24);
    make_room();
    here = count_here();
    assert_in_range(here, 1, PAPERS - 1);
    for (unsigned i = 1; i <= PAPERS; i++)
        assert_int_equal(is_here(i), i > PAPERS - here);
    assert_in_range(percent_free(), 37, 55);
    verify_is_content();
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM original"), PAPERS);
    assert_int_equal(world_search(&n.w, "Giấy số 1", NULL) > 0, true);
}

static void what_is_not_safe_never_leaves(void **state)
{
    (void)state;
    centre_says(BLOB_RECEIVED, 1, 1, PAPERS);
    centre_says(BLOB_SAFE, 1, 5, 6);
    leave_free(1);
    make_room();
    for (unsigned i = 1; i <= PAPERS; i++)
        assert_int_equal(is_here(i), i != 5 && i != 6);
}

static void what_a_centre_said_before_it_was_restored_lets_nothing_leave(void **state)
{
    struct receipt restored = {.centre_epoch = 2};

    (void)state;
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    must(enrolled_receipt(&n, &restored, e), e);
    leave_free(1);
    make_room();
    assert_int_equal(count_here(), PAPERS);
    centre_says(BLOB_RECEIVED, 2, 1, 3);
    make_room();
    assert_int_equal(count_here(), PAPERS);
    centre_says(BLOB_SAFE, 2, 2, 3);
    make_room();
    assert_int_equal(count_here(), PAPERS - 2);
    assert_true(is_here(1));
}

static void a_page_that_needs_its_original_keeps_it(void **state)
{
    const char *const sql =
        "UPDATE job SET state = 'waiting' WHERE page = (SELECT min(page) FROM job);"
        "UPDATE job SET state = 'quarantined' WHERE page = (SELECT max(page) FROM job);"
        "UPDATE page SET rotation = 1 WHERE id = 1 + (SELECT min(id) FROM page)";

    (void)state;
    must(store_write_begin(n.w.box->store, e), e);
    must(sql_run(store_db(n.w.box->store), sql, e), e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    leave_free(1);
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){
                                      .bytes_max = disk_sim_bytes(n.w.disk) + 200000});
    make_room();
    assert_true(is_here(1) && is_here(PAPERS));
    assert_true(count_here() <= PAPERS);
}

static void at_a_disk_full_to_the_last_byte_room_is_made_too(void **state)
{
    (void)state;
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    leave_free(0);
    make_room();
    assert_true(count_here() < PAPERS);
    assert_true(percent_free() >= 20);
    verify_is_content();
}

static void papers_that_come_in_push_out_the_safe_ones_by_themselves(void **state)
{
    struct afterwards_counts counts;

    (void)state;
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    leave_free(26);
    for (unsigned i = PAPERS + 1; i <= PAPERS + 3; i++)
        take_paper(i);
    read_all();
    must(world_afterwards(&n.w, &counts, e), e);
    assert_false(is_here(1));
    for (unsigned i = PAPERS + 1; i <= PAPERS + 3; i++)
        assert_true(is_here(i));
}

/* --------------------------------------------------------------------- coming back */

static void all_leave(void)
{
    centre_says(BLOB_SAFE, 1, 1, PAPERS);
    for (int i = 0; i < 5 && count_here() > 0; i++) {
        leave_free(5);
        make_room();
    }
    assert_int_equal(count_here(), 0);
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
}

static uint64_t document_of(unsigned number)
{
    char file[32];

    (void)snprintf(file, sizeof file, "%u.jpg", number);
    return world_told(&n.w, file)->document;
}

static void show_original(unsigned number, unsigned written, unsigned away)
{
    struct shown what = {.document = document_of(number)};
    struct show_originals got;

    must(show_originals(n.w.box, &what, "/out.jpg", &got, e), e);
    assert_int_equal(got.written, written);
    assert_int_equal(got.away, away);
}

static int take_back(unsigned number, const char *bytes, size_t count)
{
    struct disk_file *f = NULL;
    int rc;

    must(disk_remove(n.w.disk, "/came", e), e);
    must(disk_open(n.w.disk, &f, "/came", DISK_CREATE, e), e);
    must(disk_file_write(f, bytes, count, 0, e), e);
    rc = room_take(n.w.box, f, hash_of_paper(number), e);
    disk_close(f);
    return rc;
}

static void who_asks_for_an_absent_original_is_told_and_it_is_wanted(void **state)
{
    struct hash at;
    bool found;

    (void)state;
    all_leave();
    show_original(4, 0, 1);
    show_original(4, 0, 1); /* twice is once */
    must(room_next_wanted(n.w.box, true, &at, &found, e), e);
    assert_true(found && hash_equal(&at, hash_of_paper(4)));
    must(room_next_wanted(n.w.box, false, &at, &found, e), e);
    assert_false(found);
}

static void a_missing_original_that_did_not_leave_is_damage_and_told(void **state)
{
    struct shown what = {.document = document_of(4)};
    struct show_originals got;

    (void)state;
    must(blob_remove(n.w.box->blobs, hash_of_paper(4), e), e);
    assert_int_equal(show_originals(n.w.box, &what, "/out.jpg", &got, e), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_non_null(world_problem(&n.w));
}

static void what_comes_back_is_kept_only_if_its_hash_is_right(void **state)
{
    static char paper[PAPER_BYTES + 1];
    struct hash at;
    bool found;

    (void)state;
    all_leave();
    show_original(4, 0, 1);
    write_paper(paper, 4);
    paper[PAPER_BYTES - 1] ^= 1;
    assert_int_equal(take_back(4, paper, PAPER_BYTES), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_false(is_here(4));
    paper[PAPER_BYTES - 1] ^= 1;
    must(take_back(4, paper, PAPER_BYTES), e);
    show_original(4, 1, 0);
    must(room_next_wanted(n.w.box, true, &at, &found, e), e);
    assert_false(found);
    verify_is_content();
    must(world_resume(&n.w, e), e); /* nobody takes it for a new paper */
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM original"), PAPERS);
}

static void what_no_record_names_is_not_kept(void **state)
{
    struct disk_file *f = NULL;
    struct hash h;

    (void)state;
    hash_of(&h, "x", 1);
    must(disk_open(n.w.disk, &f, "/came", DISK_CREATE, e), e);
    must(disk_file_write(f, "x", 1, 0, e), e);
    assert_int_equal(room_take(n.w.box, f, &h, e), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    disk_close(f);
}

static void what_was_asked_for_leaves_last(void **state)
{
    static char paper[PAPER_BYTES + 1];
    struct room room = {0};

    (void)state;
    all_leave();
    show_original(1, 0, 1);
    write_paper(paper, 1);
    must(take_back(1, paper, PAPER_BYTES), e);
    write_paper(paper, 9); /* and one that nobody asked for */
    must(take_back(9, paper, PAPER_BYTES), e);
    leave_free(1);
    assert_int_equal(room_turn(n.w.box, &room, e), 1);
    assert_true(is_here(1));
    assert_false(is_here(9));
    make_room();
    assert_false(is_here(1));
    show_original(1, 0, 1); /* and may be asked for again */
    verify_is_content();
}

static void a_paper_that_is_taken_in_again_is_here_again(void **state)
{
    (void)state;
    all_leave();
    take_paper(7);
    assert_true(is_here(7));
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"), PAPERS - 1);
    show_original(7, 1, 0);
}

static void
a_page_turned_while_its_original_is_away_gets_its_image_when_it_is_back(void **state)
{
    static char paper[PAPER_BYTES + 1];
    struct afterwards_counts counts;
    struct hash at;
    bool found;

    (void)state;
    all_leave();
    must(store_write_begin(n.w.box->store, e), e);
    must(sql_run(store_db(n.w.box->store),
                 "UPDATE page SET rotation = 2 WHERE id = (SELECT min(id) FROM page)", e),
         e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    must(world_afterwards(&n.w, &counts, e), e);
    assert_int_equal(counts.images, 0);
    must(room_next_wanted(n.w.box, true, &at, &found, e), e);
    assert_true(found && hash_equal(&at, hash_of_paper(1)));
    write_paper(paper, 1);
    must(take_back(1, paper, PAPER_BYTES), e);
    enrolled_power_cut(&n); /* the next start */
    must(world_afterwards(&n.w, &counts, e), e);
    assert_int_equal(counts.images, 1);
}

/* ------------------------------------------------------------------- power, status */

/* The machine dies at this call of making room; false: it never did. */
static bool cut_at(uint64_t call)
{
    struct disk_sim_faults faults;
    struct room room = {0};
    int did = 1;

    faults = (struct disk_sim_faults){
        .bytes_max = disk_sim_bytes(n.w.disk) * 100 / 90,
        .die_at_call = disk_sim_calls(n.w.disk) + call,
    };
    disk_sim_set_faults(n.w.disk, &faults);
    while (did == 1)
        did = room_turn(n.w.box, &room, e);
    enrolled_power_cut(&n);
    disk_sim_set_faults(n.w.disk,
                        &(struct disk_sim_faults){.bytes_max = faults.bytes_max});
    return did < 0;
}

static void nothing_is_lost_by_a_power_cut_at_any_call(void **state)
{
    unsigned cuts = 0;
    bool died = true;

    (void)state;
    for (uint64_t call = 1; died; call += CUTS_APART) {
        if (call > 1) {
            (void)end(NULL);
            (void)start(NULL);
        }
        centre_says(BLOB_SAFE, 1, 1, PAPERS - 4);
        died = cut_at(call);
        cuts += died;
        verify_is_content(); /* before anything is put in order */
        for (unsigned i = PAPERS - 3; i <= PAPERS; i++)
            assert_true(is_here(i));
        make_room();
        verify_is_content();
        assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"
                                            " WHERE gone = 0"),
                         0);
        assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"),
                         PAPERS - count_here());
    }
    print_message("# %u power cuts while room was made\n", cuts);
    assert_true(cuts > 20 / CUTS_APART);
}

static void the_status_says_how_full_the_disk_is(void **state)
{
    struct status_vector v;
    struct status s;

    (void)state;
    must(status_read(n.w.box, &s, e), e);
    assert_int_equal(s.disk_used_percent, 1); /* a large disk with something on it */
    leave_free(20);
    must(outbox_status(n.outbox, &v, e), e);
    assert_in_range(v.disk_used_percent, 80, 81);
    leave_free(0);
    must(outbox_status(n.outbox, &v, e), e);
    assert_int_equal(v.disk_used_percent, 100);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_floor_is_a_tenth_within_bounds),
        STORY(while_there_is_room_nothing_leaves),
        STORY(below_the_floor_the_oldest_leave_up_to_the_mark_and_no_further),
        STORY(what_is_not_safe_never_leaves),
        STORY(what_a_centre_said_before_it_was_restored_lets_nothing_leave),
        STORY(a_page_that_needs_its_original_keeps_it),
        STORY(at_a_disk_full_to_the_last_byte_room_is_made_too),
        STORY(papers_that_come_in_push_out_the_safe_ones_by_themselves),
        STORY(who_asks_for_an_absent_original_is_told_and_it_is_wanted),
        STORY(a_missing_original_that_did_not_leave_is_damage_and_told),
        STORY(what_comes_back_is_kept_only_if_its_hash_is_right),
        STORY(what_no_record_names_is_not_kept),
        STORY(what_was_asked_for_leaves_last),
        STORY(a_paper_that_is_taken_in_again_is_here_again),
        STORY(a_page_turned_while_its_original_is_away_gets_its_image_when_it_is_back),
        STORY(nothing_is_lost_by_a_power_cut_at_any_call),
        STORY(the_status_says_how_full_the_disk_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
