/* Small images of pages that were read, and originals packed for the road. */
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "tests/lib/box_world.h"

static struct box_world w;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    world_enrol(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

static void take_and_read(const char *file, const char *paper)
{
    struct queue_progress p;

    must(world_take(&w, file, paper, &w.err), &w.err);
    must(world_read(&w, &p, &w.err), &w.err);
}

static struct afterwards_counts afterwards(void)
{
    struct afterwards_counts c;

    must(world_afterwards(&w, &c, &w.err), &w.err);
    return c;
}

static void run_sql(const char *sql)
{
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(sql_run(store_db(w.box->store), sql, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

static void assert_content(void)
{
    const char *problem = world_problem(&w);

    if (problem != NULL)
        fail_msg("%s", problem);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM loose_blob"), 0);
}

static unsigned blobs_count;

static int count_blob(void *arg, const struct hash *h, struct err *e)
{
    (void)arg;
    (void)h;
    (void)e;
    blobs_count++;
    return 0;
}

static unsigned blobs(void)
{
    blobs_count = 0;
    must(blobs_each(w.box->blobs, count_blob, NULL, &w.err), &w.err);
    return blobs_count;
}

#define TWO_PAGES "fake pdf\npage: báo cáo một\npage: báo cáo hai\nend\n"

static void a_page_that_was_read_gets_a_small_image_and_a_thumbnail_in_one_frame(void **s)
{
    struct afterwards_counts c;
    int64_t frames;

    (void)s;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    frames = world_number(&w, "SELECT max(sequence) FROM changelog");
    c = afterwards();
    assert_int_equal(c.images, 2);
    assert_int_equal(c.packed, 1);
    assert_int_equal(world_number(&w, "SELECT max(sequence) FROM changelog"), frames + 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM image WHERE rotation = 0"),
                     4);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM image WHERE kind = 'small'"
                                      " AND media = 'application/pdf'"
                                      " AND width = 2480 AND height = 3508"),
                     2);
    assert_int_equal(blobs(), 1 + 4 + 1);
    assert_content();
}

static void what_was_made_is_not_made_again(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    (void)afterwards();
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    must(world_resume(&w, &w.err), &w.err);
    assert_int_equal(afterwards().images, 0);
    assert_int_equal(w.reader.small, 2);
    assert_int_equal(w.reader.repacked, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM original"), 1);
    assert_content();
}

static void pages_that_wait_to_be_read_come_first(void **state)
{
    struct queue_progress p;

    (void)state;
    take_and_read("mot.jpg", "fake jpeg\npage: một\nend\n");
    must(world_take(&w, "hai.jpg", "fake jpeg\npage: hai\nend\n", &w.err), &w.err);
    assert_int_equal(afterwards().images, 0);
    must(world_read(&w, &p, &w.err), &w.err);
    assert_int_equal(afterwards().images, 2);
}

static void a_page_that_fails_is_remembered_and_not_tried_again(void **state)
{
    struct afterwards_counts c;

    (void)state;
    take_and_read("a.pdf", "fake pdf\npage small=crashed: một\npage: hai\nend\n");
    c = afterwards();
    assert_int_equal(c.images, 1);
    assert_int_equal(c.refused, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM image_refused"
                                      " WHERE reason = 'crashed'"),
                     1);
    take_and_read("b.jpg", "fake jpeg\npage: ba\nend\n");
    assert_int_equal(afterwards().refused, 0);
    assert_int_equal(w.reader.small, 3);
}

static void a_page_that_is_turned_gets_new_images_and_the_old_ones_go(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    run_sql("UPDATE page SET rotation = 1 WHERE ordinal = 2");
    assert_int_equal(afterwards().images, 1);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM image"), 4);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM image WHERE rotation = 1"),
                     2);
    assert_int_equal(blobs(), 1 + 4 + 1);
    assert_content();
}

