/* Merge: what becomes of one column when both ends changed it. Pure.
 *
 * Two changes are concurrent when the second was made without having seen the
 * first; no clock decides. Changes to different columns merge; of the same column
 * the box's wins, because it holds the paper, unless the province has locked the
 * value. A concurrent loser becomes a conflict row, with both values, made by the
 * centre only.
 *
 *   incoming old | incoming new | here now |            | result
 *   A            | A (unchanged)| any      |            | keep here
 *   A            | B            | B        |            | keep here (the same)
 *   A            | B            | A or C   | locked by the province  | keep here, conflict
 *   A            | B            | A or C   | not concurrent          | take B
 *   A            | B            | C        | concurrent, box's turn  | take B, conflict
 *   A            | B            | C        | concurrent, centre's    | keep here, conflict
 *   A            | B            | A        | concurrent, box's turn  | take B
 *   A            | B            | A        | concurrent, centre's    | keep here
 *
 * Concurrent with A here: this end changed the column to something and back, or lost it
 * to an earlier change of the box's. The other end decides by what was touched; so do we.
 * No value is lost, so that there is no conflict. */
#ifndef TRAM_SYNC_MERGE_H
#define TRAM_SYNC_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

enum merge_result {
    MERGE_KEEP,
    MERGE_TAKE,
    MERGE_KEEP_CONFLICT,
    MERGE_TAKE_CONFLICT,
};

struct merge_case {
    const sqlite3_value *incoming_old,
        *incoming_new; /* NULL pointer: column not in the change */
    const sqlite3_value *here;
    bool incoming_from_box; /* else from the centre */
    bool concurrent;        /* made without having seen what is here */
    bool locked;            /* the province locked this value */
};

enum merge_result merge(const struct merge_case *c);

/* Equal as SQLite stores them: same type, same bytes. NULL equals NULL. */
bool merge_values_equal(const sqlite3_value *a, const sqlite3_value *b);

#endif
