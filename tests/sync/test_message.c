/* Messages on the framed stream: what each says, and what is none. */
#include "sync/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct hello_keys {
    struct key_pair box, stranger;
};

static void make_keys(struct hello_keys *k)
{
    struct random_seeded r;

    random_seeded_init(&r, 1);
    key_pair_make(&k->box, &r.random);
    key_pair_make(&k->stranger, &r.random);
}

static void a_hello_is_bound_to_its_connection(void **state)
{
    struct hello_keys k;
    struct buffer out;
    struct message m;
    struct err e = {0};
    size_t used;
    struct status_vector s = {.last = UINT32_MAX,
                              .received = 9,
                              .waiting_bytes = {0, 1000000, 0, 5000, 70000, 900000000},
                              .oldest_unsent_s = 86400 * 40};

    (void)state;
    make_keys(&k);
    buffer_init(&out, 4096);
    message_hello(&out, 17, 1, &s, "binding A", 9, &k.box);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), 1);
    assert_int_equal(used, out.count);
    assert_true(m.as.hello.signed_count - 4 <= STATUS_BYTES_MAX);
    assert_int_equal(m.as.hello.status.waiting_bytes[5], 900000000);
    assert_true(message_hello_proved(&m, "binding A", 9, &k.box.public_key));
    assert_false(message_hello_proved(&m, "binding B", 9, &k.box.public_key));
    assert_false(message_hello_proved(&m, "binding A", 9, &k.stranger.public_key));
    for (size_t n = 0; n < out.count; n++)
        assert_int_equal(message_next(&m, &used, out.bytes, n, &e), 0);
    buffer_release(&out);
}

static void take_hello_of(const struct status_vector *in, struct status_vector *out,
                          size_t *vector_bytes)
{
    struct hello_keys k;
    struct buffer bytes;
    struct message m;
    struct err e = {0};
    size_t used;

    make_keys(&k);
    buffer_init(&bytes, 4096);
    message_hello(&bytes, 17, 1, in, "binding A", 9, &k.box);
    assert_int_equal(message_next(&m, &used, bytes.bytes, bytes.count, &e), 1);
    *out = m.as.hello.status;
    *vector_bytes = m.as.hello.signed_count - 4;
    buffer_release(&bytes);
}

static void a_status_vector_of_large_numbers_still_has_64_bytes(void **state)
{
    struct status_vector most, back;
    size_t bytes;

    (void)state;
    memset(&most, 0xff, sizeof most);
    take_hello_of(&most, &back, &bytes);
    assert_true(bytes <= STATUS_BYTES_MAX);
    assert_int_equal(back.last, (1ull << 35) - 1);
    assert_int_equal(back.waiting_bytes[5], (1ull << 42) - 1);
    assert_int_equal(back.seen_epoch, 255);
    most = (struct status_vector){.last = 7, .seen = 3000000000, .seen_epoch = 2};
    most.schema = 4;
    take_hello_of(&most, &back, &bytes);
    assert_int_equal(back.seen, 3000000000);
    assert_int_equal(back.seen_epoch, 2);
    assert_int_equal(back.schema, 4);
    assert_int_equal(back.last, 7);
}

static void a_box_of_the_first_version_takes_nothing_but_receipts(void **state)
{
    static const unsigned char hello[] = {
        MESSAGE_HELLO, 4 + 14 + SIGNATURE_BYTES, 0, /* site, epoch: */ 17, 0, 1, 0,
        /* version, last, received, by class, oldest, parked, disk, failure: */
        1, 9, 8, 0, 100, 0, 0, 0, 0, 0, 60, 0, 55, 0};
    unsigned char bytes[sizeof hello + SIGNATURE_BYTES] = {0};
    struct message m;
    struct err e = {0};
    size_t used;

    (void)state;
    memcpy(bytes, hello, sizeof hello);
    assert_int_equal(message_next(&m, &used, bytes, sizeof bytes, &e), 1);
    assert_int_equal(m.as.hello.status.last, 9);
    assert_int_equal(m.as.hello.status.disk_used_percent, 55);
    assert_int_equal(m.as.hello.status.schema, 0);
    bytes[7] = 3; /* of a version to come: the centre is upgraded first */
    assert_int_equal(message_next(&m, &used, bytes, sizeof bytes, &e), -1);
}

