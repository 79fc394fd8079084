#include "base/disk_sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk_sim_internal.h"

struct disk_sim *disk_sim_of(const struct disk *d)
{
    return (struct disk_sim *)d; /* its first member */
}

void *sim_alloc(size_t bytes)
{
    void *p = calloc(1, bytes);

    if (p == NULL)
        abort();
    return p;
}

char *sim_text(const char *text)
{
    char *copy = sim_alloc(strlen(text) + 1);

    memcpy(copy, text, strlen(text));
    return copy;
}

void *sim_grow(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    items = realloc(items, *capacity * item_bytes);
    if (items == NULL)
        abort();
    return items;
}

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do. */
uint64_t sim_random(struct disk_sim *s)
{
    uint64_t z = s->random += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

bool sim_chance(struct disk_sim *s, unsigned eighths)
{
    return sim_random(s) % 8 < eighths;
}

int sim_alive(struct disk_sim *s, const char *what, const char *path, struct err *e)
{
    if (s->faults.die_at_call != 0 && s->calls >= s->faults.die_at_call)
        return err_set(e, ERR_IO, "%s %s: the simulated machine is dead", what, path);
    return 0;
}

int sim_touch(struct disk_sim *s, const char *what, const char *path, struct err *e)
{
    s->calls++;
    if (s->calls == s->faults.fail_call)
        return err_set(e, ERR_IO, "%s %s: simulated failure of call %llu", what, path,
                       (unsigned long long)s->calls);
    return sim_alive(s, what, path, e);
}

static struct sim_inode *handle_make(struct disk_sim *s, struct sim_inode *n)
{
    sim_inode_use(s, n);
    s->handles++;
    return n;
}

static int create_file(struct disk_sim *s, struct sim_inode **out,
                       const struct sim_place *p, const char *path, struct err *e)
{
    if (p->inode != NULL)
        return err_set(e, ERR_BUSY, "open %s: it is there already", path);
    if (sim_touch(s, "create", path, e) != 0)
        return -1;
    *out = sim_inode_create(false);
    sim_names_set(s, p, *out);
    (void)handle_make(s, *out);
    sim_inode_drop(*out); /* the name and the handle hold it now */
    return 0;
}

int sim_open(struct disk_sim *s, struct sim_inode **out, const char *path,
             enum disk_open how, struct err *e)
{
    struct sim_place p;

    if (sim_alive(s, "open", path, e) != 0 || sim_names_find(s, &p, path, e) != 0)
        return -1;
    if (how == DISK_CREATE)
        return create_file(s, out, &p, path, e);
    if (p.inode == NULL)
        return err_set(e, ERR_IO, "open %s: no such file", path);
    if (p.inode->is_dir)
        return err_set(e, ERR_REFUSED, "%s is not a plain file", path);
    *out = handle_make(s, p.inode);
    return 0;
}

void sim_close(struct disk_sim *s, struct sim_inode *n)
{
    assert(s->handles > 0);
    s->handles--;
    sim_inode_unuse(s, n);
}

/* Bytes up to `end` that still fit; what does not fit is not written. */
static uint64_t room_up_to(const struct disk_sim *s, const struct sim_inode *n,
                           uint64_t end)
{
    uint64_t room = UINT64_MAX;

    if (s->faults.bytes_max != 0)
        room = s->faults.bytes_max > s->bytes ? s->faults.bytes_max - s->bytes : 0;
    return end <= n->now.count || end - n->now.count <= room ? end : n->now.count + room;
}

/* A full disk takes the first part of a write, as a real one does. */
int sim_write(struct disk_sim *s, struct sim_inode *n, const char *path,
              const void *bytes, size_t count, uint64_t offset, struct err *e)
{
    uint64_t end = room_up_to(s, n, offset + count);

    if (sim_touch(s, "write", path, e) != 0)
        return -1;
    if (end > offset)
        sim_inode_write(s, n, bytes, end - offset, offset);
    if (end < offset + count)
        return err_set(e, ERR_NO_SPACE, "write %s: the simulated disk is full", path);
    return 0;
}

int sim_truncate(struct disk_sim *s, struct sim_inode *n, const char *path,
                 uint64_t bytes, struct err *e)
{
    if (sim_touch(s, "truncate", path, e) != 0)
        return -1;
    if (room_up_to(s, n, bytes) < bytes)
        return err_set(e, ERR_NO_SPACE, "truncate %s: the simulated disk is full", path);
    sim_inode_truncate(s, n, bytes);
    return 0;
}

/* After a sync that failed, Linux has marked the pages clean: a later sync that
 * succeeds says nothing about them. So what was on its way is decided here. */
int sim_file_sync(struct disk_sim *s, struct sim_inode *n, const char *path,
                  struct err *e)
{
    if (sim_touch(s, "sync", path, e) != 0) {
        if (s->calls == s->faults.fail_call)
            sim_inode_settle(s, n, 4);
        return -1;
    }
    if (!s->faults.ignore_file_sync)
        sim_inode_sync(n);
    return 0;
}

/* SQLite draws the salts of its WAL from one generator for the whole process,
 * which is tied to our seed while a simulated disk is there. 0 would untie it. */
static void tie_sqlite_random(uint64_t seed)
{
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed & 0x7fffffff) | 1,
                               (sqlite3 *)NULL);
}

