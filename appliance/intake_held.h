/* Held: papers that stay at the desk for a secrecy stamp, and the way out for those
 * that bear none: a person who has looked at the paper clears it. That is an event with
 * the reason; in the same transaction the paper is captured and its pages are queued, so
 * that at every instant it is held, with nothing of it in the records, or one of them.
 * Nothing removes a held paper.
 *
 * A sheaf is held at its first stamp, and what lies behind it was not looked at: so that
 * is done before anything is captured. Another stamp there, or a page that cannot be
 * looked at, keeps all of it held until the person has judged that page too and says so. */
#ifndef TRAM_APPLIANCE_INTAKE_HELD_H
#define TRAM_APPLIANCE_INTAKE_HELD_H

#include "appliance/intake.h"

#define HELD_REASON_BYTES 1000 /* a sentence or two, with the NUL */

struct held_file {
    struct hash sha256;
    char *name;           /* what the file was called; owned */
    char stamp[32];       /* secrecy_name() */
    uint32_t page, pages; /* the first stamp's, from 1: those behind were not looked at */
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

#define HELD_STAMPS_MAX 64 /* a paper with more of them is no false alarm */

/* A page behind the first stamp's that keeps the paper held. */
struct held_stamp {
    uint32_t page; /* from 1 */
    enum secrecy secrecy;
    enum refusal refusal; /* it could not be looked at */
};

struct held_clearing {
    const char *why; /* the person's reason */
    /* Pages behind the first stamp's that the person has judged too, from 1. */
    uint32_t also[HELD_STAMPS_MAX];
    size_t also_count;
    /* May be NULL. Called before each look at a page. */
    void (*progress)(void *arg, uint32_t page, uint32_t pages);
    bool (*cancelled)(void *arg); /* as in struct intake_options */
    void *arg;
};

enum held_end {
    HELD_UNKNOWN, /* it was not held (any more) */
    HELD_STAYS,   /* pages bear stamps that the person has not judged */
    HELD_CLEARED,
};

struct held_answer {
    enum held_end end;
    struct intake_result result; /* HELD_CLEARED */
    /* By page, judged or not; the look ends where there is no room for more. */
    struct held_stamp stamps[HELD_STAMPS_MAX];
    size_t stamps_count;
};

/* Whether the person has judged this page. */
bool held_is_judged(const struct held_clearing *c, uint32_t page);

/* Clears it, or nothing was done. ERR_USAGE: no reason, too long a one, or not UTF-8. */
int held_file_clear(struct box *b, const struct held_file *f,
                    const struct held_clearing *c, struct held_answer *out,
                    struct err *e);

#endif
