/* Run copy: pages that were read, as one searchable PDF (ocr/copy/), for the command line.
 * The sheaf of their pictures and words is a file without a name, in $TMPDIR or /var/tmp. */
#ifndef TRAM_OCR_RUN_COPY_H
#define TRAM_OCR_RUN_COPY_H

#include "ocr/client.h"
#include "ocr/copy/sheaf.h"

struct run_copy {
    int sheaf_fd;
    struct sheaf_lengths *lengths;
    size_t pages;
    struct buffer layer;
};

int run_copy_begin(struct run_copy *c, struct err *e);
void run_copy_release(struct run_copy *c); /* a begun one, or one that failed to */

/* Adds a page of the document at `fd`. A reading that was refused has no words to it;
 * *refusal: its picture cannot be had, and the page is not there. */
int run_copy_page(struct run_copy *c, struct ocr_client *client, int fd, uint32_t page,
                  const struct reading *r, enum refusal *refusal, struct err *e);

/* The PDF to `out_fd`; nothing if it has no page. */
int run_copy_finish(struct run_copy *c, struct ocr_client *client, int out_fd,
                    enum refusal *refusal, struct err *e);

#endif
