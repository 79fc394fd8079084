#include "appliance/intake.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/intake_parts.h"

/* One page more. How far it got is written down after every page, so that a long
 * document goes on there after a power cut; the last page's is the move itself. */
static int look_at_page(struct intake *i, struct disk_file *blob, struct intake_row *row,
                        const struct identity *id, struct err *e)
{
    struct reader *r = i->box->reader;
    struct intake_row to = *row;
    struct look look = {0};

    if (r->look(r, blob, row->looked, &look, e) != 0)
        return err_wrap(e, "page %" PRIu32, row->looked + 1);
    if (look.refusal != REFUSAL_NONE)
        return intake_row_refuse(i, row, look.refusal, e);
    (void)snprintf(to.media, sizeof to.media, "%s", media_type(id->media));
    to.pages = id->pages;
    to.looked++;
    if (look.secrecy != SECRECY_NONE) {
        to.state = ROW_HELD;
        (void)snprintf(to.reason, sizeof to.reason, "%s", secrecy_name(look.secrecy));
        if (store_now(i->box->store, &to.held, e) != 0)
            return -1;
    } else if (to.looked == to.pages) {
        to.state = ROW_CLEARED;
    }
    return intake_row_move(i, row, &to, e);
}

static int note_archive(struct intake *i, struct intake_row *row, enum media media,
                        struct err *e)
{
    struct intake_row to = *row;

    (void)snprintf(to.media, sizeof to.media, "%s", media_type(media));
    return intake_row_move(i, row, &to, e);
}

/* Opens the row's bytes. They are gone if somebody else who offered the same was
 * refused meanwhile: then *row becomes what it is, and *out stays NULL. Looked at
 * once more inside a write, where blobs are removed. */
static int open_blob(struct intake *i, struct intake_row *row, struct disk_file **out,
                     struct err *e)
{
    struct intake_row now;
    struct err later;
    bool found;

    int rc = -1;

    if (blob_open(i->box->blobs, out, &row->sha256, e) == 0)
        return 0;
    if (store_write_begin(i->box->store, &later) != 0)
        return -1;
    if (blob_open(i->box->blobs, out, &row->sha256, e) == 0) {
        rc = 0;
    } else if (intake_row_read(i, &row->sha256, &now, &found, &later) == 0 && found &&
               now.state != ROW_TAKEN) {
        *row = now;
        rc = 0;
    }
    store_write_rollback(i->box->store);
    return rc;
}

int intake_examine(struct intake *i, const struct intake_file *f, struct intake_row *row,
                   bool *gone, struct err *e)
{
    struct reader *r = i->box->reader;
    struct identity id = {0};
    struct disk_file *blob = NULL;
    int rc = -1;

    if (open_blob(i, row, &blob, e) != 0)
        return -1;
    if (blob == NULL)
        return 0;
    if (r->identify(r, blob, &id, e) != 0)
        goto out;
    if (id.refusal == REFUSAL_NONE && media_is_archive(id.media)) {
        if (f->entry) {
            rc = intake_row_refuse(i, row, REFUSAL_NESTED, e);
        } else if (note_archive(i, row, id.media, e) == 0) {
            rc = row->state == ROW_TAKEN ? intake_unpack(i, f, row, gone, e) : 0;
        }
        goto out;
    }
    if (id.refusal == REFUSAL_NONE && id.pages == 0)
        id.refusal = REFUSAL_NO_PAGES;
    if (id.refusal != REFUSAL_NONE) {
        rc = intake_row_refuse(i, row, id.refusal, e);
        goto out;
    }
    if (row->looked >= id.pages) /* another program's count: look at all of them */
        row->looked = 0;
    while (row->state == ROW_TAKEN) {
        if (intake_go_on(i, e) != 0) {
            i->stopped = true;
            goto out;
        }
        if (look_at_page(i, blob, row, &id, e) != 0)
            goto out;
    }
    rc = 0;
out:
    disk_close(blob);
    return rc;
}
