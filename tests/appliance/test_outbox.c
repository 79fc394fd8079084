/* The outbox: the same bytes every time, and receipts that only mean what they say. */
#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/fork.h"
#include "schema/statements.h"
#include "sync/bundle.h"
#include "sync/dictionary.h"
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

static struct sync_object bundle_from(uint64_t first)
{
    struct sync_object o = {0};
    int found = outbox_bundle(n.outbox, first, &o, e);

    if (found < 0)
        fail_msg("%s", e->text);
    assert_int_equal(found, 1);
    return o;
}

static bool of_class_after(enum sync_class class, uint64_t after, struct sync_object *o)
{
    int found = outbox_next_blob(n.outbox, class, after, o, e);

    if (found < 0)
        fail_msg("%s", e->text);
    return found == 1;
}

static bool original_after(uint64_t after, struct sync_object *o)
{
    return of_class_after(SYNC_CLASS_ORIGINALS, after, o);
}

static uint64_t last_sequence(void)
{
    uint64_t last;

    must(outbox_last(n.outbox, &last, e), e);
    return last;
}

static int find_dictionary(void *arg, uint32_t number, struct buffer *out,
                           struct err *why)
{
    (void)arg;
    return dictionary_find(n.w.disk, "/nowhere", number, out, why);
}

/* A centre that has nothing but the program's own dictionary. */
static const struct bundle_sources of_the_program = {.dictionary = find_dictionary};

/* All frames up to the bundle's last are chained, as the centre would. */
static void expect_proved(const struct buffer *sealed)
{
    struct bundle b;
    struct hash chain;

    must(bundle_open(&b, sealed->bytes, sealed->count, &n.centre, &n.box.public_key,
                     &of_the_program, e),
         e);
    assert_int_equal(b.header.first, 1);
    chain_start(&chain, ENROLLED_SITE);
    for (size_t i = 0; i < b.frames_count; i++)
        chain_next(&chain, &chain, b.frames[i].sequence, b.frames[i].schema,
                   b.frames[i].changeset, b.frames[i].changeset_bytes);
    assert_true(bundle_proved(sealed->bytes, sealed->count, &n.box.public_key, &chain));
    bundle_release(&b);
}

static void a_box_without_a_centre_has_no_outbox(void **state)
{
    struct box_world demo;
    struct outbox *o;
    bool enrolled = true;

    (void)state;
    world_start(&demo);
    must(outbox_enrolled(demo.box, &enrolled, e), e);
    assert_false(enrolled);
    assert_int_equal(outbox_create(&o, demo.box, &n.random.random, e), -1);
    assert_int_equal(e->code, ERR_USAGE);
    assert_null(o);
    world_destroy(&demo);
}

static void a_second_enrolment_and_another_sites_file_are_refused(void **state)
{
    struct enrolment file = {.site = ENROLLED_SITE};

    (void)state;
    assert_int_equal(outbox_enrol(n.w.box, &file, e), -1);
    assert_int_equal(e->code, ERR_BUSY);
    file.site++;
    assert_int_equal(outbox_enrol(n.w.box, &file, e), -1);
    assert_int_equal(e->code, ERR_REFUSED);
}

static void what_was_committed_goes_into_one_bundle_that_proves_the_chain(void **state)
{
    struct sync_object o;
    struct buffer sealed;

    (void)state;
    enrolled_take(&n, "a.jpg", "quyết định số 12");
    enrolled_take(&n, "b.jpg", "công văn số 13");
    o = bundle_from(1);
    assert_int_equal(o.first, 1);
    assert_int_equal(o.last, last_sequence());
    enrolled_read_all(&n, &o, &sealed);
    assert_int_equal(sealed.count, o.total_bytes);
    expect_proved(&sealed);
    buffer_release(&sealed);
}

static void nothing_new_makes_no_bundle(void **state)
{
    struct sync_object o;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    assert_int_equal(outbox_bundle(n.outbox, last_sequence() + 1, &o, e), 0);
}