static void a_chain_is_compared_at_evenly_spaced_places_with_both_ends(void **state)
{
    struct chain_range r = {.first = 10, .last = 12};
    unsigned char hashes[CHAIN_PLACES_MAX * CHAIN_HASH_BYTES] = {42};
    struct buffer out;
    struct message m;
    struct err e = {0};
    size_t used;

    (void)state;
    assert_int_equal(chain_places(&r), 3);
    assert_int_equal(chain_place(&r, 1), 11);
    r.last = r.first;
    assert_int_equal(chain_places(&r), 1);
    assert_int_equal(chain_place(&r, 0), 10);
    r.last = (1ull << 56) - 1;
    assert_int_equal(chain_places(&r), CHAIN_PLACES_MAX);
    assert_int_equal(chain_place(&r, 0), 10);
    assert_int_equal(chain_place(&r, CHAIN_PLACES_MAX - 1), r.last);
    buffer_init(&out, 4096);
    message_chain_ask(&out, &r, 3, hashes);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), 1);
    assert_int_equal(m.as.chain.range.last, r.last);
    assert_int_equal(m.as.chain.epoch, 3);
    assert_int_equal(m.as.chain.hashes[0], 42);
    out.bytes[1]--; /* one byte short of all its hashes */
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), -1);
    buffer_release(&out);
}

static void an_answer_about_a_chain_is_the_centres_and_of_this_link_only(void **state)
{
    const struct chain_range r = {.first = 10, .last = 12};
    struct random_seeded random;
    struct key_pair centre, other;
    struct buffer out;
    struct message m;
    struct err e = {0};
    size_t used;

    (void)state;
    random_seeded_init(&random, 3);
    key_pair_make(&centre, &random.random);
    key_pair_make(&other, &random.random);
    buffer_init(&out, 4096);
    message_chain_answer(&out, &r, 2, "this link", 9, &centre);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), 1);
    assert_null(m.as.chain.hashes);
    assert_int_equal(m.as.chain.range.first, 10);
    assert_int_equal(m.as.chain.epoch, 2);
    assert_true(message_chain_proved(&m, "this link", 9, &centre.public_key));
    assert_false(message_chain_proved(&m, "that link", 9, &centre.public_key));
    assert_false(message_chain_proved(&m, "this link", 9, &other.public_key));
    out.bytes[MESSAGE_HEADER_BYTES + 1] = 9; /* another epoch */
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), 1);
    assert_false(message_chain_proved(&m, "this link", 9, &centre.public_key));
    buffer_release(&out);
}

static void a_block_beyond_its_object_is_no_message(void **state)
{
    struct object_id o = {.kind = OBJECT_BLOB, .id = {1}};
    struct buffer out;
    struct message m;
    struct err e = {0};
    size_t used;

    (void)state;
    buffer_init(&out, 65536);
    message_block(&out, &o, 100, 90, "0123456789", 10);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), 1);
    assert_int_equal(m.as.block.offset, 90);
    buffer_clear(&out);
    message_block(&out, &o, 100, 91, "0123456789", 10);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), -1);
    buffer_clear(&out);
    buffer_append(&out, "\xee\0\0", 3);
    assert_int_equal(message_next(&m, &used, out.bytes, out.count, &e), -1);
    buffer_release(&out);
}

