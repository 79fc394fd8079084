/* Inside import_apply: what the document (import_apply.c), its fields and its
 * pages (import_parts.c) share. */
#ifndef TRAM_APPLIANCE_IMPORT_PARTS_H
#define TRAM_APPLIANCE_IMPORT_PARTS_H

#include "appliance/import_apply.h"

/* The office's own system speaks for the office: its values are the clerk's. */
#define IMPORT_FIELD_SOURCE "clerk"

enum apply_sql {
    APPLY_DOCUMENT,
    APPLY_PAGE_COUNT,
    APPLY_FIELD_BYTES,
    APPLY_FIELD,
    APPLY_FIELD_COUNT,
    APPLY_PAGES,
    APPLY_TEXT,
    APPLY_SCANNED,
    APPLY_SQL_COUNT,
};

struct import_apply {
    struct box *box;
    sqlite3_stmt *sql[APPLY_SQL_COUNT];
};

/* Fresh, to be bound. */
sqlite3_stmt *import_apply_sql(struct import_apply *a, enum apply_sql which);

/* One number of a statement about a document that always has a row. */
int import_apply_number(struct import_apply *a, enum apply_sql which, uint64_t document,
                        size_t *out, struct err *e);

bool import_same_text(const char *a, const char *b);

/* Both set *changed if they wrote anything, and leave it alone otherwise. */
int import_apply_fields(struct import_apply *a, uint64_t document,
                        const struct import_record *r, bool cut, bool *changed,
                        struct err *e);
int import_apply_pages(struct import_apply *a, uint64_t document,
                       const struct import_record *r, bool cut, bool *changed,
                       struct err *e);

#endif
