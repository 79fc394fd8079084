#include "tests/lib/courier_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/receipts.h"
#include "tests/lib/store_template.h"

static struct err *err_of(struct courier_world *w)
{
    return &w->err;
}

static void enrol(struct courier_world *w)
{
    struct public_key tls = {{1}};
    struct store_identity who = {.epoch = 1, .name = "Xã Thử"};
    struct key_pair key;

    must(site_enrol(w->province.centre, "Xã Thử", PROVINCE_URL, &tls, &w->enrolment,
                    err_of(w)),
         err_of(w));
    who.site = w->enrolment.site;
    key_pair_make(&key, &w->random.random);
    must(store_template_lay(w->box.disk, WORLD_DIR, err_of(w)), err_of(w));
    must(box_init(w->box.disk, &w->box.clock.clock, WORLD_DIR, &who, err_of(w)),
         err_of(w));
    must(key_pair_save(&key, w->box.disk, WORLD_DIR, "box", err_of(w)), err_of(w));
    must(world_open(&w->box, err_of(w)), err_of(w));
    must(outbox_enrol(w->box.box, &w->enrolment, err_of(w)), err_of(w));
}

void courier_world_start(struct courier_world *w)
{
    *w = (struct courier_world){0};
    province_start(&w->province, 21);
    world_create(&w->box, 22);
    random_seeded_init(&w->random, 23);
    for (int i = 0; i < STICKS; i++) {
        must(disk_sim_create(&w->sticks[i], 24 + (uint64_t)i, err_of(w)), err_of(w));
        must(disk_make_dirs(w->sticks[i], STICK_DIR, err_of(w)), err_of(w));
    }
    enrol(w);
}

void courier_world_finish(struct courier_world *w)
{
    for (int i = 0; i < STICKS; i++)
        disk_sim_destroy(w->sticks[i]);
    world_destroy(&w->box);
    province_finish(&w->province);
}

void courier_world_take(struct courier_world *w, const char *text, size_t bytes)
{
    struct queue_progress progress;
    char *paper = malloc(bytes + 4096), name[64];
    uint64_t noise = strlen(text) + bytes;
    size_t at;

    assert_non_null(paper);
    at = (size_t)sprintf(paper, "fake jpeg\npage: %s\n", text);
    for (size_t i = 0; i < bytes; i++) {
        noise = noise * 6364136223846793005u + 1442695040888963407u;
        paper[at++] = i % 64 == 63 ? '\n' : (char)('A' + (noise >> 40) % 50);
    }
    (void)strcpy(paper + at, "\nend\n");
    (void)snprintf(name, sizeof name, "paper-%zu-%zu.jpg", bytes, strlen(text));
    must(world_take(&w->box, name, paper, err_of(w)), err_of(w));
    must(world_read(&w->box, &progress, err_of(w)), err_of(w));
    free(paper);
}

void courier_world_take_some(struct courier_world *w, unsigned count)
{
    char text[64];

    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "Công văn số %u về việc %llu", i,
                       (unsigned long long)world_last(w));
        courier_world_take(w, text, 3000 + i);
    }
}

/* ------------------------------------------------------------------------- trips */

static struct courier_options options_of(struct courier_world *w, int stick)
{
    return (struct courier_options){.box = w->box.box,
                                    .random = &w->random.random,
                                    .stick = w->sticks[stick],
                                    .dir = STICK_DIR};
}

int world_export(struct courier_world *w, int stick)
{
    struct courier_options o = options_of(w, stick);

    return courier_export(&o, &w->exported, err_of(w));
}

int world_import_stick(struct courier_world *w, int stick)
{
    struct courier_options o = options_of(w, stick);

    return courier_import(&o, &w->imported, err_of(w));
}

static void note_told(void *arg, const struct tar_told *t)
{
    struct courier_world *w = arg;
    struct stick_told *s = &w->told[w->told_count];

    assert_true(w->told_count < STICK_TOLD_MAX);
    w->told_count++;
    s->tar = *t;
    s->name = *t->name;
    s->tar.name = &s->name;
}

