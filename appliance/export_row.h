/* Export row: a document as a row of a table, or as a line of JSON. Internal to
 * appliance/export.c. */
#ifndef TRAM_APPLIANCE_EXPORT_ROW_H
#define TRAM_APPLIANCE_EXPORT_ROW_H

#include "appliance/export_table.h"

/* What every document has; texts are NULL where it has none. */
struct export_head {
    uint64_t document;
    const char *dossier, *type, *source, *key;
    uint64_t pages;
    const struct record_type *known; /* the type that is named so; NULL: none is */
};

void export_csv_heads(struct buffer *out, const struct export_table *t);
/* ERR_TOO_BIG: larger than the buffer may be. */
int export_csv_row(struct buffer *out, struct export_table *t, struct records *r,
                   const struct export_head *h, struct err *e);
int export_json_line(struct buffer *out, struct records *r, const struct export_head *h,
                     struct err *e);

#endif
