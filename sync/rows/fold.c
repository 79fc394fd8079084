#include "sync/rows/fold.h"

/* Nothing is told and nothing put back: what was is in our own frames. */
static const struct rows_sink silent = {0};

int rows_fold_init(struct rows_fold *f, sqlite3 *db, const char *const *names,
                   size_t count, uint16_t site, bool from_box, struct err *e)
{
    *f = (struct rows_fold){0};
    if (rows_init(&f->rows, db, names, count, e) != 0)
        return -1;
    f->rows.sink = &silent;
    f->rows.site = site;
    f->rows.from_box = from_box;
    return 0;
}

void rows_fold_release(struct rows_fold *f)
{
    rows_release(&f->rows);
}

/* A row that was parked and went later, or could not be told before, comes whole, over
 * what may be there of it. */
static int on_conflict(void *arg, int kind, sqlite3_changeset_iter *iter)
{
    struct rows_fold *f = arg;

    (void)iter;
    if (kind == SQLITE_CHANGESET_DATA || kind == SQLITE_CHANGESET_CONFLICT)
        return SQLITE_CHANGESET_REPLACE;
    f->conflicts++;
    return SQLITE_CHANGESET_OMIT;
}

int rows_fold_own(struct rows_fold *f, const struct own_frame *own, struct err *e)
{
    int rc = sqlite3changeset_apply_v2(f->rows.tables.db, (int)own->changeset_bytes,
                                       (void *)(uintptr_t)own->changeset, NULL,
                                       on_conflict, f, NULL, NULL, 0);

    if (rc == SQLITE_NOMEM)
        return err_set(e, ERR_MEMORY, "fold: out of memory");
    if (rc != SQLITE_OK)
        f->conflicts++;
    return rows_own_add(&f->rows.own, &f->rows.tables, own, e);
}

int rows_fold_came(struct rows_fold *f, const struct rows_frame *came, struct err *e)
{
    return rows_apply(&f->rows, came, e);
}
