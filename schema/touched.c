#include "schema/touched.h"

#include <string.h>

#include "schema/statements.h"

#define NOTE                                                                             \
    " ON CONFLICT (document) DO UPDATE SET sequence = excluded.sequence"                 \
    " WHERE sequence < excluded.sequence"
#define INTO "INSERT INTO document_frame (document, sequence) "

/* A conflict or a parked change is about any row, named by the id its key begins with. */
#define INTO_SUBJECTS(table)                                                             \
    INTO "SELECT coalesce(d.id, p.document, rp.document, cp.document), ?2"               \
         " FROM " table " t"                                                             \
         " LEFT JOIN document d ON d.id = t.subject"                                     \
         " LEFT JOIN page p ON p.id = t.subject"                                         \
         " LEFT JOIN reading r ON r.id = t.subject"                                      \
         " LEFT JOIN page rp ON rp.id = r.page"                                          \
         " LEFT JOIN correction c ON c.id = t.subject"                                   \
         " LEFT JOIN reading cr ON cr.id = c.reading"                                    \
         " LEFT JOIN page cp ON cp.id = cr.page"                                         \
         " WHERE t.id = ?1"                                                              \
         " AND coalesce(d.id, p.document, rp.document, cp.document) IS NOT NULL" NOTE

#define PAGE_DOCUMENT_COLUMN 1 /* of the table page */

/* ?1: the row's key; ?2: the frame. */
static const char *const sql[TOUCHED_STATEMENTS] = {
    [TOUCHED_DOCUMENT] = INTO "SELECT ?1, ?2 WHERE true" NOTE,
    [TOUCHED_ORIGINAL] = INTO "SELECT DISTINCT document, ?2 FROM page"
                              " WHERE original = ?1" NOTE,
    [TOUCHED_PAGE] = INTO "SELECT document, ?2 FROM page WHERE id = ?1" NOTE,
    [TOUCHED_READING] = INTO "SELECT p.document, ?2 FROM reading r"
                             " JOIN page p ON p.id = r.page WHERE r.id = ?1" NOTE,
    [TOUCHED_CORRECTION] = INTO "SELECT p.document, ?2 FROM correction c"
                                " JOIN reading r ON r.id = c.reading"
                                " JOIN page p ON p.id = r.page WHERE c.id = ?1" NOTE,
    [TOUCHED_IMAGE] = INTO "SELECT document, ?2 FROM page WHERE id = ?1" NOTE,
    /* An event is about a document, or about a page of one. */
    [TOUCHED_EVENT] = INTO "SELECT coalesce(p.document, d.id), ?2 FROM event e"
                           " LEFT JOIN page p ON p.id = e.subject"
                           " LEFT JOIN document d ON d.id = e.subject"
                           " WHERE e.id = ?1"
                           " AND coalesce(p.document, d.id) IS NOT NULL" NOTE,
    [TOUCHED_CONFLICT] = INTO_SUBJECTS("conflict"),
    [TOUCHED_PARKED] = INTO_SUBJECTS("parked"),
};

/* Every table's key begins with the column that these statements ask for. */
static const struct {
    const char *table;
    int statement;
} tables[] = {
    {"document", TOUCHED_DOCUMENT}, {"field", TOUCHED_DOCUMENT},
    {"original", TOUCHED_ORIGINAL}, {"page", TOUCHED_PAGE},
    {"reading", TOUCHED_READING},   {"correction", TOUCHED_CORRECTION},
    {"image", TOUCHED_IMAGE},       {"event", TOUCHED_EVENT},
    {"conflict", TOUCHED_CONFLICT}, {"parked", TOUCHED_PARKED},
};

void touched_init(struct touched *t, sqlite3 *db)
{
    *t = (struct touched){.db = db};
}

void touched_release(struct touched *t)
{
    statements_finalize(t->statements, TOUCHED_STATEMENTS);
}

static int note(struct touched *t, int statement, sqlite3_value *key, uint64_t sequence,
                struct err *e)
{
    sqlite3_stmt **place = &t->statements[statement], *s;

    if (*place == NULL && statements_prepare(t->db, place, &sql[statement], 1, e) != 0)
        return -1;
    s = statement_fresh(*place);
    (void)sqlite3_bind_value(s, 1, key);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)sequence);
    return statement_run(s, e);
}

static int note_change(struct touched *t, sqlite3_changeset_iter *iter, uint64_t sequence,
                       struct err *e)
{
    const char *table;
    int columns, verb, indirect;
    sqlite3_value *key = NULL, *moved_from = NULL;
    size_t i = 0;

    (void)sqlite3changeset_op(iter, &table, &columns, &verb, &indirect);
    while (i < sizeof tables / sizeof *tables && strcmp(tables[i].table, table) != 0)
        i++;
    if (i == sizeof tables / sizeof *tables)
        return 0; /* a fonds, a dossier */
    if (verb == SQLITE_INSERT)
        (void)sqlite3changeset_new(iter, 0, &key);
    else
        (void)sqlite3changeset_old(iter, 0, &key);
    if (key == NULL)
        return err_set(e, ERR_CORRUPT, "changeset: a row of %s without its key", table);
    if (note(t, tables[i].statement, key, sequence, e) != 0)
        return -1;
    if (tables[i].statement != TOUCHED_PAGE || verb != SQLITE_UPDATE)
        return 0;
    /* The document that a page was taken out of has changed too. */
    (void)sqlite3changeset_old(iter, PAGE_DOCUMENT_COLUMN, &moved_from);
    return moved_from == NULL ? 0 : note(t, TOUCHED_DOCUMENT, moved_from, sequence, e);
}

int touched_note(struct touched *t, const struct buffer *changeset, uint64_t sequence,
                 struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    int rc = 0;

    if (sqlite3changeset_start(&iter, (int)changeset->count, changeset->bytes) !=
        SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset: out of memory");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW)
        rc = note_change(t, iter, sequence, e);
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        return err_set(e, ERR_CORRUPT, "changeset is cut off or malformed");
    return rc;
}
