#include "appliance/backup_store.h"

#include <stdio.h>
#include <string.h>

/* The store's names: walking them, removing them, and files beside the objects. */

struct walk {
    struct copy_store *store;
    int (*each)(void *arg, const struct hash *name, struct err *e);
    void *arg;
    char prefix[3];
};

static int walk_object(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char hex[HASH_HEX_BYTES + 1]; /* one longer, so that too long a name shows */
    struct hash h;

    (void)snprintf(hex, sizeof hex, "%s%s", w->prefix, name);
    return hash_from_hex(&h, hex) ? w->each(w->arg, &h, e) : 0;
}

static int walk_dir(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    if (strlen(name) != 2)
        return 0;
    memcpy(w->prefix, name, sizeof w->prefix);
    if (disk_path(path, e, "%s/objects/%s", w->store->dir, name) != 0 ||
        disk_stat(w->store->disk, path, &s, e) != 0)
        return -1;
    return s.kind == DISK_DIR ? disk_list(w->store->disk, path, walk_object, w, e) : 0;
}

int copy_each(struct copy_store *s,
              int (*each)(void *arg, const struct hash *name, struct err *e), void *arg,
              struct err *e)
{
    struct walk w = {.store = s, .each = each, .arg = arg};
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/objects", s->dir) != 0)
        return -1;
    return disk_list(s->disk, path, walk_dir, &w, e);
}

int copy_remove(struct copy_store *s, const struct hash *name, struct err *e)
{
    char hex[HASH_HEX_BYTES], path[DISK_PATH_BYTES];

    hash_to_hex(hex, name);
    if (disk_path(path, e, "%s/objects/%.2s/%s", s->dir, hex, hex + 2) != 0)
        return -1;
    return disk_remove(s->disk, path, e); /* comes again after a cut: removed again */
}

int copy_write_file(struct copy_store *s, const char *name, const void *bytes,
                    size_t count, struct err *e)
{
    char partial[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    struct disk_file *f = NULL;
    struct buffer again;
    int rc = -1;

    buffer_init(&again, count == 0 ? 1 : count);
    if (disk_path(partial, e, "%s/partial/%s", s->dir, name) != 0 ||
        disk_path(path, e, "%s/%s", s->dir, name) != 0 ||
        disk_remove(s->disk, partial, e) != 0 ||
        disk_open(s->disk, &f, partial, DISK_CREATE, e) != 0 ||
        disk_file_write(f, bytes, count, 0, e) != 0 || disk_file_sync(f, e) != 0)
        goto out;
    disk_file_forget(f);
    disk_close(f);
    f = NULL;
    if (disk_read_all(s->disk, partial, &again, e) != 0)
        goto out;
    if (again.count != count || memcmp(again.bytes, bytes, count) != 0) {
        (void)err_set(e, ERR_CORRUPT, "%s reads otherwise than it was written", partial);
        goto out;
    }
    if (disk_rename(s->disk, partial, path, e) == 0)
        rc = disk_sync_dir(s->disk, s->dir, e);
out:
    disk_close(f);
    buffer_release(&again);
    return rc;
}