static void a_bundle_has_the_same_bytes_after_a_power_cut_and_more_commits(void **state)
{
    struct sync_object before, after;
    struct buffer first, second;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    before = bundle_from(1);
    assert_false(before.sent_before);
    enrolled_read_all(&n, &before, &first);
    enrolled_power_cut(&n);
    enrolled_take(&n, "b.jpg", "hai");
    after = bundle_from(1);
    assert_true(after.sent_before);
    assert_true(object_id_equal(&before.id, &after.id));
    enrolled_read_all(&n, &after, &second);
    assert_int_equal(first.count, second.count);
    assert_memory_equal(first.bytes, second.bytes, first.count);
    assert_int_equal(bundle_from(after.last).first, 1); /* it holds that one too */
    assert_int_equal(bundle_from(after.last + 1).last, last_sequence());
    buffer_release(&first);
    buffer_release(&second);
}

static void what_left_whole_counts_as_sent_and_nothing_less(void **state)
{
    struct sync_object o;
    struct buffer bytes;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    o = bundle_from(1);
    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    must(outbox_read(n.outbox, &o.id, 0, 1, &bytes, e), e);
    must(outbox_read(n.outbox, &o.id, 1, o.total_bytes - 2, &bytes, e), e);
    assert_int_equal(world_number(&n.w, "SELECT sent FROM sync_state"), 0);
    assert_int_equal(world_number(&n.w, "SELECT begun FROM outbox"), 1);
    must(outbox_read(n.outbox, &o.id, o.total_bytes - 1, 100, &bytes, e), e);
    assert_int_equal(bytes.count, o.total_bytes);
    assert_int_equal(world_number(&n.w, "SELECT sent FROM sync_state"), o.last);
    assert_int_equal(outbox_read(n.outbox, &o.id, o.total_bytes, 1, &bytes, e), -1);
    buffer_release(&bytes);
}

static void a_long_backlog_is_cut_into_bundles_without_a_gap(void **state)
{
    uint64_t next = 1;
    unsigned bundles = 0;
    char words[3500];

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        for (size_t k = 0; k < sizeof words - 1; k++)
            words[k] =
                k % 8 == 7 ? ' ' : (char)('a' + random_below(&n.random.random, 26));
        words[sizeof words - 1] = '\0';
        enrolled_take(&n, "a.jpg", words);
    }
    while (next <= last_sequence()) {
        struct sync_object o = bundle_from(next);

        assert_int_equal(o.first, next);
        assert_true(o.total_bytes < OUTBOX_BUNDLE_PLAIN_BYTES + BUNDLE_OVERHEAD_BYTES);
        next = o.last + 1;
        bundles++;
    }
    assert_true(bundles > 1);
}

static int collect(void *arg, const void *bytes, size_t count, struct err *err)
{
    buffer_append(arg, bytes, count);
    return buffer_check(arg, err);
}

static void an_original_leaves_in_blocks_that_open_to_its_bytes(void **state)
{
    const char *path = "/box/sealed";
    struct disk_file *f = NULL;
    struct sync_object o;
    struct buffer sealed, plain;
    uint8_t shared[SHARED_BYTES];
    struct hash h;

    (void)state;
    enrolled_take(&n, "a.jpg", "bản gốc một");
    assert_true(original_after(0, &o));
    assert_false(o.sent_before);
    enrolled_read_all(&n, &o, &sealed);
    must(disk_replace(n.w.disk, path, sealed.bytes, sealed.count, e), e);
    must(disk_open(n.w.disk, &f, path, DISK_READ, e), e);
    assert_true(key_agree(&n.centre, &n.box.public_key, shared));
    buffer_init(&plain, 1u << 20);
    must(sealed_blob_open(f, ENROLLED_SITE, shared, &h, collect, &plain, e), e);
    assert_true(hash_equal(&h, &world_told(&n.w, "a.jpg")->sha256));
    assert_memory_equal(o.id.id, h.bytes, OBJECT_ID_BYTES);
    disk_close(f);
    buffer_release(&plain);
    buffer_release(&sealed);
    assert_true(original_after(0, &o));
    assert_true(o.sent_before);
    assert_false(original_after(o.last, &o));
}

