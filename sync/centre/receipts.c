#include "sync/centre/receipts.h"

#include "sync/centre/journal.h"

int site_receipt(struct centre *c, uint16_t site, struct receipt *out, struct err *e)
{
    enum wall_confidence ignored;
    struct site_row row;
    bool found;

    if (site_find(c, site, &row, &found, e) != 0)
        return -1;
    if (!found)
        return err_set(e, ERR_FAILED, "site %u is gone", site);
    *out = (struct receipt){
        .site = row.site,
        .box_epoch = row.epoch,
        .centre_epoch = c->epoch,
        .received = row.received,
        .applied = row.applied,
        .safe = row.safe,
        .wall_ms = c->clock->wall_ms(c->clock, &ignored),
    };
    return journal_missing(c, row.site, &out->missing_first, &out->missing_last, e);
}
