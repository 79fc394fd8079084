/* bench-sync-bytes: days of an office (tram-days) through a real box and a real centre over
 * TLS on this machine, a contact a day; a table of what was on the wire.
 *
 *   bench-sync-bytes DIR DAYS
 *
 * For each day, on stdout: day, frames, bytes of their changesets, bytes of the sealed
 * bundles, bytes from the box, bytes to it (TCP payload, TLS and its handshake included,
 * as a relay between them counts it); then "empty" with those of a contact that had
 * nothing to say over TLS, and in the clear.
 * DIR/day-NN.frames: the changesets, for other packers. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "appliance/import.h"
#include "schema/statements.h"
#include "tests/lib/link_world.h"

static struct link_world w;
static const char *dir;
static unsigned days;

struct day_bytes {
    int64_t frames, changesets, sealed;
};

#define CARRIED_MS 10000
#define LOOK_MS    10

static void import_day(unsigned day)
{
    struct import_options o = {.source = "bench"};
    struct import_counts counts;
    char path[1024];
    int fd;

    (void)snprintf(path, sizeof path, "%s/day-%02u.jsonl", dir, day);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    must(import_lines(w.box, fd, &o, &counts, &w.err), &w.err);
    assert_int_equal(counts.refused, 0);
    (void)close(fd);
}

static void write_frames(unsigned day, uint64_t after, struct day_bytes *out)
{
    static const char *const sql =
        "SELECT changeset FROM changelog WHERE sequence > ?1 ORDER BY sequence";
    char path[1024];
    sqlite3_stmt *s;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/day-%02u.frames", dir, day);
    f = fopen(path, "w");
    assert_non_null(f);
    must(statements_prepare(store_db(w.box->store), &s, &sql, 1, &w.err), &w.err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
    while (statement_step(s, &w.err) == 1) {
        out->frames++;
        out->changesets += sqlite3_column_bytes(s, 0);
        (void)fwrite(sqlite3_column_blob(s, 0), 1, (size_t)sqlite3_column_bytes(s, 0), f);
    }
    statements_finalize(&s, 1);
    assert_int_equal(fclose(f), 0);
}

/* What the centre keeps of the day. */
static int64_t sealed_bytes_after(uint64_t after)
{
    struct centre *c = link_world_look(&w);
    char sql[128];
    int64_t n = 0;

    (void)snprintf(
        sql, sizeof sql,
        "SELECT coalesce(sum(length(bytes)), 0) FROM journal WHERE first > %llu",
        (unsigned long long)after);
    must(sql_number(store_db(c->store), sql, &n, &w.err), &w.err);
    centre_close(c);
    return n;
}

/* A contact, as the relay between them counts it: the box is done before the relay has
 * carried its last word, so two looks in a row must tell the same. */
static struct agent_result contact(void)
{
    uint64_t up = wire_bytes_up(w.wire), down = wire_bytes_down(w.wire);
    struct agent_result r = link_world_sync(&w, 0);
    uint64_t now = 0, then = 1;

    assert_int_equal(r.end, AGENT_DRAINED);
    for (int waited = 0; waited < CARRIED_MS && now != then; waited += LOOK_MS) {
        then = now;
        (void)poll(NULL, 0, LOOK_MS);
        now = wire_bytes_up(w.wire) + wire_bytes_down(w.wire);
    }
    r.bytes_out = wire_bytes_up(w.wire) - up;
    r.bytes_in = wire_bytes_down(w.wire) - down;
    return r;
}

static void one_day(unsigned day)
{
    uint64_t before = link_world_last(&w);
    struct day_bytes b = {0};
    struct agent_result r;

    import_day(day);
    write_frames(day, before, &b);
    r = contact();
    link_world_wait_applied(&w, w.enrolment.site, link_world_last(&w));
    b.sealed = sealed_bytes_after(before);
    printf("%u\t%lld\t%lld\t%lld\t%llu\t%llu\n", day, (long long)b.frames,
           (long long)b.changesets, (long long)b.sealed, (unsigned long long)r.bytes_out,
           (unsigned long long)r.bytes_in);
    (void)fflush(stdout);
}

static void empty_contact(const char *name)
{
    struct agent_result r;

    (void)contact(); /* hears what is applied */
    r = contact();
    printf("empty-%s\t%llu\t%llu\n", name, (unsigned long long)r.bytes_out,
           (unsigned long long)r.bytes_in);
}

static void measure(void **state)
{
    (void)state;
    link_world_start(&w, false);
    for (unsigned day = 1; day <= days; day++)
        one_day(day);
    empty_contact("tls");
    link_world_finish(&w);
    link_world_start(&w, true);
    import_day(1);
    empty_contact("clear");
    link_world_finish(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(measure)};

    if (argc != 3) {
        fprintf(stderr, "usage: bench-sync-bytes DIR DAYS\n");
        return 2;
    }
    dir = argv[1];
    days = (unsigned)strtoul(argv[2], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
