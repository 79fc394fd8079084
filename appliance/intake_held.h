/* Held: papers that stay at the desk for a secrecy stamp, and the way out for those
 * that bear none: a person who has looked at the paper clears it. That is an event with
 * the reason; in the same transaction the paper is captured and its pages are queued, so
 * that at every instant it is held, with nothing of it in the records, or one of them.
 * Nothing removes a held paper. */
#ifndef TRAM_APPLIANCE_INTAKE_HELD_H
#define TRAM_APPLIANCE_INTAKE_HELD_H

#include "appliance/intake.h"

#define HELD_REASON_BYTES 1000 /* a sentence or two, with the NUL */

struct held_file {
    struct hash sha256;
    char *name;           /* what the file was called; owned */
    char stamp[32];       /* secrecy_name() */
    uint32_t page, pages; /* the stamp's, from 1: those behind it were not looked at */
    int64_t wall_ms;      /* since when, if … */
    enum wall_confidence confidence; /* … this box knew */
};

struct held_files {
    struct held_file *all; /* by name; owned */
    size_t count;
};

int held_files_list(struct held_files *out, struct box *b, struct err *e);
void held_files_release(struct held_files *h); /* a zeroed one is fine */

/* Whether `word` is how a person calls it: its name, with or without the archive it was
 * in, or the first eight hexadecimal digits or more of its hash. */
bool held_file_is(const struct held_file *f, const char *word);

/* Clears it, `why` being the person's reason. *found false: it is not held (any more),
 * and nothing was done. ERR_USAGE: no reason, too long a one, or not UTF-8. */
int held_file_clear(struct box *b, const struct held_file *f, const char *why,
                    struct intake_result *out, bool *found, struct err *e);

#endif
