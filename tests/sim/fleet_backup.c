#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "sync/centre/backup.h"
#include "sync/centre/down.h"

static void note_frames(struct fleet *f)
{
    struct err e;

    for (unsigned i = 0; i < f->boxes_count; i++)
        if (down_last(f->centre, f->boxes[i].site, &f->boxes[i].down_backed_up, &e) != 0)
            fleet_centre_error(f, "backup", &e);
}

bool fleet_backup_has_all(const struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        if (f->boxes[i].down_left > f->boxes[i].down_backed_up)
            return false;
    return true;
}

void fleet_backup_take(struct fleet *f)
{
    char dir[FLEET_DIR_BYTES];
    struct backup_counts counts;
    struct err e;

    machine_runs(&f->centre_machine);
    (void)snprintf(dir, sizeof dir, "/backup-%u", ++f->backups);
    if (backup_make(f->centre, dir, &counts, &e) == 0) {
        memcpy(f->backup_dir, dir, sizeof dir);
        f->backup_used = false;
        note_frames(f);
        fleet_lines_back_up(f);
        f->edits_backed_up = f->edits_made;
        fleet_tell(f, WHO_CENTRE, "is backed up");
    } else {
        /* It may be whole, and boxes told so: nobody would put the older one back. */
        f->backup_used = true;
        fleet_centre_error(f, "backup", &e);
    }
    fleet_centre_notice(f);
}

void fleet_backup_restore(struct fleet *f, int64_t off_ms)
{
    struct fleet_machine *m = &f->centre_machine;
    struct backup_counts counts;
    struct err e;

    fleet_centre_down(f, true, off_ms);
    fleet_fault(f, FAULT_RESTORED);
    f->backup_used = true;
    f->restored_now = true;
    fleet_lines_put_back(f);
    (void)snprintf(f->centre_dir, sizeof f->centre_dir, "/centre-%u", ++f->restores);
    fleet_tell(f, WHO_CENTRE, "is restored from its backup");
    machine_runs(m);
    if (backup_restore(m->disk, &m->clock.clock, &m->random.random, f->backup_dir,
                       f->centre_dir, &counts, &e) != 0)
        fleet_fail(f, "restore: %s", e.text);
}
