#include "tests/sim/fleet.h"

#include "appliance/courier.h"

#define DAY_MS 86400000

/* ------------------------------------------------------------------- the centre */

static int copy_file(const struct fleet_tree *c, const char *from, const char *to,
                     struct err *e)
{
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, 1u << 30);
    rc = disk_read_all(c->from, from, &bytes, e);
    if (rc == 0)
        rc = disk_replace(c->to, to, bytes.bytes, bytes.count, e);
    buffer_release(&bytes);
    return rc;
}

static int copy_entry(void *arg, const char *name, struct err *e)
{
    const struct fleet_tree *c = arg;
    char from[DISK_PATH_BYTES], to[DISK_PATH_BYTES];
    struct fleet_tree below = {
        .from = c->from, .to = c->to, .from_dir = from, .to_dir = to};
    struct disk_stat there;

    if (disk_path(from, e, "%s/%s", c->from_dir, name) != 0 ||
        disk_path(to, e, "%s/%s", c->to_dir, name) != 0 ||
        disk_stat(c->from, from, &there, e) != 0)
        return -1;
    return there.kind == DISK_DIR ? fleet_tree_copy(&below, e)
                                  : copy_file(c, from, to, e);
}

int fleet_tree_copy(const struct fleet_tree *c, struct err *e)
{
    if (disk_make_dirs(c->to, c->to_dir, e) != 0)
        return -1;
    return disk_list(c->from, c->from_dir, copy_entry, (void *)(uintptr_t)c, e);
}

static int write_centre(struct fleet *f, const char *dir, struct err *e)
{
    char to[DISK_PATH_BYTES];
    struct fleet_tree c = {.from = f->centre_machine.disk,
                           .to = disk_system(),
                           .from_dir = f->centre_dir,
                           .to_dir = to};

    if (disk_path(to, e, "%s/centre", dir) != 0)
        return -1;
    fleet_centre_down(f, false, FLEET_NEVER_MS); /* it is copied as it lies there */
    return fleet_tree_copy(&c, e);
}

/* -------------------------------------------------------------------- the boxes */

static void work(struct fleet *f, unsigned box)
{
    fleet_box_boot(f, box);
    for (unsigned i = 0; i < f->docs_per_day; i++) {
        if (f->load)
            fleet_work_record(f, box);
        else
            fleet_work_document(f, box, 1,
                                200 + (size_t)random_below(&f->chance.random, 12000));
    }
    fleet_box_off(f, box);
}

static int write_stick(struct fleet *f, unsigned box, const char *dir, struct err *e)
{
    struct fleet_box *b = &f->boxes[box];
    struct courier_options o = {.random = &b->machine.random.random,
                                .stick = disk_system()};
    struct courier_exported out;
    char stick[DISK_PATH_BYTES];
    int rc;

    if (disk_path(stick, e, "%s/stick", dir) != 0 ||
        disk_make_dirs(disk_system(), stick, e) != 0)
        return -1;
    fleet_box_boot(f, box);
    o.box = b->box;
    o.dir = stick;
    rc = courier_export(&o, &out, e);
    fleet_box_off(f, box);
    return rc;
}

bool fleet_out(struct fleet *f, unsigned days, unsigned docs_per_day, const char *dir)
{
    struct err e;

    f->docs_per_day = docs_per_day;
    for (unsigned i = 0; i < f->boxes_count; i++) {
        f->boxes[i].signal = false;
        if (f->boxes[i].machine.on)
            fleet_box_off(f, i);
    }
    for (unsigned d = 0; d < days && f->failure[0] == '\0'; d++) {
        for (unsigned i = 0; i < f->boxes_count && f->failure[0] == '\0'; i++)
            work(f, i);
        fleet_run(f, DAY_MS);
    }
    if (f->failure[0] == '\0' && write_centre(f, dir, &e) != 0)
        fleet_fail(f, "%s: %s", dir, e.text);
    for (unsigned i = 0; i < f->boxes_count && f->failure[0] == '\0'; i++)
        if (write_stick(f, i, dir, &e) != 0)
            fleet_fail(f, "%s: %s", dir, e.text);
    return f->failure[0] == '\0';
}
