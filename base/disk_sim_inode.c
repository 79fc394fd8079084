/* Bytes of simulated files. `now` is what readers see; `synced` is what the
 * medium has for certain; `writes` is what is on its way, in any order. */
#include "base/disk_sim_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sim_inode *sim_inode_create(bool is_dir)
{
    struct sim_inode *n = sim_alloc(sizeof *n);

    n->is_dir = is_dir;
    n->refs = 1;
    return n;
}

/* A file that is only to take up room (reserve.c) costs none while it is unsynced. */
static unsigned char zeros[65536];

static void writes_clear(struct sim_inode *n)
{
    for (size_t i = 0; i < n->writes_count; i++)
        if (n->writes[i].bytes != zeros)
            free(n->writes[i].bytes);
    n->writes_count = 0;
}

static void dir_release(struct sim_dir *dir)
{
    for (size_t i = 0; i < dir->count; i++) {
        free(dir->entries[i].name);
        sim_inode_drop(dir->entries[i].inode);
    }
    free(dir->entries);
}

void sim_inode_hold(struct sim_inode *n)
{
    if (n != NULL)
        n->refs++;
}

void sim_inode_drop(struct sim_inode *n)
{
    if (n == NULL || --n->refs > 0)
        return;
    writes_clear(n);
    free(n->writes);
    sim_image_release(&n->now);
    sim_image_release(&n->synced);
    sim_locks_destroy(n->locks);
    dir_release(&n->live);
    dir_release(&n->durable);
    free(n);
}

void sim_inode_use(struct disk_sim *s, struct sim_inode *n)
{
    if (n == NULL)
        return;
    sim_inode_hold(n);
    if (n->uses++ == 0)
        s->bytes += n->now.count;
}

void sim_inode_unuse(struct disk_sim *s, struct sim_inode *n)
{
    if (n == NULL)
        return;
    assert(n->uses > 0);
    if (--n->uses == 0)
        s->bytes -= n->now.count;
    sim_inode_drop(n);
}

static void image_apply(struct sim_image *i, const struct sim_write *w)
{
    if (w->bytes == NULL)
        sim_image_resize(i, w->offset);
    else
        sim_image_write(i, w->bytes, w->count, w->offset);
}

/* Only whole sectors are written or not. */
static void image_apply_torn(struct disk_sim *s, struct sim_image *i,
                             const struct sim_write *w)
{
    size_t done = 0;

    while (done < w->count) {
        size_t part = SIM_SECTOR_BYTES - (w->offset + done) % SIM_SECTOR_BYTES;

        if (part > w->count - done)
            part = w->count - done;
        if (sim_chance(s, 4))
            sim_image_write(i, w->bytes + done, part, w->offset + done);
        done += part;
    }
}

size_t sim_inode_read(const struct sim_inode *n, void *bytes, size_t count,
                      uint64_t offset)
{
    if (offset >= n->now.count)
        return 0;
    if (count > n->now.count - offset)
        count = n->now.count - offset;
    sim_image_read(&n->now, bytes, count, offset);
    return count;
}

static void note_write(struct sim_inode *n, const void *bytes, size_t count,
                       uint64_t offset)
{
    struct sim_write *w;

    n->writes = sim_grow(n->writes, n->writes_count, &n->writes_capacity, sizeof *w);
    w = &n->writes[n->writes_count++];
    *w = (struct sim_write){.offset = offset, .count = count};
    if (bytes == NULL)
        return;
    if (count <= sizeof zeros && memcmp(bytes, zeros, count) == 0) {
        w->bytes = zeros;
        return;
    }
    w->bytes = malloc(count);
    if (w->bytes == NULL)
        abort();
    memcpy(w->bytes, bytes, count);
}

/* A handle is open, so its bytes count. */
static void resized(struct disk_sim *s, const struct sim_inode *n, size_t before)
{
    if (n->uses > 0)
        s->bytes = s->bytes - before + n->now.count;
}

void sim_inode_write(struct disk_sim *s, struct sim_inode *n, const void *bytes,
                     size_t count, uint64_t offset)
{
    size_t before = n->now.count;

    if (count == 0)
        return;
    sim_image_write(&n->now, bytes, count, offset);
    note_write(n, bytes, count, offset);
    resized(s, n, before);
}

void sim_inode_truncate(struct disk_sim *s, struct sim_inode *n, uint64_t bytes)
{
    size_t before = n->now.count;

    sim_image_resize(&n->now, bytes);
    note_write(n, NULL, 0, bytes);
    resized(s, n, before);
}

/* What readers see is what was synced and all writes since. */
static void share_written(struct sim_inode *n)
{
    for (size_t i = 0; i < n->writes_count; i++) {
        const struct sim_write *w = &n->writes[i];

        if (w->bytes == NULL) /* it may have grown over what was there */
            sim_image_share(&n->synced, &n->now, 0, n->now.count);
        else
            sim_image_share(&n->synced, &n->now, w->offset, w->count);
    }
}

void sim_inode_sync(struct sim_inode *n)
{
    if (!n->settled)
        share_written(n);
    for (size_t i = 0; n->settled && i < n->writes_count; i++)
        image_apply(&n->synced, &n->writes[i]);
    writes_clear(n);
}

void sim_inode_settle(struct disk_sim *s, struct sim_inode *n, unsigned keep)
{
    for (size_t i = 0; i < n->writes_count; i++) {
        const struct sim_write *w = &n->writes[i];

        if (sim_chance(s, keep))
            image_apply(&n->synced, w);
        else if (w->bytes != NULL && sim_chance(s, 4))
            image_apply_torn(s, &n->synced, w);
    }
    if (n->writes_count > 0)
        n->settled = true;
    writes_clear(n);
}

void sim_inode_forget(struct disk_sim *s, struct sim_inode *n)
{
    size_t before = n->now.count;

    assert(n->writes_count == 0);
    if (n->settled)
        sim_image_share(&n->now, &n->synced, 0, n->synced.count);
    n->settled = false;
    resized(s, n, before);
}
