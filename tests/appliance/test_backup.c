/* The second copy of a box: all of it, nothing twice, closed to others, and whole at
 * whatever instant the power goes or the stick is pulled. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/backup_manifest.h"
#include "appliance/room.h"
#include "appliance/status.h"
#include "schema/statements.h"
#include "tests/lib/copied.h"
#include "tests/lib/worn_disk.h"

#define DAY INT64_C(86400000)

/* The sanitizers make a story ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define CUTS_APART 7
#else
#define CUTS_APART 1
#endif

static struct enrolled n;
static struct err *e = &n.w.err;
static const struct backup_options quiet;

static int start(void **state)
{
    (void)state;
    copied_start(&n);
    return 0;
}

static int end(void **state)
{
    (void)state;
    enrolled_finish(&n);
    return 0;
}

static void a_second_backup_writes_only_what_is_new(void **state)
{
    struct second_copy_counts first, again, more;
    struct hash before, after;

    (void)state;
    first = copied_make(&n);
    again = copied_make(&n);
    assert_false(again.key_is_new);
    assert_int_equal(again.objects, first.objects);
    assert_true(again.copied <= 1); /* the first piece of the database */
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    before = copied_digest(&n, n.w.box);
    more = copied_make(&n);
    assert_int_equal(more.generation, 3);
    assert_true(more.copied >= 2 && more.copied <= 4);
    (void)copied_restore(&n, COPY_NEW);
    after = copied_sound_box(&n, COPY_NEW, NULL);
    assert_true(hash_equal(&before, &after));
}

static void another_boxs_copy_is_not_written_over(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)copied_make(&n);
    must(disk_remove(n.w.disk, WORLD_DIR "/keys/backup", e), e); /* as another box has */
    assert_int_equal(copied_make_with(&n, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    assert_true(counts.other_key);
}

/* Nor is it the box's any more, and who would know the new key? */
static void where_the_key_was_lost_the_new_one_is_shown(void **state)
{
    struct second_copy_counts counts;
    bool found;
    struct recovery_key old = {{0}}, new;

    (void)state;
    (void)copied_make(&n);
    old = copied_key(&n);
    must(disk_remove(n.w.disk, WORLD_DIR "/keys/backup", e), e);
    assert_int_equal(copied_make_with(&n, &quiet, &counts), -1);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM second_copy"), 0);
    must(second_copy_make(n.w.box, n.w.disk, "/other", &n.random.random, &quiet, &counts,
                          e),
         e);
    assert_true(counts.key_is_new); /* though it was made by the attempt before */
    must(second_copy_key(n.w.box, &new, &found, e), e);
    assert_true(found);
    assert_memory_not_equal(&old, &new, sizeof old);
    assert_int_equal(copied_restore_with(&n, COPY_NEW, &new, &quiet, &counts), -1);
    assert_true(counts.other_key);
    must(copied_restore_with(&n, COPY_NEW, &old, &quiet, &counts), e);
    assert_false(counts.other_key);
}

/* ----------------------------------------------------------------------- bad blocks */

static struct worn_disk worn_box, worn_stick;

static char worn_name[HASH_HEX_BYTES];

/* The box, on a disk that does not give one original any more. */
static void wear_box(const char *file)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, &world_told(&n.w, file)->sha256);
    (void)snprintf(worn_name, sizeof worn_name, "%s",
                   hex + 2); /* as its file is called */
    worn_disk_init(&worn_box, n.w.disk);
    worn_box.unread = worn_name;
    outbox_destroy(n.outbox);
    n.outbox = NULL;
    world_close(&n.w);
    n.w.disk = &worn_box.disk;
    must(world_open(&n.w, e), e);
}

