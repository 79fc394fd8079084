/* Table: reads lines of cells divided by tabs, strictly, and says where one is wrong:
 * "units.tsv: line 7: …". A line that begins with '#' is a comment. The text is UTF-8,
 * composed (no combining marks, so that equal names are equal bytes), without control
 * characters, and its last line ends. Nothing is copied: cells point into the text. */
#ifndef TRAM_SCHEMA_UNITS_TABLE_H
#define TRAM_SCHEMA_UNITS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TABLE_CELLS_MAX      8
#define TABLE_LINE_BYTES_MAX 2048

struct cell {
    const char *at; /* not NUL-terminated */
    size_t bytes;
};

struct table {
    const char *name; /* for messages: the file's */
    const char *at, *end;
    size_t line; /* of the cells, from 1 */
    size_t cells_count;
    struct cell cells[TABLE_CELLS_MAX];
};

/* Both must outlive it. */
void table_init(struct table *t, const char *name, const char *text, size_t bytes);

/* The next line of exactly `cells_count` cells; *more is false at the end. */
int table_next(struct table *t, size_t cells_count, bool *more, struct err *e);

/* "NAME: line N: …", ERR_REFUSED; returns -1. */
int table_refuse(const struct table *t, struct err *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool cell_is(struct cell c, const char *text);
/* All digits, 1 to 9 of them. */
bool cell_number(struct cell c, uint32_t *out);

#endif
