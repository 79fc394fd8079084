/* What was on its way down to a box, and is not any more. */
#include <string.h>

#include "appliance/arrivals.h"
#include "appliance/room.h"
#include "schema/statements.h"
#include "sync/partial.h"
#include "sync/sealed_blob.h"
#include "tests/lib/enrolled.h"

static struct enrolled n;
static struct err *const e = &n.w.err;

static int start(void **state)
{
    (void)state;
    enrolled_start(&n);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    enrolled_finish(&n);
    return 0;
}

static struct partial_place place_of(uint16_t site)
{
    return (struct partial_place){.disk = n.w.disk, .dir = WORLD_DIR, .site = site};
}

static void begin(uint16_t site, uint8_t kind, const struct hash *h)
{
    struct partial_place place = place_of(site);
    struct object_id id = {.kind = kind};
    struct partial *p;

    memcpy(id.id, h->bytes, OBJECT_ID_BYTES);
    must(partial_open(&p, &place, &id, 1000, e), e);
    must(partial_add(p, "half", 4, e), e);
    must(partial_sync(p, e), e);
    partial_close(p);
}

static bool is_begun(uint16_t site, uint8_t kind, const struct hash *h)
{
    struct partial_place place = place_of(site);
    struct object_id id = {.kind = kind};
    bool begun;

    memcpy(id.id, h->bytes, OBJECT_ID_BYTES);
    must(partial_begun(&place, &id, 1000, &begun, e), e);
    return begun;
}

/* As if it had left to make room. */
static struct hash let_go(const char *file)
{
    struct hash h = world_told(&n.w, file)->sha256;
    sqlite3_stmt *s;
    const char *const sql = "INSERT INTO away_blob (sha256, gone) VALUES (?1, 1)";

    must(store_write_begin(n.w.box->store, e), e);
    must(statements_prepare(store_db(n.w.box->store), &s, &sql, 1, e), e);
    bind_blob(s, 1, h.bytes, HASH_BYTES);
    must(statement_run(s, e), e);
    statements_finalize(&s, 1);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    must(blob_remove(n.w.box->blobs, &h, e), e);
    return h;
}

static void what_nobody_waits_for_is_swept(void **state)
{
    struct hash here, wanted, unwanted, unknown = {{9}};
    struct sync_config c;
    struct arrivals *a;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    enrolled_take(&n, "c.jpg", "ba");
    here = world_told(&n.w, "a.jpg")->sha256;
    wanted = let_go("b.jpg");
    unwanted = let_go("c.jpg");
    must(room_want(n.w.box, &wanted, e), e);
    must(disk_make_dirs(n.w.disk, WORLD_DIR "/partial", e), e);
    begin(ENROLLED_SITE, OBJECT_BLOB, &here);
    begin(ENROLLED_SITE, OBJECT_BLOB, &wanted);
    begin(ENROLLED_SITE, OBJECT_BLOB, &unwanted);
    begin(ENROLLED_SITE, OBJECT_BLOB, &unknown);
    begin(ENROLLED_SITE, OBJECT_BUNDLE, &unknown);
    begin(ENROLLED_SITE + 1, OBJECT_BLOB, &wanted);
    must(outbox_config(n.outbox, &c, e), e);
    must(arrivals_create(&a, n.w.box, &c, e), e);
    assert_true(is_begun(ENROLLED_SITE, OBJECT_BLOB, &wanted));
    assert_false(is_begun(ENROLLED_SITE, OBJECT_BLOB, &here));
    assert_false(is_begun(ENROLLED_SITE, OBJECT_BLOB, &unwanted));
    assert_false(is_begun(ENROLLED_SITE, OBJECT_BLOB, &unknown));
    assert_true(is_begun(ENROLLED_SITE, OBJECT_BUNDLE, &unknown)); /* it may go on */
    assert_false(is_begun(ENROLLED_SITE + 1, OBJECT_BLOB, &wanted));
    arrivals_destroy(a);
}

/* Its sealed form, as the centre makes it. */
static void seal(const struct hash *h, struct buffer *out)
{
    uint8_t shared[SHARED_BYTES];
    struct disk_file *f = NULL;

    assert_true(key_agree(&n.centre, &n.box.public_key, shared));
    must(blob_open(n.w.box->blobs, &f, h, e), e);
    must(sealed_blob_read(f, ENROLLED_SITE, h, shared, 0, out->count_max, out, e), e);
    disk_close(f);
}

/* As a restore of a copy with bad blocks leaves it: asked back as an original is. */
static void a_small_image_that_was_lost_comes_back(void **state)
{
    struct object_id id = {.kind = OBJECT_BLOB};
    struct afterwards_counts counts;
    struct sync_taken taken;
    struct sync_config c;
    struct arrivals *a;
    struct buffer sealed;
    struct hash image;
    bool there;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    must(world_afterwards(&n.w, &counts, e), e);
    {
        const char *const sql = "SELECT sha256 FROM image WHERE kind = 'small'";
        sqlite3_stmt *s;

        must(statements_prepare(store_db(n.w.box->store), &s, &sql, 1, e), e);
        assert_int_equal(statement_step(s, e), 1);
        assert_true(column_hash(s, 0, &image));
        statements_finalize(&s, 1);
    }
    buffer_init(&sealed, 1u << 20);
    seal(&image, &sealed);
    must(blob_remove(n.w.box->blobs, &image, e), e);
    memcpy(id.id, image.bytes, OBJECT_ID_BYTES);
    must(outbox_config(n.outbox, &c, e), e);
    must(arrivals_create(&a, n.w.box, &c, e), e);
    must(arrivals_offer(a, &id, sealed.count, &taken, e), e);
    assert_int_equal(taken.state, SYNC_TAKING_MORE);
    must(arrivals_block(a, &id, 0, sealed.bytes, sealed.count, &taken, e), e);
    assert_int_equal(taken.state, SYNC_TAKING_DONE);
    must(blob_check(n.w.box->blobs, &image, &there, e), e);
    assert_true(there);
    arrivals_destroy(a);
    buffer_release(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_waits_for_is_swept, start, finish),
        cmocka_unit_test_setup_teardown(a_small_image_that_was_lost_comes_back, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
