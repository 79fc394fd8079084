/* Verify: what is damage, and what is only on its way. */
#include <stdio.h>

#include "schema/statements.h"
#include "tests/lib/box_world.h"

static struct box_world world;

static int set_up(void **state)
{
    (void)state;
    world_start(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_destroy(&world);
    return 0;
}

static void add_row(const char *state, const char *document)
{
    char sql[256];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO intake (sha256, state, name, bytes, document)"
                   " VALUES (randomblob(32), '%s', 'a.jpg', 1, %s)",
                   state, document);
    must(sql_run(store_db(world.box->store), sql, &world.err), &world.err);
}

static void a_file_on_its_way_to_being_refused_is_no_damage(void **state)
{
    (void)state;
    add_row("taken", "NULL");
    add_row("cleared", "NULL");
    add_row("refused", "NULL");
    assert_null(world_problem(&world));
}

static void a_held_file_without_its_bytes_is_damage(void **state)
{
    (void)state;
    add_row("held", "NULL");
    assert_non_null(world_problem(&world));
}

static void a_file_half_captured_without_its_bytes_is_damage(void **state)
{
    (void)state;
    add_row("cleared", "7");
    assert_non_null(world_problem(&world));
}

static void a_row_that_names_no_hash_is_told(void **state)
{
    (void)state;
    must(sql_run(store_db(world.box->store),
                 "INSERT INTO intake (sha256, state, name, bytes)"
                 " VALUES (x'00', 'held', 'a.jpg', 1)",
                 &world.err),
         &world.err);
    assert_string_equal(world_problem(&world), "a row names no SHA-256");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_on_its_way_to_being_refused_is_no_damage,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_held_file_without_its_bytes_is_damage, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_half_captured_without_its_bytes_is_damage,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_names_no_hash_is_told, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
