/* Run: documents in, pages read and written out in order, for the command line. */
#ifndef TRAM_OCR_RUN_H
#define TRAM_OCR_RUN_H

#include "base/messages.h"
#include "ocr/client.h"
#include "ocr/format.h"

struct run_options {
    enum format format;
    const char *const *files;
    size_t files_count;
    unsigned jobs;
    enum language language;
    bool tell_progress; /* stderr is a terminal */
};

/* Reads all files and writes to `out_fd`; each refusal is a line on stderr.
 * *refused counts files and pages that were not read. -1: the reader cannot be
 * had, or the output not be written. */
int run_files(struct ocr_client *client, const struct run_options *o, int out_fd,
              uint64_t *refused, struct err *e);

#endif
