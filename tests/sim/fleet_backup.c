#include "tests/sim/fleet.h"

#include <stdio.h>
#include <string.h>

#include "sync/centre/backup.h"

void fleet_backup_take(struct fleet *f)
{
    char dir[FLEET_DIR_BYTES];
    struct backup_counts counts;
    struct err e;

    (void)snprintf(dir, sizeof dir, "/backup-%u", ++f->backups);
    if (backup_make(f->centre, dir, &counts, &e) == 0) {
        memcpy(f->backup_dir, dir, sizeof dir);
        f->backup_used = false;
        fleet_tell(f, WHO_CENTRE, "is backed up");
    } else {
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
    (void)snprintf(f->centre_dir, sizeof f->centre_dir, "/centre-%u", ++f->restores);
    fleet_tell(f, WHO_CENTRE, "is restored from its backup");
    if (backup_restore(m->disk, &m->clock.clock, &m->random.random, f->backup_dir,
                       f->centre_dir, &counts, &e) != 0)
        fleet_fail(f, "restore: %s", e.text);
}