static void a_block_may_be_read_from_any_place(void **state)
{
    struct sync_object o;
    struct buffer whole, part;

    (void)state;
    enrolled_take(&n, "a.jpg", "bản gốc một");
    assert_true(original_after(0, &o));
    enrolled_read_all(&n, &o, &whole);
    for (uint64_t at = 0; at < o.total_bytes; at += 7) {
        buffer_init(&part, 64);
        must(outbox_read(n.outbox, &o.id, at, 13, &part, e), e);
        assert_memory_equal(part.bytes, whole.bytes + at, part.count);
        buffer_release(&part);
    }
    buffer_release(&whole);
}

static void an_original_whose_file_is_gone_does_not_hold_up_the_others(void **state)
{
    struct sync_object o;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    must(blob_remove(n.w.box->blobs, &world_told(&n.w, "a.jpg")->sha256, e), e);
    assert_true(original_after(0, &o));
    assert_memory_equal(o.id.id, world_told(&n.w, "b.jpg")->sha256.bytes,
                        OBJECT_ID_BYTES);
    assert_false(original_after(o.last, &o));
}

static void a_receipt_is_remembered_and_ends_what_it_speaks_of(void **state)
{
    struct sync_config c;
    struct receipt_blob blob = {.state = BLOB_RECEIVED};
    struct receipt r = {.blobs = &blob, .blobs_count = 1};
    struct sync_object o;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    must(outbox_config(n.outbox, &c, e), e);
    assert_false(c.claimed);
    o = bundle_from(1);
    blob.sha256 = world_told(&n.w, "a.jpg")->sha256;
    r.received = o.last;
    r.applied = 1;
    must(enrolled_receipt(&n, &r, e), e);
    enrolled_power_cut(&n);
    must(outbox_config(n.outbox, &c, e), e);
    assert_false(c.claimed); /* a restored centre may have to hear it again */
    assert_int_equal(c.received, o.last);
    assert_int_equal(c.applied, 1);
    assert_int_equal(c.safe, 0);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(world_number(&n.w, "SELECT sent FROM sync_state"), o.last);
    assert_false(original_after(0, &o));
}

static void an_older_receipt_lowers_nothing(void **state)
{
    struct sync_config c;
    struct receipt_blob safe = {.state = BLOB_SAFE}, received = {.state = BLOB_RECEIVED};
    struct receipt newer = {
        .received = 3, .applied = 2, .safe = 1, .blobs = &safe, .blobs_count = 1};
    struct receipt older = {.received = 1, .blobs = &received, .blobs_count = 1};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    must(enrolled_receipt(&n, &newer, e), e);
    must(enrolled_receipt(&n, &older, e), e);
    must(outbox_config(n.outbox, &c, e), e);
    assert_true(c.claimed); /* in a backup */
    assert_int_equal(c.received, 3);
    assert_int_equal(c.applied, 2);
    assert_int_equal(c.safe, 1);
    assert_int_equal(world_number(&n.w, "SELECT state FROM blob_sent"), BLOB_SAFE);
}

static void what_a_restored_centre_lacks_is_unsent_again(void **state)
{
    struct sync_config c;
    struct receipt_blob blobs[2] = {{.state = BLOB_RECEIVED}, {.state = BLOB_SAFE}};
    struct receipt all = {
        .received = 4, .applied = 4, .centre_epoch = 1, .blobs = blobs, .blobs_count = 2};
    struct receipt restored = {.received = 2, .applied = 2, .safe = 2, .centre_epoch = 2};
    struct sync_object o;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    blobs[0].sha256 = world_told(&n.w, "a.jpg")->sha256;
    blobs[1].sha256 = world_told(&n.w, "b.jpg")->sha256;
    must(enrolled_receipt(&n, &all, e), e);
    assert_false(original_after(0, &o));
    must(enrolled_receipt(&n, &restored, e), e);
    must(enrolled_receipt(&n, &all, e), e); /* late, of the epoch before */
    must(outbox_config(n.outbox, &c, e), e);
    assert_int_equal(c.received, 2);
    assert_int_equal(c.centre_epoch, 2);
    assert_int_equal(world_number(&n.w, "SELECT sent FROM sync_state"), 2);
    assert_int_equal(bundle_from(3).last, last_sequence());
    assert_true(original_after(0, &o));
    assert_memory_equal(o.id.id, blobs[0].sha256.bytes, OBJECT_ID_BYTES);
    /* What was safe only in a backup that is lost: it was never offered again. */
    assert_true(original_after(o.last, &o));
    assert_memory_equal(o.id.id, blobs[1].sha256.bytes, OBJECT_ID_BYTES);
    restored.blobs = &blobs[1]; /* unless it is safe there too */
    restored.blobs_count = 1;
    must(enrolled_receipt(&n, &restored, e), e);
    assert_true(original_after(0, &o));
    assert_false(original_after(o.last, &o));
}

