#include "tests/sim/fleet.h"

#include "schema/migrations.h"

#define OURS_MAX 60

/* What two programs after this one will bring, invented: a column that has no value in
 * older rows, as every new one; and a table. */
static const char *const later[FLEET_PROGRAMS - 1] = {
    "ALTER TABLE document ADD COLUMN keeper TEXT",
    "CREATE TABLE seal (id INTEGER NOT NULL PRIMARY KEY, document INTEGER NOT NULL,"
    " words TEXT NOT NULL, colour TEXT);"
    "INSERT INTO table_kind (name, kind) VALUES ('seal', 'synced');"
    "ALTER TABLE page ADD COLUMN shelf TEXT",
};

void machine_runs(const struct fleet_machine *m)
{
    static const char *all[OURS_MAX + FLEET_PROGRAMS];
    static size_t ours;

    if (ours == 0) {
        const char *const *sql = migrations_all(&ours);

        for (size_t i = 0; i < ours + FLEET_PROGRAMS - 1 && i < OURS_MAX; i++)
            all[i] = i < ours ? sql[i] : later[i - ours];
    }
    migrations_pretend(all, ours + m->program);
}

void fleet_program_end(void)
{
    migrations_pretend(NULL, 0);
}

/* ------------------------------------------------------------------- upgrading */

void fleet_upgrade(struct fleet *f, int who)
{
    struct fleet_machine *m =
        who == WHO_CENTRE ? &f->centre_machine : &f->boxes[who].machine;

    if (!m->on || m->program == FLEET_PROGRAMS - 1)
        return;
    fleet_fault(f, FAULT_UPGRADE);
    m->program++;
    fleet_tell(f, who, "gets program %u", m->program);
    if (who == WHO_CENTRE)
        fleet_centre_down(f, false, 1000);
    else
        fleet_box_down(f, (unsigned)who, false, 1000);
}

/* All are as new as the newest. */
void fleet_upgrade_all(struct fleet *f)
{
    unsigned newest = f->centre_machine.program;

    for (unsigned i = 0; i < f->boxes_count; i++)
        if (f->boxes[i].machine.program > newest)
            newest = f->boxes[i].machine.program;
    if (f->centre_machine.program < newest && f->centre_machine.on)
        fleet_centre_down(f, false, 1000);
    f->centre_machine.program = newest;
    for (unsigned i = 0; i < f->boxes_count; i++) {
        if (f->boxes[i].machine.program < newest && f->boxes[i].machine.on)
            fleet_box_down(f, i, false, 1000);
        f->boxes[i].machine.program = newest;
    }
}