static void a_page_that_was_removed_gets_none(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    run_sql("UPDATE page SET deleted = 1 WHERE ordinal = 2");
    assert_int_equal(afterwards().images, 1);
}

static void an_original_from_which_nothing_is_gained_is_tried_once(void **state)
{
    (void)state;
    take_and_read("a.png", "fake png\npage: một\npack no_gain\nend\n");
    take_and_read("b.png", "fake png\npage: hai\npack timed_out\nend\n");
    assert_int_equal(afterwards().packed, 0);
    (void)afterwards();
    assert_int_equal(w.reader.repacked, 2);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM packing WHERE here = 0"
                                      " AND packed IS NULL"
                                      " AND reason IN ('no_gain', 'timed_out')"),
                     2);
    assert_content();
}

static void a_box_without_a_centre_packs_nothing(void **state)
{
    (void)state;
    run_sql("DELETE FROM centre_link");
    take_and_read("bao-cao.pdf", TWO_PAGES);
    assert_int_equal(afterwards().packed, 0);
    assert_int_equal(w.reader.repacked, 0);
}

static void a_disk_that_is_nearly_full_is_left_to_papers(void **state)
{
    struct disk_sim_faults faults = {.bytes_max = 64u << 20};

    (void)state;
    disk_sim_set_faults(w.disk, &faults);
    take_and_read("bao-cao.pdf", TWO_PAGES);
    assert_int_equal(afterwards().images, 2);
    assert_int_equal(w.reader.repacked, 0);
    disk_sim_set_faults(w.disk, &(struct disk_sim_faults){0});
    assert_int_equal(afterwards().packed, 1);
}

static void the_last_of_a_disk_is_for_records(void **state)
{
    struct disk_sim_faults faults = {0};

    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    faults.bytes_max = disk_sim_bytes(w.disk) * 16 / 15;
    disk_sim_set_faults(w.disk, &faults);
    assert_int_equal(afterwards().images, 0);
    assert_int_equal(w.reader.small, 0);
    faults.bytes_max *=
        2; /* originals have left, perhaps: the page was not passed over */
    disk_sim_set_faults(w.disk, &faults);
    take_and_read("to-trinh.jpg", "fake jpeg\npage: tờ trình\nend\n");
    assert_int_equal(afterwards().images, 3);
}

/* Small images and packed forms that its rows do not know became papers, each with small
 * images of its own. */
static void an_older_database_beside_newer_images_makes_no_papers_of_them(void **state)
{
    struct buffer older;

    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    must(store_settle(w.box->store, &w.err), &w.err);
    buffer_init(&older, 64u << 20);
    must(disk_read_all(w.disk, WORLD_DIR "/tram.db", &older, &w.err), &w.err);
    assert_int_equal(afterwards().images, 2);
    must(world_take(&w, "sau.jpg", "fake jpeg\npage: về sau\nend\n", &w.err), &w.err);
    assert_int_equal(blobs(), 1 + 4 + 1 + 1);
    world_close(&w);
    must(store_remove_log(w.disk, WORLD_DIR "/tram.db", &w.err), &w.err);
    must(disk_replace(w.disk, WORLD_DIR "/tram.db", older.bytes, older.count, &w.err),
         &w.err);
    buffer_release(&older);
    must(world_open(&w, &w.err), &w.err);
    must(world_resume(&w, &w.err), &w.err);
    /* The paper is one, though no row knew it. */
    assert_int_equal(world_number(&w, "SELECT count(*) FROM document"), 2);
    assert_int_equal(blobs(), 2);
    {
        struct queue_progress p;

        must(world_read(&w, &p, &w.err), &w.err);
    }
    assert_int_equal(afterwards().images, 3);
    assert_content();
}

