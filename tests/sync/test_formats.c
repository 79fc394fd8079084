/* Formats of sync: round trips, and every way of being forged or cut off. */
#include "sync/bundle.h"
#include "sync/enrol.h"
#include "sync/merge.h"
#include "sync/receipt.h"
#include "sync/sealed_blob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
    struct random_seeded random;
    struct key_pair box, centre, stranger;
};

static void make_pair(struct pair *p)
{
    random_seeded_init(&p->random, 7);
    key_pair_make(&p->box, &p->random.random);
    key_pair_make(&p->centre, &p->random.random);
    key_pair_make(&p->stranger, &p->random.random);
}

static const struct hash chain_of_test = {{1, 2, 3}};

/* Three frames sealed by the box for the centre. */
static void seal_three(struct pair *p, struct buffer *out)
{
    struct err e = {0};
    struct bundle_writer *w = NULL;
    static const char *const texts[] = {"one", "", "a longer changeset, three"};

    buffer_init(out, BUNDLE_BYTES_MAX);
    assert_int_equal(bundle_writer_create(&w, DIRECTION_UP, 17, 2, &e), 0);
    for (unsigned i = 0; i < 3; i++) {
        struct frame f = {.sequence = 41 + i,
                          .schema = 1,
                          .seen = i,
                          .changeset = (const unsigned char *)texts[i],
                          .changeset_bytes = strlen(texts[i])};

        assert_int_equal(bundle_writer_add(w, &f, &e), 0);
    }
    assert_int_equal(bundle_writer_seal(w, &chain_of_test, &p->box, &p->centre.public_key,
                                        &p->random.random, out, &e),
                     0);
    bundle_writer_destroy(w);
}

static void a_bundle_opens_for_the_centre_and_proves_the_chain(void **state)
{
    struct pair p;
    struct buffer sealed;
    struct bundle b;
    struct err e = {0};
    struct hash other = {{9}};

    (void)state;
    make_pair(&p);
    seal_three(&p, &sealed);
    assert_int_equal(bundle_open(&b, sealed.bytes, sealed.count, &p.centre,
                                 &p.box.public_key, NULL, &e),
                     0);
    assert_int_equal(b.header.site, 17);
    assert_int_equal(b.header.epoch, 2);
    assert_int_equal(b.frames_count, 3);
    assert_int_equal(b.frames[2].sequence, 43);
    assert_int_equal(b.frames[2].seen, 2);
    assert_memory_equal(b.frames[2].changeset, "a longer changeset, three", 25);
    assert_true(
        bundle_proved(sealed.bytes, sealed.count, &p.box.public_key, &chain_of_test));
    assert_false(bundle_proved(sealed.bytes, sealed.count, &p.box.public_key, &other));
    bundle_release(&b);
    buffer_release(&sealed);
}

static void a_bundle_costs_at_most_160_bytes_around_its_frames(void **state)
{
    struct pair p;
    struct buffer sealed;
    struct bundle_header h;
    struct err e = {0};

    (void)state;
    make_pair(&p);
    seal_three(&p, &sealed);
    assert_int_equal(bundle_peek(&h, sealed.bytes, sealed.count, &e), 0);
    assert_int_equal(sealed.count - h.sealed_bytes, BUNDLE_OVERHEAD_BYTES);
    assert_true(BUNDLE_OVERHEAD_BYTES <= 160 && BUNDLE_HEADER_BYTES <= 48);
    buffer_release(&sealed);
}

static void a_weak_link_is_packed_for_harder_than_a_fast_one(void **state)
{
    (void)state;
    /* Nobody knows: a stick, a first contact. */
    assert_int_equal(bundle_level(0, 100000), BUNDLE_LEVEL);
    assert_int_equal(bundle_level(8000, 100000), BUNDLE_LEVEL); /* 64 kbit/s */
    assert_true(bundle_level(100000, 100000) < BUNDLE_LEVEL);
    assert_true(bundle_level(10000000, 100000) < bundle_level(100000, 100000));
    assert_true(bundle_level(UINT64_MAX, 100000) >= 1);
}