/* What a box's core says goes out shorter, and is the same to the centre's session. */
static void blocks_that_go_on_say_so_in_three_bytes(void **state)
{
    static const unsigned char zeroes[2 * BLOCK_BYTES_MAX];
    struct object_id one = {.id = {1}}, two = {.id = {2}};
    struct message_thread out_thread = {0}, in_thread = {0};
    struct buffer said, out;
    struct message m;
    struct err e;
    size_t at = 0, used, blocks = 0;

    (void)state;
    buffer_init(&said, 1u << 20);
    buffer_init(&out, 1u << 20);
    message_block(&said, &one, 20000, 0, zeroes, 4096);
    message_empty(&said, MESSAGE_PING);
    message_block(&said, &one, 20000, 4096, zeroes, 4096);
    message_block(&said, &two, 20000, 8192, zeroes, 4096); /* of another */
    message_block(&said, &two, 20000, 12288, zeroes, 7712 - 4000);
    message_block(&said, &two, 20000, 0, zeroes, 100); /* asked for again */
    message_shorten(&out_thread, &out, said.bytes, said.count);
    assert_int_equal(out.count, said.count - 2 * 33);
    for (at = 0; at < out.count; at += used) {
        struct message was;
        size_t was_used;

        assert_int_equal(message_next(&m, &used, out.bytes + at, out.count - at, &e), 1);
        assert_int_equal(message_lengthen(&in_thread, &m, &e), 0);
        assert_int_equal(
            message_next(&was, &was_used, said.bytes + blocks, said.count - blocks, &e),
            1);
        blocks += was_used;
        assert_int_equal(m.type, was.type);
        if (m.type != MESSAGE_BLOCK)
            continue;
        assert_true(object_id_equal(&m.as.block.object, &was.as.block.object));
        assert_int_equal(m.as.block.offset, was.as.block.offset);
        assert_int_equal(m.as.block.total_bytes, was.as.block.total_bytes);
        assert_int_equal(m.as.block.count, was.as.block.count);
    }
    buffer_release(&said);
    buffer_release(&out);
}

static void more_of_nothing_and_too_much_more_are_refused(void **state)
{
    static const unsigned char more[] = {MESSAGE_MORE, 2, 0, 'x', 'y'};
    struct message_thread t = {0};
    struct message m;
    struct err e;
    size_t used;

    (void)state;
    assert_int_equal(message_next(&m, &used, more, sizeof more, &e), 1);
    assert_int_equal(message_lengthen(&t, &m, &e), -1);
    assert_int_equal(e.code, ERR_CORRUPT);
    t = (struct message_thread){.active = true, .total_bytes = 10, .next = 9};
    assert_int_equal(message_next(&m, &used, more, sizeof more, &e), 1);
    assert_int_equal(message_lengthen(&t, &m, &e), -1);
    t.next = 8;
    assert_int_equal(message_next(&m, &used, more, sizeof more, &e), 1);
    assert_int_equal(message_lengthen(&t, &m, &e), 0);
    assert_int_equal(m.as.block.offset, 8);
}

/* So that a link that breaks in between has carried no more than a block in vain. */
static void what_is_cut_for_a_record_is_whole_messages(void **state)
{
    static const unsigned char zeroes[BLOCK_BYTES_MAX];
    struct object_id id = {0};
    struct buffer b;
    size_t small, block;

    (void)state;
    buffer_init(&b, 1u << 20);
    message_empty(&b, MESSAGE_PING);
    message_seen(&b, 1, 1);
    small = b.count;
    assert_int_equal(message_cut(b.bytes, b.count), small);
    message_block(&b, &id, 2 * BLOCK_BYTES_MAX, 0, zeroes, sizeof zeroes);
    block = b.count - small;
    message_block(&b, &id, 2 * BLOCK_BYTES_MAX, sizeof zeroes, zeroes, sizeof zeroes);
    message_empty(&b, MESSAGE_PING);
    assert_int_equal(message_cut(b.bytes, b.count), small + block);
    assert_int_equal(message_cut(b.bytes + small + block, block + 3), block + 3);
    assert_int_equal(message_cut(b.bytes + small, block - 1), block - 1);
    assert_int_equal(message_cut(b.bytes, 2), 2);
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_that_go_on_say_so_in_three_bytes),
        cmocka_unit_test(more_of_nothing_and_too_much_more_are_refused),
        cmocka_unit_test(what_is_cut_for_a_record_is_whole_messages),
        cmocka_unit_test(a_hello_is_bound_to_its_connection),
        cmocka_unit_test(a_status_vector_of_large_numbers_still_has_64_bytes),
        cmocka_unit_test(a_box_of_the_first_version_takes_nothing_but_receipts),
        cmocka_unit_test(a_chain_is_compared_at_evenly_spaced_places_with_both_ends),
        cmocka_unit_test(an_answer_about_a_chain_is_the_centres_and_of_this_link_only),
        cmocka_unit_test(a_block_beyond_its_object_is_no_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
