/* Progress: one line on a terminal, with the time left as far as it can be known:
 * pages differ, so nothing is promised before a few were read. */
#ifndef TRAM_OCR_PROGRESS_H
#define TRAM_OCR_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/messages.h"

struct progress {
    bool shown; /* a line is on the terminal now */
    bool wanted;
    enum language language;
    int64_t started_ms, told_ms;
    uint64_t pages;
};

/* `pages` is how many there are to read in all. */
void progress_begin(struct progress *p, bool wanted, enum language language,
                    uint64_t pages);
void progress_tell(struct progress *p, uint64_t done);
void progress_clear(struct progress *p); /* before anything else is written */

/* How long the rest takes at the pace so far; -1: too early to say. */
int64_t progress_left_s(int64_t elapsed_ms, uint64_t done, uint64_t pages);

#endif