int province_import(struct courier_world *w, int stick)
{
    struct courier c;
    int rc = -1;

    w->told_count = 0;
    if (courier_open(&c, w->province.centre, w->sticks[stick], STICK_DIR, err_of(w)) != 0)
        return -1;
    if (courier_take(&c, note_told, w, err_of(w)) == 0) {
        (void)province_apply(&w->province);
        rc = courier_answer(&c, &w->answered, err_of(w));
    }
    courier_close(&c);
    return rc;
}

int province_export(struct courier_world *w, int stick)
{
    struct courier c;
    int rc = -1;

    if (courier_open(&c, w->province.centre, w->sticks[stick], STICK_DIR, err_of(w)) != 0)
        return -1;
    if (courier_add_site(&c, w->enrolment.site, err_of(w)) == 0)
        rc = courier_answer(&c, &w->answered, err_of(w));
    courier_close(&c);
    return rc;
}

void world_trip(struct courier_world *w, int stick)
{
    must(world_export(w, stick), err_of(w));
    must(province_import(w, stick), err_of(w));
    must(world_import_stick(w, stick), err_of(w));
}

static void link_hear(struct courier_world *w, struct outbox *o)
{
    struct receipt r;
    struct buffer bytes;

    must(site_receipt(w->province.centre, w->enrolment.site, &r, err_of(w)), err_of(w));
    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    receipt_encode(&r, &w->province.centre->key, &bytes);
    must(outbox_store_receipt(o, bytes.bytes, bytes.count, err_of(w)), err_of(w));
    buffer_release(&bytes);
}

void world_link(struct courier_world *w, bool heard)
{
    uint64_t next = world_site(w).received + 1;
    enum journal_verdict verdict;
    struct sync_object object;
    struct buffer bytes;
    struct outbox *o;
    enum refused why;

    must(outbox_create(&o, w->box.box, &w->random.random, err_of(w)), err_of(w));
    buffer_init(&bytes, BUNDLE_BYTES_MAX);
    while (outbox_bundle(o, next, &object, err_of(w)) == 1) {
        buffer_clear(&bytes);
        must(outbox_read(o, &object.id, 0, (size_t)object.total_bytes, &bytes, err_of(w)),
             err_of(w));
        must(journal_take(w->province.centre, w->enrolment.site, &object.id, bytes.bytes,
                          bytes.count, &verdict, &why, err_of(w)),
             err_of(w));
        assert_int_not_equal(verdict, JOURNAL_REFUSED);
        next = object.last + 1;
    }
    if (heard)
        link_hear(w, o);
    buffer_release(&bytes);
    outbox_destroy(o);
}

/* ------------------------------------------------------------------------ sticks */

struct courier_list stick_list(struct courier_world *w, int stick)
{
    struct courier_list l;

    must(courier_list_read(&l, w->sticks[stick], STICK_DIR, err_of(w)), err_of(w));
    return l;
}

unsigned stick_count(struct courier_world *w, int stick, enum direction direction)
{
    struct courier_list l = stick_list(w, stick);
    unsigned n = 0;

    for (size_t i = 0; i < l.count; i++)
        n += l.names[i].direction == direction && !l.names[i].part;
    courier_list_release(&l);
    return n;
}

static void path_of_nth(struct courier_world *w, int stick, enum direction direction,
                        unsigned nth, char path[DISK_PATH_BYTES])
{
    struct courier_list l = stick_list(w, stick);
    unsigned n = 0;

    for (size_t i = 0; i < l.count; i++)
        if (l.names[i].direction == direction && n++ == nth)
            must(courier_path(path, STICK_DIR, &l.names[i], err_of(w)), err_of(w));
    assert_true(n > nth);
    courier_list_release(&l);
}

void stick_change(struct courier_world *w, int stick, enum direction direction,
                  unsigned nth, uint64_t offset, const void *bytes, size_t count)
{
    char path[DISK_PATH_BYTES];
    struct disk_file *f;

    path_of_nth(w, stick, direction, nth, path);
    must(disk_open(w->sticks[stick], &f, path, DISK_WRITE, err_of(w)), err_of(w));
    must(disk_file_write(f, bytes, count, offset, err_of(w)), err_of(w));
    disk_close(f);
}