static void a_single_record_is_squeezed_only_for_a_link_known_to_be_weak(void **state)
{
    (void)state;
    assert_int_equal(bundle_level(8000, 600), BUNDLE_LEVEL);
    assert_true(bundle_level(0, 600) <= BUNDLE_LEVEL_ZSTD);
    assert_true(bundle_level(0, BUNDLE_SMALL - 1) <= BUNDLE_LEVEL_ZSTD);
    assert_int_equal(bundle_level(0, BUNDLE_SMALL), BUNDLE_LEVEL);
}

static void a_bundle_altered_anywhere_or_cut_off_is_refused(void **state)
{
    struct pair p;
    struct buffer sealed;
    struct bundle b;
    struct err e = {0};

    (void)state;
    make_pair(&p);
    seal_three(&p, &sealed);
    for (size_t i = 0; i < sealed.count; i++) {
        bool opened;

        sealed.bytes[i] ^= 1;
        opened = bundle_open(&b, sealed.bytes, sealed.count, &p.centre, &p.box.public_key,
                             NULL, &e) == 0;
        /* The signature's own bytes lie outside the cipher: they show in proof. */
        assert_true(!opened || !bundle_proved(sealed.bytes, sealed.count,
                                              &p.box.public_key, &chain_of_test));
        if (opened)
            bundle_release(&b);
        else
            assert_int_equal(e.code, ERR_REFUSED);
        sealed.bytes[i] ^= 1;
    }
    for (size_t n = 0; n < sealed.count; n++)
        assert_int_equal(
            bundle_open(&b, sealed.bytes, n, &p.centre, &p.box.public_key, NULL, &e), -1);
    buffer_release(&sealed);
}

static void a_bundle_of_a_stranger_or_for_a_stranger_is_refused(void **state)
{
    struct pair p;
    struct buffer sealed;
    struct bundle b;
    struct err e = {0};

    (void)state;
    make_pair(&p);
    seal_three(&p, &sealed);
    assert_int_equal(bundle_open(&b, sealed.bytes, sealed.count, &p.centre,
                                 &p.stranger.public_key, NULL, &e),
                     -1);
    assert_int_equal(bundle_open(&b, sealed.bytes, sealed.count, &p.stranger,
                                 &p.box.public_key, NULL, &e),
                     -1);
    buffer_release(&sealed);
}

static void a_receipt_holds_and_cannot_be_forged(void **state)
{
    struct pair p;
    struct buffer out;
    struct err e = {0};
    struct receipt_blob blob = {.sha256 = {{5}}, .state = BLOB_SAFE};
    struct receipt r = {.site = 17,
                        .centre_epoch = 3,
                        .received = 40,
                        .applied = 38,
                        .safe = 30,
                        .missing_first = 41,
                        .missing_last = 44,
                        .wall_ms = 1234567890123,
                        .blobs = &blob,
                        .blobs_count = 1};
    struct receipt back;

    (void)state;
    make_pair(&p);
    buffer_init(&out, RECEIPT_BYTES_MAX);
    receipt_encode(&r, &p.centre, &out);
    assert_int_equal(
        receipt_decode(&back, out.bytes, out.count, &p.centre.public_key, 17, &e), 0);
    assert_int_equal(back.received, 40);
    assert_int_equal(back.missing_last, 44);
    assert_int_equal(back.blobs_count, 1);
    assert_int_equal(back.blobs[0].state, BLOB_SAFE);
    receipt_release(&back);
    assert_int_equal(
        receipt_decode(&back, out.bytes, out.count, &p.stranger.public_key, 17, &e), -1);
    assert_int_equal(
        receipt_decode(&back, out.bytes, out.count, &p.centre.public_key, 18, &e), -1);
    for (size_t i = 0; i < out.count; i++) {
        out.bytes[i] ^= 0x40;
        assert_int_equal(
            receipt_decode(&back, out.bytes, out.count, &p.centre.public_key, 17, &e),
            -1);
        out.bytes[i] ^= 0x40;
    }
    buffer_release(&out);
}

