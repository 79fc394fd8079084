#include "tests/lib/store_template.h"

#include <assert.h>

#include "base/buffer.h"
#include "base/disk_sim.h"
#include "schema/store.h"

#define DIR       "/new"
#define BYTES_MAX (16u << 20)

static struct buffer pages; /* kept until the process ends */

/* Opening an empty file migrates it, then refuses it: it has no identity. */
static int migrate(struct disk *d, struct err *e)
{
    struct clock_manual clock;
    struct disk_file *f = NULL;
    struct store *s = NULL;

    clock_manual_init(&clock, 1);
    if (disk_make_dirs(d, DIR, e) != 0 ||
        disk_open(d, &f, DIR "/tram.db", DISK_CREATE, e) != 0)
        return -1;
    disk_close(f);
    if (store_open(&s, d, &clock.clock, DIR, e) != 0)
        return e->code == ERR_REFUSED ? 0 : -1;
    store_close(s);
    return err_set(e, ERR_FAILED, "a store without an identity was opened");
}

int store_template_make(struct err *e)
{
    struct disk *d = NULL;
    int rc = -1;

    if (pages.count > 0)
        return 0;
    buffer_init(&pages, BYTES_MAX);
    if (disk_sim_create(&d, 1, e) == 0 && migrate(d, e) == 0)
        rc = disk_read_all(d, DIR "/tram.db", &pages, e);
    disk_sim_destroy(d);
    return rc == 0 ? 0 : err_wrap(e, "template");
}

int store_template_lay(struct disk *d, const char *dir, struct err *e)
{
    char path[DISK_PATH_BYTES];

    assert(pages.count > 0);
    if (disk_make_dirs(d, dir, e) != 0 || disk_path(path, e, "%s/tram.db", dir) != 0)
        return -1;
    return disk_replace(d, path, pages.bytes, pages.count, e);
}