static void untie_sqlite_random(void)
{
    (void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 0, (sqlite3 *)NULL);
}

int disk_sim_create(struct disk **out, uint64_t seed, struct err *e)
{
    static unsigned number;
    struct disk_sim *s = sim_alloc(sizeof *s);

    *out = NULL;
    s->random = seed;
    s->root = sim_inode_create(true);
    (void)snprintf(s->vfs_name, sizeof s->vfs_name, "tram-sim-%u",
                   __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED));
    s->disk = (struct disk){.ops = &sim_ops, .vfs = s->vfs_name};
    sim_vfs_init(s);
    if (sqlite3_vfs_register(&s->vfs, 0) != SQLITE_OK) {
        sim_names_release(s);
        free(s);
        return err_set(e, ERR_FAILED, "SQLite refuses the VFS of the simulated disk");
    }
    tie_sqlite_random(seed);
    *out = &s->disk;
    return 0;
}

void disk_sim_destroy(struct disk *d)
{
    struct disk_sim *s = disk_sim_of(d);

    if (d == NULL)
        return;
    assert(s->handles == 0);
    (void)sqlite3_vfs_unregister(&s->vfs); /* it was registered */
    untie_sqlite_random();
    sim_names_release(s);
    free(s);
}

void disk_sim_set_faults(struct disk *d, const struct disk_sim_faults *f)
{
    disk_sim_of(d)->faults = *f;
}

uint64_t disk_sim_calls(const struct disk *d)
{
    return disk_sim_of(d)->calls;
}

/* Some cuts lose nearly all that was on its way, some hardly anything. */
void disk_sim_power_cut(struct disk *d)
{
    struct disk_sim *s = disk_sim_of(d);

    assert(s->handles == 0);
    s->faults.die_at_call = 0;
    sim_names_cut(s, (unsigned)(sim_random(s) % 9));
}

uint64_t disk_sim_bytes(const struct disk *d)
{
    return disk_sim_of(d)->bytes;
}

static void digest_file(struct hasher *h, const struct sim_image *i)
{
    unsigned char page[SIM_PAGE_BYTES];

    for (size_t at = 0; at < i->count; at += sizeof page) {
        size_t part = i->count - at < sizeof page ? i->count - at : sizeof page;

        sim_image_read(i, page, part, at);
        hasher_add(h, page, part);
    }
}

static void digest_dir(struct hasher *h, const struct sim_inode *dir)
{
    for (size_t i = 0; i < dir->live.count; i++) {
        const struct sim_entry *entry = &dir->live.entries[i];
        uint64_t count = entry->inode->now.count;

        hasher_add(h, entry->name, strlen(entry->name) + 1);
        hasher_add(h, entry->inode->is_dir ? "d" : "f", 1);
        hasher_add(h, &count, sizeof count);
        digest_file(h, &entry->inode->now);
        digest_dir(h, entry->inode);
    }
    hasher_add(h, "/", 1);
}

void disk_sim_digest(const struct disk *d, struct hash *out)
{
    struct hasher h;

    hasher_init(&h);
    digest_dir(&h, disk_sim_of(d)->root);
    hasher_finish(&h, out);
}