static void what_a_restored_centre_lacks_and_is_not_here_is_not_offered(void **state)
{
    struct receipt_blob safe = {.state = BLOB_SAFE};
    struct receipt all = {
        .received = 2, .applied = 2, .centre_epoch = 1, .blobs = &safe, .blobs_count = 1};
    struct receipt restored = {.received = 2, .applied = 2, .safe = 2, .centre_epoch = 2};
    struct sync_object o;
    char sql[200], hex[HASH_HEX_BYTES];

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    safe.sha256 = world_told(&n.w, "a.jpg")->sha256;
    must(enrolled_receipt(&n, &all, e), e);
    hash_to_hex(hex, &safe.sha256);
    (void)snprintf(sql, sizeof sql, "INSERT INTO away_blob VALUES (x'%s', 1)", hex);
    must(store_write_begin(n.w.box->store, e), e);
    must(sql_run(store_db(n.w.box->store), sql, e), e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    must(enrolled_receipt(&n, &restored, e), e);
    assert_false(original_after(0, &o));
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM blob_sent"), 1);
}

/* ------------------------------------------------- small images, packed originals */

static void make_afterwards(void)
{
    struct afterwards_counts c;

    must(world_afterwards(&n.w, &c, e), e);
}

static struct hash hash_at(const char *sql)
{
    struct hash h = {0};
    sqlite3_stmt *s;

    must(statements_prepare(store_db(n.w.box->store), &s, &sql, 1, e), e);
    assert_int_equal(statement_step(s, e), 1);
    assert_int_equal(sqlite3_column_bytes(s, 0), HASH_BYTES);
    memcpy(h.bytes, sqlite3_column_blob(s, 0), HASH_BYTES);
    statements_finalize(&s, 1);
    return h;
}

static bool is_blob(const struct sync_object *o, const char *sql)
{
    struct hash h = hash_at(sql);

    return memcmp(o->id.id, h.bytes, OBJECT_ID_BYTES) == 0;
}

#define PACKED "SELECT packed FROM packing"

static void small_images_leave_before_originals(void **state)
{
    struct sync_object o = {0};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    make_afterwards();
    for (int i = 0; i < 4; i++) {
        char sql[128];

        (void)snprintf(sql, sizeof sql,
                       "SELECT sha256 FROM image ORDER BY page, kind LIMIT 1 OFFSET %d",
                       i);
        assert_true(of_class_after(SYNC_CLASS_IMAGES, o.last, &o));
        assert_int_equal(o.class, SYNC_CLASS_IMAGES);
        assert_true(is_blob(&o, sql));
    }
    assert_false(of_class_after(SYNC_CLASS_IMAGES, o.last, &o));
    assert_true(original_after(0, &o));
    assert_int_equal(o.class, SYNC_CLASS_ORIGINALS);
    assert_true(is_blob(&o, "SELECT packed FROM packing JOIN original ON"
                            " sha256 = packing.original ORDER BY id"));
    assert_true(original_after(o.last, &o));
    assert_false(original_after(o.last, &o));
}

static struct sync_object first_original(void)
{
    struct sync_object o = {0};

    assert_true(original_after(0, &o));
    return o;
}

static void a_packed_form_travels_in_its_originals_place(void **state)
{
    struct sync_object o;
    struct buffer sealed;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    make_afterwards();
    o = first_original();
    assert_true(is_blob(&o, PACKED));
    assert_false(o.sent_before);
    enrolled_read_all(&n, &o, &sealed);
    buffer_release(&sealed);
    o = first_original();
    assert_true(is_blob(&o, PACKED));
    assert_true(o.sent_before);
}

static void an_original_that_began_to_leave_goes_on_as_it_is(void **state)
{
    struct sync_object o;
    struct buffer block;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    assert_true(original_after(0, &o)); /* a link is up before anything was packed */
    buffer_init(&block, 16);
    must(outbox_read(n.outbox, &o.id, 0, 16, &block, e), e);
    buffer_release(&block);
    make_afterwards();
    o = first_original();
    assert_true(is_blob(&o, "SELECT sha256 FROM original"));
    assert_true(o.sent_before);
}

static void an_original_whose_packed_form_is_gone_travels_as_it_is(void **state)
{
    struct sync_object o;
    struct hash h;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    make_afterwards();
    h = hash_at(PACKED);
    must(blob_remove(n.w.box->blobs, &h, e), e);
    o = first_original();
    assert_true(is_blob(&o, "SELECT sha256 FROM original"));
    assert_false(original_after(o.last, &o));
}

static void alter_blob(const struct hash *h)
{
    char hex[HASH_HEX_BYTES], path[DISK_PATH_BYTES];
    struct disk_file *f = NULL;

    hash_to_hex(hex, h);
    must(disk_path(path, e, "%s/blobs/%.2s/%s", WORLD_DIR, hex, hex + 2), e);
    must(disk_open(n.w.disk, &f, path, DISK_WRITE, e), e);
    must(disk_file_write(f, "X", 1, 20, e), e);
    disk_close(f);
}

/* The centre refused it each time it had come all the way, and it was offered again. */
static void an_original_whose_packed_form_was_altered_travels_as_it_is(void **state)
{
    struct sync_object o;
    struct buffer block;
    struct hash h;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    make_afterwards();
    h = hash_at(PACKED);
    alter_blob(&h);
    o = first_original();
    buffer_init(&block, 16);
    assert_int_equal(outbox_read(n.outbox, &o.id, 0, 16, &block, e), -1);
    assert_int_equal(e->code, ERR_CORRUPT);
    buffer_release(&block);
    o = first_original();
    assert_true(is_blob(&o, "SELECT sha256 FROM original"));
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM loose_blob"), 1);
}

static void equal_images_are_counted_and_sent_once(void **state)
{
    struct sync_object o = {0};
    unsigned sent = 0;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    make_afterwards();
    must(store_write_begin(n.w.box->store, e), e); /* two empty sheets */
    must(sql_run(store_db(n.w.box->store),
                 "UPDATE image SET (sha256, bytes) = (SELECT j.sha256, j.bytes FROM image"
                 " j WHERE j.kind = image.kind ORDER BY j.page LIMIT 1)",
                 e),
         e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    while (of_class_after(SYNC_CLASS_IMAGES, o.last, &o))
        sent++;
    assert_int_equal(sent, 2);
    {
        struct status_vector v;

        must(outbox_status(n.outbox, &v, e), e);
        assert_int_equal(v.waiting_bytes[SYNC_CLASS_IMAGES],
                         world_number(&n.w, "SELECT sum(bytes) / 2 FROM image"));
    }
}

static void a_receipt_for_the_packed_form_is_the_originals(void **state)
{
    struct receipt_blob blob = {.state = BLOB_RECEIVED};
    struct receipt r = {.blobs = &blob, .blobs_count = 1};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    make_afterwards();
    blob.sha256 = hash_at(PACKED);
    r.received = r.applied = last_sequence();
    must(enrolled_receipt(&n, &r, e), e);
    assert_int_equal(world_number(&n.w, "SELECT state FROM blob_sent JOIN original"
                                        " USING (sha256)"),
                     BLOB_RECEIVED);
    make_afterwards();
    assert_int_equal(world_number(&n.w, "SELECT here FROM packing"), 1);
    blob.state = BLOB_SAFE;
    must(enrolled_receipt(&n, &r, e), e);
    make_afterwards();
    assert_int_equal(world_number(&n.w, "SELECT here FROM packing"), 0);
}

static void what_waits_is_counted_as_it_will_travel(void **state)
{
    struct status_vector v;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    must(outbox_status(n.outbox, &v, e), e);
    assert_int_equal(v.waiting_bytes[4], 0);
    assert_int_equal(v.waiting_bytes[5],
                     world_number(&n.w, "SELECT bytes FROM original"));
    make_afterwards();
    must(outbox_status(n.outbox, &v, e), e);
    assert_int_equal(v.waiting_bytes[4],
                     world_number(&n.w, "SELECT sum(bytes) FROM image"));
    assert_int_equal(v.waiting_bytes[5], world_number(&n.w, "SELECT bytes FROM packing"));
}

static void a_receipt_for_more_than_there_is_changes_nothing(void **state)
{
    struct receipt r = {0};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    r.received = last_sequence() + 1;
    assert_int_equal(enrolled_receipt(&n, &r, e), -1);
    assert_int_equal(e->code, ERR_REFUSED);
    assert_int_equal(world_number(&n.w, "SELECT received FROM sync_state"), 0);
}

static void (*fill_before)(struct random *r, void *out, size_t count);

/* A stick's import, while a bundle is being sealed. */
static void leave_the_line(struct random *r, void *out, size_t count)
{
    r->fill = fill_before;
    must(fork_line(n.w.box->records, 1, 2, "test", e), e);
    r->fill(r, out, count);
}

static void a_bundle_of_a_line_that_was_left_meanwhile_is_not_kept(void **state)
{
    struct sync_object o;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    fill_before = n.random.random.fill;
    n.random.random.fill = leave_the_line;
    assert_int_equal(outbox_bundle(n.outbox, 1, &o, e), 0);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM outbox"), 0);
    (void)bundle_from(1);
    assert_int_equal(world_number(&n.w, "SELECT count(*) FROM outbox"), 1);
}

static void the_status_vector_tells_what_waits(void **state)
{
    struct status_vector v;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    n.w.clock.mono_ms_now += 90000;
    must(outbox_status(n.outbox, &v, e), e);
    assert_int_equal(v.last, last_sequence());
    assert_int_equal(v.received, 0);
    assert_true(v.waiting_bytes[1] > 0);
    assert_true(v.waiting_bytes[5] > 0);
    assert_true(v.oldest_unsent_s >= 90);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(a_box_without_a_centre_has_no_outbox),
        claim_test(a_second_enrolment_and_another_sites_file_are_refused),
        claim_test(what_was_committed_goes_into_one_bundle_that_proves_the_chain),
        claim_test(nothing_new_makes_no_bundle),
        claim_test(a_bundle_has_the_same_bytes_after_a_power_cut_and_more_commits),
        claim_test(what_left_whole_counts_as_sent_and_nothing_less),
        claim_test(a_long_backlog_is_cut_into_bundles_without_a_gap),
        claim_test(an_original_leaves_in_blocks_that_open_to_its_bytes),
        claim_test(a_block_may_be_read_from_any_place),
        claim_test(small_images_leave_before_originals),
        claim_test(a_packed_form_travels_in_its_originals_place),
        claim_test(an_original_that_began_to_leave_goes_on_as_it_is),
        claim_test(an_original_whose_packed_form_is_gone_travels_as_it_is),
        claim_test(an_original_whose_packed_form_was_altered_travels_as_it_is),
        claim_test(equal_images_are_counted_and_sent_once),
        claim_test(a_receipt_for_the_packed_form_is_the_originals),
        claim_test(what_waits_is_counted_as_it_will_travel),
        claim_test(an_original_whose_file_is_gone_does_not_hold_up_the_others),
        claim_test(a_receipt_is_remembered_and_ends_what_it_speaks_of),
        claim_test(an_older_receipt_lowers_nothing),
        claim_test(what_a_restored_centre_lacks_is_unsent_again),
        claim_test(what_a_restored_centre_lacks_and_is_not_here_is_not_offered),
        claim_test(a_receipt_for_more_than_there_is_changes_nothing),
        claim_test(a_bundle_of_a_line_that_was_left_meanwhile_is_not_kept),
        claim_test(the_status_vector_tells_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
