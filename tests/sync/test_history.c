/* Bundles that lean on what both ends have: what is agreed by chain hash, what happens
 * when one end lacks it, on every road. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "schema/statements.h"
#include "sync/centre/journal_internal.h"
#include "sync/centre/receipts.h"
#include "sync/dictionary.h"
#include "tests/lib/pair.h"

/* Long enough that leaning on it shows. */
#define TEXT                                                                                                        \
    "Ủy ban nhân dân xã đề nghị các thôn lập danh sách hộ gia đình, đối chiếu với sổ "  \
    "gốc, gửi về Văn phòng trước ngày 12 tháng 3 để tổng hợp; hồ sơ gồm hai bộ, đóng " \
    "thành quyển, đánh số tờ liên tục, số hiệu 7f3a9c51e2b84d6075"

static struct pair p;
static struct outbox *outbox;
static struct sync_object object; /* of the bundle made last */
static struct buffer bytes;

static void open_outbox(void)
{
    must(outbox_create(&outbox, p.box, &p.random.random, &p.err), &p.err);
}

static int start(void **state)
{
    (void)state;
    pair_start(&p, 9);
    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    open_outbox();
    return 0;
}

static int finish(void **state)
{
    (void)state;
    outbox_destroy(outbox);
    buffer_release(&bytes);
    pair_finish(&p);
    return 0;
}

static void box_makes(unsigned number)
{
    char sql[1024];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code, title) VALUES (%llu, 'D-%u', '%s %u')",
                   (unsigned long long)id_make(
                       p.site, store_identity(p.box->store)->epoch, 1000 + number),
                   number, TEXT, number);
    assert_true(pair_box_writes(&p, sql) != 0);
}

/* The bundle that holds this sequence, as a carrier gets it. */
/* For a weak link, so that a single record is squeezed too. */
static struct bundle_header make_bundle(uint64_t first)
{
    const struct sync_action weak = {
        .kind = SYNC_DO_MAKE_BUNDLE, .first = first, .rate = 8000};
    struct bundle_header h;

    assert_int_equal(outbox_make(outbox, &weak, &object, &p.err), 1);
    buffer_clear(&bytes);
    while (bytes.count < object.total_bytes)
        must(
            outbox_read(outbox, &object.id, bytes.count, BLOCK_BYTES_MAX, &bytes, &p.err),
            &p.err);
    must(bundle_peek(&h, bytes.bytes, bytes.count, &p.err), &p.err);
    return h;
}

static enum journal_verdict hand_over(const struct sync_object *o, const struct buffer *b,
                                      enum refused *why)
{
    enum journal_verdict verdict;

    *why = 0;
    must(journal_take(p.p.centre, p.site, &o->id, b->bytes, b->count, &verdict, why,
                      &p.err),
         &p.err);
    return verdict;
}

static void deliver(enum journal_verdict expected)
{
    enum refused why;

    assert_int_equal(hand_over(&object, &bytes, &why), expected);
}

static void deliver_lacking(enum refused expected)
{
    enum refused why;

    assert_int_equal(hand_over(&object, &bytes, &why), JOURNAL_REFUSED);
    assert_int_equal(why, expected);
}

/* The centre's word on where it stands reaches the box. */
static void hear(void)
{
    struct receipt r;
    struct buffer b;

    must(site_receipt(p.p.centre, p.site, &r, &p.err), &p.err);
    buffer_init(&b, RECEIPT_BYTES_MAX);
    receipt_encode(&r, &p.p.centre->key, &b);
    must(outbox_store_receipt(outbox, b.bytes, b.count, &p.err), &p.err);
    buffer_release(&b);
    receipt_release(&r);
}

static uint64_t box_makes_and_it_is_received(unsigned number)
{
    box_makes(number);
    (void)make_bundle(pair_box_last(&p));
    deliver(JOURNAL_TAKEN);
    (void)pair_apply_up(&p, 1000);
    hear();
    return pair_box_last(&p);
}

/* What the core asks for after the centre has refused it so. */
static struct bundle_header make_otherwise(uint64_t first, enum refused why)
{
    const struct sync_action again = {.kind = SYNC_DO_MAKE_BUNDLE,
                                      .first = first,
                                      .object = object.id,
                                      .lacks = why,
                                      .rate = 8000};

    assert_int_equal(outbox_make(outbox, &again, &object, &p.err), 1);
    return make_bundle(first);
}

static void expect_equal(void)
{
    pair_settle(&p);
    pair_expect_equal(&p);
    assert_int_equal(pair_problems(&p), 0);
}