static void a_claim_is_proved_by_the_secret_alone(void **state)
{
    struct pair p;
    uint8_t bytes[CLAIM_BYTES];
    uint8_t secret[ENROL_SECRET_BYTES] = {42}, wrong[ENROL_SECRET_BYTES] = {43};
    struct claim c = {.site = 17, .epoch = 1}, back;
    struct err e = {0};

    (void)state;
    make_pair(&p);
    c.key = p.box.public_key;
    claim_encode(&c, secret, &p.box, bytes);
    assert_int_equal(claim_decode(&back, bytes, sizeof bytes, &e), 0);
    assert_int_equal(back.site, 17);
    assert_true(claim_proved(bytes, secret));
    assert_false(claim_proved(bytes, wrong));
    bytes[10] ^= 1;
    assert_int_equal(claim_decode(&back, bytes, sizeof bytes, &e), -1);
}

static void an_enrolment_file_says_what_is_wrong_with_it(void **state)
{
    struct pair p;
    struct enrolment f = {.site = 17}, back;
    struct buffer text;
    struct err e = {0};

    (void)state;
    make_pair(&p);
    (void)snprintf(f.name, sizeof f.name, "Xã An Bình Đông");
    (void)snprintf(f.province, sizeof f.province, "Tỉnh Thử Nghiệm");
    (void)snprintf(f.url, sizeof f.url, "https://127.0.0.1:8443");
    f.centre_key = p.centre.public_key;
    f.tls_key = p.centre.public_key;
    buffer_init(&text, ENROL_FILE_MAX);
    assert_int_equal(enrolment_encode(&f, &text, &e), 0);
    assert_int_equal(enrolment_decode(&back, text.bytes, text.count, &e), 0);
    assert_string_equal(back.name, f.name);
    assert_memory_equal(&back.centre_key, &f.centre_key, sizeof f.centre_key);
    assert_null(strstr((const char *)text.bytes, "epoch"));
    assert_int_equal(back.epoch, 1); /* where the file says nothing */
    assert_int_equal(enrolment_decode(&back, text.bytes, text.count / 2, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    buffer_clear(&text);
    f.epoch = 254;
    assert_int_equal(enrolment_encode(&f, &text, &e), 0);
    assert_int_equal(enrolment_decode(&back, text.bytes, text.count, &e), 0);
    assert_int_equal(back.epoch, 254);
    buffer_clear(&text);
    f.epoch = 255; /* the centre's own */
    assert_int_equal(enrolment_encode(&f, &text, &e), 0);
    assert_int_equal(enrolment_decode(&back, text.bytes, text.count, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_non_null(strstr(e.text, "epoch"));
    buffer_clear(&text);
    buffer_append_text(&text, "{\"tram\": \"enrolment\", \"version\": 1, \"site\": 0}");
    assert_int_equal(enrolment_decode(&back, text.bytes, text.count, &e), -1);
    assert_non_null(strstr(e.text, "site"));
    buffer_release(&text);
}

struct sunk {
    struct buffer bytes;
};

static int sink(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct sunk *s = arg;

    buffer_append(&s->bytes, bytes, count);
    return buffer_check(&s->bytes, e);
}

static void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

/* Any range of the sealed form is the same bytes as the whole: a retry, or another
 * road, may go on anywhere. */
static void a_sealed_blob_is_equal_in_every_piece_and_every_retry(void **state)
{
    char dir[] = "/tmp/tram-sealed-XXXXXX", path[64], sealed_path[64];
    static unsigned char plain[150000];
    struct pair p;
    struct hash h, back;
    struct buffer whole, part;
    struct sunk sunk;
    struct disk_file *f = NULL;
    struct err e = {0};
    uint8_t shared[SHARED_BYTES];

    (void)state;
    make_pair(&p);
    p.random.random.fill(&p.random.random, plain, sizeof plain);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/blob", dir);
    (void)snprintf(sealed_path, sizeof sealed_path, "%s/sealed", dir);
    write_file(path, plain, sizeof plain);
    hash_of(&h, plain, sizeof plain);
    assert_true(key_agree(&p.box, &p.centre.public_key, shared));
    buffer_init(&whole, 1 << 20);
    buffer_init(&part, 1 << 20);
    buffer_init(&sunk.bytes, 1 << 20);
    assert_int_equal(disk_open(disk_system(), &f, path, DISK_READ, &e), 0);
    assert_int_equal(sealed_blob_read(f, 17, &h, shared, 0, 1 << 20, &whole, &e), 0);
    assert_int_equal(whole.count, sealed_bytes(sizeof plain));
    for (uint64_t at = 0; at < whole.count; at += 4096)
        assert_int_equal(sealed_blob_read(f, 17, &h, shared, at, 4096, &part, &e), 0);
    assert_int_equal(part.count, whole.count);
    assert_memory_equal(part.bytes, whole.bytes, whole.count);
    disk_close(f);

    write_file(sealed_path, whole.bytes, whole.count);
    assert_true(key_agree(&p.centre, &p.box.public_key, shared));
    assert_int_equal(disk_open(disk_system(), &f, sealed_path, DISK_READ, &e), 0);
    assert_int_equal(sealed_blob_open(f, 17, shared, &back, sink, &sunk, &e), 0);
    assert_true(hash_equal(&h, &back));
    assert_memory_equal(sunk.bytes.bytes, plain, sizeof plain);
    disk_close(f);

    whole.bytes[100000] ^= 1;
    write_file(sealed_path, whole.bytes, whole.count);
    assert_int_equal(disk_open(disk_system(), &f, sealed_path, DISK_READ, &e), 0);
    assert_int_equal(sealed_blob_open(f, 17, shared, &back, sink, &sunk, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    disk_close(f);
    (void)unlink(path);
    (void)unlink(sealed_path);
    (void)rmdir(dir);
    buffer_release(&whole);
    buffer_release(&part);
    buffer_release(&sunk.bytes);
}

/* The table of merge.h, through real SQLite values. */
static void merge_follows_its_table(void **state)
{
    static const struct {
        int old, new, here; /* 0: NULL */
        bool from_box, concurrent, locked;
        enum merge_result expected;
    } cases[] = {
        {1, 1, 3, true, true, false, MERGE_KEEP},
        {1, 2, 1, true, false, false, MERGE_TAKE},
        {1, 2, 1, true, true, false, MERGE_TAKE}, /* here: there and back */
        {1, 2, 1, false, true, false, MERGE_KEEP},
        {1, 2, 2, true, true, false, MERGE_KEEP},
        {1, 2, 3, true, false, false, MERGE_TAKE},
        {1, 2, 3, true, true, false, MERGE_TAKE_CONFLICT},
        {1, 2, 3, false, true, false, MERGE_KEEP_CONFLICT},
        {1, 2, 1, true, true, true, MERGE_KEEP_CONFLICT},
        {1, 2, 1, false, false, true, MERGE_TAKE},
        {0, 2, 0, true, true, false, MERGE_TAKE},
        {1, 0, 1, true, false, false, MERGE_TAKE},
    };
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT nullif(?1, 0), nullif(?2, 0), "
                                        "nullif(?3, 0)",
                                        -1, &s, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct merge_case c = {.incoming_from_box = cases[i].from_box,
                               .concurrent = cases[i].concurrent,
                               .locked = cases[i].locked};

        (void)sqlite3_reset(s);
        (void)sqlite3_bind_int(s, 1, cases[i].old);
        (void)sqlite3_bind_int(s, 2, cases[i].new);
        (void)sqlite3_bind_int(s, 3, cases[i].here);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        c.incoming_old = sqlite3_column_value(s, 0);
        c.incoming_new = sqlite3_column_value(s, 1);
        c.here = sqlite3_column_value(s, 2);
        assert_int_equal(merge(&c), cases[i].expected);
    }
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_opens_for_the_centre_and_proves_the_chain),
        cmocka_unit_test(a_bundle_costs_at_most_160_bytes_around_its_frames),
        cmocka_unit_test(a_weak_link_is_packed_for_harder_than_a_fast_one),
        cmocka_unit_test(a_single_record_is_squeezed_only_for_a_link_known_to_be_weak),
        cmocka_unit_test(a_bundle_altered_anywhere_or_cut_off_is_refused),
        cmocka_unit_test(a_bundle_of_a_stranger_or_for_a_stranger_is_refused),
        cmocka_unit_test(a_receipt_holds_and_cannot_be_forged),
        cmocka_unit_test(a_claim_is_proved_by_the_secret_alone),
        cmocka_unit_test(an_enrolment_file_says_what_is_wrong_with_it),
        cmocka_unit_test(a_sealed_blob_is_equal_in_every_piece_and_every_retry),
        cmocka_unit_test(merge_follows_its_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
