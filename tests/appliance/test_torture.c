/* Torture: the real programs, killed with SIGKILL at random instants while files are
 * taken in, records imported and everything is sent. Afterwards both directories
 * verify clean, and all that a clerk was told is at the centre, once.
 *
 *   TORTURE_ROUNDS=100 TORTURE_SEED=1 build/release/tests/appliance/test_torture
 *
 * Prints its seed; the instants are the seed's, what happens in them is the machine's. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <leptonica/allheaders.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "appliance/box.h"
#include "base/random.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "tests/lib/documents.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h" /* must() */

#define ROUNDS_SHORT    8
#define RECORDS_MAX     40  /* imported in a round */
#define KILL_MS_MAX     700 /* after the round's commands began */
#define READY_TRIES     600
#define READY_LOOK_MS   50
#define SYNC_TRIES      20
#define ORIGINALS_MAX   1024
#define CENTRE_DIR_NAME "centre"

struct torture {
    struct bench bench;
    struct random_seeded random;
    uint16_t port; /* the centre's */
    struct running box, centre;
    bool box_runs, centre_runs;
    unsigned records; /* that were told as imported */
    struct hash originals[ORIGINALS_MAX];
    size_t originals_count;
    unsigned kills[3]; /* of the box, of the centre, of both */
    struct err err;
};

static struct torture t;

static unsigned roll(unsigned bound)
{
    return (unsigned)random_below(&t.random.random, bound);
}

static const char *centre_dir(void)
{
    return bench_path(&t.bench, CENTRE_DIR_NAME);
}

/* ------------------------------------------------------------------ processes */

/* A port that nobody has; the centre must come back on the same one. */
static uint16_t free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t bytes = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &bytes), 0);
    (void)close(fd);
    return ntohs(a.sin_port);
}

static void wait_for_port(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < READY_TRIES; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int rc = connect(fd, (struct sockaddr *)&a, sizeof a);

        (void)close(fd);
        if (rc == 0)
            return;
        (void)poll(NULL, 0, READY_LOOK_MS);
    }
    fail_msg("nobody listens on %u", port);
}

static void start_centre(void)
{
    char listen[32];

    (void)snprintf(listen, sizeof listen, "127.0.0.1:%u", t.port);
    run_begin(&t.bench, &t.centre, "tram-centre", "--data", centre_dir(), "serve",
              "--listen", listen, NULL);
    t.centre_runs = true;
    wait_for_port(t.port);
}

static void start_box(void)
{
    serve_begin(&t.bench, &t.box);
    t.box_runs = true;
}

static void stop(struct running *r, bool *runs, int signal, int expected)
{
    int status;

    if (!*runs)
        return;
    *runs = false;
    status = running_end(r, signal);
    if (status != expected)
        fail_msg("it ended with %d, not %d", status, expected);
}

static void kill_some(void)
{
    unsigned who = roll(3);

    t.kills[who]++;
    if (who != 1)
        stop(&t.box, &t.box_runs, SIGKILL, 128 + SIGKILL);
    if (who != 0)
        stop(&t.centre, &t.centre_runs, SIGKILL, 128 + SIGKILL);
}

static void restart(void)
{
    if (!t.centre_runs)
        start_centre();
    if (!t.box_runs)
        start_box();
}

/* --------------------------------------------------------------------- set-up */

static void enrol(void)
{
    struct centre *c;
    struct key_pair tls;
    struct enrolment f;
    struct buffer file;
    struct ran r;
    char url[64];

    must(centre_init(disk_system(), clock_system(), random_system(), centre_dir(),
                     "Tỉnh Thử Nghiệm", &t.err),
         &t.err);
    must(centre_open(&c, disk_system(), clock_system(), random_system(), centre_dir(),
                     &t.err),
         &t.err);
    must(key_pair_load(&tls, disk_system(), centre_dir(), CENTRE_KEY_TLS, &t.err),
         &t.err);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u", t.port);
    must(site_enrol(c, "Xã Thử", url, &tls.public_key, &f, &t.err), &t.err);
    centre_close(c);
    buffer_init(&file, ENROL_FILE_MAX);
    must(enrolment_encode(&f, &file, &t.err), &t.err);
    bench_write(&t.bench, "enrol.json", file.bytes, file.count);
    buffer_release(&file);
    run(&t.bench, &r, "tram-box", "init", "--enrol", bench_path(&t.bench, "enrol.json"),
        NULL);
    if (r.status != 0)
        fail_msg("init --enrol: %s", (const char *)r.err.bytes);
    ran_release(&r);
}

