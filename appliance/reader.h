/* Reader: what the box asks of tram-ocr, as a seam: production asks the worker
 * (reader_ocr), tests and the simulator bring their own, which reads files on a
 * simulated disk and crashes on demand. Same meaning as ocr/client.h. */
#ifndef TRAM_APPLIANCE_READER_H
#define TRAM_APPLIANCE_READER_H

#include "base/disk.h"
#include "ocr/client.h"

struct reader {
    unsigned jobs; /* pages that may be at work at once */
    int (*identify)(struct reader *r, struct disk_file *f, struct identity *out,
                    struct err *e);
    int (*look)(struct reader *r, struct disk_file *f, uint32_t page, struct look *out,
                struct err *e);
    int (*unpack)(struct reader *r, struct disk_file *f, const struct entry_sink *sink,
                  enum refusal *refusal, struct err *e);
    int (*submit_read)(struct reader *r, uint64_t ticket, struct disk_file *f,
                       uint32_t page, unsigned quarter_turns, enum reading_way way,
                       struct err *e);
    int (*wait_read)(struct reader *r, int timeout_ms, uint64_t *ticket,
                     struct reading *out, struct err *e);
    /* The page's small image and thumbnail; the caller releases *out. */
    int (*small)(struct reader *r, struct disk_file *f, uint32_t page,
                 unsigned quarter_turns, struct small *out, struct err *e);
    /* The original's packed form into `packed`, an empty file open for writing; proved,
     * unless *gained is false. */
    int (*repack)(struct reader *r, struct disk_file *f, const struct hash *sha256,
                  struct disk_file *packed, bool *gained, enum refusal *refusal,
                  struct err *e);
    /* For a searchable copy (ocr/copy/sheaf.h): appends the page's picture to `into`; and
     * appends to `into` the PDF of a sheaf. Both are open for writing. */
    int (*picture)(struct reader *r, struct disk_file *f, uint32_t page,
                   struct disk_file *into, enum refusal *refusal, struct err *e);
    int (*copy)(struct reader *r, struct disk_file *sheaf, struct disk_file *into,
                enum refusal *refusal, struct err *e);
    unsigned (*at_work)(const struct reader *r);
    void (*idle)(struct reader *r);      /* called now and then while nothing is asked */
    void (*interrupt)(struct reader *r); /* from any thread: ocr_client_interrupt() */
    void (*destroy)(struct reader *r);
};

int reader_ocr_create(struct reader **out, const struct ocr_options *o, struct err *e);

#endif
