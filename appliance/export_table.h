/* Export table: the columns that a table of records has, and the cells of one row.
 *
 * A field is called what its record's type calls it in what is exported (struct
 * field_def, column), and is left out where the type says so; a field that the type does
 * not know keeps its own name. Columns stand in the order of the types' fields, then
 * those that no type knows, by name. */
#ifndef TRAM_APPLIANCE_EXPORT_TABLE_H
#define TRAM_APPLIANCE_EXPORT_TABLE_H

#include "appliance/box.h"
#include "schema/types/types.h"

struct export_column {
    char *head; /* owned */
    size_t rank;
    struct buffer cell; /* of the row at hand */
};

struct export_table {
    const struct record_types *types;
    struct export_column *columns; /* in their order, once that is settled */
    size_t count;
    size_t *by_head; /* places, by their heads */
    size_t cell_bytes_max;
    const struct record_type *row; /* the type of the row at hand */
};

/* NULL: it is not exported. `t` NULL: a record of no type. */
const char *export_column_name(const struct record_type *t, const char *field);

/* `types` must outlive it. A cell of more bytes is ERR_TOO_BIG. */
void export_table_init(struct export_table *t, const struct record_types *types,
                       size_t cell_bytes_max);
void export_table_release(struct export_table *t); /* a zeroed one is fine */

/* Columns: all that a type has; those that these documents hold a value for. Then, once,
 * their order. Inside a read of the caller's. */
int export_table_add_type(struct export_table *t, const struct record_type *type,
                          struct err *e);
int export_table_add_used(struct export_table *t, struct box *b, const uint64_t *ids,
                          size_t count, struct err *e);
int export_table_settle(struct export_table *t, struct err *e);

/* The cells of a document's row; several values of a field are joined by "; ". */
int export_table_fill(struct export_table *t, struct records *r, uint64_t document,
                      const struct record_type *type, struct err *e);
const char *export_table_cell(const struct export_table *t, size_t column);

#endif
