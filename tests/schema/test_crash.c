/* Power cuts and failing disks: there is never a row without its frame or a frame
 * without its row, and nothing that was committed is lost. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk_sim.h"
#include "base/random.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "tests/lib/store_template.h"

/* Under a sanitizer a play takes six times as long: what is looked for is memory, and
 * every so manieth instant has to do. */
#if defined(__SANITIZE_ADDRESS__)
#define CUTS   100
#define STRIDE 7
#else
#define CUTS   500
#define STRIDE 1
#endif

#define CONTROL_SEEDS 500
#define COMMITS_MAX   8
#define WRITTEN_MAX   64
#define SWEEP_MAX     2000
#define SPREAD_CALLS  8 /* a play's calls differ by about this with its seed */

/* One play: what was done, and what was acknowledged. */
struct play {
    struct scratch s;
    struct disk *disk;
    struct random_seeded random;
    enum store_sabotage sabotage;
    struct disk_sim_faults faults;
    uint64_t dies_after;           /* calls after init; 0: what `faults` says */
    uint64_t written[WRITTEN_MAX]; /* dossiers of commits that returned 0 */
    size_t written_count;
    bool in_commit; /* while store_write_commit runs, and after it failed */
};

static int play_open(struct play *p, struct err *e)
{
    store_sabotage_next_open(p->sabotage);
    return scratch_open(&p->s, e);
}

static int write_page(struct play *p, uint64_t dossier, const char *text, struct err *e)
{
    struct document_row d = {.dossier = dossier, .type = "sổ"};
    struct page_row page = {.ordinal = 1};
    uint64_t id, reading;

    if (record_document(p->s.records, &d, &page.document, e) != 0 ||
        record_page(p->s.records, &page, &id, e) != 0)
        return -1;
    return record_reading(p->s.records, id, text, NULL, 0, "test", &reading, e);
}

/* One transaction of a few rows, small or of several pages' size. */
static int write_some(struct play *p, struct err *e)
{
    char code[64], text[12001] = "";
    uint64_t ids[3];
    size_t count = 1 + (size_t)random_below(&p->random.random, 3);

    memset(text, 'x', (size_t)random_below(&p->random.random, sizeof text - 1));
    if (store_write_begin(p->s.store, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(code, sizeof code, "HS-%zu-%zu-%llu", p->written_count, i,
                       (unsigned long long)random_below(&p->random.random, 1u << 30));
        if (record_dossier(p->s.records, code, &ids[i], e) != 0 ||
            write_page(p, ids[i], text, e) != 0) {
            store_write_rollback(p->s.store);
            return -1;
        }
    }
    p->in_commit = true;
    if (store_write_commit(p->s.store, NULL, e) != 0)
        return -1;
    p->in_commit = false;
    for (size_t i = 0; i < count; i++)
        p->written[p->written_count++] = ids[i];
    return 0;
}

/* One that is to die after init begins with a store that is migrated already: most of a
 * play went into that. */
static int play_init(struct play *p, struct err *e)
{
    if (scratch_on(&p->s, p->disk, e) != 0)
        return -1;
    if (p->dies_after == 0)
        return scratch_init(&p->s, e);
    if (store_template_lay(p->disk, p->s.dir, e) != 0 || scratch_init(&p->s, e) != 0)
        return -1;
    p->faults.die_at_call = disk_sim_calls(p->disk) + p->dies_after;
    disk_sim_set_faults(p->disk, &p->faults);
    return 0;
}

/* Init, commits, a close (which brings the log into the database), commits. */
static int play_all(struct play *p, struct err *e)
{
    if (play_init(p, e) != 0)
        return -1;
    for (int half = 0; half < 2; half++) {
        if (play_open(p, e) != 0)
            return -1;
        for (int i = 0; i < COMMITS_MAX / 2; i++)
            if (write_some(p, e) != 0)
                return -1;
        scratch_close(&p->s);
    }
    return 0;
}

static void play_start(struct play *p, uint64_t seed, const struct disk_sim_faults *f)
{
    struct err e;

    *p = (struct play){.faults = *f};
    must(disk_sim_create(&p->disk, seed, &e), &e);
    random_seeded_init(&p->random, seed);
    disk_sim_set_faults(p->disk, f);
}

static void play_end(struct play *p)
{
    scratch_close(&p->s);
    disk_sim_destroy(p->disk);
}

static void power_cut(struct play *p)
{
    struct disk_sim_faults none = {0};

    scratch_close(&p->s);
    disk_sim_power_cut(p->disk);
    disk_sim_set_faults(p->disk, &none);
}

/* After a cut the box starts again: what init had not finished, init finishes. */
static int restart(struct play *p, struct err *e)
{
    struct store_identity who = {.site = SCRATCH_SITE, .epoch = 1, .name = "Xã Thử"};

    if (p->s.dir[0] == '\0' || disk_make_dirs(p->disk, p->s.dir, e) != 0)
        return -1;
    if (store_init(p->disk, &p->s.clock.clock, p->s.dir, &who, e) != 0 &&
        e->code != ERR_BUSY)
        return -1;
    return scratch_open(&p->s, e);
}

static size_t acknowledged_lost(struct play *p)
{
    size_t lost = 0;

    for (size_t i = 0; i < p->written_count; i++) {
        char sql[128];

        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM dossier WHERE id = %llu",
                       (unsigned long long)p->written[i]);
        lost += scratch_number(&p->s, sql) != 1;
    }
    return lost;
}

