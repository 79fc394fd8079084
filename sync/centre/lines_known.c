#include "sync/centre/lines.h"

#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"

static const char known_sql[] =
    "SELECT chain FROM journal_frame WHERE site = ?1 AND sequence = ?2"
    " UNION ALL SELECT chain FROM left_frame WHERE site = ?1 AND sequence = ?2";

int line_knows(struct centre *c, uint16_t site, uint64_t sequence, const void *hash,
               size_t hash_bytes, bool *known, struct err *e)
{
    struct hash chain;
    sqlite3_stmt *s;
    int row = 1;

    chain_start(&chain, site);
    *known = sequence == 0 && memcmp(chain.bytes, hash, hash_bytes) == 0;
    if (sequence == 0)
        return 0;
    if (centre_statement(c, &s, known_sql, e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    while (!*known && (row = statement_step(s, e)) == 1)
        *known = column_hash(s, 0, &chain) && memcmp(chain.bytes, hash, hash_bytes) == 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}
