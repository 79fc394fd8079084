/* Simulated disk: files in memory, the VFS of SQLite included, that forget at a
 * power cut whatever was not synced, fill up, and fail the nth call. Driven by a
 * seed: the same calls and the same seed give the same disk, to the byte.
 *
 * At a power cut each file is, independently and by the seed: its synced bytes,
 * with some of the writes since the last sync (each kept, lost, or torn at a
 * 512-byte boundary, in any combination). Names created, renamed or removed since
 * the last disk_sync_dir() of their directory are kept or lost, in the order they
 * were made (each directory loses a suffix, as of a journal), so a rename that was
 * not synced leaves the old name; it is durable when the directory it went *to* is
 * synced. A file or directory that no name leads to is gone. After a sync that
 * failed, what it should have written is lost or kept at once, and a later sync
 * says nothing about it, as on Linux.
 *
 * Open files are closed before a cut; the disk is then ready to be used again, as
 * after a restart. "a/b" and "/a/b" are the same; ".." is refused. One thread at a
 * time. */
#ifndef TRAM_BASE_DISK_SIM_H
#define TRAM_BASE_DISK_SIM_H

#include "base/disk.h"

/* What to break on purpose. Zeroes: an honest disk. */
struct disk_sim_faults {
    /* Negative controls: pretend success, do nothing. */
    bool ignore_file_sync;
    bool ignore_dir_sync;
    /* The call with this number (from 1, counted by disk_sim_calls) fails with
     * EIO; 0: none. */
    uint64_t fail_call;
    /* Every call from this number on fails, as if the machine were dead: the
     * way to stop a program at an instant. The caller unwinds, then cuts. */
    uint64_t die_at_call;
    /* All files together hold no more than this; 0: no limit. ERR_NO_SPACE,
     * SQLITE_FULL; the part of a write that fits is written. */
    uint64_t bytes_max;
};

/* Registers a VFS of its own, and ties SQLite's random numbers (one generator for
 * the whole process) to the seed until it is destroyed. The caller destroys it,
 * after closing all files and databases on it. */
int disk_sim_create(struct disk **out, uint64_t seed, struct err *e);
void disk_sim_destroy(struct disk *d); /* NULL is fine */

void disk_sim_set_faults(struct disk *d, const struct disk_sim_faults *f);

/* Calls so far that touch the medium: write, truncate, sync, rename, remove,
 * make_dir, sync_dir and create; reads do not count. */
uint64_t disk_sim_calls(const struct disk *d);

/* All files and databases on it must be closed first. Clears die_at_call. */
void disk_sim_power_cut(struct disk *d);

/* Bytes in all files now. */
uint64_t disk_sim_bytes(const struct disk *d);

/* SHA-256 over names and contents, for "the same seed twice". */
struct hash;
void disk_sim_digest(const struct disk *d, struct hash *out);

#endif
