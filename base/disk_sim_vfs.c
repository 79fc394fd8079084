/* SQLite's VFS over the simulated disk. It promises and forgets what the "unix"
 * VFS of the real box does: the first sync of a journal or WAL that may be new
 * syncs its directory too, the name of the database itself is never synced, and
 * a write does not damage the bytes beside it. */
#include "base/disk_sim_internal.h"

#include <string.h>

#define DEVICE_SECTOR_BYTES 4096 /* what "unix" says */
/* 1 January 2026, 00:00 UTC, as SQLite counts: ms since noon of 24 November 4714 BC. */
#define CURRENT_TIME_MS 212633985600000
#define DAY_MS          86400000.0

struct vfs_file {
    sqlite3_file base;
    struct disk_sim *sim;
    struct sim_lock_owner owner; /* with the inode */
    bool sync_dir_too, persist_wal;
    bool remove_at_close;
    char path[DISK_PATH_BYTES]; /* "" for a temporary file without a name */
};

static struct vfs_file *vfs_file_of(sqlite3_file *f)
{
    return (struct vfs_file *)f; /* its first member */
}

static struct disk_sim *sim_of(sqlite3_vfs *v)
{
    return v->pAppData;
}

static int code_of(const struct err *e, int otherwise)
{
    return e->code == ERR_NO_SPACE ? SQLITE_FULL : otherwise;
}

static int vfs_close(sqlite3_file *base)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err ignored;

    sim_shm_unmap(&f->owner);
    sim_unlock(&f->owner, SQLITE_LOCK_NONE);
    sim_close(f->sim, f->owner.inode);
    if (f->remove_at_close && f->path[0] != '\0')
        (void)disk_remove(&f->sim->disk, f->path, &ignored); /* litter at worst */
    return SQLITE_OK;
}

static int vfs_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;
    size_t got;

    if (sim_alive(f->sim, "read", f->path, &e) != 0)
        return SQLITE_IOERR_READ;
    got = sim_inode_read(f->owner.inode, bytes, (size_t)count, (uint64_t)offset);
    if (got == (size_t)count)
        return SQLITE_OK;
    memset((char *)bytes + got, 0, (size_t)count - got);
    return SQLITE_IOERR_SHORT_READ;
}

static int vfs_write(sqlite3_file *base, const void *bytes, int count,
                     sqlite3_int64 offset)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;

    if (sim_write(f->sim, f->owner.inode, f->path, bytes, (size_t)count, (uint64_t)offset,
                  &e) != 0)
        return code_of(&e, SQLITE_IOERR_WRITE);
    return SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *base, sqlite3_int64 bytes)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;

    if (sim_truncate(f->sim, f->owner.inode, f->path, (uint64_t)bytes, &e) != 0)
        return code_of(&e, SQLITE_IOERR_TRUNCATE);
    return SQLITE_OK;
}

static int sync_dir_of(struct disk_sim *s, const char *path, struct err *e)
{
    char dir[DISK_PATH_BYTES];

    if (disk_parent(dir, path, e) != 0)
        return -1;
    return disk_sync_dir(&s->disk, dir, e);
}

static int vfs_sync(sqlite3_file *base, int flags)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;

    (void)flags; /* one kind of sync is all we have */
    if (sim_file_sync(f->sim, f->owner.inode, f->path, &e) != 0)
        return SQLITE_IOERR_FSYNC;
    if (f->sync_dir_too) {
        if (sync_dir_of(f->sim, f->path, &e) != 0)
            return SQLITE_IOERR_DIR_FSYNC;
        f->sync_dir_too = false;
    }
    return SQLITE_OK;
}

static int vfs_file_size(sqlite3_file *base, sqlite3_int64 *bytes)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;

    *bytes = (sqlite3_int64)f->owner.inode->now.count;
    return sim_alive(f->sim, "stat", f->path, &e) == 0 ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int vfs_lock(sqlite3_file *base, int level)
{
    return sim_lock(&vfs_file_of(base)->owner, level);
}

static int vfs_unlock(sqlite3_file *base, int level)
{
    sim_unlock(&vfs_file_of(base)->owner, level);
    return SQLITE_OK;
}

static int vfs_check_reserved_lock(sqlite3_file *base, int *out)
{
    *out = sim_lock_reserved(&vfs_file_of(base)->owner);
    return SQLITE_OK;
}

/* As "unix": negative asks, else it sets. */
static int vfs_file_control(sqlite3_file *base, int what, void *arg)
{
    struct vfs_file *f = vfs_file_of(base);
    int *persist = arg;

    if (what != SQLITE_FCNTL_PERSIST_WAL)
        return SQLITE_NOTFOUND;
    if (*persist >= 0)
        f->persist_wal = *persist != 0;
    *persist = f->persist_wal;
    return SQLITE_OK;
}

static int vfs_sector_size(sqlite3_file *base)
{
    (void)base;
    return DEVICE_SECTOR_BYTES;
}

static int vfs_device_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as "unix" says, and true here */
}

static int vfs_shm_map(sqlite3_file *base, int region, int bytes, int extend,
                       void volatile **out)
{
    return sim_shm_map(&vfs_file_of(base)->owner, region, bytes, extend != 0, out);
}

static int vfs_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    return sim_shm_lock(&vfs_file_of(base)->owner, first, count, flags);
}

