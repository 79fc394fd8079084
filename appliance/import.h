/* Import: records that are digital already, one JSON object a line:
 *
 *   {"dossier", "type", "fields": {name: value}, "pages": [{"text"}], "key"}
 *
 * `key` is the source's own number for the document: the same source and key again
 * changes the record (a page whose text is the same is left alone), and
 * "delete": true marks it deleted. Lines go into transactions of bounded size,
 * never cut inside a record that fits one. A line that cannot be taken is told
 * (line number, what, what to do) and the rest goes on. */
#ifndef TRAM_APPLIANCE_IMPORT_H
#define TRAM_APPLIANCE_IMPORT_H

#include "appliance/box.h"

#define IMPORT_LINE_BYTES_MAX (8u << 20)

struct import_counts {
    uint64_t lines, added, changed, unchanged, deleted, refused;
};

struct import_options {
    const char *source;
    /* Why a line was not taken (English, technical); may be NULL. */
    void (*refused)(void *arg, uint64_t line, const char *why);
    void (*progress)(void *arg, const struct import_counts *c); /* may be NULL */
    void *arg;
};

/* Reads `fd` to its end. -1 is trouble with the store; what was counted is kept. */
int import_lines(struct box *b, int fd, const struct import_options *o,
                 struct import_counts *out, struct err *e);

#endif