static void assert_sound(struct play *p, const char *what)
{
    uint64_t missing, surplus;

    if (scratch_problems(&p->s, what) != 0)
        fail_msg("%s: verify has problems", what);
    if (acknowledged_lost(p) != 0)
        fail_msg("%s: an acknowledged row is not there", what);
    must(search_verify(p->s.records, &missing, &surplus, &p->s.err), &p->s.err);
    assert_true(missing == 0 && surplus == 0);
}

/* The instants to choose from. */
struct calls {
    uint64_t init, whole;
};

static struct calls calls_of_a_play(void)
{
    struct disk_sim_faults none = {0};
    struct calls c;
    struct play p;

    must(store_template_make(&p.s.err), &p.s.err);
    play_start(&p, 1, &none);
    must(play_init(&p, &p.s.err), &p.s.err);
    c.init = disk_sim_calls(p.disk);
    play_end(&p);
    play_start(&p, 1, &none);
    must(play_all(&p, &p.s.err), &p.s.err);
    c.whole = disk_sim_calls(p.disk);
    play_end(&p);
    return c;
}

/* It dies at an instant of the seed's choosing: the call of a whole play. */
static uint64_t play_start_mortal(struct play *p, uint64_t seed, const struct calls *c,
                                  struct disk_sim_faults faults)
{
    struct random_seeded when;
    uint64_t call;

    random_seeded_init(&when, ~seed);
    call = 1 + random_below(&when.random, c->whole + SPREAD_CALLS);
    faults.die_at_call = call <= c->init ? call : 0;
    play_start(p, seed, &faults);
    p->dies_after = call <= c->init ? 0 : call - c->init;
    return call;
}

/* Plays a seed until it dies, cuts the power, starts again. */
static void die_and_restart(struct play *p, uint64_t seed, const struct calls *calls,
                            struct disk_sim_faults faults)
{
    uint64_t call = play_start_mortal(p, seed, calls, faults);
    struct err e;
    char what[64];

    (void)snprintf(what, sizeof what, "seed %llu dies at call %llu",
                   (unsigned long long)seed, (unsigned long long)call);
    (void)play_all(p, &e); /* it dies somewhere, or ends */
    power_cut(p);
    if (restart(p, &e) != 0)
        fail_msg("%s: %s", what, e.text);
    assert_sound(p, what);
}

static void power_cuts_never_part_a_row_from_its_frame(void **state)
{
    struct calls calls = calls_of_a_play();
    struct disk_sim_faults honest = {0};
    unsigned in_commit = 0, nothing_yet = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= CUTS; seed++) {
        struct play p;
        struct err e;

        die_and_restart(&p, seed, &calls, honest);
        in_commit += p.in_commit;
        nothing_yet += p.written_count == 0;
        must(write_some(&p, &e), &e);
        assert_sound(&p, "goes on");
        play_end(&p);
    }
    print_message("%d seeds: %u died inside a commit, %u before any\n", CUTS, in_commit,
                  nothing_yet);
    assert_true(in_commit > CUTS / 4);
}

/* Whether one of the same seeds loses something on a disk or with settings that
 * do not keep the promise. */
static bool something_is_lost(struct disk_sim_faults faults, enum store_sabotage sabotage)
{
    struct calls calls = calls_of_a_play();

    for (uint64_t seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct play p;
        struct err e;
        bool lost;

        (void)play_start_mortal(&p, seed, &calls, faults);
        p.sabotage = sabotage;
        (void)play_all(&p, &e); /* it dies somewhere, or ends */
        power_cut(&p);
        lost = p.written_count > 0 && (restart(&p, &e) != 0 || acknowledged_lost(&p) > 0);
        play_end(&p);
        if (lost)
            return true;
    }
    return false;
}

