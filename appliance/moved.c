#include "appliance/moved.h"

#include <stdio.h>

#include "appliance/outbox.h"
#include "appliance/verb_io.h"
#include "base/board.h"
#include "schema/fork.h"
#include "sync/core.h"

/* Missing, or not as it was written: then nothing is known. */
static int read_kept(struct box *b, const char *path, struct board *out, struct err *e)
{
    struct disk_stat there;
    struct buffer text;
    int rc = 0;

    *out = (struct board){0};
    if (disk_stat(b->disk, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_FILE)
        return 0;
    buffer_init(&text, BOARD_BYTES_MAX);
    if (disk_read_all(b->disk, path, &text, e) == 0)
        board_read(out, (const char *)text.bytes, text.count);
    else if (e->code != ERR_TOO_BIG)
        rc = -1;
    buffer_release(&text);
    return rc;
}

static int write_kept(struct box *b, const char *path, const struct board *now,
                      struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, BOARD_BYTES_MAX);
    board_write(now, &text);
    rc = buffer_check(&text, e);
    if (rc == 0)
        rc = disk_replace(b->disk, path, text.bytes, text.count, e);
    buffer_release(&text);
    return rc;
}

/* Epoch and event in one transaction; cut short before the file follows, it is done once
 * more, which costs an epoch and nothing else. */
static int begin_epoch(struct box *b, struct err *e)
{
    char detail[32];
    uint8_t epoch;

    if (fork_epoch_known(b->store, &epoch, e) != 0)
        return -1;
    if (epoch >= SYNC_EPOCH_LAST)
        return err_set(e, ERR_FAILED, "moved too often: no epoch is left");
    (void)snprintf(detail, sizeof detail, "{\"epoch\":%u}", epoch + 1u);
    if (store_apply_begin(b->store, e) != 0)
        return -1;
    if (fork_raise(b->store, (uint8_t)(epoch + 1), e) != 0 ||
        fork_tell(b->records, "moved", b->actor, detail, e) != 0) {
        store_apply_rollback(b->store);
        return -1;
    }
    return store_apply_commit(b->store, e) == 0 ? store_epoch(b->store, &epoch, e) : -1;
}

int moved_check(struct box *b, const char *root, bool *moved, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct board now, kept;
    bool enrolled;

    *moved = false;
    board_look(&now, root, b->dir);
    if (disk_path(path, e, "%s/board", b->dir) != 0 ||
        outbox_enrolled(b, &enrolled, e) != 0)
        return err_wrap(e, "board");
    if (!enrolled)
        return 0;
    if (read_kept(b, path, &kept, e) != 0)
        return err_wrap(e, "board");
    *moved = board_differs(&kept, &now);
    if (*moved && begin_epoch(b, e) != 0)
        return err_wrap(e, "board");
    if (*moved)
        kept = now;
    else if (!board_learn(&kept, &now))
        return 0;
    return write_kept(b, path, &kept, e) == 0 ? 0 : err_wrap(e, "board");
}

void moved_look(struct box *b, struct verb_io *io)
{
    struct err e;
    bool moved;

    if (moved_check(b, "", &moved, &e) != 0)
        say(io, message_of_failure(e.code), (const char *const[]){e.text}, 1);
    if (moved)
        say(io, "box.moved", NULL, 0);
}
