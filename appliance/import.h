/* Import: records that are digital already, one JSON object a line:
 *
 *   {"dossier", "type", "fields": {name: value}, "pages": [{"text"}], "key", "source"}
 *
 * `key` is the source's own number for the document: the same source and key again
 * changes the record, and "delete": true marks it deleted; a later line without it
 * brings the record back. What a line leaves out stays as it was; what it gives
 * replaces what was there: a field that is not among its fields goes, a page beyond
 * its pages too, and a page whose text is the same is left alone. Values are
 * strings or whole numbers (dates are text); null and "" are no value; a field that
 * repeats has a list of them. A field may be called as its type calls it in what is
 * exported. Other keys of the object are the source's own business and are passed over.
 *
 * Every line is of the source that the asker names; or, of an export (export.h), each is
 * of its own "source". A line about a paper that this very box has scanned is refused: it
 * would be there twice.
 *
 * Text goes in as NFC. Fields are the clerk's, because the office's own system is
 * the office's own word. Lines go into transactions of bounded size, never cut
 * inside a record that fits one; one that is open is committed before waiting for
 * input. A line that cannot be taken is told (line number, what, what to do) and
 * the rest goes on. */
#ifndef TRAM_APPLIANCE_IMPORT_H
#define TRAM_APPLIANCE_IMPORT_H

#include "appliance/box.h"

#define IMPORT_LINE_BYTES_MAX  (8u << 20)
#define IMPORT_WORD_BYTES_MAX  255  /* key, dossier, type, a field's name */
#define IMPORT_VALUE_BYTES_MAX 8192 /* of a field */
#define IMPORT_FIELDS_MAX      200
#define IMPORT_REPEATS_MAX     1000 /* values of a record: more than fields, as some repeat */
/* Of all values together: they are one text to search in (RECORD_CURRENT_BYTES_MAX),
 * with what a machine has found beside them. */
#define IMPORT_VALUES_BYTES_MAX (512u << 10)

/* Empty lines do not count; `refused` are among `lines`. */
struct import_counts {
    uint64_t lines, added, changed, unchanged, deleted, refused;
};

struct import_options {
    /* 1..IMPORT_WORD_BYTES_MAX bytes of UTF-8: ERR_USAGE; NULL: each line's own. */
    const char *source;
    /* The first two only while others can write; both may be NULL. */
    /* Why a line was not taken (English, technical). */
    void (*refused)(void *arg, uint64_t line, const char *why);
    void (*progress)(void *arg, const struct import_counts *c);
    /* Each line's type, as it is read; may be NULL. */
    void (*typed)(void *arg, const char *type);
    void *arg;
};

/* Reads `fd` to its end. -1 is trouble with the store or the descriptor; what was
 * counted is kept. */
int import_lines(struct box *b, int fd, const struct import_options *o,
                 struct import_counts *out, struct err *e);

#endif