void stick_cut(struct courier_world *w, int stick, unsigned nth, uint64_t bytes)
{
    char path[DISK_PATH_BYTES];
    struct disk_file *f;

    path_of_nth(w, stick, DIRECTION_UP, nth, path);
    must(disk_open(w->sticks[stick], &f, path, DISK_WRITE, err_of(w)), err_of(w));
    must(disk_file_truncate(f, bytes, err_of(w)), err_of(w));
    disk_close(f);
}

uint64_t stick_tar_bytes(struct courier_world *w, int stick, unsigned nth)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    path_of_nth(w, stick, DIRECTION_UP, nth, path);
    must(disk_stat(w->sticks[stick], path, &s, err_of(w)), err_of(w));
    return s.bytes;
}

struct courier_name stick_name(const struct courier_world *w, enum direction direction,
                               uint32_t number)
{
    struct courier_name n = {
        .line = {.site = w->enrolment.site}, .direction = direction, .number = number};

    courier_tag(n.line.tag, &w->enrolment.centre_key);
    return n;
}

void stick_path(struct courier_world *w, char path[DISK_PATH_BYTES],
                enum direction direction, uint32_t number)
{
    struct courier_name n = stick_name(w, direction, number);

    must(courier_path(path, STICK_DIR, &n, err_of(w)), err_of(w));
}

struct courier_writer *stick_forge(struct courier_world *w, enum direction direction,
                                   uint32_t number)
{
    struct courier_name n = stick_name(w, direction, number);
    struct courier_writer *tar;

    must(courier_writer_create(&tar, w->sticks[0], STICK_DIR, &n, 64u << 20, err_of(w)),
         err_of(w));
    return tar;
}

void stick_forged(struct courier_world *w, struct courier_writer *tar)
{
    must(courier_writer_finish(tar, err_of(w)), err_of(w));
    courier_writer_destroy(tar);
}

void stick_copy(struct courier_world *w, int from, int to)
{
    struct courier_list l = stick_list(w, from);
    char path[DISK_PATH_BYTES];
    struct buffer all;

    for (size_t i = 0; i < l.count; i++) {
        buffer_init(&all, 64u << 20);
        must(courier_path(path, STICK_DIR, &l.names[i], err_of(w)), err_of(w));
        must(disk_read_all(w->sticks[from], path, &all, err_of(w)), err_of(w));
        must(disk_replace(w->sticks[to], path, all.bytes, all.count, err_of(w)),
             err_of(w));
        buffer_release(&all);
    }
    courier_list_release(&l);
}

/* ------------------------------------------------------------------- what is there */

uint64_t world_last(struct courier_world *w)
{
    return (uint64_t)world_number(&w->box, "SELECT max(sequence) FROM changelog");
}

struct site_row world_site(struct courier_world *w)
{
    return province_site(&w->province, w->enrolment.site);
}

void expect_all_there(struct courier_world *w)
{
    struct site_row row = world_site(w);

    assert_int_equal(row.received, world_last(w));
    assert_int_equal(row.applied, world_last(w));
    assert_int_equal(province_number(&w->province, "SELECT count(*) FROM original"),
                     world_number(&w->box, "SELECT count(*) FROM original"));
    assert_int_equal(province_number(&w->province,
                                     "SELECT count(*) FROM original o WHERE NOT EXISTS"
                                     " (SELECT 1 FROM held_blob h"
                                     "  WHERE h.sha256 = o.sha256)"),
                     0);
    assert_int_equal(world_number(&w->box, "SELECT received FROM sync_state"),
                     (int64_t)world_last(w));
    assert_int_equal(
        world_number(&w->box, "SELECT count(*) FROM original o WHERE NOT EXISTS (SELECT 1"
                              " FROM blob_sent b WHERE b.sha256 = o.sha256"
                              " AND b.state > 0)"),
        0);
}
