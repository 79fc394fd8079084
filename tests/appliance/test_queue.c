/* The queue: leases, readings, quarantine, and the time that is left. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/status.h"
#include "schema/statements.h"
#include "tests/lib/box_world.h"

static struct box_world w;
static struct queue_progress progress;

static int start(void **state)
{
    (void)state;
    world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_destroy(&w);
    return 0;
}

static void take(const char *file, const char *paper)
{
    must(world_take(&w, file, paper, &w.err), &w.err);
}

/* `n` documents of one page each. */
static void take_letters(unsigned n)
{
    char file[32], paper[128];

    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(file, sizeof file, "%u.jpg", i);
        (void)snprintf(paper, sizeof paper, "fake jpeg\npage: công văn số %u\nend\n", i);
        take(file, paper);
    }
}

static void expect_counts(uint64_t waiting, uint64_t leased, uint64_t done,
                          uint64_t quarantined)
{
    struct queue_counts c;

    must(queue_count(w.box, &c, &w.err), &w.err);
    assert_int_equal(c.waiting, waiting);
    assert_int_equal(c.leased, leased);
    assert_int_equal(c.done, done);
    assert_int_equal(c.quarantined, quarantined);
}

static void expect_sound_box(void)
{
    const char *problem = world_problem(&w);

    if (problem != NULL)
        fail_msg("%s", problem);
}

static void read_pages_have_their_text_event_and_search_row(void **state)
{
    uint64_t document;

    (void)state;
    take_letters(5);
    expect_counts(5, 0, 0, 0);
    must(world_read(&w, &progress, &w.err), &w.err);
    expect_counts(0, 0, 5, 0);
    assert_int_equal(progress.done, 5);
    assert_int_equal(progress.left, 0);
    assert_int_equal(world_search(&w, "\"cong van so 3\"", &document), 1);
    assert_int_equal(document, world_told(&w, "3.jpg")->document);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"
                                      " WHERE engine = 'fake 1' AND layout IS NOT NULL"),
                     5);
    assert_int_equal(
        world_number(&w, "SELECT count(*) FROM event JOIN page ON page.id = subject"
                         " WHERE kind = 'read' AND json_extract(detail, '$.ms') = 40"),
        5);
    must(world_read(&w, &progress, &w.err), &w.err); /* nothing is read twice */
    assert_int_equal(w.reader.submitted, 5);
    expect_sound_box();
}

static int remember_reason(void *arg, uint64_t page, uint64_t document,
                           const char *reason, struct err *e)
{
    char *out = arg;

    (void)page;
    (void)e;
    assert_int_not_equal(document, 0);
    (void)snprintf(out + strlen(out), 100 - strlen(out), "%s ", reason);
    return 0;
}

static void a_page_that_kills_its_reader_is_quarantined_and_the_others_read(void **state)
{
    char reasons[100] = "";

    (void)state;
    take_letters(2);
    take("chet.pdf",
         "fake pdf\npage: một\npage read=crashed: hai\n"
         "page read=timed_out: ba\npage read=forbidden: bốn\npage: năm\nend\n");
    take_letters(4);
    must(world_read(&w, &progress, &w.err), &w.err);
    expect_counts(0, 0, 6, 3);
    assert_int_equal(progress.quarantined, 3);
    must(queue_each_quarantined(w.box, remember_reason, reasons, &w.err), &w.err);
    assert_string_equal(reasons, "crashed timed_out forbidden ");
    assert_int_equal(world_number(&w, "SELECT count(*) FROM event WHERE kind ="
                                      " 'quarantined' AND"
                                      " json_extract(detail, '$.reason') = 'crashed'"),
                     1);
    must(world_read(&w, &progress, &w.err), &w.err); /* and never tried again */
    assert_int_equal(w.reader.submitted, 9);
    expect_sound_box();
}