/* ------------------------------------------------------------------------- up */

static void what_is_received_is_leant_on_and_what_is_not_is_not(void **state)
{
    struct bundle_header first, second, third;

    (void)state;
    box_makes(1);
    first = make_bundle(1);
    assert_int_equal(first.packing, PACKING_SQUEEZED_DICTIONARY);
    deliver(JOURNAL_TAKEN);
    box_makes(2);
    second = make_bundle(pair_box_last(&p)); /* no receipt has come yet */
    assert_int_equal(second.packing, PACKING_SQUEEZED_DICTIONARY);
    deliver(JOURNAL_TAKEN);
    hear();
    box_makes(3);
    third = make_bundle(pair_box_last(&p));
    assert_int_equal(third.packing, PACKING_SQUEEZED_HISTORY);
    assert_true(third.sealed_bytes < first.sealed_bytes / 2);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void a_kept_bundle_is_the_same_bytes_although_more_is_received(void **state)
{
    struct object_id before;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    box_makes(3);
    (void)make_bundle(last + 1);
    before = object.id;
    assert_int_equal(pair_carry_up(&p, last + 1, last + 1), JOURNAL_TAKEN); /* by stick */
    hear();
    outbox_destroy(outbox); /* the program starts again */
    open_outbox();
    (void)make_bundle(last + 2);
    assert_true(object_id_equal(&before, &object.id));
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void roads_overlap_and_each_bundle_opens(void **state)
{
    struct sync_object stick;
    struct buffer on_the_stick;
    enum refused why;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    box_makes(3);
    (void)make_bundle(last + 1); /* goes by stick, and leans on frame 1 */
    stick = object;
    buffer_init(&on_the_stick, BUNDLE_BYTES_MAX);
    buffer_append(&on_the_stick, bytes.bytes, bytes.count);
    assert_int_equal(pair_carry_up(&p, last + 1, last + 1), JOURNAL_TAKEN); /* by link */
    hear();
    assert_int_equal(hand_over(&stick, &on_the_stick, &why), JOURNAL_TAKEN);
    buffer_release(&on_the_stick);
    expect_equal();
}

static void after_a_gap_it_is_held_unopened_until_what_it_leans_on_comes(void **state)
{
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    assert_int_equal(pair_carry_up(&p, last + 1, last + 1), JOURNAL_TAKEN);
    hear();
    box_makes(3);
    assert_int_equal(make_bundle(last + 2).packing, PACKING_SQUEEZED_HISTORY);
    /* The centre is put back to before the second one. */
    pair_centre_alone(&p, "DELETE FROM journal WHERE last = 2");
    pair_centre_alone(&p, "DELETE FROM journal_frame WHERE sequence = 2");
    pair_centre_alone(&p, "UPDATE site SET received = 1, applied = 1, chain ="
                          " (SELECT chain FROM journal_frame WHERE sequence = 1)");
    deliver(JOURNAL_HELD);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                            " WHERE state = 'held' AND frames IS NULL"),
                     1);
    assert_int_equal(pair_carry_up(&p, 2, 2), JOURNAL_TAKEN);
    assert_int_equal(province_site(&p.p, p.site).received, 3);
    expect_equal();
}

static void what_was_opened_of_a_held_bundle_counts_as_held(void **state)
{
    int64_t sealed, opened;
    bool may;

    (void)state;
    box_makes(1);
    (void)make_bundle(1);
    box_makes(2);
    assert_int_equal(make_bundle(2).packing, PACKING_SQUEEZED_DICTIONARY);
    deliver(JOURNAL_HELD); /* the first one is on another stick */
    sealed = pair_centre_number(&p, "SELECT sum(length(bytes)) FROM journal");
    opened = pair_centre_number(&p, "SELECT sum(length(frames)) FROM journal");
    assert_true(opened > 0);
    must(journal_may_hold(p.p.centre, p.site,
                          JOURNAL_HELD_BYTES_MAX - (size_t)(sealed + opened), &may,
                          &p.err),
         &p.err);
    assert_true(may);
    must(journal_may_hold(p.p.centre, p.site,
                          JOURNAL_HELD_BYTES_MAX - (size_t)(sealed + opened) + 1, &may,
                          &p.err),
         &p.err);
    assert_false(may);
}

