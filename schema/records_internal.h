/* The inside of struct records, for the files that share it: records.c writes,
 * records_read.c and records_text.c read, records_corrections.c does both. */
#ifndef TRAM_SCHEMA_RECORDS_INTERNAL_H
#define TRAM_SCHEMA_RECORDS_INTERNAL_H

#include "schema/records.h"

enum {
    WRITE_DOSSIER_BY_CODE,
    WRITE_DOSSIER,
    WRITE_DOCUMENT,
    WRITE_DOCUMENT_BY_SOURCE,
    WRITE_DOCUMENT_DELETED,
    WRITE_DOCUMENT_CHANGE,
    WRITE_ORIGINAL,
    WRITE_PAGE,
    WRITE_PAGE_DELETE,
    WRITE_READING,
    WRITE_CORRECTION,
    WRITE_FIELD,
    WRITE_FIELDS_OF_SOURCE,
    WRITE_FIELD_DELETE,
    WRITE_EVENT,
    WRITE_IMAGE,
    WRITE_STATEMENTS
};

enum {
    READ_FIND_DOCUMENT,
    READ_FIND_PAGE,
    READ_PAGES,
    READ_ORIGINALS,
    READ_FIELDS,
    READ_NEWEST_READING,
    READ_CORRECTIONS,
    READ_CORRECTION_ROWS,
    READ_DOCUMENT_HEAD,
    READ_IMAGE,
    READ_STATEMENTS
};

struct records {
    struct store *store; /* not owned */
    sqlite3_stmt *writes[WRITE_STATEMENTS];
    sqlite3_stmt *reads[READ_STATEMENTS];
};

/* Runs the statement of a new row whose id is its first value. */
int records_insert(struct records *r, sqlite3_stmt *s, uint64_t *id, struct err *e);

/* Prepares r->reads. */
int records_reads_prepare(struct records *r, struct err *e);

#endif
