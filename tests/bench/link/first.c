/* First record: how soon a small record is applied at the centre, when a link comes up
 * before which it was made, and when images are on their way; with much waiting. */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/bench/link/emulator.h"
#include "tests/bench/link/parts.h"

#define IMAGE_BYTES     25000000ull
#define TEXT_BYTES      1500  /* with what is around it: a record of under 2 kB */
#define DOWN_MS         30000 /* longer than a dead link stays unnoticed */
#define FLOWING_MS      20000
#define BETWEEN_MS      8000
#define WAIT_MS_MAX     120000
#define LOOK_MS         2
#define TRIPS_MAX       3.0
#define ON_THE_WAY_S    5.0
#define ON_THE_WAY_RATE 64000 /* the bound is for this rate */

struct first {
    const struct link_plan *plan;
    struct net net;
    struct emulator *link;
    struct pair_running pair;
    sqlite3 *box, *centre;
    unsigned records; /* made so far */
};

/* ------------------------------------------------------------------------ looking */

static int look_at(sqlite3 **out, const char *dir, const char *name, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/%s/tram.db", dir, name) != 0)
        return -1;
    if (sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return err_set(e, ERR_FAILED, "%s: %s", path, sqlite3_errmsg(*out));
    (void)sqlite3_busy_timeout(*out, 1000);
    return 0;
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int64_t n = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        n = sqlite3_column_int64(q, 0);
    (void)sqlite3_finalize(q);
    return n;
}

static int64_t made(struct first *f)
{
    return number(f->box, "SELECT max(sequence) FROM changelog");
}

static int64_t applied(struct first *f)
{
    return number(f->centre, "SELECT max(applied) FROM site");
}

/* When the centre has applied so much; -1: not in two minutes. */
static int64_t wait_applied(struct first *f, int64_t sequence)
{
    int64_t until = place_now_ms() + WAIT_MS_MAX;

    while (applied(f) < sequence) {
        if (place_now_ms() > until)
            return -1;
        place_sleep_ms(LOOK_MS);
    }
    return place_now_ms();
}

/* ------------------------------------------------------------------------- making */

static int write_record(struct first *f, char path[DISK_PATH_BYTES], struct err *e)
{
    static const char *const words[] = {"Ủy ban nhân dân xã", "quyết định", "hộ khẩu",
                                        "thửa đất số",        "công văn",   "về việc"};
    struct buffer b;
    int rc = -1;

    buffer_init(&b, 8192);
    buffer_append_format(
        &b,
        "{\"dossier\":\"BENCH\",\"type\":\"cong-van\",\"key\":\"%u\","
        "\"fields\":{\"so_ky_hieu\":\"%u/UBND\"},\"pages\":[{\"text\":\"",
        f->records, f->records);
    for (unsigned i = 0; b.count < TEXT_BYTES; i++)
        buffer_append_format(&b, "%s %u ", words[(i * 7 + f->records) % 6],
                             i * 7919 + f->records * 104729);
    buffer_append_text(&b, "\"}]}\n");
    f->records++;
    if (buffer_check(&b, e) == 0 &&
        disk_path(path, e, "%s/record.jsonl", f->pair.dir) == 0)
        rc = disk_replace(disk_system(), path, b.bytes, b.count, e);
    buffer_release(&b);
    return rc;
}

/* Makes a record; *made_ms: when it was committed. Its sequence, or -1. */
static int64_t make_record(struct first *f, int64_t *made_ms, struct err *e)
{
    char path[DISK_PATH_BYTES], program[DISK_PATH_BYTES], data[DISK_PATH_BYTES];
    const char *const words[] = {program,    "--data", data, "import",
                                 "--source", "bench",  path, NULL};
    int64_t before = made(f), until = place_now_ms() + WAIT_MS_MAX;
    char out[DISK_PATH_BYTES];
    pid_t pid;

    if (write_record(f, path, e) != 0 ||
        disk_path(program, e, "%s/tram-box", f->plan->build) != 0 ||
        disk_path(data, e, "%s/box", f->pair.dir) != 0 ||
        disk_path(out, e, "%s/import.out", f->pair.dir) != 0)
        return -1;
    pid = place_start(&f->net, NET_BOX, out, words);
    while (made(f) == before && place_now_ms() < until)
        place_sleep_ms(LOOK_MS);
    *made_ms = place_now_ms();
    place_end(pid, 5000);
    if (made(f) > before)
        return made(f);
    return err_set(e, ERR_FAILED, "no record was made: see %s.err", out);
}

/* ---------------------------------------------------------------------- measuring */

/* Until all that was committed is applied, for a while: then only images wait. */
static int settle(struct first *f, struct err *e)
{
    int64_t sequence;

    do {
        sequence = made(f);
        if (wait_applied(f, sequence) < 0)
            return err_set(e, ERR_FAILED, "what was made before does not arrive");
        place_sleep_ms(BETWEEN_MS);
    } while (made(f) > sequence);
    return 0;
}

static int at_link_up(struct first *f, unsigned rate, unsigned turn, unsigned *missed,
                      struct err *e)
{
    double trips;
    int64_t ignored, sequence, up_ms, took_ms;

    if (settle(f, e) != 0)
        return -1;
    emulator_down(f->link);
    sequence = make_record(f, &ignored, e);
    if (sequence < 0)
        return -1;
    place_sleep_ms(DOWN_MS);
    up_ms = place_now_ms();
    emulator_up(f->link);
    if (net_box_address(&f->net, turn + 1, e) != 0)
        return -1;
    took_ms = wait_applied(f, sequence) - up_ms;
    trips = (double)took_ms / (2.0 * f->plan->delay_ms);
    *missed += took_ms < 0 || trips > TRIPS_MAX;
    printf("| %u kbit/s | made before the link came up | %.2f s | %.2f (≤ %.0f) %s |\n",
           rate / 1000, (double)took_ms / 1000, trips, TRIPS_MAX,
           took_ms >= 0 && trips <= TRIPS_MAX ? "ok" : "MISSED");
    return 0;
}

static int while_flowing(struct first *f, unsigned rate, unsigned *missed, struct err *e)
{
    bool bound = rate == ON_THE_WAY_RATE;
    int64_t made_ms, sequence = make_record(f, &made_ms, e);
    double took_s;

    if (sequence < 0)
        return -1;
    took_s = (double)(wait_applied(f, sequence) - made_ms) / 1000;
    *missed += bound && (took_s < 0 || took_s > ON_THE_WAY_S);
    printf("| %u kbit/s | made while an image is on its way | %.2f s%s | |\n",
           rate / 1000, took_s,
           !bound                                  ? ""
           : took_s >= 0 && took_s <= ON_THE_WAY_S ? " (≤ 5) ok"
                                                   : " (≤ 5) MISSED");
    place_sleep_ms(BETWEEN_MS);
    return 0;
}

static int measure(struct first *f, unsigned rate, unsigned *missed, struct err *e)
{
    int rc = 0;

    emulator_up(f->link);
    for (unsigned i = 0; rc == 0 && i < f->plan->times; i++)
        rc = at_link_up(f, rate, i, missed, e);
    place_sleep_ms(FLOWING_MS);
    for (unsigned i = 0; rc == 0 && i < f->plan->times; i++)
        rc = while_flowing(f, rate, missed, e);
    return rc;
}

static int at_rate(const struct link_plan *p, const struct seed *s, unsigned rate,
                   unsigned *missed, struct err *e)
{
    const struct emulator_plan link = {.rate_bit_s = rate, .delay_ms = p->delay_ms};
    struct first f = {.plan = p};
    char dir[DISK_PATH_BYTES];
    int rc = -1;

    if (net_create(&f.net, e) != 0)
        return -1;
    if (disk_path(dir, e, "%s/first-%u", p->scratch, rate) == 0 &&
        emulator_start(&f.link, &f.net, &link, e) == 0 &&
        seed_copy(&f.pair, s, &f.net, dir, e) == 0 &&
        seed_start_centre(&f.pair, e) == 0 && seed_start_box(&f.pair, "serve", e) == 0 &&
        look_at(&f.box, dir, "box", e) == 0 && look_at(&f.centre, dir, "centre", e) == 0)
        rc = measure(&f, rate, missed, e);
    (void)sqlite3_close(f.box);
    (void)sqlite3_close(f.centre);
    seed_stop(&f.pair);
    emulator_stop(f.link);
    net_release(&f.net);
    if (rc == 0 && !p->keep)
        place_remove(dir);
    return rc;
}

int part_first(const struct link_plan *p, unsigned *missed, struct err *e)
{
    struct seed s = {.papers = p->images, .paper_bytes = IMAGE_BYTES};

    if (disk_path(s.dir, e, "%s/first", p->scratch) != 0 ||
        disk_path(s.build, e, "%s", p->build) != 0 || seed_make(&s, e) != 0)
        return -1;
    printf("\n## First record: under 2 kB, with %u MB of originals waiting, no loss\n\n"
           "| link | record | applied after | round trips |\n| --- | --- | --- | --- |\n",
           (unsigned)(p->images * IMAGE_BYTES / 1000000));
    for (size_t i = 0; i < p->rates_count; i++)
        if (at_rate(p, &s, p->rates[i], missed, e) != 0)
            return -1;
    return 0;
}
