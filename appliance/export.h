/* Export: records for somebody else's program, a table (CSV) or a line each (JSON
 * Lines). A register with its pictures is package.h.
 *
 * CSV is RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets of Windows take
 * its letters for what they are: a row a document; the columns are what every document
 * has, then its fields (export_table.h). A cell that a spreadsheet would take for a
 * formula begins with an apostrophe.
 *
 * JSON Lines are as `import` takes them, with the document's number and the names of its
 * originals: fields by the names of export_table.h (one that is in no table keeps its
 * own), one that repeats as a list. A paper that was scanned has no source's key, so its
 * own number is its key, and EXPORT_SOURCE its source: unlike all others. Pictures do not
 * travel that way.
 *
 * What is held for a stamp is no record, and so is not among them. All is read from one
 * snapshot; the file is put in its place when it is whole, or not at all. A document too
 * large for a row is told, and left out. */
#ifndef TRAM_APPLIANCE_EXPORT_H
#define TRAM_APPLIANCE_EXPORT_H

#include "appliance/box.h"

#define EXPORT_SOURCE        "tram"
#define EXPORT_ROW_BYTES_MAX (64u << 20)

enum export_format { EXPORT_CSV, EXPORT_JSONL };

/* Which documents: those that every word names that is there. All zero: all. */
struct export_selection {
    const char *query;          /* found by it */
    const char *dossier, *type; /* code; record type */
    const uint64_t *ids;        /* documents, or pages of them */
    size_t ids_count;
};

struct export_options {
    enum export_format format;
    size_t row_bytes_max; /* 0: EXPORT_ROW_BYTES_MAX */
    /* How many rows are written; false: give up. May be NULL, as the next. */
    bool (*progress)(void *arg, uint64_t done, uint64_t all);
    /* This one is not in the file. */
    void (*refused)(void *arg, uint64_t document, const char *why);
    void *arg;
};

struct export_counts {
    uint64_t documents; /* that went in: with none, no file is made */
    uint64_t refused;
};

/* ERR_USAGE: an id that nothing here has. */
int export_write(struct box *b, const struct export_selection *what,
                 const struct export_options *o, const char *path,
                 struct export_counts *out, struct err *e);

#endif