static int begin(void **state)
{
    const char *seed = getenv("TORTURE_SEED");
    uint64_t number = seed == NULL ? (uint64_t)time(NULL) : strtoull(seed, NULL, 10);

    (void)state;
    print_message("TORTURE_SEED=%llu\n", (unsigned long long)number);
    random_seeded_init(&t.random, number);
    bench_create(&t.bench);
    t.port = free_port();
    enrol();
    restart();
    return 0;
}

static int end(void **state)
{
    (void)state;
    if (t.box_runs)
        (void)running_end(&t.box, SIGKILL);
    if (t.centre_runs)
        (void)running_end(&t.centre, SIGKILL);
    bench_destroy(&t.bench);
    return 0;
}

/* --------------------------------------------------------------------- rounds */

static const char *write_records(unsigned round, unsigned count)
{
    char name[32];
    struct buffer lines;

    (void)snprintf(name, sizeof name, "%u.jsonl", round);
    buffer_init(&lines, 1u << 20);
    for (unsigned i = 0; i < count; i++)
        buffer_append_format(&lines,
                             "{\"key\": \"%u-%u\", \"dossier\": \"HS-%u\", \"type\":"
                             " \"cong_van\", \"fields\": {\"trich_yeu\": \"việc %u\"},"
                             " \"pages\": [{\"text\": \"Công văn vòng %u số %u\"}]}\n",
                             round, i, round, i, round, i);
    must(buffer_check(&lines, &t.err), &t.err);
    bench_write(&t.bench, name, lines.bytes, lines.count);
    buffer_release(&lines);
    return bench_path(&t.bench, name);
}

/* A page whose bytes no other round has. */
static const char *write_picture(unsigned round)
{
    char name[32], line[64];
    const char *const lines[] = {line, NULL};
    struct buffer png;
    struct Pix *pix;

    (void)snprintf(name, sizeof name, "%u.png", round);
    (void)snprintf(line, sizeof line, "PAGE %u OF %u", round, roll(100000));
    pix = document_page(600, 200, lines);
    buffer_init(&png, DOCUMENT_BYTES_MAX);
    document_encode(&png, pix, IFF_PNG);
    pixDestroy(&pix);
    bench_write(&t.bench, name, png.bytes, png.count);
    buffer_release(&png);
    return bench_path(&t.bench, name);
}

/* Again, as a clerk would who saw it fail: now it must be told as done. */
static void finish_import(const char *file, unsigned count)
{
    struct ran r;

    run(&t.bench, &r, "tram-box", "import", "--source", "thu", file, NULL);
    if (r.status != 0)
        fail_msg("import: %s", (const char *)r.err.bytes);
    ran_release(&r);
    t.records += count;
}

static void finish_intake(const char *file)
{
    struct ran r;
    json_t *j;
    const char *state;

    run(&t.bench, &r, "tram-box", "--json", "intake", file, NULL);
    if (r.status != 0)
        fail_msg("intake: %s", (const char *)r.err.bytes);
    j = ran_json(&r, 0);
    state = json_text_of(j, "state");
    assert_true(strcmp(state, "kept") == 0 || strcmp(state, "duplicate") == 0);
    assert_true(t.originals_count < ORIGINALS_MAX);
    assert_true(
        hash_from_hex(&t.originals[t.originals_count++], json_text_of(j, "sha256")));
    json_decref(j);
    ran_release(&r);
}

static void live_a_round(unsigned round)
{
    unsigned count = 1 + roll(RECORDS_MAX);
    const char *records = write_records(round, count), *picture = write_picture(round);
    struct running import, intake;

    run_begin(&t.bench, &import, "tram-box", "import", "--source", "thu", records, NULL);
    run_begin(&t.bench, &intake, "tram-box", "intake", picture, NULL);
    (void)poll(NULL, 0, (int)roll(KILL_MS_MAX)); /* the instant is the point */
    kill_some();
    (void)running_end(&import, 0);
    (void)running_end(&intake, 0);
    restart();
    finish_import(records, count);
    finish_intake(picture);
}

/* ------------------------------------------------------------------- afterwards */

static void drain(void)
{
    struct ran r;
    int status = 1;

    run(&t.bench, &r, "tram-box", "read", "--wait", NULL);
    assert_true(r.status == 0 || r.status == 3);
    ran_release(&r);
    for (int i = 0; i < SYNC_TRIES && status != 0; i++) {
        run(&t.bench, &r, "tram-box", "--json", "sync", "--once", NULL);
        status = r.status;
        if (i == SYNC_TRIES - 1 && status != 0)
            fail_msg("it does not drain: %s", (const char *)r.out.bytes);
        ran_release(&r);
    }
}

