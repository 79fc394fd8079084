#include "tests/sim/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/backup.h"
#include "schema/statements.h"

#define BOX_DIR  "/box"
#define COPY_DIR "/copy"

static int new_disk(struct fleet *f, unsigned box, struct disk **out, struct err *e)
{
    return disk_sim_create(out, f->seed * 1000 + 100 + box + 100ull * ++f->disks_made, e);
}

/* ------------------------------------------------------------------ second copies */

static int make_copy(struct fleet *f, unsigned box, struct err *e)
{
    struct fleet_box *b = &f->boxes[box];
    struct backup_options o = {0};
    struct second_copy_counts counts;

    if (b->copy.disk == NULL && new_disk(f, box, &b->copy.disk, e) != 0)
        return -1;
    return second_copy_make(b->box, b->copy.disk, COPY_DIR, &b->machine.random.random, &o,
                            &counts, e);
}

/* One that was put back to before it had a key of its copy has another one now, and does
 * not know the copy for its own: it is given another disk. */
static int take_copy(struct fleet *f, unsigned box, struct err *e)
{
    struct fleet_box *b = &f->boxes[box];
    int rc = make_copy(f, box, e);
    bool found;

    if (rc != 0 && e->code == ERR_REFUSED && b->memory.left_count > 0) {
        disk_sim_destroy(b->copy.disk);
        b->copy.disk = NULL;
        b->copy.is_there = false;
        rc = make_copy(f, box, e);
    }
    return rc == 0 ? second_copy_key(b->box, &b->copy.key, &found, e) : -1;
}

/* A copy whose making was cut short is the one before or this one. Where they are of two
 * lines nobody here could tell which, and it is not used. */
static void remember_copy(struct fleet_box *b, struct fleet_line *now, bool made)
{
    b->copy.is_there =
        made || (b->copy.is_there && fleet_line_begins_with(now, &b->copy.line));
    fleet_line_release(&b->copy.line);
    b->copy.line = *now;
}

void fleet_copy_take(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_line now;
    struct err e;
    bool made;

    if (!b->machine.on || b->machine.unwell)
        return;
    machine_runs(&b->machine);
    now = fleet_line_copy(&b->memory);
    made = take_copy(f, box, &e) == 0;
    remember_copy(b, &now, made);
    if (made) {
        fleet_fault(f, FAULT_COPIED);
        fleet_tell(f, (int)box, "is copied");
    } else if (e.code != ERR_NO_SPACE) {
        fleet_box_error(f, box, "copy", &e);
    }
    fleet_box_notice(f, box);
}

/* Those that are not here again, and were promised to nobody, went with the box. */
static void forget_originals(struct fleet_box *b, struct blobs *blobs)
{
    struct fleet_memory *m = &b->memory;
    size_t kept = 0;
    bool there;
    struct err e;

    for (size_t i = 0; i < m->kept_count; i++)
        if (blob_exists(blobs, &m->kept[i], &there, &e) == 0 && there)
            m->kept[kept++] = m->kept[i];
    m->kept_count = kept;
    m->kept_whole = 0;
}

static void forget_what_is_gone(struct fleet *f, struct fleet_box *b)
{
    struct blobs *blobs = NULL;
    struct err e;

    if (blobs_open(&blobs, b->machine.disk, BOX_DIR, &e) != 0)
        fleet_fail(f, "restored box: %s", e.text);
    else
        forget_originals(b, blobs);
    blobs_close(blobs);
}

static void put_in(struct fleet_machine *m, struct disk *disk)
{
    disk_sim_destroy(m->disk);
    m->disk = disk;
    disk_sim_set_faults(disk, &m->faults);
}

void fleet_copy_restore(struct fleet *f, unsigned box, int64_t off_ms)
{
    struct fleet_box *b = &f->boxes[box];
    struct second_copy_counts counts;
    struct backup_options o = {0};
    struct disk *disk;
    struct err e;

    if (!b->copy.is_there)
        return;
    fleet_fault(f, FAULT_BOX_RESTORED);
    if (b->machine.on)
        fleet_box_down(f, box, true, FLEET_NEVER_MS);
    b->machine.life++; /* whoever was to boot it finds it gone */
    machine_runs(&b->machine);
    if (new_disk(f, box, &disk, &e) != 0 ||
        second_copy_restore(disk, &b->machine.clock.clock, BOX_DIR, b->copy.disk,
                            COPY_DIR, &b->copy.key, &o, &counts, &e) != 0) {
        fleet_fail(f, "box %u: %s", box + 1, e.text);
        return;
    }
    put_in(&b->machine, disk);
    fleet_tell(f, (int)box, "is made again of its copy: frame %llu, epoch %u",
               (unsigned long long)counts.sequence, counts.epoch);
    fleet_line_leave(f, box, &b->copy.line, counts.sequence, counts.epoch);
    forget_what_is_gone(f, b);
    fleet_box_boot_later(f, box, off_ms);
}

