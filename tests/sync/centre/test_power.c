/* The power goes at the centre at every single call to its disk during a contact:
 * whatever a receipt said is there afterwards, and the contact can be had again. */
#include "tests/lib/province.h"

#include <string.h>

#include "sync/centre/session.h"

/* Under a sanitizer every tenth instant has to do. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 10
#else
#define STRIDE 1
#endif

#define SEED 31

static unsigned char large[150000];

/* What travels: the same bytes in every round, because every round's keys are drawn
 * from the same seed. */
struct goods {
    struct hand_box box; /* enrolled at a province that is gone */
    struct parcel first, second, original;
};

/* What the centre has said, outside of it. */
struct told {
    bool claimed;
    uint64_t received, applied;
    bool original;
};

static void goods_start(struct goods *g)
{
    struct province p;

    province_start(&p, SEED);
    hand_box_start(&g->box, &p, "Xã An Bình", 32);
    (void)hand_box_take(&g->box, "Quyết định về việc cấp đất", "một");
    (void)hand_box_take(&g->box, "Biên bản họp hội đồng", "hai");
    (void)hand_box_take(&g->box, "Tờ trình xin kinh phí", NULL);
    hand_box_retype(&g->box, hand_box_take(&g->box, "Công văn", NULL), "thông báo");
    g->box.random.random.fill(&g->box.random.random, large, sizeof large);
    hand_box_bundle(&g->box, &p, 1, 2, &g->first);
    hand_box_bundle(&g->box, &p, 1, 5, &g->second);
    hand_box_blob(&g->box, &p, large, sizeof large, &g->original);
    province_finish(&p);
}

static void goods_finish(struct goods *g)
{
    parcel_release(&g->first);
    parcel_release(&g->second);
    parcel_release(&g->original);
    hand_box_finish(&g->box);
}

/* The centre before the contact, with the box enrolled as the goods know it. */
static void centre_start(struct province *p, const struct goods *g)
{
    struct public_key tls = {{1}};
    struct enrolment same;

    province_start(p, SEED);
    must(site_enrol(p->centre, "Xã An Bình", PROVINCE_URL, &tls, &same, &p->err),
         &p->err);
    assert_int_equal(same.site, g->box.enrolment.site);
    assert_memory_equal(same.secret, g->box.enrolment.secret, sizeof same.secret);
}

static void listen(struct told *t, const struct visit *v)
{
    if (v->receipts == 0)
        return;
    t->claimed = true;
    if (v->receipt.received > t->received)
        t->received = v->receipt.received;
    if (v->receipt.applied > t->applied)
        t->applied = v->receipt.applied;
    if (v->receipt.blobs_count > 0)
        t->original = true;
}

/* A contact; -1 when the machine dies under it. */
static int live(struct province *p, struct goods *g, struct told *t)
{
    const struct parcel *parcels[] = {&g->first, &g->original, &g->second};
    struct visit v;
    unsigned applied;
    bool died;

    visit_begin(&v, p, &g->box);
    listen(t, &v);
    for (size_t i = 0; i < 3 && v.open; i++) {
        visit_offer(&v, parcels[i]);
        listen(t, &v);
        if (v.open && v.have < parcels[i]->bytes.count)
            visit_send_part(&v, parcels[i], v.have, parcels[i]->bytes.count);
        listen(t, &v);
        if (v.open && apply_some(p->centre, 2, &applied, &p->err) != 0)
            v.open = false;
        if (v.open && visit_news(&v) != 0)
            v.open = false;
        listen(t, &v);
    }
    assert_int_equal(v.refusals, 0);
    died = !v.open;
    visit_end(&v);
    return died ? -1 : 0;
}

static void expect_kept(struct province *p, const struct told *t)
{
    struct site_row row = province_site(p, 1);
    struct hash sha256;
    bool sound;

    if (t->claimed)
        assert_true(row.claimed);
    assert_true(row.received >= t->received);
    assert_true(row.applied >= t->applied);
    assert_true(row.applied <= row.received);
    assert_int_equal(
        province_number(p, "SELECT count(*) FROM journal_frame WHERE site = 1"),
        row.received);
    if (!t->original)
        return;
    hash_of(&sha256, large, sizeof large);
    must(blob_check(p->centre->blobs, &sha256, &sound, &p->err), &p->err);
    assert_true(sound);
    assert_int_equal(province_number(p, "SELECT count(*) FROM held_blob"), 1);
}

