/* What waits for a person, and how far each step is, of a box on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "appliance/stages.h"
#include "appliance/todo.h"
#include "tests/lib/program.h"

static struct bench b;
static struct box *box;
static struct err e;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    box_close(box);
    box = NULL;
    bench_destroy(&b);
    return 0;
}

static void open_box(void)
{
    if (box_open(&box, disk_system(), clock_system(), b.data, NULL, &e) != 0)
        fail_msg("%s", e.text);
}

/* As another connection would: the rows that reading leaves. */
static void execute(const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(store_db(box->store), sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static json_t *todo(void)
{
    json_t *j;

    if (todo_json(box, &j, &e) != 0)
        fail_msg("%s", e.text);
    return j;
}

static json_t *first_of(json_t *j, const char *kind, int64_t expected)
{
    json_t *list = json_object_get(j, kind);

    assert_int_equal(json_number_of(list, "count"), expected);
    return json_array_get(json_object_get(list, "first"), 0);
}

static void a_box_of_its_first_day_has_nothing_to_do(void **state)
{
    static const char *const kinds[] = {"held", "quarantined", "proposed", "twins",
                                        "review"};
    json_t *j;

    (void)state;
    open_box();
    j = todo();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_null(first_of(j, kinds[i], 0));
    assert_int_equal(json_number_of(j, "looked_at"), 0);
    json_decref(j);
}

static void each_kind_is_told_by_the_names_of_its_papers(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "intake", bench_sample("mat-01.png"), NULL);
    ran_release(&r); /* held: partly done */
    (void)bench_take(&b, bench_sample("quyet-dinh-01.png"));
    (void)bench_take(&b, bench_sample("giay-khai-sinh.png"));
    open_box();
    execute("UPDATE job SET state = 'quarantined', reason = 'damaged'"
            " WHERE page = (SELECT min(page) FROM job)");
    execute("INSERT INTO twin (page, other, agreeing)"
            " SELECT max(page), min(page), 97 FROM job");
    j = todo();
    assert_string_equal(json_text_of(first_of(j, "held", 1), "name"), "mat-01.png");
    assert_string_equal(json_text_of(first_of(j, "held", 1), "stamp"), "mat");
    assert_string_equal(json_text_of(first_of(j, "quarantined", 1), "name"),
                        "quyet-dinh-01.png");
    assert_string_equal(json_text_of(first_of(j, "quarantined", 1), "reason"), "damaged");
    assert_string_equal(json_text_of(first_of(j, "twins", 1), "name"),
                        "giay-khai-sinh.png");
    assert_string_equal(json_text_of(first_of(j, "twins", 1), "other_name"),
                        "quyet-dinh-01.png");
    assert_int_equal(json_number_of(first_of(j, "twins", 1), "agreeing"), 97);
    json_decref(j);

    execute("UPDATE twin SET dismissed = 1");
    j = todo();
    assert_null(first_of(j, "twins", 0));
    json_decref(j);
}

static void what_waits_longest_for_a_step_is_told_only_while_it_waits(void **state)
{
    struct stage_oldest oldest[STAGES];

    (void)state;
    (void)bench_take(&b, bench_sample("quyet-dinh-01.png"));
    open_box();
    assert_int_equal(stages_read(box, oldest, &e), 0);
    for (int i = 0; i < STAGES; i++) {
        assert_true(oldest[i].waits);
        assert_true(oldest[i].sure); /* of this boot */
    }
    execute("UPDATE job SET state = 'done'");
    execute("UPDATE sync_state SET sent = (SELECT max(sequence) FROM changelog)");
    assert_int_equal(stages_read(box, oldest, &e), 0);
    assert_false(oldest[STAGE_READ].waits);
    assert_false(oldest[STAGE_SENT].waits);
    assert_true(oldest[STAGE_RECEIVED].waits);
    assert_true(oldest[STAGE_COMPLETE].waits);
    execute("INSERT INTO blob_sent (sha256, state) SELECT sha256, 1 FROM original");
    assert_int_equal(stages_read(box, oldest, &e), 0);
    assert_false(oldest[STAGE_COMPLETE].waits);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        STORY(a_box_of_its_first_day_has_nothing_to_do),
        STORY(each_kind_is_told_by_the_names_of_its_papers),
        STORY(what_waits_longest_for_a_step_is_told_only_while_it_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
