/* Worker: the parent of the caged children, `tram-ocr --worker`. It never reads a
 * byte of a document, and so may hold the models; single-threaded, because it
 * forks.
 *
 * A page that must be drawn takes three children, one after the other:
 *
 *   OPENING ─ answered ─────────────────────────────► verdict
 *      │ CHILD_EXIT_DRAW and at which resolution
 *      ▼
 *   DRAWING (pdftoppm, caged, into a file in memory)
 *      │ drawn (too large: again, at 150 dpi, then at 100)
 *      ▼
 *   READING_DRAWN ─ answered ───────────────────────► verdict
 */
#ifndef TRAM_OCR_WORKER_H
#define TRAM_OCR_WORKER_H

#include <stdbool.h>

#include "base/err.h"

struct worker_options {
    bool uncaged;     /* the operator's --no-cage */
    unsigned without; /* enum reading_part: not to be done */
};

/* Serves the socket until its other end closes; kills what is at work then. */
int worker_serve(int socket, const struct worker_options *o, struct err *e);

#endif