static void a_packed_form_goes_when_its_original_is_safe(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    run_sql("INSERT INTO blob_sent (sha256, state) SELECT sha256, 1 FROM original");
    (void)afterwards();
    assert_int_equal(blobs(), 1 + 4 + 1);
    run_sql("UPDATE blob_sent SET state = 2");
    (void)afterwards();
    assert_int_equal(blobs(), 1 + 4);
    assert_int_equal(world_number(&w, "SELECT here FROM packing"), 0);
    (void)afterwards();
    assert_int_equal(w.reader.repacked, 1);
    assert_content();
}

/* The clerk saves the small image from the desk, and takes that file in. */
static void a_file_that_is_an_image_of_ours_and_is_refused_leaves_the_image(void **state)
{
    struct disk_file *f = NULL;
    struct image_row image;
    struct hash h;
    char bytes[512];
    size_t got;
    bool found;

    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    must(record_page_image(w.box->records,
                           (uint64_t)world_number(&w, "SELECT min(id) FROM page"),
                           IMAGE_SMALL, &image, &found, &w.err),
         &w.err);
    assert_true(found);
    h = image.sha256;
    must(blob_open(w.box->blobs, &f, &h, &w.err), &w.err);
    must(disk_file_read(f, bytes, sizeof bytes - 1, 0, &got, &w.err), &w.err);
    disk_close(f);
    bytes[got] = '\0';
    must(world_take(&w, "anh-nho.pdf", bytes, &w.err), &w.err);
    assert_int_equal(world_told(&w, "anh-nho.pdf")->state, INTAKE_REFUSED);
    assert_content();
}

static void a_full_disk_says_so_and_loses_nothing(void **state)
{
    struct disk_sim_faults faults = {0};
    struct afterwards_counts c;
    struct err e;

    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    faults.bytes_max = 1; /* full already */
    disk_sim_set_faults(w.disk, &faults);
    assert_int_equal(world_afterwards(&w, &c, &e), -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    disk_sim_set_faults(w.disk, &(struct disk_sim_faults){0});
    assert_int_equal(afterwards().images, 2);
    assert_content();
}

static void what_verify_finds(const char *which, const char *words)
{
    struct hash h;
    sqlite3_stmt *s = NULL;
    const char *problem;

    must(statements_prepare(store_db(w.box->store), &s, &which, 1, &w.err), &w.err);
    assert_int_equal(statement_step(s, &w.err), 1);
    memcpy(h.bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
    statements_finalize(&s, 1);
    must(blob_remove(w.box->blobs, &h, &w.err), &w.err);
    problem = world_problem(&w);
    assert_non_null(problem);
    assert_non_null(strstr(problem, words));
}

static void verify_misses_an_image(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    what_verify_finds("SELECT sha256 FROM image LIMIT 1", "small image");
}

static void verify_misses_a_packed_form(void **state)
{
    (void)state;
    take_and_read("bao-cao.pdf", TWO_PAGES);
    (void)afterwards();
    what_verify_finds("SELECT packed FROM packing", "packed original");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_page_that_was_read_gets_a_small_image_and_a_thumbnail_in_one_frame),
        STORY(what_was_made_is_not_made_again),
        STORY(pages_that_wait_to_be_read_come_first),
        STORY(a_page_that_fails_is_remembered_and_not_tried_again),
        STORY(a_page_that_is_turned_gets_new_images_and_the_old_ones_go),
        STORY(a_page_that_was_removed_gets_none),
        STORY(an_original_from_which_nothing_is_gained_is_tried_once),
        STORY(a_box_without_a_centre_packs_nothing),
        STORY(a_disk_that_is_nearly_full_is_left_to_papers),
        STORY(the_last_of_a_disk_is_for_records),
        STORY(an_older_database_beside_newer_images_makes_no_papers_of_them),
        STORY(a_packed_form_goes_when_its_original_is_safe),
        STORY(a_file_that_is_an_image_of_ours_and_is_refused_leaves_the_image),
        STORY(a_full_disk_says_so_and_loses_nothing),
        STORY(verify_misses_an_image),
        STORY(verify_misses_a_packed_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