static void expect_all_complete(void)
{
    struct ran r;
    json_t *j;

    run(&t.bench, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "kept"), t.records + t.originals_count);
    assert_int_equal(json_number_of(j, "received"), json_number_of(j, "read"));
    assert_int_equal(json_number_of(json_object_get(j, "waiting"), "1"), 0);
    assert_int_equal(json_number_of(json_object_get(j, "waiting"), "5"), 0);
    json_decref(j);
    ran_release(&r);
}

/* Those that came packed are restored by a thread of the centre's. */
static void wait_for_originals(void)
{
    const struct timespec pause = {.tv_nsec = READY_LOOK_MS * 1000000L};
    json_int_t complete = -1;

    for (int i = 0; i < READY_TRIES && (size_t)complete != t.records + t.originals_count;
         i++) {
        struct ran r;
        json_t *j;

        (void)nanosleep(&pause, NULL);
        run(&t.bench, &r, "tram-centre", "--json", "--data", centre_dir(), "status",
            NULL);
        j = ran_json(&r, 0);
        complete =
            json_number_of(json_array_get(json_object_get(j, "sites"), 0), "complete");
        json_decref(j);
        ran_release(&r);
    }
    assert_int_equal(complete, t.records + t.originals_count);
}

static void expect_verified(const char *program, const char *dir)
{
    struct ran r;
    json_t *j;

    run(&t.bench, &r, program, "--json", "--data", dir, "verify", NULL);
    j = ran_json(&r, 0);
    if (r.status != 0 || !json_is_true(json_object_get(j, "ok")))
        fail_msg("%s verify: %s", program, (const char *)r.out.bytes);
    json_decref(j);
    ran_release(&r);
}

static bool rows_equal(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 0; i < sqlite3_column_count(a); i++) {
        int bytes = sqlite3_column_bytes(a, i);

        if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i) ||
            bytes != sqlite3_column_bytes(b, i) ||
            (bytes > 0 && memcmp(sqlite3_column_blob(a, i), sqlite3_column_blob(b, i),
                                 (size_t)bytes) != 0))
            return false;
    }
    return true;
}

static void expect_same_table(sqlite3 *box, sqlite3 *centre, const char *table)
{
    char sql[128];
    const char *const text = sql;
    sqlite3_stmt *a, *b;
    int row_a, row_b;
    unsigned rows = 0;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2, 3, 4", table);
    must(statements_prepare(box, &a, &text, 1, &t.err), &t.err);
    must(statements_prepare(centre, &b, &text, 1, &t.err), &t.err);
    do {
        row_a = statement_step(a, &t.err);
        row_b = statement_step(b, &t.err);
        if (row_a != row_b || (row_a == 1 && !rows_equal(a, b)))
            fail_msg("%s differs after %u rows", table, rows);
        rows++;
    } while (row_a == 1);
    statements_finalize(&a, 1);
    statements_finalize(&b, 1);
}

static void expect_both_ends_equal(void)
{
    const char *const *tables;
    struct box *box;
    struct centre *c;
    int64_t documents;

    must(box_open(&box, disk_system(), clock_system(), t.bench.data, NULL, &t.err),
         &t.err);
    must(centre_open(&c, disk_system(), clock_system(), random_system(), centre_dir(),
                     &t.err),
         &t.err);
    for (size_t i = store_synced_tables(box->store, &tables); i > 0; i--)
        expect_same_table(store_db(box->store), store_db(c->store), tables[i - 1]);
    must(sql_number(store_db(c->store),
                    "SELECT count(*) FROM document WHERE source = 'thu'", &documents,
                    &t.err),
         &t.err);
    assert_int_equal(documents, t.records);
    for (size_t i = 0; i < t.originals_count; i++) {
        bool sound = false;

        must(blob_check(c->blobs, &t.originals[i], &sound, &t.err), &t.err);
        assert_true(sound);
    }
    centre_close(c);
    box_close(box);
}

static void killed_at_any_instant_nothing_is_lost_and_nothing_counts_twice(void **state)
{
    const char *rounds = getenv("TORTURE_ROUNDS");
    unsigned count = rounds == NULL ? ROUNDS_SHORT : (unsigned)atoi(rounds);

    (void)state;
    for (unsigned i = 0; i < count; i++)
        live_a_round(i);
    drain();
    expect_all_complete();
    wait_for_originals();
    stop(&t.box, &t.box_runs, SIGTERM, 0);
    stop(&t.centre, &t.centre_runs, SIGTERM, 0);
    expect_verified("tram-box", t.bench.data);
    expect_verified("tram-centre", centre_dir());
    expect_both_ends_equal();
    print_message("%u rounds, %u records, %zu originals; killed: box %u, centre %u,"
                  " both %u\n",
                  count, t.records, t.originals_count, t.kills[0], t.kills[1],
                  t.kills[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            killed_at_any_instant_nothing_is_lost_and_nothing_counts_twice, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