static void expect_all_once(struct province *p)
{
    assert_int_equal(province_site(p, 1).applied, 5);
    assert_int_equal(province_number(p, "SELECT count(*) FROM document"), 4);
    assert_int_equal(
        province_number(p, "SELECT count(*) FROM document WHERE type = 'thông báo'"), 1);
    assert_int_equal(province_number(p, "SELECT count(*) FROM reading"), 4);
    assert_int_equal(province_number(p, "SELECT count(*) FROM parked"), 0);
    assert_int_equal(province_number(p, "SELECT count(*) FROM alarm"), 0);
    assert_int_equal(province_number(p, "SELECT count(*) FROM held_blob"), 1);
    assert_int_equal(province_search(p, "kinh phi", NULL), 1);
}

static void whatever_was_receipted_is_there_after_a_power_cut(void **state)
{
    uint64_t instants = 0;
    struct goods g;
    bool died = true;

    (void)state;
    goods_start(&g);
    for (uint64_t n = 1; died; n += STRIDE) {
        struct disk_sim_faults faults = {0};
        struct told told = {0};
        struct province p;

        centre_start(&p, &g);
        faults.die_at_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        died = live(&p, &g, &told) != 0;
        province_power_cut(&p);
        must(province_open(&p, &p.err), &p.err);
        expect_kept(&p, &told);
        assert_int_equal(live(&p, &g, &told), 0);
        (void)province_apply(&p);
        expect_all_once(&p);
        province_finish(&p);
        instants++;
    }
    print_message("%llu instants\n", (unsigned long long)instants);
    assert_true(instants > 20);
    goods_finish(&g);
}

/* A process that dies without a word leaves what it wrote; another one goes on. */
static void a_killed_process_is_taken_over_at_any_instant(void **state)
{
    struct goods g;
    bool died = true;

    (void)state;
    goods_start(&g);
    for (uint64_t n = 3; died; n += 7) {
        struct disk_sim_faults faults = {0}, none = {0};
        struct told told = {0};
        struct province p;

        centre_start(&p, &g);
        faults.die_at_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        died = live(&p, &g, &told) != 0;
        province_close(&p);
        disk_sim_set_faults(p.disk, &none);
        must(province_open(&p, &p.err), &p.err);
        must(session_sweep(p.centre, &p.err), &p.err);
        expect_kept(&p, &told);
        assert_int_equal(live(&p, &g, &told), 0);
        (void)province_apply(&p);
        expect_all_once(&p);
        province_finish(&p);
    }
    goods_finish(&g);
}

/* What is broken on purpose must be seen by the story above; the first loss is enough. */
static bool loses_with(enum centre_sabotage how)
{
    bool loss = false;
    struct goods g;
    bool died = true;

    goods_start(&g);
    for (uint64_t n = 1; died && !loss; n += 3) {
        struct disk_sim_faults faults = {0};
        struct told told = {0};
        struct province p;
        struct site_row row;

        centre_start(&p, &g);
        centre_sabotage(how);
        faults.die_at_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        died = live(&p, &g, &told) != 0;
        province_power_cut(&p);
        must(province_open(&p, &p.err), &p.err);
        row = province_site(&p, 1);
        loss = row.received < told.received;
        (void)live(&p, &g, &told);
        (void)province_apply(&p);
        loss = loss || province_number(&p, "SELECT count(*) FROM parked") > 0;
        centre_sabotage(CENTRE_SOUND);
        province_finish(&p);
    }
    goods_finish(&g);
    return loss;
}

static void each_sabotage_is_seen(void **state)
{
    (void)state;
    assert_true(loses_with(CENTRE_RECEIPT_BEFORE_SYNC));
    assert_true(loses_with(CENTRE_ADVANCE_APART));
    assert_true(loses_with(CENTRE_FORGET_REPLAY));
    assert_false(loses_with(CENTRE_SOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_was_receipted_is_there_after_a_power_cut),
        cmocka_unit_test(a_killed_process_is_taken_over_at_any_instant),
        cmocka_unit_test(each_sabotage_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
