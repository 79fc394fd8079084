/* The status words: what each of them promises of a document, and nothing more. */
#include <string.h>

#include "appliance/status.h"
#include "tests/lib/enrolled.h"

static struct enrolled n;
static struct err *const e = &n.w.err;
static struct status s;

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

static void look(void)
{
    must(status_read(n.w.box, &s, e), e);
    assert_true(s.kept >= s.read && s.read >= s.sent && s.sent >= s.received &&
                s.received >= s.applied && s.applied >= s.complete);
}

static uint64_t last_sequence(void)
{
    uint64_t last;

    must(outbox_last(n.outbox, &last, e), e);
    return last;
}

static void receipt(uint64_t received, uint64_t applied, const char *original)
{
    struct receipt_blob blob = {.state = BLOB_RECEIVED};
    struct receipt r = {.received = received, .applied = applied, .blobs = &blob};

    if (original != NULL) {
        blob.sha256 = world_told(&n.w, original)->sha256;
        r.blobs_count = 1;
    }
    must(enrolled_receipt(&n, &r, e), e);
}

static bool told(const char *code)
{
    json_t *j = status_json(n.w.box, &s), *problem;
    bool found = false;
    size_t i;

    json_array_foreach(
        json_object_get(j, "problems"), i,
        problem) if (strcmp(json_string_value(json_object_get(problem, "code")), code) ==
                     0) found = true;
    json_decref(j);
    return found;
}

static void a_document_passes_the_words_one_by_one(void **state)
{
    struct sync_object o;
    struct buffer bytes;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    look();
    assert_int_equal(s.read, 1);
    assert_int_equal(s.sent, 0);
    assert_int_equal(outbox_bundle(n.outbox, 1, &o, e), 1);
    enrolled_read_all(&n, &o, &bytes);
    buffer_release(&bytes);
    look();
    assert_int_equal(s.sent, 1);
    assert_int_equal(s.received, 0);
    receipt(last_sequence(), 0, NULL);
    look();
    assert_int_equal(s.received, 1);
    assert_int_equal(s.applied, 0);
    receipt(last_sequence(), last_sequence(), NULL);
    look();
    assert_int_equal(s.applied, 1);
    assert_int_equal(s.complete, 0);
    receipt(last_sequence(), last_sequence(), "a.jpg");
    look();
    assert_int_equal(s.complete, 1);
    assert_int_equal(s.waiting_bytes[1] + s.waiting_bytes[5], 0);
    assert_int_equal(s.oldest_unsent_ms_min, 0);
}

static void a_document_that_changed_again_is_not_received_any_more(void **state)
{
    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    enrolled_take(&n, "b.jpg", "hai");
    receipt(last_sequence(), last_sequence(), "a.jpg");
    look();
    assert_int_equal(s.applied, 2);
    must(store_write_begin(n.w.box->store, e), e);
    must(record_field(n.w.box->records, world_told(&n.w, "a.jpg")->document, "trich_yeu",
                      0, "clerk", "về đất đai", e),
         e);
    must(store_write_commit(n.w.box->store, NULL, e), e);
    look();
    assert_int_equal(s.kept, 2);
    assert_int_equal(s.sent, 1);
    assert_int_equal(s.received, 1);
    assert_int_equal(s.applied, 1);
    assert_int_equal(s.complete, 0); /* b's original is still here */
    assert_true(s.waiting_bytes[1] > 0);
}

static void received_in_part_is_not_received(void **state)
{
    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    receipt(last_sequence() - 1, last_sequence() - 1, "a.jpg");
    look();
    assert_int_equal(s.received, 0);
    assert_int_equal(s.complete, 0);
}

static void what_was_taken_in_but_not_read_is_not_sent(void **state)
{
    (void)state;
    must(world_take(&n.w, "a.jpg", "fake jpeg\npage: một\nend\n", e), e);
    receipt(last_sequence(), last_sequence(), "a.jpg");
    look();
    assert_int_equal(s.kept, 1);
    assert_int_equal(s.read, 0);
    assert_int_equal(s.complete, 0);
}

static void bytes_wait_until_they_are_receipted(void **state)
{
    struct sync_object o;
    struct buffer bytes;
    uint64_t plain;

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    look();
    plain = s.waiting_bytes[1];
    assert_true(plain > 0);
    assert_int_equal(outbox_bundle(n.outbox, 1, &o, e), 1);
    look();
    assert_int_equal(s.waiting_bytes[1], o.total_bytes);
    enrolled_read_all(&n, &o, &bytes);
    buffer_release(&bytes);
    n.w.clock.mono_ms_now += 60000;
    look();
    assert_int_equal(s.waiting_bytes[1], o.total_bytes); /* it may be lost yet */
    assert_true(s.oldest_unsent_ms_min >= 60000);
    receipt(last_sequence(), 0, NULL);
    look();
    assert_int_equal(s.waiting_bytes[1], 0);
    assert_true(s.waiting_bytes[5] > 0);
}

static void what_the_months_budget_keeps_back_is_a_problem_that_is_told(void **state)
{
    const char *const sql[] = {"UPDATE centre_link SET metered = 1",
                               "INSERT INTO link_budget VALUES (5, 1)"};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    look();
    assert_int_equal(s.metered_bytes + s.over_budget_bytes, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sqlite3_exec(store_db(n.w.box->store), sql[i], NULL, NULL, NULL),
                         SQLITE_OK);
        look();
        assert_int_equal(i == 0 ? s.metered_bytes : s.over_budget_bytes,
                         s.waiting_bytes[5]);
        assert_true(told(i == 0 ? "metered" : "budget"));
    }
    assert_int_equal(s.metered_bytes, 0); /* each byte is told of once */
}

static void a_restored_centre_has_less_and_the_box_says_so(void **state)
{
    struct receipt before = {.centre_epoch = 1}, after = {.centre_epoch = 2};

    (void)state;
    enrolled_take(&n, "a.jpg", "một");
    before.received = before.applied = last_sequence();
    must(enrolled_receipt(&n, &before, e), e);
    look();
    assert_int_equal(s.applied, 1);
    must(enrolled_receipt(&n, &after, e), e);
    look();
    assert_int_equal(s.read, 1);
    assert_int_equal(s.sent, 0);
    assert_true(s.waiting_bytes[1] > 0);
}

#define claim_test(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        claim_test(a_document_passes_the_words_one_by_one),
        claim_test(a_document_that_changed_again_is_not_received_any_more),
        claim_test(received_in_part_is_not_received),
        claim_test(what_was_taken_in_but_not_read_is_not_sent),
        claim_test(bytes_wait_until_they_are_receipted),
        claim_test(what_the_months_budget_keeps_back_is_a_problem_that_is_told),
        claim_test(a_restored_centre_has_less_and_the_box_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
