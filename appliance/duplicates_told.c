/* Duplicates, seen from outside: what waits to be looked at, what was found, and what a
 * person made of it. */
#include "appliance/duplicates.h"

#include "appliance/events.h"
#include "schema/id_text.h"
#include "schema/statements.h"

enum { ADD, AGAIN, EACH_TWIN, DISMISS, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [ADD] = "INSERT INTO likeness (page, rotation, cells) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (page) DO UPDATE SET rotation = ?2, cells = ?3, looked = 0",
    [AGAIN] = "UPDATE likeness SET looked = 0 WHERE page = ?1",
    [EACH_TWIN] = "SELECT t.page, p.document, t.other, o.document, t.agreeing FROM twin t"
                  " JOIN page p ON p.id = t.page AND p.deleted = 0"
                  " JOIN page o ON o.id = t.other AND o.deleted = 0"
                  " JOIN document pd ON pd.id = p.document AND pd.deleted = 0"
                  " JOIN document od ON od.id = o.document AND od.deleted = 0"
                  " WHERE t.dismissed = 0 AND (?1 = 0 OR t.page = ?1 OR t.other = ?1)"
                  " ORDER BY t.page, t.other",
    [DISMISS] = "UPDATE twin SET dismissed = 1 WHERE page = max(?1, ?2)"
                " AND other = min(?1, ?2) AND dismissed = 0",
};

int duplicates_add(struct box *b, uint64_t page, uint8_t rotation,
                   const struct likeness *likeness, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(store_db(b->store), &s, &sql[ADD], 1, e) != 0)
        return -1;
    bind_id(s, 1, page);
    (void)sqlite3_bind_int(s, 2, rotation);
    bind_blob(s, 3, likeness->cells, LIKENESS_BYTES);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int duplicates_again(struct box *b, uint64_t page, struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(store_db(b->store), &s, &sql[AGAIN], 1, e) != 0)
        return -1;
    bind_id(s, 1, page);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int duplicates_each(struct box *b, uint64_t page,
                    int (*each)(void *arg, const struct twin_row *t, struct err *e),
                    void *arg, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    if (statements_prepare(store_db(b->store), &s, &sql[EACH_TWIN], 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)page); /* 0 is no NULL here */
    while (rc == 0 && (row = statement_step(s, e)) != 0) {
        struct twin_row t = {
            .page = (uint64_t)sqlite3_column_int64(s, 0),
            .document = (uint64_t)sqlite3_column_int64(s, 1),
            .other = (uint64_t)sqlite3_column_int64(s, 2),
            .other_document = (uint64_t)sqlite3_column_int64(s, 3),
            .agreeing = (unsigned)sqlite3_column_int(s, 4),
        };

        rc = row < 0 ? -1 : each(arg, &t, e);
    }
    statements_finalize(&s, 1);
    return rc;
}

static int dismiss(struct box *b, uint64_t page, uint64_t other, bool *known,
                   struct err *e)
{
    sqlite3_stmt *s;
    char name[ID_TEXT_BYTES];
    int rc;

    if (statements_prepare(store_db(b->store), &s, &sql[DISMISS], 1, e) != 0)
        return -1;
    bind_id(s, 1, page);
    bind_id(s, 2, other);
    rc = statement_run(s, e);
    *known = rc == 0 && sqlite3_changes(store_db(b->store)) == 1;
    statements_finalize(&s, 1);
    if (!*known)
        return rc;
    id_text(name, other);
    return event_add(b, page, "not_a_duplicate", json_pack("{s:s}", "other", name), e);
}

int duplicates_dismiss(struct box *b, uint64_t page, uint64_t other, bool *known,
                       struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (dismiss(b, page, other, known, e) == 0 &&
        store_write_commit(b->store, NULL, e) == 0)
        return 0;
    store_write_rollback(b->store);
    return -1;
}
