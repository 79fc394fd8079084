/* Show: one document or page as an object for `show --json` and the desk, and its
 * originals as files. */
#ifndef TRAM_APPLIANCE_SHOW_H
#define TRAM_APPLIANCE_SHOW_H

#include <jansson.h>

#include "appliance/box.h"
#include "schema/shown.h"

/* {"document", "page" (if one was asked for), "site", "dossier", "type", "fields":
 * [{"name", "ordinal", "value", "source", and of what the machine drew "confidence", "rule",
 * "page", "zone": [left, top, width, height]}], "pages": [{"page", "number", "state":
 * "read"|"waiting"|"quarantined", "reason", "text", and "again": "waiting"|"proposed" if it
 * is read another time (again.h)}], "originals": [{"sha256",
 * "name", "media", "bytes", "pages", and "away": true if it left to make room}],
 * "warnings": as warnings.h has them}. *out is the caller's. */
int show_json(struct box *b, const struct shown *what, json_t **out, struct err *e);

/* Writes the original that holds the (document's first) page to `path`, or, if that
 * ends in '/', all of them into that directory under their own names; a file that is
 * there is replaced whole. One that left to make room is asked for (room.h). */
struct show_originals {
    unsigned written, away; /* both 0: a record without originals */
};
int show_originals(struct box *b, const struct shown *what, const char *path,
                   struct show_originals *out, struct err *e);

/* Writes the small image of the page, or of the document's first, to `path`; a file
 * that is there is replaced whole. *written is false if it has none yet. */
int show_image(struct box *b, const struct shown *what, const char *path, bool *written,
               struct err *e);

#endif
