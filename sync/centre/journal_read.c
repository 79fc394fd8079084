#include "sync/centre/journal.h"

#include <inttypes.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"

void journal_bind_object(sqlite3_stmt *s, int place, const struct object_id *object)
{
    uint8_t bytes[1 + OBJECT_ID_BYTES];

    bytes[0] = object->kind;
    memcpy(bytes + 1, object->id, OBJECT_ID_BYTES);
    bind_blob(s, place, bytes, sizeof bytes);
}

int journal_has(struct centre *c, uint16_t site, const struct object_id *object,
                bool *has, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, "SELECT 1 FROM journal WHERE site = ?1 AND object = ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    journal_bind_object(s, 2, object);
    row = statement_step(s, e);
    *has = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_missing(struct centre *c, uint16_t site, uint64_t *first, uint64_t *last,
                    struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *first = *last = 0;
    if (centre_statement(c, &s,
                         "SELECT received + 1, first - 1 FROM site JOIN journal"
                         " ON journal.site = site.site AND journal.state = 'held'"
                         " AND journal.epoch = site.epoch AND first > received + 1"
                         " WHERE site.site = ?1 ORDER BY first LIMIT 1",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    row = statement_step(s, e);
    if (row == 1) {
        *first = (uint64_t)sqlite3_column_int64(s, 0);
        *last = (uint64_t)sqlite3_column_int64(s, 1);
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int journal_chain(struct centre *c, uint16_t site, uint64_t sequence, struct hash *out,
                  struct err *e)
{
    sqlite3_stmt *s;
    int row;

    chain_start(out, site);
    if (sequence == 0)
        return 0;
    if (centre_statement(
            c, &s, "SELECT chain FROM journal_frame WHERE site = ?1 AND sequence = ?2",
            e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    row = statement_step(s, e);
    if (row >= 0 && (row == 0 || !column_hash(s, 0, out)))
        row = err_set(e, ERR_CORRUPT, "site %u: no chain hash after frame %" PRIu64, site,
                      sequence);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}