/* ------------------------------------------------------------ a card put back */

/* What it has shown as kept. */
static struct fleet_line line_of(const struct fleet_memory *m)
{
    struct fleet_line l = fleet_line_copy(m);

    if (l.count > m->last + 1)
        l.count = (size_t)m->last + 1;
    return l;
}

static bool is_received(const struct fleet *f, const struct fleet_box *b)
{
    const struct fleet_memory *m = &b->memory;

    for (unsigned i = 0; i < FLEET_STICKS; i++)
        if (f->sticks[i].away)
            return false;
    return !m->doubtful && !m->centre_put_back && m->promised == m->last;
}

void fleet_card_keep(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_tree tree = {
        .from = b->machine.disk, .from_dir = BOX_DIR, .to_dir = BOX_DIR};
    struct err e;

    if (!b->machine.on || b->machine.unwell || machine_dead(&b->machine))
        return;
    disk_sim_destroy(b->card.disk);
    b->card.disk = NULL;
    if (new_disk(f, box, &b->card.disk, &e) != 0) {
        fleet_fail(f, "card: %s", e.text);
        return;
    }
    tree.to = b->card.disk;
    if (fleet_tree_copy(&tree, &e) != 0)
        fleet_fail(f, "card: %s", e.text);
    fleet_line_release(&b->card.line);
    b->card.line = line_of(&b->memory);
    b->card.turns = is_received(f, b);
    b->card.turned = false;
    fleet_tell(f, (int)box, "has its card copied");
}

/* Switched off, whatever it did, and whoever was to boot it finds it gone. */
static void take_out(struct fleet *f, unsigned box)
{
    if (f->boxes[box].machine.on)
        fleet_box_down(f, box, true, FLEET_NEVER_MS);
    f->boxes[box].machine.life++;
}

/* The box is on the card's line now. */
static void go_on_with(struct fleet *f, unsigned box, const struct fleet_line *line,
                       int64_t off_ms)
{
    fleet_tell(f, (int)box, "goes on with another card: frame %zu, epoch %u",
               line->count - 1, line->epoch);
    fleet_line_leave(f, box, line, line->count - 1, line->epoch);
    forget_what_is_gone(f, &f->boxes[box]);
    fleet_box_boot_later(f, box, off_ms);
}

void fleet_card_put_back(struct fleet *f, unsigned box, int64_t off_ms)
{
    struct fleet_box *b = &f->boxes[box];

    /* What was copied is of the line that it is on now. */
    if (b->card.disk == NULL || b->card.turned || b->memory.doubtful ||
        b->card.line.epoch != b->memory.epoch || b->card.line.count > b->memory.last + 1)
        return;
    fleet_fault(f, FAULT_PUT_IN_AGAIN);
    take_out(f, box);
    put_in(&b->machine, b->card.disk);
    b->card.disk = NULL;
    go_on_with(f, box, &b->card.line, off_ms);
    fleet_line_release(&b->card.line);
}

void fleet_card_turn(struct fleet *f, unsigned box, int64_t off_ms)
{
    struct fleet_box *b = &f->boxes[box];
    struct disk *in = b->card.disk;
    struct fleet_line line = b->card.line;

    if (in == NULL || !b->card.turns)
        return;
    fleet_fault(f, FAULT_TURN);
    take_out(f, box);
    b->card.disk = b->machine.disk;
    b->card.line = line_of(&b->memory);
    b->card.turned = true;
    b->machine.disk = in;
    disk_sim_set_faults(in, &b->machine.faults);
    go_on_with(f, box, &line, off_ms);
    fleet_line_release(&line);
}

void fleet_copy_release(struct fleet_box *b)
{
    disk_sim_destroy(b->copy.disk);
    disk_sim_destroy(b->card.disk);
    recovery_wipe(&b->copy.key);
    fleet_line_release(&b->copy.line);
    fleet_line_release(&b->card.line);
}
