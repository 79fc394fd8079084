#include "sync/centre/frames.h"

#include <inttypes.h>

#include "schema/statements.h"
#include "sync/centre/history.h"

void frames_release(struct frames *f)
{
    bundle_release(&f->bundle);
}

static bool is_in(const struct frames *f, uint8_t epoch, uint64_t sequence)
{
    const struct bundle_header *h = &f->bundle.header;

    return f->bundle.frames_count > 0 && h->epoch == epoch && h->first <= sequence &&
           sequence - h->first < f->bundle.frames_count;
}

/* A frame's epoch is that of the bundle which brought it. */
static int open_bundle(struct frames *f, uint8_t epoch, uint64_t sequence, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    bundle_release(&f->bundle);
    f->bundle = (struct bundle){0};
    if (centre_statement(
            f->centre, &s,
            "SELECT bytes, frames FROM journal WHERE site = ?1"
            " AND first <= ?3 AND last >= ?3 AND state <> 'held' AND epoch = ?2"
            " ORDER BY first DESC LIMIT 1",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, f->site->site);
    (void)sqlite3_bind_int(s, 2, epoch);
    (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row == 1)
        row = journal_open(f->centre, f->site, s, 0, &f->bundle, e);
    else if (row == 0)
        row =
            err_set(e, ERR_CORRUPT, "frame %" PRIu64 " is not in the journal", sequence);
    statements_finalize(&s, 1);
    if (row < 0 && e->code == ERR_REFUSED)
        e->code = ERR_CORRUPT; /* it was proved when it came */
    return row;
}

int frames_find(struct frames *f, uint8_t epoch, uint64_t sequence,
                struct rows_frame *out, struct err *e)
{
    if (!is_in(f, epoch, sequence) && open_bundle(f, epoch, sequence, e) != 0)
        return -1;
    if (!is_in(f, epoch, sequence))
        return err_set(e, ERR_CORRUPT, "a bundle does not hold frame %" PRIu64, sequence);
    *out =
        (struct rows_frame){.frame = &f->bundle.frames[sequence - f->bundle.header.first],
                            .epoch = f->bundle.header.epoch,
                            .seen_epoch = f->bundle.header.seen_epoch};
    return 0;
}