static void vfs_shm_barrier(sqlite3_file *base)
{
    (void)base;
    __sync_synchronize();
}

static int vfs_shm_unmap(sqlite3_file *base, int delete_it)
{
    (void)delete_it; /* memory has no name */
    sim_shm_unmap(&vfs_file_of(base)->owner);
    return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_file_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_reserved_lock,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_sector_size,
    .xDeviceCharacteristics = vfs_device_characteristics,
    .xShmMap = vfs_shm_map,
    .xShmLock = vfs_shm_lock,
    .xShmBarrier = vfs_shm_barrier,
    .xShmUnmap = vfs_shm_unmap,
};

/* An inode that never had a name: gone when it is closed. */
static struct sim_inode *open_nameless(struct disk_sim *s)
{
    struct sim_inode *n = sim_inode_create(false);

    sim_inode_use(s, n);
    sim_inode_drop(n); /* the handle holds it now */
    s->handles++;
    return n;
}

static int open_named(struct disk_sim *s, struct sim_inode **out, const char *path,
                      int flags, struct err *e)
{
    struct disk_stat there;

    if (disk_stat(&s->disk, path, &there, e) != 0)
        return SQLITE_CANTOPEN;
    if (there.kind == DISK_NOTHING && (flags & SQLITE_OPEN_CREATE))
        return sim_open(s, out, path, DISK_CREATE, e) == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
    if (there.kind != DISK_NOTHING && (flags & SQLITE_OPEN_EXCLUSIVE))
        return SQLITE_CANTOPEN;
    return sim_open(s, out, path, DISK_WRITE, e) == 0 ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* Journals whose names matter after a power cut; "unix" has the same list. */
static bool is_lasting_journal(int flags)
{
    return (flags & SQLITE_OPEN_CREATE) &&
           (flags &
            (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL));
}

static int vfs_open(sqlite3_vfs *v, sqlite3_filename path, sqlite3_file *base, int flags,
                    int *flags_out)
{
    struct vfs_file *f = vfs_file_of(base);
    struct err e;
    int rc = SQLITE_OK;

    memset(f, 0, sizeof *f);
    f->sim = sim_of(v);
    if (path == NULL)
        f->owner.inode = open_nameless(f->sim);
    else if (disk_path(f->path, &e, "%s", path) != 0)
        rc = SQLITE_CANTOPEN;
    else
        rc = open_named(f->sim, &f->owner.inode, path, flags, &e);
    if (rc != SQLITE_OK)
        return rc; /* without methods SQLite does not close it */
    f->sync_dir_too = path != NULL && is_lasting_journal(flags);
    f->remove_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    f->base.pMethods = &file_methods;
    if (flags_out != NULL)
        *flags_out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync_dir)
{
    struct disk_sim *s = sim_of(v);
    struct disk_stat there;
    struct err e;

    if (disk_stat(&s->disk, path, &there, &e) != 0)
        return SQLITE_IOERR_DELETE;
    if (there.kind == DISK_NOTHING)
        return SQLITE_IOERR_DELETE_NOENT;
    if (disk_remove(&s->disk, path, &e) != 0)
        return SQLITE_IOERR_DELETE;
    if (sync_dir && sync_dir_of(s, path, &e) != 0)
        return SQLITE_IOERR_DIR_FSYNC;
    return SQLITE_OK;
}

/* An empty file does not exist for SQLite, as in "unix": an empty journal is not
 * hot. */
static int vfs_access(sqlite3_vfs *v, const char *path, int flags, int *out)
{
    struct disk_stat there;
    struct err e;

    if (disk_stat(&sim_of(v)->disk, path, &there, &e) != 0)
        return SQLITE_IOERR_ACCESS;
    *out = there.kind == DISK_DIR || (there.kind == DISK_FILE &&
                                      (flags != SQLITE_ACCESS_EXISTS || there.bytes > 0));
    return SQLITE_OK;
}

static int vfs_full_pathname(sqlite3_vfs *v, const char *path, int out_bytes, char *out)
{
    (void)v;
    if (sqlite3_snprintf(out_bytes, out, "%s%s", path[0] == '/' ? "" : "/", path) ==
            NULL ||
        strlen(path) + 2 > (size_t)out_bytes)
        return SQLITE_CANTOPEN;
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *v, int count, char *out)
{
    for (int i = 0; i < count; i++)
        out[i] = (char)sim_random(sim_of(v));
    return count;
}

static int vfs_sleep(sqlite3_vfs *v, int microseconds)
{
    (void)v;
    return microseconds; /* simulated time does not pass by itself */
}

static int vfs_current_time_ms(sqlite3_vfs *v, sqlite3_int64 *out)
{
    (void)v;
    *out = CURRENT_TIME_MS;
    return SQLITE_OK;
}

static int vfs_current_time(sqlite3_vfs *v, double *out)
{
    (void)v;
    *out = CURRENT_TIME_MS / DAY_MS;
    return SQLITE_OK;
}

void sim_vfs_init(struct disk_sim *s)
{
    s->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = sizeof(struct vfs_file),
        .mxPathname = DISK_PATH_BYTES - 1,
        .zName = s->vfs_name,
        .pAppData = s,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_pathname,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_current_time,
        .xCurrentTimeInt64 = vfs_current_time_ms,
    };
}