static void a_centre_that_lacks_it_says_so_and_gets_it_packed_otherwise(void **state)
{
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    assert_int_equal(make_bundle(last + 1).packing, PACKING_SQUEEZED_HISTORY);
    /* Somebody has taken a paper out of the journal. */
    pair_centre_alone(&p, "UPDATE journal SET state = 'held' WHERE first = 1");
    deliver_lacking(REFUSED_HISTORY);
    assert_int_equal(make_otherwise(last + 1, REFUSED_HISTORY).packing,
                     PACKING_SQUEEZED_DICTIONARY);
    deliver(JOURNAL_TAKEN);
    hear();
    /* What came since is history again, and no further back. */
    box_makes(3);
    assert_int_equal(make_bundle(last + 2).packing, PACKING_SQUEEZED_HISTORY);
    deliver(JOURNAL_TAKEN);
    assert_int_equal(province_site(&p.p, p.site).alarms, 0);
}

static void a_dictionary_that_the_centre_lacks_is_not_used_again(void **state)
{
    static const char text[] = TEXT " một từ điển của tỉnh khác";
    uint32_t number;

    (void)state;
    must(dictionary_add(p.disk, PAIR_DIR, text, sizeof text, &number, &p.err), &p.err);
    box_makes(1);
    assert_int_equal(make_bundle(1).dictionary, number);
    deliver_lacking(REFUSED_DICTIONARY);
    assert_int_equal(make_otherwise(1, REFUSED_DICTIONARY).packing, PACKING_ZSTD);
    deliver(JOURNAL_TAKEN);
    hear();
    box_makes(2);
    assert_int_equal(make_bundle(2).dictionary, 0);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void
all_that_lean_on_a_dictionary_are_made_otherwise_once_one_is_refused(void **state)
{
    static const char text[] = TEXT " một từ điển chỉ hộp này có";
    struct sync_object first;
    uint32_t number;

    (void)state;
    must(dictionary_add(p.disk, PAIR_DIR, text, sizeof text, &number, &p.err), &p.err);
    for (unsigned i = 1; i <= 6; i++) {
        box_makes(i);
        assert_int_equal(make_bundle(pair_box_last(&p)).dictionary, number);
    }
    (void)make_bundle(1);
    first = object;
    deliver_lacking(REFUSED_DICTIONARY);
    assert_int_equal(make_otherwise(1, REFUSED_DICTIONARY).packing, PACKING_ZSTD);
    assert_int_equal(object.last, 6);
    deliver(JOURNAL_TAKEN);
    /* Word of a bundle that is kept no more teaches nothing, and takes nothing back. */
    box_makes(7);
    object = first;
    assert_int_equal(make_otherwise(7, REFUSED_DICTIONARY).dictionary, 0);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void a_dictionary_that_both_have_is_leant_on(void **state)
{
    static const char text[] = TEXT " một từ điển của tỉnh này";
    uint32_t number;

    (void)state;
    must(dictionary_add(p.disk, PAIR_DIR, text, sizeof text, &number, &p.err), &p.err);
    must(dictionary_add(p.p.disk, PROVINCE_DIR, text, sizeof text, &number, &p.err),
         &p.err);
    box_makes(1);
    assert_int_equal(make_bundle(1).dictionary, number);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void a_box_that_was_put_back_leans_on_what_is_common(void **state)
{
    struct pair_kept kept;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    outbox_destroy(outbox);
    outbox = NULL;
    pair_box_keep(&p, &kept);
    open_outbox();
    (void)box_makes_and_it_is_received(2);
    outbox_destroy(outbox);
    outbox = NULL;
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    open_outbox();
    box_makes(3);
    assert_int_equal(make_bundle(last + 1).packing, PACKING_SQUEEZED_HISTORY);
    deliver(JOURNAL_TAKEN); /* a new line begins after the frame that it leans on */
    expect_equal();
}

static void a_late_bundle_leans_on_the_line_that_was_left(void **state)
{
    struct sync_object stick;
    struct buffer on_the_stick;
    struct pair_kept kept;
    enum refused why = 0;
    uint64_t last;

    (void)state;
    (void)box_makes_and_it_is_received(1);
    outbox_destroy(outbox);
    outbox = NULL;
    pair_box_keep(&p, &kept);
    open_outbox();
    last = box_makes_and_it_is_received(2);
    box_makes(3);
    assert_int_equal(make_bundle(last + 1).packing, PACKING_SQUEEZED_HISTORY);
    stick = object; /* leans on frame 2 of the line that is left now */
    buffer_init(&on_the_stick, BUNDLE_BYTES_MAX);
    buffer_append(&on_the_stick, bytes.bytes, bytes.count);
    outbox_destroy(outbox);
    outbox = NULL;
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    open_outbox();
    box_makes(4);
    (void)make_bundle(last);
    deliver(JOURNAL_TAKEN);
    assert_true(hand_over(&stick, &on_the_stick, &why) != JOURNAL_REFUSED);
    assert_int_equal(why, 0);
    assert_true(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                       " WHERE first = 3 AND frames IS NOT NULL") == 1);
    buffer_release(&on_the_stick);
}

/* -------------------------------------------------------------------- by stick */

static void
what_is_made_for_a_stick_leans_on_nothing_and_is_the_same_on_the_link(void **state)
{
    struct object_id on_the_stick;
    struct bundle_header h;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    assert_int_equal(outbox_bundle_alone(outbox, last + 1, &object, &p.err), 1);
    on_the_stick = object.id;
    h = make_bundle(last + 1);
    assert_int_equal(h.packing, PACKING_ZSTD);
    assert_true(object_id_equal(&on_the_stick, &object.id));
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void a_stick_carries_what_has_begun_to_leave_as_it_is(void **state)
{
    struct object_id begun;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    assert_int_equal(make_bundle(last + 1).packing, PACKING_SQUEEZED_HISTORY);
    begun = object.id;
    assert_int_equal(outbox_bundle_alone(outbox, last + 1, &object, &p.err), 1);
    assert_true(object_id_equal(&begun, &object.id));
}

static void what_leans_and_has_not_begun_to_leave_is_made_anew_for_a_stick(void **state)
{
    struct sync_object leaning;
    uint64_t last;

    (void)state;
    last = box_makes_and_it_is_received(1);
    box_makes(2);
    assert_int_equal(outbox_bundle(outbox, last + 1, &leaning, &p.err), 1);
    assert_int_equal(outbox_bundle_alone(outbox, last + 1, &object, &p.err), 1);
    assert_false(object_id_equal(&leaning.id, &object.id));
    assert_int_equal(make_bundle(last + 1).packing, PACKING_ZSTD);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

static void what_leant_on_a_centre_that_was_put_back_is_made_anew(void **state)
{
    static const char text[] = TEXT " một từ điển mà tỉnh đã mất";
    struct object_id before, alone;
    uint32_t number;

    (void)state;
    box_makes(1);
    assert_int_equal(outbox_bundle_alone(outbox, 1, &object, &p.err), 1);
    alone = object.id;
    (void)make_bundle(1);
    must(dictionary_add(p.disk, PAIR_DIR, text, sizeof text, &number, &p.err), &p.err);
    box_makes(2);
    assert_int_equal(make_bundle(2).dictionary, number);
    before = object.id;
    hear(); /* nothing was put back yet */
    (void)make_bundle(2);
    assert_true(object_id_equal(&before, &object.id));
    pair_centre_alone(&p, "UPDATE centre_state SET epoch = epoch + 1");
    p.p.centre->epoch++;
    hear(); /* by whatever road */
    assert_int_equal(outbox_bundle_alone(outbox, 2, &object, &p.err), 1);
    assert_int_equal(make_bundle(2).packing, PACKING_ZSTD);
    (void)make_bundle(1);
    assert_true(object_id_equal(&alone, &object.id));
    deliver(JOURNAL_TAKEN);
    (void)make_bundle(2);
    deliver(JOURNAL_TAKEN);
    expect_equal();
}

/* ------------------------------------------------------------------------ down */

static struct bundle_header down_header(uint64_t sequence, struct down_sealed *out)
{
    struct bundle_header h;
    bool found;

    must(down_bundle(p.p.centre, p.site, sequence, out, &found, &p.err), &p.err);
    assert_true(found);
    must(bundle_peek(&h, out->bytes.bytes, out->bytes.count, &p.err), &p.err);
    return h;
}

static enum incoming_verdict take_down(const struct down_sealed *d)
{
    enum incoming_verdict verdict;

    must(incoming_take(p.box, d->bytes.bytes, d->bytes.count, &verdict, &p.err), &p.err);
    return verdict;
}

static void province_titles(const char *title)
{
    char sql[1024];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE dossier SET title = '%s %s' WHERE code = 'D-1'", TEXT, title);
    assert_true(pair_centre_writes(&p, sql) != 0);
}

static void box_says_what_it_has_seen(void)
{
    struct incoming_numbers n;

    must(incoming_numbers(p.box, &n, &p.err), &p.err);
    must(down_seen(p.p.centre, p.site, n.seen_epoch, n.seen, &p.err), &p.err);
}

static void what_goes_down_leans_on_what_the_box_has_seen(void **state)
{
    struct down_sealed d;

    (void)state;
    box_makes(1);
    pair_settle(&p);
    province_titles("một");
    assert_int_equal(down_header(1, &d).packing, PACKING_ZSTD);
    assert_int_equal(take_down(&d), INCOMING_TAKEN);
    down_sealed_release(&d);
    (void)pair_apply_down(&p, 10);
    box_says_what_it_has_seen();
    province_titles("hai");
    assert_int_equal(down_header(2, &d).packing, PACKING_HISTORY);
    assert_int_equal(take_down(&d), INCOMING_TAKEN);
    down_sealed_release(&d);
    expect_equal();
}

static void a_box_that_lacks_it_gets_it_packed_otherwise(void **state)
{
    struct down_sealed d;

    (void)state;
    box_makes(1);
    pair_settle(&p);
    province_titles("một");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    (void)pair_apply_down(&p, 10);
    box_says_what_it_has_seen();
    province_titles("hai");
    assert_int_equal(down_header(2, &d).packing, PACKING_HISTORY);
    /* Its disk has lost what it had; the chain is there. */
    must(sql_run(store_db(p.box->store),
                 "UPDATE incoming_frame SET changeset = x'00' WHERE sequence = 1",
                 &p.err),
         &p.err);
    assert_int_equal(take_down(&d), INCOMING_LACKS);
    must(down_lacks(p.p.centre, p.site, &d.object, &p.err), &p.err);
    down_sealed_release(&d);
    assert_int_equal(down_header(2, &d).packing, PACKING_ZSTD);
    assert_int_equal(take_down(&d), INCOMING_TAKEN);
    down_sealed_release(&d);
}

/* By stick no box says what it lacks. */
static void what_goes_down_by_stick_leans_on_nothing(void **state)
{
    struct down_sealed kept, again, alone;
    struct bundle_header h;
    bool found;

    (void)state;
    box_makes(1);
    pair_settle(&p);
    province_titles("một");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    (void)pair_apply_down(&p, 10);
    box_says_what_it_has_seen();
    province_titles("hai");
    assert_int_equal(down_header(2, &kept).packing, PACKING_HISTORY);
    must(sql_run(store_db(p.box->store),
                 "UPDATE incoming_frame SET changeset = x'00' WHERE sequence = 1",
                 &p.err),
         &p.err);
    must(down_bundle_alone(p.p.centre, p.site, 2, &alone, &found, &p.err), &p.err);
    assert_true(found);
    must(bundle_peek(&h, alone.bytes.bytes, alone.bytes.count, &p.err), &p.err);
    assert_true(bundle_stands_alone(&h));
    assert_int_equal(take_down(&alone), INCOMING_TAKEN);
    (void)down_header(2, &again); /* what the link carries is as it was */
    assert_true(object_id_equal(&kept.object, &again.object));
    down_sealed_release(&kept);
    down_sealed_release(&again);
    down_sealed_release(&alone);
    must(down_bundle_alone(p.p.centre, p.site, 3, &alone, &found, &p.err), &p.err);
    assert_false(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)
        STORY(what_is_received_is_leant_on_and_what_is_not_is_not),
        STORY(a_kept_bundle_is_the_same_bytes_although_more_is_received),
        STORY(roads_overlap_and_each_bundle_opens),
        STORY(after_a_gap_it_is_held_unopened_until_what_it_leans_on_comes),
        STORY(what_was_opened_of_a_held_bundle_counts_as_held),
        STORY(a_centre_that_lacks_it_says_so_and_gets_it_packed_otherwise),
        STORY(a_dictionary_that_the_centre_lacks_is_not_used_again),
        STORY(all_that_lean_on_a_dictionary_are_made_otherwise_once_one_is_refused),
        STORY(a_dictionary_that_both_have_is_leant_on),
        STORY(a_box_that_was_put_back_leans_on_what_is_common),
        STORY(a_late_bundle_leans_on_the_line_that_was_left),
        STORY(what_is_made_for_a_stick_leans_on_nothing_and_is_the_same_on_the_link),
        STORY(a_stick_carries_what_has_begun_to_leave_as_it_is),
        STORY(what_leans_and_has_not_begun_to_leave_is_made_anew_for_a_stick),
        STORY(what_leant_on_a_centre_that_was_put_back_is_made_anew),
        STORY(what_goes_down_leans_on_what_the_box_has_seen),
        STORY(a_box_that_lacks_it_gets_it_packed_otherwise),
        STORY(what_goes_down_by_stick_leans_on_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
