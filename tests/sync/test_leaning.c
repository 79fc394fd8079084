/* What a bundle leans on, apart from where it comes from (test_history.c): squeezed or
 * zstd's, behind how much of it, and what is said when it does not come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/bundle.h"

struct pair {
    struct random_seeded random;
    struct key_pair box, centre;
};

static const struct hash chain_of_test = {{1, 2, 3}};

static void make_pair(struct pair *p)
{
    random_seeded_init(&p->random, 7);
    key_pair_make(&p->box, &p->random.random);
    key_pair_make(&p->centre, &p->random.random);
}

/* A past that both have; what was asked for of it. */
struct past {
    struct buffer bytes;
    struct history_name asked;
};

static int newest_of_past(void *arg, const struct bundle_header *h,
                          const struct history_name *name, struct buffer *out,
                          struct err *e)
{
    struct past *past = arg;

    (void)h;
    past->asked = *name;
    if (name->bytes > past->bytes.count)
        return 0;
    buffer_append(out, past->bytes.bytes + past->bytes.count - name->bytes, name->bytes);
    return buffer_check(out, e) == 0 ? 1 : -1;
}

static void append_papers(struct buffer *b, unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++)
        buffer_append_format(b, "Giấy chứng nhận số %u của hộ gia đình ở thôn %u.\n",
                             i * 7919 % 100000, i % 23);
}

static void seal_behind(struct pair *p, int level, const struct past *past,
                        const struct buffer *paper, struct buffer *out)
{
    struct bundle_writer *w = NULL;
    struct frame f = {
        .sequence = 41, .changeset = paper->bytes, .changeset_bytes = paper->count};
    struct err e = {0};

    buffer_clear(out);
    assert_int_equal(bundle_writer_create(&w, DIRECTION_UP, 17, 2, &e), 0);
    bundle_writer_level(w, level);
    bundle_writer_history(w, 40, &chain_of_test, past->bytes.bytes, past->bytes.count);
    assert_int_equal(bundle_writer_add(w, &f, &e), 0);
    assert_int_equal(bundle_writer_seal(w, &chain_of_test, &p->box, &p->centre.public_key,
                                        &p->random.random, out, &e),
                     0);
    bundle_writer_destroy(w);
}

static int open_behind(struct pair *p, struct past *past, const struct buffer *sealed,
                       struct bundle *out)
{
    const struct bundle_sources sources = {.history = newest_of_past, .arg = past};
    struct err e = {0};

    return bundle_open(out, sealed->bytes, sealed->count, &p->centre, &p->box.public_key,
                       &sources, &e);
}

static void assert_opens_behind(struct pair *p, struct past *past,
                                const struct buffer *sealed, const struct buffer *paper)
{
    struct bundle b;

    assert_int_equal(open_behind(p, past, sealed, &b), 0);
    assert_int_equal(b.frames_count, 1);
    assert_int_equal(b.frames[0].changeset_bytes, paper->count);
    assert_memory_equal(b.frames[0].changeset, paper->bytes, paper->count);
    bundle_release(&b);
}

static void make_past(struct past *past, struct buffer *paper, unsigned papers)
{
    buffer_init(&past->bytes, BUNDLE_HISTORY_MAX);
    buffer_init(paper, BUNDLE_PLAIN_MAX);
    append_papers(&past->bytes, 1, 9000);
    append_papers(paper, 9001, papers);
}

static void what_leans_is_squeezed_for_a_weak_link_and_zstds_for_a_fast_one(void **state)
{
    struct buffer paper, squeezed, fast;
    struct past past;
    struct pair p;

    (void)state;
    make_pair(&p);
    make_past(&past, &paper, 100);
    buffer_init(&squeezed, BUNDLE_BYTES_MAX);
    buffer_init(&fast, BUNDLE_BYTES_MAX);
    seal_behind(&p, bundle_level(8000, paper.count), &past, &paper, &squeezed);
    seal_behind(&p, bundle_level(100000, paper.count), &past, &paper, &fast);
    assert_int_equal(squeezed.bytes[5], PACKING_SQUEEZED_HISTORY);
    assert_int_equal(fast.bytes[5], PACKING_HISTORY);
    assert_true(squeezed.count < fast.count);
    assert_opens_behind(&p, &past, &squeezed, &paper);
    assert_opens_behind(&p, &past, &fast, &paper);
    buffer_release(&squeezed);
    buffer_release(&fast);
    buffer_release(&past.bytes);
    buffer_release(&paper);
}

static void a_single_record_is_squeezed_behind_little_history(void **state)
{
    struct buffer paper, sealed;
    struct past past;
    struct pair p;

    (void)state;
    make_pair(&p);
    make_past(&past, &paper, 1);
    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    assert_true(past.bytes.count > 128 << 10);
    seal_behind(&p, BUNDLE_LEVEL, &past, &paper, &sealed);
    assert_opens_behind(&p, &past, &sealed, &paper);
    assert_int_equal(past.asked.bytes, 128 << 10);
    assert_int_equal(past.asked.last, 40);
    buffer_release(&sealed);
    buffer_release(&past.bytes);
    buffer_release(&paper);
}

/* The centre has one loop for all of them, and a single record never tells a link's rate. */
static void a_single_record_is_not_squeezed_where_nobody_knows_the_rate(void **state)
{
    struct buffer paper, sealed, squeezed;
    struct past past;
    struct pair p;

    (void)state;
    make_pair(&p);
    make_past(&past, &paper, 1);
    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    buffer_init(&squeezed, BUNDLE_BYTES_MAX);
    seal_behind(&p, bundle_level(0, paper.count), &past, &paper, &sealed);
    seal_behind(&p, bundle_level(8000, paper.count), &past, &paper, &squeezed);
    assert_int_equal(sealed.bytes[5], PACKING_HISTORY);
    assert_int_equal(squeezed.bytes[5], PACKING_SQUEEZED_HISTORY);
    assert_opens_behind(&p, &past, &sealed, &paper);
    assert_int_equal(past.asked.bytes, 128 << 10);
    buffer_release(&squeezed);
    buffer_release(&sealed);
    buffer_release(&past.bytes);
    buffer_release(&paper);
}

/* As two machines would that predict differently: it is not the box's fault. */
static void a_squeeze_that_does_not_come_out_is_asked_for_without_history(void **state)
{
    struct buffer paper, sealed;
    struct past past;
    struct bundle b;
    struct pair p;

    (void)state;
    make_pair(&p);
    make_past(&past, &paper, 20);
    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    seal_behind(&p, BUNDLE_LEVEL, &past, &paper, &sealed);
    past.bytes.bytes[past.bytes.count - 100] ^= 1;
    assert_int_equal(open_behind(&p, &past, &sealed, &b), -1);
    assert_int_equal(b.lacks, BUNDLE_LACKS_HISTORY);
    assert_int_equal(b.header.site, 17);
    assert_null(b.frames);
    buffer_release(&sealed);
    buffer_release(&past.bytes);
    buffer_release(&paper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leans_is_squeezed_for_a_weak_link_and_zstds_for_a_fast_one),
        cmocka_unit_test(a_single_record_is_squeezed_behind_little_history),
        cmocka_unit_test(a_single_record_is_not_squeezed_where_nobody_knows_the_rate),
        cmocka_unit_test(a_squeeze_that_does_not_come_out_is_asked_for_without_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