static void an_original_that_cannot_be_read_stops_no_copy(void **state)
{
    struct disk *good = n.w.disk;
    struct second_copy_counts counts;

    (void)state;
    wear_box("a.jpg");
    counts = copied_make(&n);
    assert_int_equal(counts.lacking, 1);
    worn_box.unread = NULL; /* it was only the cable */
    assert_int_equal(copied_make(&n).lacking, 0);
    world_close(&n.w);
    n.w.disk = good;
    must(world_open(&n.w, e), e);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

/* Where it has left to make room, or rotted here, the copy is what there is of it. */
static void what_a_stick_once_did_not_give_is_not_swept_from_it(void **state)
{
    struct second_copy_counts counts;
    struct recovery_key key;
    struct copy_store store;
    struct hash name;
    char hex[HASH_HEX_BYTES];
    unsigned unread = 0;

    (void)state;
    (void)copied_make(&n);
    key = copied_key(&n);
    must(copy_store_init(&store, n.w.disk, COPY_STICK, &key, e), e);
    copy_name(&store, &world_told(&n.w, "a.jpg")->sha256, &name);
    hash_to_hex(hex, &name);
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    worn_disk_init(&worn_stick, n.w.disk);
    for (int run = 0; run < 16; run++) {
        worn_stick.unread = hex + 2;
        worn_stick.unread_once = true;
        must(second_copy_make(n.w.box, &worn_stick.disk, COPY_STICK, &n.random.random,
                              &quiet, &counts, e),
             e);
        unread += worn_stick.unread == NULL;
        assert_int_equal(counts.lacking, worn_stick.unread == NULL);
    }
    assert_int_equal(unread, 2);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

static void a_rotten_copy_is_mended_within_eight_runs(void **state)
{
    struct spoiling s;

    (void)state;
    (void)copied_make(&n);
    for (unsigned which = 0; copied_spoil(&n, which, &s); which += 2)
        ;
    for (int run = 0; run < 8; run++)
        (void)copied_make(&n);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

static void two_generations_are_kept_and_what_neither_names_goes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        char file[16];

        (void)snprintf(file, sizeof file, "g%d.jpg", i);
        enrolled_take(&n, file, file);
        (void)copied_make(&n);
    }
    assert_false(copied_is_there(&n, COPY_STICK "/generation-0000000002"));
    assert_true(copied_is_there(&n, COPY_STICK "/generation-0000000003"));
    assert_true(copied_is_there(&n, COPY_STICK "/generation-0000000004"));
    {
        struct recovery_key key = copied_key(&n);
        struct backup_options third = {.generation = 3};
        struct second_copy_counts counts;

        must(copied_restore_with(&n, COPY_NEW, &key, &third, &counts), e);
        (void)copied_sound_box(&n, COPY_NEW, NULL);
    }
}

static void a_full_stick_leaves_the_copy_before(void **state)
{
    struct second_copy_counts counts;
    struct disk_sim_faults full = {0};
    struct hash before = copied_digest(&n, n.w.box), after;

    (void)state;
    (void)copied_make(&n);
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    full.bytes_max = disk_sim_bytes(n.w.disk) + 20000;
    disk_sim_set_faults(n.w.disk, &full);
    assert_int_equal(copied_make_with(&n, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_NO_SPACE);
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
    assert_int_equal(copied_restore(&n, COPY_NEW).generation, 1);
    after = copied_sound_box(&n, COPY_NEW, NULL);
    assert_true(hash_equal(&before, &after));
}

/* ------------------------------------------------------------- what is not in it */

/* Whether any file below `dir` holds these bytes. */
struct looking {
    const char *dir, *words;
    bool found;
};

static int look_into(void *arg, const char *name, struct err *er)
{
    struct looking *l = arg, below = {.words = l->words};
    char path[DISK_PATH_BYTES];
    struct disk_stat s;
    struct buffer text;

    (void)snprintf(path, sizeof path, "%s/%s", l->dir, name);
    must(disk_stat(n.w.disk, path, &s, e), e);
    below.dir = path;
    if (s.kind == DISK_DIR) {
        must(disk_list(n.w.disk, path, look_into, &below, er), er);
        l->found = l->found || below.found;
        return 0;
    }
    buffer_init(&text, 64u << 20);
    must(disk_read_all(n.w.disk, path, &text, e), e);
    if (text.count > 0 && memmem(text.bytes, text.count, l->words, strlen(l->words)))
        l->found = true;
    buffer_release(&text);
    return 0;
}

static bool dir_holds(const char *dir, const char *words)
{
    struct looking l = {.dir = dir, .words = words};

    must(disk_list(n.w.disk, dir, look_into, &l, e), e);
    return l.found;
}

static void who_finds_the_stick_reads_nothing_of_it(void **state)
{
    (void)state;
    (void)copied_make(&n);
    assert_true(dir_holds(WORLD_DIR, "Tờ trình số 2"));
    assert_false(dir_holds(COPY_STICK, "Tờ trình số 2"));
    assert_false(dir_holds(COPY_STICK, "SQLite format 3"));
    assert_true(dir_holds(COPY_STICK, "restore"));
}

static void papers_held_for_a_stamp_do_not_leave_the_box(void **state)
{
    const struct hash *held = &world_told(&n.w, "d.jpg")->sha256;
    bool there;

    (void)state;
    assert_int_equal(world_told(&n.w, "d.jpg")->state, INTAKE_HELD);
    assert_int_equal(copied_make(&n).held, 1);
    assert_int_equal(copied_restore(&n, COPY_NEW).held, 1);
    {
        struct blobs *blobs = NULL;

        must(blobs_open(&blobs, n.w.disk, COPY_NEW, e), e);
        must(blob_exists(blobs, held, &there, e), e);
        blobs_close(blobs);
    }
    assert_false(there);
}

static void a_damaged_original_is_told_and_the_rest_is_copied(void **state)
{
    struct second_copy_counts counts;
    struct box *ours = n.w.box, *b = NULL;

    (void)state;
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    counts = copied_make(&n);
    assert_int_equal(counts.lacking, 1);
    counts = copied_restore(&n, COPY_NEW);
    assert_int_equal(counts.lacking, 1);
    must(box_open(&b, n.w.disk, &n.w.clock.clock, COPY_NEW, &n.w.reader.reader, e), e);
    n.w.box = b;
    assert_non_null(strstr(world_problem(&n.w), "original"));
    n.w.box = ours;
    box_close(b);
}

static void what_is_damaged_here_and_good_in_the_copy_stays_good_there(void **state)
{
    (void)state;
    (void)copied_make(&n);
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    assert_int_equal(copied_make(&n).lacking, 0);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

/* As a power cut may leave a file. Two more runs would sweep what nobody names. */
static void what_is_cut_short_here_and_good_in_the_copy_stays_good_there(void **state)
{
    char path[DISK_PATH_BYTES], hex[HASH_HEX_BYTES];
    struct disk_file *f = NULL;

    (void)state;
    (void)copied_make(&n);
    hash_to_hex(hex, &world_told(&n.w, "a.jpg")->sha256);
    must(disk_path(path, e, "%s/blobs/%.2s/%s", WORLD_DIR, hex, hex + 2), e);
    must(disk_open(n.w.disk, &f, path, DISK_READ, e), e); /* it is of this name */
    disk_close(f);
    must(disk_replace(n.w.disk, path, "", 0, e), e);
    for (int i = 0; i < 3; i++)
        assert_int_equal(copied_make(&n).lacking, 0);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

static void damaged_records_do_not_push_out_the_good_copy(void **state)
{
    struct second_copy_counts counts;

    (void)state;
    (void)copied_make(&n);
    must(store_settle(n.w.box->store, e), e); /* or the log would still be good */
    outbox_destroy(n.outbox);
    n.outbox = NULL;
    world_close(&n.w);
    {
        struct disk_file *f = NULL;
        uint64_t bytes;

        must(disk_open(n.w.disk, &f, WORLD_DIR "/tram.db", DISK_WRITE, e), e);
        must(disk_file_size(f, &bytes, e), e);
        for (uint64_t at = 4096; at < bytes; at += 4096)
            must(disk_file_write(f, "\xa5\xa5\xa5", 3, at, e), e);
        disk_close(f);
    }
    if (world_open(&n.w, e) == 0)
        assert_int_equal(copied_make_with(&n, &quiet, &counts), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    assert_false(copied_is_there(&n, COPY_STICK "/generation-0000000002"));
}

/* Somebody makes room while the copy is made. */
static int make_room_once(void *arg, const struct backup_progress *p)
{
    bool *done = arg;
    struct room room = {0};
    struct disk_sim_faults tight = {.bytes_max = disk_sim_bytes(n.w.disk) * 100 / 99};

    if (*done || p->total == 0)
        return 0;
    *done = true;
    disk_sim_set_faults(n.w.disk, &tight);
    for (int i = 0; i < 50 && room_turn(n.w.box, &room, e) == 1; i++)
        ;
    disk_sim_set_faults(n.w.disk, &(struct disk_sim_faults){0});
    return 0;
}

static void an_original_that_leaves_meanwhile_is_no_damage(void **state)
{
    bool done = false;
    struct backup_options o = {.progress = make_room_once, .arg = &done};
    struct receipt_blob blobs[2] = {{.state = BLOB_SAFE}, {.state = BLOB_SAFE}};
    struct receipt r = {.blobs = blobs, .blobs_count = 2};
    struct second_copy_counts counts;

    (void)state;
    blobs[0].sha256 = world_told(&n.w, "a.jpg")->sha256;
    blobs[1].sha256 = world_told(&n.w, "b.jpg")->sha256;
    must(enrolled_receipt(&n, &r, e), e);
    must(copied_make_with(&n, &o, &counts), e);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"), 2);
    assert_int_equal(counts.lacking, 0);
    (void)copied_restore(&n, COPY_NEW);
    (void)copied_sound_box(&n, COPY_NEW, NULL);
}

static void a_second_copy_lets_no_original_leave(void **state)
{
    struct room room = {0};
    struct disk_sim_faults tight = {0};

    (void)state;
    (void)copied_make(&n);
    tight.bytes_max = disk_sim_bytes(n.w.disk) * 100 / 99;
    disk_sim_set_faults(n.w.disk, &tight);
    for (int i = 0; i < 50 && room_turn(n.w.box, &room, e) == 1; i++)
        ;
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM away_blob"), 0);
}

/* -------------------------------------------------------------------- asking for it */

static int64_t days_on_box_only(void)
{
    struct status s;

    must(status_read(n.w.box, &s, e), e);
    return s.on_box_only_ms_min / DAY;
}

static bool copy_is_asked_for(void)
{
    struct status s;
    json_t *j, *problem;
    bool asked = false;
    size_t i;

    must(status_read(n.w.box, &s, e), e);
    j = status_json(n.w.box, &s);
    json_array_foreach(json_object_get(j, "problems"), i, problem) asked =
        asked ||
        strcmp(json_string_value(json_object_get(problem, "code")), "copy_wanted") == 0;
    json_decref(j);
    return asked;
}

static void work_on_the_box_only_for_seven_days_asks_for_a_copy(void **state)
{
    (void)state;
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 7 * DAY - 60000;
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 120000;
    assert_true(copy_is_asked_for());
    (void)copied_make(&n);
    assert_false(copy_is_asked_for());
    n.w.clock.mono_ms_now += 30 * DAY;
    assert_false(copy_is_asked_for()); /* nothing is newer than the copy */
    enrolled_take(&n, "e.jpg", "Thông báo số 5");
    n.w.clock.mono_ms_now += 8 * DAY;
    assert_true(copy_is_asked_for());
    assert_int_equal(days_on_box_only(), 8);
}

static void what_the_centre_has_safe_needs_no_copy_but_its_original_does(void **state)
{
    struct receipt_blob blobs[3];
    struct receipt r = {.blobs = blobs};
    const char *const files[] = {"a.jpg", "b.jpg", "c.jpg"};

    (void)state;
    must(outbox_last(n.outbox, &r.received, e), e);
    r.applied = r.safe = r.received;
    must(enrolled_receipt(&n, &r, e), e);
    n.w.clock.mono_ms_now += 8 * DAY;
    assert_true(copy_is_asked_for());
    for (; r.blobs_count < 3; r.blobs_count++)
        blobs[r.blobs_count] = (struct receipt_blob){
            .sha256 = world_told(&n.w, files[r.blobs_count])->sha256, .state = BLOB_SAFE};
    must(enrolled_receipt(&n, &r, e), e);
    assert_false(copy_is_asked_for());
}

static void a_power_cut_at_any_call_of_a_backup_leaves_one_copy_whole(void **state)
{
    unsigned old = 0, new = 0;
    bool died = true;

    (void)state;
    for (uint64_t call = 1; died; call += CUTS_APART) {
        struct second_copy_counts counts;
        struct hash before, after, got;
        char dir[32], text[32];

        (void)copied_make(&n);
        before = copied_digest(&n, n.w.box);
        n.w.told_count = 0;
        (void)snprintf(text, sizeof text, "Giấy %" PRIu64, call);
        enrolled_take(&n, text, text);
        after = copied_digest(&n, n.w.box);
        copied_die_in(&n, call);
        died = copied_make_with(&n, &quiet, &counts) != 0;
        copied_power_cut(&n);
        (void)snprintf(dir, sizeof dir, "/new-%" PRIu64, call);
        (void)copied_restore(&n, dir);
        got = copied_sound_box(&n, dir, NULL);
        if (hash_equal(&got, &after))
            new ++;
        else
            old += hash_equal(&got, &before);
        assert_true(hash_equal(&got, &after) || hash_equal(&got, &before));
        if (world_problem(&n.w) != NULL)
            fail_msg("the box itself: %s", world_problem(&n.w));
        copied_forget_restores(&n);
    }
    print_message("# backup cut: the copy before %u times, the new one %u times\n", old,
                  new);
    assert_true(old > 20 / CUTS_APART && new > 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_second_backup_writes_only_what_is_new),
        STORY(another_boxs_copy_is_not_written_over),
        STORY(where_the_key_was_lost_the_new_one_is_shown),
        STORY(an_original_that_cannot_be_read_stops_no_copy),
        STORY(what_a_stick_once_did_not_give_is_not_swept_from_it),
        STORY(a_rotten_copy_is_mended_within_eight_runs),
        STORY(two_generations_are_kept_and_what_neither_names_goes),
        STORY(a_full_stick_leaves_the_copy_before),
        STORY(who_finds_the_stick_reads_nothing_of_it),
        STORY(papers_held_for_a_stamp_do_not_leave_the_box),
        STORY(a_damaged_original_is_told_and_the_rest_is_copied),
        STORY(what_is_damaged_here_and_good_in_the_copy_stays_good_there),
        STORY(what_is_cut_short_here_and_good_in_the_copy_stays_good_there),
        STORY(damaged_records_do_not_push_out_the_good_copy),
        STORY(an_original_that_leaves_meanwhile_is_no_damage),
        STORY(a_second_copy_lets_no_original_leave),
        STORY(work_on_the_box_only_for_seven_days_asks_for_a_copy),
        STORY(what_the_centre_has_safe_needs_no_copy_but_its_original_does),
        STORY(a_power_cut_at_any_call_of_a_backup_leaves_one_copy_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
