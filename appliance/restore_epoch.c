#include <stdio.h>

#include "appliance/backup_parts.h"

#define RESTORED_BYTES_MAX 16  /* an epoch in decimal, and a line's end */
#define EPOCH_LAST         254 /* 255: made at the centre */

/* The last epoch that a box made of this copy was given; *epoch is left alone where
 * there is none. */
static int epoch_given(struct copy_store *s, unsigned *epoch, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct buffer text;
    unsigned given = 0;
    int rc = -1;

    buffer_init(&text, RESTORED_BYTES_MAX);
    if (disk_path(path, e, "%s/" BACKUP_RESTORED, s->dir) != 0 ||
        disk_stat(s->disk, path, &there, e) != 0)
        goto out;
    if (there.kind == DISK_NOTHING) {
        rc = 0;
        goto out;
    }
    if (disk_read_all(s->disk, path, &text, e) != 0)
        goto out;
    if (text.count == 0 || sscanf((const char *)text.bytes, "%u", &given) != 1) {
        (void)err_set(e, ERR_CORRUPT, "%s holds no number", path);
        goto out;
    }
    *epoch = given > *epoch ? given : *epoch;
    rc = 0;
out:
    buffer_release(&text);
    return rc;
}

/* Kept before the epoch is used: cut short, a restore passes one over. */
static int note_epoch(struct copy_store *s, uint8_t epoch, struct err *e)
{
    char text[RESTORED_BYTES_MAX];
    int count = snprintf(text, sizeof text, "%u\n", epoch);

    if (copy_store_prepare(s, e) == 0 &&
        copy_write_file(s, BACKUP_RESTORED, text, (size_t)count, e) == 0)
        return 0;
    return err_wrap(e, "a copy must remember that it was restored: put it where it can"
                       " be written");
}

int backup_next_epoch(struct copy_store *s, uint8_t now, uint8_t *next, struct err *e)
{
    unsigned epoch = now;

    if (epoch_given(s, &epoch, e) != 0)
        return -1;
    if (epoch >= EPOCH_LAST)
        return err_set(e, ERR_FAILED, "restored too often: no epoch is left");
    *next = (uint8_t)(epoch + 1);
    return note_epoch(s, *next, e);
}
