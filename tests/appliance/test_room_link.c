/* An original that left to make room comes back over the link when somebody asks. */
#include <stdio.h>

#include "appliance/room.h"
#include "appliance/show.h"
#include "schema/statements.h"
#include "tests/lib/link_world.h"

static struct link_world w;
static struct err *e = &w.err;

static int start(void **state)
{
    (void)state;
    link_world_start(&w, true);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    link_world_finish(&w);
    return 0;
}

static bool is_here(const struct hash *sha256)
{
    bool there;

    must(blob_exists(w.box->blobs, sha256, &there, e), e);
    return there;
}

/* As room does it: the disk of a test cannot be filled. */
static void let_go(const struct hash *sha256)
{
    static const char *const sql = "INSERT INTO away_blob (sha256, gone) VALUES (?1, 1)";
    sqlite3_stmt *s;

    must(store_write_begin(w.box->store, e), e);
    must(statements_prepare(store_db(w.box->store), &s, &sql, 1, e), e);
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    must(statement_run(s, e), e);
    statements_finalize(&s, 1);
    must(store_write_commit(w.box->store, NULL, e), e);
    must(blob_remove(w.box->blobs, sha256, e), e);
}

static struct show_originals show(void)
{
    struct shown what = {.document = w.document};
    struct show_originals got;
    char path[96];

    (void)snprintf(path, sizeof path, "%s/out.jpg", w.dir);
    must(show_originals(w.box, &what, path, &got, e), e);
    return got;
}

static void what_is_asked_for_comes_back_with_the_next_contact(void **state)
{
    struct agent_result r;
    struct hash at;
    bool found;

    (void)state;
    link_world_take(&w, "Quyết định số 1", 20000);
    r = link_world_sync(&w, 0);
    assert_int_equal(r.end, AGENT_DRAINED);
    link_world_wait_original(&w, &w.taken);
    let_go(&w.taken);
    assert_int_equal(show().away, 1);
    assert_false(is_here(&w.taken));
    for (int contacts = 0; contacts < 3 && !is_here(&w.taken); contacts++)
        (void)link_world_sync(&w, 0);
    assert_true(is_here(&w.taken));
    assert_int_equal(show().written, 1);
    must(room_next_wanted(w.box, true, &at, &found, e), e);
    assert_false(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_is_asked_for_comes_back_with_the_next_contact, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
