/* The agent of a box that was put back without noticing, over a real link. */
#include <stdio.h>
#include <string.h>

#include "appliance/outbox.h"
#include "schema/fork.h"
#include "schema/statements.h"
#include "tests/lib/link_world.h"

#define KEPT_BYTES_MAX (64u << 20)

static struct link_world w;
static struct buffer kept[2];
static const char *const files[2] = {"tram.db", "tram.db-wal"};

static int start(void **state)
{
    (void)state;
    link_world_start(&w, false);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
        buffer_release(&kept[i]);
    link_world_finish(&w);
    return 0;
}

static void path_of(char out[160], const char *file)
{
    (void)snprintf(out, 160, "%s/box/%s", w.dir, file);
}

static void open_box(void)
{
    char dir[160];

    path_of(dir, "");
    must(box_open(&w.box, disk_system(), clock_system(), dir, &w.reader.reader, &w.err),
         &w.err);
}

static void keep(void)
{
    char path[160];

    box_close(w.box);
    for (size_t i = 0; i < 2; i++) {
        path_of(path, files[i]);
        buffer_init(&kept[i], KEPT_BYTES_MAX);
        must(disk_read_all(disk_system(), path, &kept[i], &w.err), &w.err);
    }
    open_box();
}

static void put_back(void)
{
    char path[160];

    box_close(w.box);
    path_of(path, "tram.db-shm");
    must(disk_remove(disk_system(), path, &w.err), &w.err);
    for (size_t i = 0; i < 2; i++) {
        path_of(path, files[i]);
        must(disk_replace(disk_system(), path, kept[i].bytes, kept[i].count, &w.err),
             &w.err);
    }
    open_box();
}

static int64_t number(const char *sql)
{
    int64_t n;

    must(sql_number(store_db(w.box->store), sql, &n, &w.err), &w.err);
    return n;
}

static void a_box_that_was_put_back(void)
{
    link_world_take(&w, "Quyết định một", 1000);
    assert_int_equal(link_world_sync(&w, 0).end, AGENT_DRAINED);
    keep();
    link_world_take(&w, "Công văn bị quên", 1200);
    assert_int_equal(link_world_sync(&w, 0).end, AGENT_DRAINED);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    put_back();
}

static void one_command_finds_the_way_back(void **state)
{
    struct agent_result r;

    (void)state;
    a_box_that_was_put_back();
    link_world_take(&w, "Tờ trình sau đó", 1400);
    r = link_world_sync(&w, 0);
    assert_true(r.forked);
    assert_int_equal(r.end, AGENT_DRAINED);
    assert_int_equal(number("SELECT epoch FROM identity"), 2);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    r = link_world_sync(&w, 0);
    assert_false(r.forked);
    assert_int_equal(number("SELECT count(*) FROM document"), 3);
    assert_int_equal(link_world_search(&w, "trình", NULL), 1);
    assert_int_equal(link_world_search(&w, "quên", NULL), 1);
}

static void what_was_lost_comes_back_though_nothing_was_written(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    assert_int_equal(number("SELECT count(*) FROM document"), 1);
    assert_true(link_world_sync(&w, 0).forked);
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    (void)link_world_sync(&w, 0);
    assert_int_equal(number("SELECT count(*) FROM document"), 2);
}

struct other_epoch {
    struct agent *agent;
    struct box *box; /* another connection to the same box */
    unsigned hellos;
};

static void raise_epoch(void *arg, const struct agent_news *n)
{
    struct other_epoch *o = arg;
    struct err e;

    if (n->text == NULL)
        return;
    if (strncmp(n->text, "says hello", 10) == 0 && ++o->hellos == 2)
        agent_stop(o->agent);
    if (strncmp(n->text, "all received", 12) != 0 || o->hellos != 1)
        return;
    must(fork_epoch(o->box->store, 2, &e), &e); /* as a stick's import would */
    agent_wake(o->agent, false);
}

/* Another command has left the line meanwhile: the agent's core goes on under the new
 * epoch, and at once. */
static void an_epoch_raised_by_another_command_is_seen(void **state)
{
    struct other_epoch o = {0};
    struct agent_options options = {
        .box = w.box, .random = w.random, .news = raise_epoch, .arg = &o};
    struct agent_result r;
    char dir[160];

    (void)state;
    path_of(dir, "");
    must(box_open(&o.box, disk_system(), clock_system(), dir, NULL, &w.err), &w.err);
    link_world_take(&w, "Quyết định một", 1000);
    must(agent_create(&o.agent, &options, &w.err), &w.err);
    must(agent_run(o.agent, &r, &w.err), &w.err);
    agent_destroy(o.agent);
    assert_int_equal(o.hellos, 2);
    assert_int_equal(store_identity(w.box->store)->epoch, 2);
    box_close(o.box);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(one_command_finds_the_way_back),
        story(what_was_lost_comes_back_though_nothing_was_written),
        story(an_epoch_raised_by_another_command_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