static void synchronous_normal_loses_an_acknowledged_commit(void **state)
{
    struct disk_sim_faults honest = {0};

    (void)state;
    assert_true(something_is_lost(honest, STORE_SYNCHRONOUS_NORMAL));
}

static void a_disk_without_file_sync_loses_an_acknowledged_commit(void **state)
{
    struct disk_sim_faults lying = {.ignore_file_sync = true};

    (void)state;
    assert_true(something_is_lost(lying, STORE_SOUND));
}

static void a_disk_without_directory_sync_loses_an_acknowledged_commit(void **state)
{
    struct disk_sim_faults lying = {.ignore_dir_sync = true};

    (void)state;
    assert_true(something_is_lost(lying, STORE_SOUND));
}

/* Fails the nth call of a commit, for every n; the store goes on. */
static void a_failing_call_is_a_clean_error_and_the_store_goes_on(void **state)
{
    struct disk_sim_faults none = {0};
    unsigned failed = 0;
    struct play p;
    struct err e;
    uint64_t n;

    (void)state;
    play_start(&p, 1, &none);
    must(scratch_on(&p.s, p.disk, &e), &e);
    must(scratch_init(&p.s, &e), &e);
    must(play_open(&p, &e), &e);
    for (n = 1; n < SWEEP_MAX; n++) {
        struct disk_sim_faults nth = {.fail_call = disk_sim_calls(p.disk) + n};
        bool reached;

        p.written_count = 0;
        disk_sim_set_faults(p.disk, &nth);
        if (write_some(&p, &e) != 0) {
            failed++;
            assert_int_equal(e.code, ERR_IO);
        }
        reached = disk_sim_calls(p.disk) >= nth.fail_call;
        disk_sim_set_faults(p.disk, &none);
        must(write_some(&p, &e), &e);
        assert_sound(&p, "after a failing call");
        if (!reached)
            break;
    }
    print_message("%llu calls in a commit, %u of them fail it\n",
                  (unsigned long long)n - 1, failed);
    assert_true(failed > 0 && n < SWEEP_MAX);
    power_cut(&p);
    must(restart(&p, &e), &e);
    assert_sound(&p, "after the cut");
    play_end(&p);
}

/* Fails the nth call of init and open, for every STRIDEth n; the next try succeeds. */
static void a_failing_init_completes_on_retry(void **state)
{
    uint64_t n;

    (void)state;
    for (n = 1; n < SWEEP_MAX; n += STRIDE) {
        struct disk_sim_faults nth = {.fail_call = n}, none = {0};
        struct play p;
        struct err e;
        bool failed, reached;

        play_start(&p, n, &nth);
        failed = scratch_on(&p.s, p.disk, &e) != 0 || scratch_init(&p.s, &e) != 0 ||
                 play_open(&p, &e) != 0;
        reached = disk_sim_calls(p.disk) >= n;
        disk_sim_set_faults(p.disk, &none);
        scratch_close(&p.s);
        must(restart(&p, &e), &e);
        must(write_some(&p, &e), &e);
        assert_sound(&p, "after a failing init");
        play_end(&p);
        assert_true(reached || !failed);
        if (!reached)
            break;
    }
    print_message("%llu calls in init and open\n", (unsigned long long)n - 1);
    assert_true(n < SWEEP_MAX);
}

static void a_full_disk_is_told_and_keeps_what_is_there(void **state)
{
    struct disk_sim_faults none = {0}, full = {0};
    struct play p;
    struct err e;
    int rc = 0;

    (void)state;
    play_start(&p, 1, &none);
    must(scratch_on(&p.s, p.disk, &e), &e);
    must(scratch_init(&p.s, &e), &e);
    must(play_open(&p, &e), &e);
    must(write_some(&p, &e), &e);
    full.bytes_max = disk_sim_bytes(p.disk) + 30000;
    disk_sim_set_faults(p.disk, &full);
    for (int i = 0; rc == 0 && i < 10; i++)
        rc = write_some(&p, &e);
    assert_int_equal(rc, -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    assert_sound(&p, "full disk");
    disk_sim_set_faults(p.disk, &none);
    must(write_some(&p, &e), &e);
    assert_sound(&p, "room again");
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cuts_never_part_a_row_from_its_frame),
        cmocka_unit_test(synchronous_normal_loses_an_acknowledged_commit),
        cmocka_unit_test(a_disk_without_file_sync_loses_an_acknowledged_commit),
        cmocka_unit_test(a_disk_without_directory_sync_loses_an_acknowledged_commit),
        cmocka_unit_test(a_failing_call_is_a_clean_error_and_the_store_goes_on),
        cmocka_unit_test(a_failing_init_completes_on_retry),
        cmocka_unit_test(a_full_disk_is_told_and_keeps_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
