/* Restorer: who makes an original out of its packed form, as a seam: production asks
 * tram-ocr (restorer_ocr), whose caged child alone reads the bytes; tests bring their
 * own. Same meaning as ocr_restore() in ocr/client.h. */
#ifndef TRAM_SYNC_CENTRE_RESTORER_H
#define TRAM_SYNC_CENTRE_RESTORER_H

#include "base/disk.h"
#include "base/hash.h"
#include "ocr/refusal.h"

struct restorer {
    /* Into `original`, an empty file open for writing. -1: nobody can be asked; ERR_BUSY:
     * it was interrupted. */
    int (*restore)(struct restorer *r, struct disk_file *packed,
                   const struct hash *sha256, struct disk_file *original,
                   enum refusal *refusal, struct err *e);
    void (*idle)(struct restorer *r); /* called now and then while nothing is asked */
    void (*interrupt)(struct restorer *r); /* from any thread: ocr_client_interrupt() */
    void (*destroy)(struct restorer *r);
};

/* tram-ocr is looked for when it is first needed. `uncaged`: the operator's. */
int restorer_ocr_create(struct restorer **out, bool uncaged, struct err *e);

#endif
