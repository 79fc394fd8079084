#include "appliance/intake.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/intake_parts.h"
#include "ocr/refusal.h"

#define CHUNK_BYTES         65536
#define DEPTH_MAX           64          /* links are left out: nothing goes in circles */
#define DIR_NAMES_BYTES_MAX (64u << 20) /* of one directory */

/* The disk that files come from fails by file, and the batch goes on; only our own
 * disk stops it. */
static int tell_unreadable(struct intake *i, const char *path, struct err *e)
{
    return intake_tell_refused(i, path, INTAKE_UNREADABLE, e);
}

static int take_file(struct intake *i, struct disk *from, const char *path, struct err *e)
{
    unsigned char *chunk = malloc(CHUNK_BYTES);
    struct disk_file *f = NULL;
    struct err theirs;
    uint64_t at = 0;
    size_t got = 0;
    int rc = -1;

    if (chunk == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for reading %s", path);
    if (disk_open(from, &f, path, DISK_READ, &theirs) != 0) {
        rc = tell_unreadable(i, path, e);
        goto out;
    }
    if (intake_begin(i, path, e) != 0)
        goto out;
    do {
        if (disk_file_read(f, chunk, CHUNK_BYTES, at, &got, &theirs) != 0) {
            intake_abort(i);
            rc = tell_unreadable(i, path, e);
            goto out;
        }
        if (intake_go_on(i, e) != 0) {
            intake_abort(i);
            goto out;
        }
        if (got > 0 && intake_add(i, chunk, got, e) != 0)
            goto out;
        at += got;
    } while (got == CHUNK_BYTES);
    rc = intake_end(i, e);
out:
    disk_close(f);
    free(chunk);
    return rc;
}

static int collect_name(void *arg, const char *name, struct err *e)
{
    struct buffer *names = arg;

    if (name[0] == '.')
        return 0;
    buffer_append(names, name, strlen(name) + 1);
    return buffer_check(names, e);
}

static int walk(struct intake *i, struct disk *from, const char *path, unsigned depth,
                struct err *e);

/* The names are collected first: a walk below would otherwise hold a directory
 * open for every level, while files are being read. */
static int walk_dir(struct intake *i, struct disk *from, const char *path, unsigned depth,
                    struct err *e)
{
    struct buffer names;
    struct err theirs;
    char below[DISK_PATH_BYTES];
    int rc = 0;

    buffer_init(&names, DIR_NAMES_BYTES_MAX);
    if (depth == DEPTH_MAX || disk_list(from, path, collect_name, &names, &theirs) != 0) {
        rc = tell_unreadable(i, path, e);
        goto out;
    }
    for (size_t at = 0; rc == 0 && at < names.count;) {
        const char *name = (const char *)names.bytes + at;
        bool slash = path[strlen(path) - 1] == '/';

        at += strlen(name) + 1;
        rc = disk_path(below, &theirs, "%s%s%s", path, slash ? "" : "/", name) != 0
                 ? tell_unreadable(i, path, e)
                 : walk(i, from, below, depth + 1, e);
    }
out:
    buffer_release(&names);
    return rc;
}

static int walk(struct intake *i, struct disk *from, const char *path, unsigned depth,
                struct err *e)
{
    struct disk_stat stat = {0};
    struct err theirs;

    if (disk_stat(from, path, &stat, &theirs) != 0)
        return tell_unreadable(i, path, e);
    switch (stat.kind) {
    case DISK_FILE:
        return take_file(i, from, path, e);
    case DISK_DIR:
        return walk_dir(i, from, path, depth, e);
    case DISK_OTHER: /* never silently: the clerk thinks that he gave it */
        return intake_tell_refused(i, path, refusal_name(REFUSAL_LINK), e);
    case DISK_NOTHING: /* met on a walk: removed since it was listed */
        if (depth > 0)
            return 0;
        return intake_tell_refused(i, path, INTAKE_NOT_FOUND, e);
    }
    return 0;
}

int intake_path(struct intake *i, struct disk *from, const char *path, struct err *e)
{
    return walk(i, from, path, 0, e);
}
