/* SQLite's locks on a simulated file, and the shared memory of its WAL index.
 * All connections are in this process, so both are plain memory; nothing of it
 * is on the medium, and after a power cut there is none. */
#include "base/disk_sim_internal.h"

#include <assert.h>
#include <stdlib.h>

struct sim_locks {
    size_t holders; /* SHARED or more */
    const struct sim_lock_owner *reserved, *pending;
    size_t mappers;
    unsigned char **regions;
    size_t regions_count, regions_capacity;
    size_t slot_sharers[SIM_SHM_SLOTS];
    const struct sim_lock_owner *slot_owners[SIM_SHM_SLOTS];
};

static struct sim_locks *locks_of(const struct sim_lock_owner *o)
{
    if (o->inode->locks == NULL)
        o->inode->locks = sim_alloc(sizeof *o->inode->locks);
    return o->inode->locks;
}

static void regions_release(struct sim_locks *l)
{
    for (size_t i = 0; i < l->regions_count; i++)
        free(l->regions[i]);
    l->regions_count = 0;
}

void sim_locks_destroy(struct sim_locks *l)
{
    if (l == NULL)
        return;
    regions_release(l);
    free(l->regions);
    free(l);
}

/* Nobody, or the asker himself. */
static bool is_free(const struct sim_lock_owner *holder, const struct sim_lock_owner *o)
{
    return holder == NULL || holder == o;
}

static int lock_shared(struct sim_lock_owner *o, struct sim_locks *l)
{
    if (l->pending != NULL) /* EXCLUSIVE holds PENDING too */
        return SQLITE_BUSY;
    l->holders++;
    o->level = SQLITE_LOCK_SHARED;
    return SQLITE_OK;
}

static int lock_reserved(struct sim_lock_owner *o, struct sim_locks *l)
{
    if (!is_free(l->reserved, o) || !is_free(l->pending, o))
        return SQLITE_BUSY;
    l->reserved = o;
    o->level = SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

/* A hot journal is played back by going from SHARED to EXCLUSIVE at once. PENDING
 * stays while readers are waited for, so that no new ones come. */
static int lock_exclusive(struct sim_lock_owner *o, struct sim_locks *l)
{
    if (!is_free(l->reserved, o) || !is_free(l->pending, o))
        return SQLITE_BUSY;
    l->pending = o;
    o->level = SQLITE_LOCK_PENDING;
    if (l->holders > 1)
        return SQLITE_BUSY;
    o->level = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

int sim_lock(struct sim_lock_owner *o, int level)
{
    struct sim_locks *l = locks_of(o);

    if (o->level >= level)
        return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED)
        return lock_shared(o, l);
    assert(o->level >= SQLITE_LOCK_SHARED); /* SQLite's own rule */
    return level == SQLITE_LOCK_RESERVED ? lock_reserved(o, l) : lock_exclusive(o, l);
}

void sim_unlock(struct sim_lock_owner *o, int level)
{
    struct sim_locks *l = locks_of(o);

    if (o->level <= level)
        return;
    if (l->reserved == o)
        l->reserved = NULL;
    if (l->pending == o)
        l->pending = NULL;
    if (level == SQLITE_LOCK_NONE)
        l->holders--;
    o->level = level;
}

bool sim_lock_reserved(const struct sim_lock_owner *o)
{
    const struct sim_locks *l = locks_of(o);

    return l->reserved != NULL || l->pending != NULL;
}

int sim_shm_map(struct sim_lock_owner *o, int region, int bytes, bool extend,
                void volatile **out)
{
    struct sim_locks *l = locks_of(o);

    *out = NULL;
    if (!o->mapped) {
        o->mapped = true;
        l->mappers++;
    }
    while (extend && l->regions_count <= (size_t)region) {
        l->regions = sim_grow(l->regions, l->regions_count, &l->regions_capacity,
                              sizeof l->regions[0]);
        l->regions[l->regions_count++] = sim_alloc((size_t)bytes);
    }
    if ((size_t)region < l->regions_count)
        *out = l->regions[region];
    return SQLITE_OK;
}

static void slot_unlock(struct sim_lock_owner *o, struct sim_locks *l, int slot)
{
    if (o->shared[slot])
        l->slot_sharers[slot]--;
    if (o->exclusive[slot])
        l->slot_owners[slot] = NULL;
    o->shared[slot] = false;
    o->exclusive[slot] = false;
}

static bool slot_can_lock(const struct sim_lock_owner *o, const struct sim_locks *l,
                          int slot, bool exclusive)
{
    if (!is_free(l->slot_owners[slot], o))
        return false;
    return !exclusive || l->slot_sharers[slot] == (o->shared[slot] ? 1 : 0);
}

static void slot_lock(struct sim_lock_owner *o, struct sim_locks *l, int slot,
                      bool exclusive)
{
    if (exclusive) {
        l->slot_owners[slot] = o;
        o->exclusive[slot] = true;
    } else if (!o->shared[slot]) {
        l->slot_sharers[slot]++;
        o->shared[slot] = true;
    }
}

int sim_shm_lock(struct sim_lock_owner *o, int first, int count, int flags)
{
    struct sim_locks *l = locks_of(o);
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

    assert(first >= 0 && count >= 1 && first + count <= SIM_SHM_SLOTS);
    for (int i = first; i < first + count; i++) {
        if (flags & SQLITE_SHM_UNLOCK)
            slot_unlock(o, l, i);
        else if (!slot_can_lock(o, l, i, exclusive))
            return SQLITE_BUSY;
    }
    for (int i = first; (flags & SQLITE_SHM_LOCK) && i < first + count; i++)
        slot_lock(o, l, i, exclusive);
    return SQLITE_OK;
}

/* The last one to leave takes the memory along: the next recovers from the WAL. */
void sim_shm_unmap(struct sim_lock_owner *o)
{
    struct sim_locks *l = locks_of(o);

    if (!o->mapped)
        return;
    for (int i = 0; i < SIM_SHM_SLOTS; i++)
        slot_unlock(o, l, i);
    o->mapped = false;
    if (--l->mappers == 0)
        regions_release(l);
}