static void a_page_whose_bytes_are_gone_is_quarantined(void **state)
{
    (void)state;
    take_letters(2);
    must(blob_remove(w.box->blobs, &w.told[0].sha256, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    expect_counts(0, 0, 1, 1);
}

static int note_quarantined(void *arg, uint64_t page, uint64_t document,
                            const char *reason, struct err *e)
{
    (void)page;
    (void)document;
    (void)reason;
    (void)e;
    ++*(unsigned *)arg;
    return 0;
}

/* As the centre's frames do it: the rows stay. */
static void delete_where(const char *table, uint64_t document)
{
    char sql[128];

    (void)snprintf(sql, sizeof sql, "UPDATE %s SET deleted = 1 WHERE %s = %" PRIu64,
                   table, strcmp(table, "page") == 0 ? "document" : "id", document);
    must(store_write_begin(w.box->store, &w.err), &w.err);
    must(sql_run(store_db(w.box->store), sql, &w.err), &w.err);
    must(store_write_commit(w.box->store, NULL, &w.err), &w.err);
}

static void deleted_pages_are_neither_waited_for_nor_counted(void **state)
{
    struct queue_run run = {.holder = w.holder, .wait = true};
    unsigned quarantined = 0;
    struct status now;

    (void)state;
    take("chet.pdf", "fake pdf\npage read=crashed: một\nend\n");
    must(world_read(&w, &progress, &w.err), &w.err);
    take_letters(3);
    delete_where("document", world_told(&w, "0.jpg")->document);
    delete_where("page", world_told(&w, "1.jpg")->document);
    delete_where("document", world_told(&w, "chet.pdf")->document);
    expect_counts(1, 0, 0, 0);
    must(status_read(w.box, &now, &w.err), &w.err);
    assert_int_equal(now.pages_waiting, 1);
    assert_int_equal(now.pages_quarantined, 0);
    must(queue_each_quarantined(w.box, note_quarantined, &quarantined, &w.err), &w.err);
    assert_int_equal(quarantined, 0);
    must(queue_read_all(w.box, &run, &progress, &w.err), &w.err);
    assert_int_equal(progress.done, 1);
    assert_int_equal(progress.left, 0);
    expect_counts(0, 0, 1, 0);
}

/* ------------------------------------------------------------------- leases */

struct rival {
    struct box *box;
    struct reader_fake reader;
    struct lease_holder holder;
    unsigned calls;
};

static void rival_start(struct rival *r, int64_t pid)
{
    *r = (struct rival){.holder = w.holder};
    r->holder.pid = pid;
    reader_fake_init(&r->reader, 2);
    must(box_open(&r->box, w.disk, &w.clock.clock, WORLD_DIR, &r->reader.reader, &w.err),
         &w.err);
}

static void rival_finish(struct rival *r)
{
    box_close(r->box);
    reader_fake_release(&r->reader);
}

static int stop_at_once(void *arg, const struct queue_progress *p)
{
    (void)arg;
    (void)p;
    return 1;
}

/* After each page of ours the rival reads one of his: the two take turns. */
static int rival_reads_one(void *arg, const struct queue_progress *p)
{
    struct rival *r = arg;
    struct queue_run run = {.holder = r->holder, .progress = stop_at_once};
    struct queue_progress his;

    (void)p;
    r->calls++;
    must(queue_read_all(r->box, &run, &his, &w.err), &w.err);
    return 0;
}

static void two_readers_never_read_one_page(void **state)
{
    struct rival rival;
    struct queue_run run = {.holder = w.holder, .progress = rival_reads_one};

    (void)state;
    take_letters(24);
    rival_start(&rival, w.holder.pid + 1);
    run.arg = &rival;
    must(queue_read_all(w.box, &run, &progress, &w.err), &w.err);
    assert_true(rival.reader.submitted > 4);
    assert_true(w.reader.submitted > 4);
    assert_int_equal(w.reader.submitted + rival.reader.submitted, 24);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 24);
    assert_int_equal(world_number(&w, "SELECT count(DISTINCT page) FROM reading"), 24);
    expect_counts(0, 0, 24, 0);
    rival_finish(&rival);
    expect_sound_box();
}

static void reader_goes(void *arg)
{
    ((struct reader_fake *)arg)->gone = true;
}

static void rival_dies(void *arg)
{
    struct disk_sim_faults dead = {.die_at_call = disk_sim_calls(w.disk)};

    disk_sim_set_faults(w.disk, &dead); /* he cannot even give his leases back */
    reader_goes(arg);
}

/* He has leased two pages and waits for their answers. */
static void rival_dies_over_two_pages(struct rival *r)
{
    struct disk_sim_faults none = {0};
    struct queue_run run = {.holder = r->holder};
    struct queue_progress his;

    r->reader.on_wait = rival_dies;
    r->reader.on_wait_arg = &r->reader;
    assert_int_equal(queue_read_all(r->box, &run, &his, &w.err), -1);
    disk_sim_set_faults(w.disk, &none);
}

static void a_dead_readers_pages_are_free_and_a_living_ones_are_not(void **state)
{
    struct rival rival;

    (void)state;
    take_letters(4);
    rival_start(&rival, 77);
    rival_dies_over_two_pages(&rival);
    expect_counts(2, 2, 0, 0);
    must(world_read(&w, &progress, &w.err), &w.err);
    assert_int_equal(progress.done, 2); /* his are left alone: he lives */
    assert_int_equal(progress.left, 2);
    expect_counts(0, 2, 2, 0);
    w.dead_pid = 77;
    must(world_read(&w, &progress, &w.err), &w.err);
    assert_int_equal(progress.done, 2);
    expect_counts(0, 0, 4, 0);
    rival_finish(&rival);
}

static bool dies_while_we_wait(const char *boot_id, int64_t pid, int64_t started,
                               void *arg)
{
    struct box_world *world = arg;

    (void)boot_id;
    (void)started;
    return pid != 77 || ++world->dead_pid < 3;
}

static void with_wait_the_others_pages_are_waited_for(void **state)
{
    struct rival rival;
    struct queue_run run = {.holder = w.holder, .wait = true};

    (void)state;
    take_letters(3);
    rival_start(&rival, 77);
    rival_dies_over_two_pages(&rival);
    run.holder.alive = dies_while_we_wait;
    w.dead_pid = 0;
    must(queue_read_all(w.box, &run, &progress, &w.err), &w.err);
    assert_int_equal(progress.done, 3);
    expect_counts(0, 0, 3, 0);
    rival_finish(&rival);
}

static void a_run_that_fails_gives_its_leases_back(void **state)
{
    (void)state;
    take_letters(3);
    w.reader.on_wait = reader_goes;
    w.reader.on_wait_arg = &w.reader;
    assert_int_equal(world_read(&w, &progress, &w.err), -1);
    expect_counts(3, 0, 0, 0);
    w.reader.gone = false;
    /* The answers to the failed run's questions come now, and change nothing: the
     * same pages are asked for again, or have been. */
    must(world_read(&w, &progress, &w.err), &w.err);
    expect_counts(0, 0, 3, 0);
    assert_int_equal(world_number(&w, "SELECT count(*) FROM reading"), 3);
}

static void a_lease_of_another_boot_is_free(void **state)
{
    struct rival rival;

    (void)state;
    take_letters(2);
    rival_start(&rival, 77);
    rival_dies_over_two_pages(&rival);
    rival_finish(&rival);
    world_power_cut(&w);
    must(world_open(&w, &w.err), &w.err);
    must(world_read(&w, &progress, &w.err), &w.err);
    expect_counts(0, 0, 2, 0);
}

static void this_process_is_alive_and_another_of_its_number_is_not(void **state)
{
    struct lease_holder self;

    (void)state;
    lease_holder_self(&self);
    assert_int_equal(self.pid, getpid());
    assert_true(self.started > 0);
    assert_true(self.alive(self.boot_id, self.pid, self.started, self.arg));
    assert_false(self.alive(self.boot_id, self.pid, self.started + 1, self.arg));
    assert_false(self.alive("another boot", self.pid, self.started, self.arg));
    assert_false(self.alive(self.boot_id, 0x7fffffff, self.started, self.arg));
}

/* ------------------------------------------------------------------- telling */

struct tempo {
    int64_t left_ms[16];
    uint64_t left[16];
    size_t count;
};

static int note_pace(void *arg, const struct queue_progress *p)
{
    struct tempo *pace = arg;

    pace->left_ms[pace->count] = p->left_ms;
    pace->left[pace->count++] = p->left;
    w.clock.mono_ms_now += 3000;
    return 0;
}

static void the_time_left_comes_from_this_runs_own_pace(void **state)
{
    struct tempo pace = {0};
    struct queue_run run = {.holder = w.holder, .progress = note_pace, .arg = &pace};

    (void)state;
    take_letters(5);
    w.clock.mono_ms_now += 86400000; /* an idle day is not pace */
    must(queue_read_all(w.box, &run, &progress, &w.err), &w.err);
    assert_int_equal(pace.left[1], 3);
    assert_int_equal(pace.left_ms[1], 3 * 3000 / 2); /* 2 pages in 3 s */
    assert_int_equal(pace.left[4], 0);
    assert_int_equal(pace.left_ms[4], 0);
    assert_int_equal(progress.elapsed_ms, 15000);
}

static void a_run_that_is_stopped_finishes_what_is_at_work(void **state)
{
    struct queue_run run = {.holder = w.holder, .progress = stop_at_once};

    (void)state;
    take_letters(6);
    must(queue_read_all(w.box, &run, &progress, &w.err), &w.err);
    assert_int_equal(progress.done, 2); /* as many as were at work */
    assert_int_equal(progress.left, 4);
    expect_counts(4, 0, 2, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(read_pages_have_their_text_event_and_search_row),
        STORY(a_page_that_kills_its_reader_is_quarantined_and_the_others_read),
        STORY(a_page_whose_bytes_are_gone_is_quarantined),
        STORY(deleted_pages_are_neither_waited_for_nor_counted),
        STORY(two_readers_never_read_one_page),
        STORY(a_dead_readers_pages_are_free_and_a_living_ones_are_not),
        STORY(with_wait_the_others_pages_are_waited_for),
        STORY(a_run_that_fails_gives_its_leases_back),
        STORY(a_lease_of_another_boot_is_free),
        STORY(this_process_is_alive_and_another_of_its_number_is_not),
        STORY(the_time_left_comes_from_this_runs_own_pace),
        STORY(a_run_that_is_stopped_finishes_what_is_at_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
