/* Export: records for somebody else's program, a table (CSV) or a line each (JSON
 * Lines).
 *
 * CSV is RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets of Windows take
 * its letters for what they are: a row a document; the columns are what every document
 * has, then each field that one of them has, by name. Values of a field that repeats are
 * joined by "; ". A cell that a spreadsheet would take for a formula begins with an
 * apostrophe. JSON Lines are as `import` takes them, with the document's number and the
 * names of its originals.
 *
 * What is held for a stamp is no record, and so is not among them. All is read from one
 * snapshot; the file is put in its place when it is whole, or not at all. */
#ifndef TRAM_APPLIANCE_EXPORT_H
#define TRAM_APPLIANCE_EXPORT_H

#include "appliance/box.h"

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
    /* How many rows are written; false: give up. May be NULL. */
    bool (*progress)(void *arg, uint64_t done, uint64_t all);
    void *arg;
};

/* *documents: how many went in; with none, no file is made. ERR_USAGE: an id that
 * nothing here has. */
int export_write(struct box *b, const struct export_selection *what,
                 const struct export_options *o, const char *path, uint64_t *documents,
                 struct err *e);

#endif
