/* Shown: one document or page as the centre has it, as an object, and its
 * originals as files. */
#ifndef TRAM_SYNC_CENTRE_SHOWN_H
#define TRAM_SYNC_CENTRE_SHOWN_H

#include <jansson.h>

#include "schema/shown.h"
#include "sync/centre/centre.h"

/* As the box's: {"document", "page" (if one was asked for), "site", "site_name",
 * "dossier", "type", "source", "key", "fields": [{"name", "ordinal", "value",
 * "source"}], "pages": [{"page", "number", "text", "state": "read"|"waiting"}],
 * "originals": [{"sha256", "name", "media", "bytes", "pages", "here"}]}. */
int shown_json(struct centre *c, const struct shown *what, json_t **out, struct err *e);

/* Writes the original that holds the (document's first) page to `path`, or, if that
 * ends in '/', all of them into that directory under their own names; a file that is
 * there is replaced whole. *written and *missing: of those that have not arrived. */
int shown_originals(struct centre *c, const struct shown *what, const char *path,
                    unsigned *written, unsigned *missing, struct err *e);

/* Writes the small image of the page, or of the document's first, to `path`. What came
 * of it: it has none yet, it has not arrived, it is written. */
enum shown_image { SHOWN_NO_IMAGE, SHOWN_IMAGE_WAITS, SHOWN_IMAGE };
int shown_image(struct centre *c, const struct shown *what, const char *path,
                enum shown_image *out, struct err *e);

#endif
