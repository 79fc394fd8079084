/* Capture: the box is stopped at any instant of a day of intake, reading and
 * import, by a killed process or by the power; there is never a row without its
 * frame or a frame without its row, and what was told is there. */
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/box_story.h"

#if defined(__SANITIZE_ADDRESS__)
#define INSTANTS 40 /* the sanitizers make a day ten times longer */
#else
#define INSTANTS 500
#endif

static uint64_t calls_made, calls_over;

static void measure_the_day(void)
{
    static struct box_world w;
    struct story s = {.with_import = true};

    world_create(&w, 1);
    must(world_init(&w, &w.err), &w.err);
    calls_made = disk_sim_calls(w.disk);
    must(world_open(&w, &w.err), &w.err);
    must(story_live(&s, &w, &w.err), &w.err);
    world_close(&w);
    calls_over = disk_sim_calls(w.disk);
    world_destroy(&w);
}

static void stop(struct box_world *w, bool power)
{
    if (power)
        world_power_cut(w);
    else
        world_kill(w);
}

/* Rows and frames as they are found, before anything is resumed; then resumed. */
static void stop_at(uint64_t instant, unsigned stopped[STORY_OVER + 1])
{
    static struct box_world w;
    struct disk_sim_faults faults = {.die_at_call = instant};
    struct story s = {.with_import = true};
    const char *wrong;
    struct err e;

    world_create(&w, instant);
    must(world_init(&w, &w.err), &w.err);
    disk_sim_set_faults(w.disk, &faults);
    if (world_open(&w, &e) == 0)
        (void)story_live(&s, &w, &e); /* it is stopped in it, or just behind */
    stopped[s.phase]++;
    stop(&w, instant % 2 == 0);
    must(world_open(&w, &w.err), &w.err);
    wrong = world_problem(&w);
    world_close(&w);
    if (wrong == NULL && story_recover(&w, &e) != 0)
        wrong = e.text;
    if (wrong == NULL)
        wrong = story_loss(&s, &w);
    if (wrong != NULL)
        fail_msg("stopped at disk call %" PRIu64 ": %s", instant, wrong);
    world_destroy(&w);
}

static void rows_and_frames_agree_when_stopped_at_any_of_500_instants(void **state)
{
    unsigned stopped[STORY_OVER + 1] = {0};
    uint64_t day = calls_over - calls_made;

    (void)state;
    for (uint64_t n = 0; n < INSTANTS; n++)
        stop_at(calls_made + 1 + n * day / INSTANTS, stopped);
    print_message("# stopped at %d of a day's %" PRIu64 " disk calls: %u in intake, %u"
                  " in reading, %u in import, %u at the end\n",
                  INSTANTS, day, stopped[STORY_INTAKE], stopped[STORY_READING],
                  stopped[STORY_IMPORT], stopped[STORY_OVER]);
    assert_true(stopped[STORY_INTAKE] > 0 && stopped[STORY_READING] > 0 &&
                stopped[STORY_IMPORT] > 0);
}

/* A store that loses the frame of one committed row must not pass. */
static void a_frame_that_is_missing_is_noticed(void **state)
{
    static struct box_world w;
    struct story s = {.with_import = true};

    (void)state;
    world_create(&w, 1);
    must(world_init(&w, &w.err), &w.err);
    must(world_open(&w, &w.err), &w.err);
    must(story_live(&s, &w, &w.err), &w.err);
    assert_null(world_problem(&w));
    assert_int_equal(sqlite3_exec(store_db(w.box->store),
                                  "DELETE FROM changelog WHERE sequence ="
                                  " (SELECT max(sequence) FROM changelog)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_non_null(world_problem(&w));
    world_destroy(&w);
}

static void index_and_other_local_tables_never_appear_in_a_frame(void **state)
{
    static struct box_world w;
    struct story s = {.with_import = true};
    sqlite3_stmt *rows = NULL;
    unsigned frames = 0;

    (void)state;
    world_create(&w, 1);
    must(world_init(&w, &w.err), &w.err);
    must(world_open(&w, &w.err), &w.err);
    must(story_live(&s, &w, &w.err), &w.err);
    assert_int_equal(sqlite3_prepare_v2(store_db(w.box->store),
                                        "SELECT changeset FROM changelog", -1, &rows,
                                        NULL),
                     SQLITE_OK);
    for (; sqlite3_step(rows) == SQLITE_ROW; frames++) {
        sqlite3_changeset_iter *iter = NULL;
        /* The session extension takes its bytes without const and leaves them. */
        void *bytes = (void *)(uintptr_t)sqlite3_column_blob(rows, 0);

        assert_int_equal(
            sqlite3changeset_start(&iter, sqlite3_column_bytes(rows, 0), bytes),
            SQLITE_OK);
        while (sqlite3changeset_next(iter) == SQLITE_ROW) {
            const char *table;
            int columns, verb, indirect;

            assert_int_equal(
                sqlite3changeset_op(iter, &table, &columns, &verb, &indirect), SQLITE_OK);
            assert_null(
                strstr("search search_state search_fresh search_block search_list"
                       " search_word search_dead job intake boot identity changelog"
                       " sync_state table_kind",
                       table));
        }
        assert_int_equal(sqlite3changeset_finalize(iter), SQLITE_OK);
    }
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    assert_true(frames > 10);
    world_destroy(&w);
}

/* ------------------------------------------------------- on the machine's disk */

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *ftw)
{
    (void)s;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int import_in(const char *dir, const char *lines)
{
    static struct box_world w; /* its disk is not used: this box is on a real one */
    struct import_counts counts;
    int rc = -1;

    clock_manual_init(&w.clock, 1);
    if (box_open(&w.box, disk_system(), &w.clock.clock, dir, NULL, &w.err) == 0)
        rc = world_import(&w, lines, &counts, &w.err);
    if (rc == 0 && world_problem(&w) != NULL)
        rc = -1;
    if (rc == 0)
        rc = (int)world_number(&w, "SELECT count(*) FROM changelog");
    world_close(&w);
    return rc;
}

static void a_second_process_s_write_is_captured(void **state)
{
    struct store_identity who = {.site = SITE_DEMO, .epoch = 1, .name = "Xã Thử"};
    char dir[] = "/tmp/tram-test-XXXXXX", box[64];
    struct clock_manual clock;
    struct err e;
    int status = -1;
    pid_t child;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(box, sizeof box, "%s/box", dir);
    clock_manual_init(&clock, 1);
    must(box_init(disk_system(), &clock.clock, box, &who, &e), &e);
    assert_int_equal(import_in(box, "{\"key\": 1}\n"), 1);
    child = fork();
    if (child == 0)
        _exit(import_in(box, "{\"key\": 2}\n"));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2); /* frames, by then */
    assert_int_equal(import_in(box, "{\"key\": 3}\n"), 3);
    assert_int_equal(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_frames_agree_when_stopped_at_any_of_500_instants),
        cmocka_unit_test(a_frame_that_is_missing_is_noticed),
        cmocka_unit_test(a_second_process_s_write_is_captured),
        cmocka_unit_test(index_and_other_local_tables_never_appear_in_a_frame),
    };

    measure_the_day();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
