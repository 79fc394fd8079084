#include "tests/sim/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

/* The centre's files as they were once. A copy of the files of a centre that was
 * killed: what a power cut would leave, and so a backup that opens. */
#define DIR        "/centre"
#define FILES_MAX  4096
#define FILE_BYTES (64u << 20)

struct fleet_backup {
    struct {
        char path[DISK_PATH_BYTES];
        bool is_dir;
        struct buffer bytes;
    } * files;
    size_t count;
};

/* ----------------------------------------------------------------------- taking */

struct walk {
    struct fleet *fleet;
    const char *dir;
};

static int take_dir(struct fleet *f, const char *dir, struct err *e);

static int take_one(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    struct fleet_backup *b = w->fleet->backup;
    struct disk *d = w->fleet->centre_machine.disk;
    struct disk_stat there;
    size_t at = b->count;

    if (at == FILES_MAX)
        return err_set(e, ERR_TOO_BIG, "too many files");
    if (disk_path(b->files[at].path, e, "%s/%s", w->dir, name) != 0 ||
        disk_stat(d, b->files[at].path, &there, e) != 0)
        return -1;
    b->count++;
    b->files[at].is_dir = there.kind == DISK_DIR;
    buffer_init(&b->files[at].bytes, FILE_BYTES);
    if (there.kind == DISK_DIR)
        return take_dir(w->fleet, b->files[at].path, e);
    return disk_read_all(d, b->files[at].path, &b->files[at].bytes, e);
}

static int take_dir(struct fleet *f, const char *dir, struct err *e)
{
    struct walk w = {.fleet = f, .dir = dir};

    return disk_list(f->centre_machine.disk, dir, take_one, &w, e);
}

void fleet_backup_forget(struct fleet *f)
{
    struct fleet_backup *b = f->backup;

    if (b == NULL)
        return;
    for (size_t i = 0; i < b->count; i++)
        buffer_release(&b->files[i].bytes);
    free(b->files);
    free(b);
    f->backup = NULL;
}

void fleet_backup_take(struct fleet *f, int64_t off_ms)
{
    struct err e;

    fleet_backup_forget(f);
    fleet_centre_down(f, false, off_ms);
    f->backup = calloc(1, sizeof *f->backup);
    if (f->backup == NULL ||
        (f->backup->files = calloc(FILES_MAX, sizeof *f->backup->files)) == NULL)
        abort();
    if (take_dir(f, DIR, &e) != 0)
        fleet_fail(f, "backup: %s", e.text);
    fleet_tell(f, WHO_CENTRE, "is backed up");
}

/* -------------------------------------------------------------------- restoring */

static int put_file(struct disk *d, const char *path, const struct buffer *bytes,
                    struct err *e)
{
    struct disk_file *file = NULL;
    int rc = -1;

    if (disk_open(d, &file, path, DISK_CREATE, e) == 0 &&
        (bytes->count == 0 ||
         disk_file_write(file, bytes->bytes, bytes->count, 0, e) == 0))
        rc = disk_file_sync(file, e);
    disk_close(file);
    return rc;
}

static int put_all(struct fleet *f, struct err *e)
{
    struct disk *d = f->centre_machine.disk;
    char dir[DISK_PATH_BYTES];

    if (disk_make_dirs(d, DIR, e) != 0)
        return -1;
    for (size_t i = 0; i < f->backup->count; i++) {
        const char *path = f->backup->files[i].path;

        if ((f->backup->files[i].is_dir
                 ? disk_make_dirs(d, path, e)
                 : put_file(d, path, &f->backup->files[i].bytes, e)) != 0 ||
            disk_parent(dir, path, e) != 0 || disk_sync_dir(d, dir, e) != 0)
            return -1;
    }
    return 0;
}

/* A restored centre is another one than before, and says so in every receipt. */
static int raise_epoch(struct fleet *f, struct err *e)
{
    struct fleet_machine *m = &f->centre_machine;
    struct centre *c = NULL;
    char sql[64];
    int rc = -1;

    (void)snprintf(sql, sizeof sql, "UPDATE centre_state SET epoch = %u", ++f->restores);
    if (centre_open(&c, m->disk, &m->clock.clock, &m->random.random, DIR, e) == 0 &&
        store_apply_begin(c->store, e) == 0) {
        rc = sql_run(store_db(c->store), sql, e);
        if (rc == 0)
            rc = store_apply_commit(c->store, e);
        else
            store_apply_rollback(c->store);
    }
    centre_close(c);
    return rc;
}

void fleet_backup_restore(struct fleet *f, int64_t off_ms)
{
    struct fleet_machine *m = &f->centre_machine;
    struct err e;

    fleet_centre_down(f, true, off_ms);
    fleet_fault(f, FAULT_RESTORED);
    fleet_tell(f, WHO_CENTRE, "is restored from its backup, on another disk");
    /* First the old one: SQLite's luck is tied to the disk that was made last. */
    disk_sim_destroy(m->disk);
    m->disk = NULL;
    if (disk_sim_create(&m->disk, f->seed * 1000 + 500 + f->restores, &e) != 0 ||
        put_all(f, &e) != 0 || raise_epoch(f, &e) != 0)
        fleet_fail(f, "restore: %s", e.text);
}
