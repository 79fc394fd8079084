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

static void writes_clear(struct sim_inode *n)
{
    for (size_t i = 0; i < n->writes_count; i++)
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
    free(n->now.bytes);
    free(n->synced.bytes);
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

static void image_resize(struct sim_image *i, size_t count)
{
    if (count > i->capacity) {
        size_t capacity = i->capacity == 0 ? 4096 : i->capacity;

        while (capacity < count)
            capacity *= 2;
        i->bytes = realloc(i->bytes, capacity);
        if (i->bytes == NULL)
            abort();
        i->capacity = capacity;
    }
    if (count > i->count)
        memset(i->bytes + i->count, 0, count - i->count);
    i->count = count;
}

static void image_write(struct sim_image *i, const void *bytes, size_t count,
                        uint64_t offset)
{
    if (count == 0)
        return;
    if (offset + count > i->count)
        image_resize(i, offset + count);
    memcpy(i->bytes + offset, bytes, count);
}

static void image_apply(struct sim_image *i, const struct sim_write *w)
{
    if (w->bytes == NULL)
        image_resize(i, w->offset);
    else
        image_write(i, w->bytes, w->count, w->offset);
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
            image_write(i, w->bytes + done, part, w->offset + done);
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
    if (count > 0)
        memcpy(bytes, n->now.bytes + offset, count);
    return count;
}

static void note_write(struct sim_inode *n, const void *bytes, size_t count,
                       uint64_t offset)
{
    struct sim_write *w;

    n->writes = sim_grow(n->writes, n->writes_count, &n->writes_capacity, sizeof *w);
    w = &n->writes[n->writes_count++];
    *w = (struct sim_write){.offset = offset, .count = count};
    if (bytes != NULL) {
        w->bytes = sim_alloc(count);
        memcpy(w->bytes, bytes, count);
    }
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
    image_write(&n->now, bytes, count, offset);
    note_write(n, bytes, count, offset);
    resized(s, n, before);
}

void sim_inode_truncate(struct disk_sim *s, struct sim_inode *n, uint64_t bytes)
{
    size_t before = n->now.count;

    image_resize(&n->now, bytes);
    note_write(n, NULL, 0, bytes);
    resized(s, n, before);
}

void sim_inode_sync(struct sim_inode *n)
{
    for (size_t i = 0; i < n->writes_count; i++)
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
    writes_clear(n);
}

void sim_inode_forget(struct disk_sim *s, struct sim_inode *n)
{
    size_t before = n->now.count;

    assert(n->writes_count == 0);
    n->now.count = 0;
    image_write(&n->now, n->synced.bytes, n->synced.count, 0);
    resized(s, n, before);
}
