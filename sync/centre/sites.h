/* Sites: which boxes there are, enrolled by file, claimed once; and what of them an
 * administrator must see. Each function that writes is a transaction of its own. */
#ifndef TRAM_SYNC_CENTRE_SITES_H
#define TRAM_SYNC_CENTRE_SITES_H

#include "sync/centre/centre.h"
#include "sync/enrol.h"
#include "sync/message.h"

/* Gives the next site number and a fresh secret; fills *out, which the caller
 * writes as a file. `tls_key` and `url` are what the box will be told. ERR_USAGE: a
 * name or URL that is empty, too long or not UTF-8. */
int site_enrol(struct centre *c, const char *name, const char *url,
               const struct public_key *tls_key, struct enrolment *out, struct err *e);

/* An enrolment file with a fresh secret, which has no site yet. */
int site_file(struct centre *c, const char *name, const char *url,
              const struct public_key *tls_key, struct enrolment *out, struct err *e);

struct site_row {
    uint16_t site;
    uint8_t epoch;
    char name[128];
    bool claimed;
    struct public_key key; /* once claimed: of its box today; others: site_keys.h */
    uint64_t received, applied, safe;
    struct hash chain;           /* after `received` */
    struct status_vector status; /* by its last hello */
    struct moment last_contact;  /* boot 0: never */
    uint64_t alarms;             /* open ones: claims used twice, forks, forgeries */
};
/* *found is false for a site that was never enrolled. */
int site_find(struct centre *c, uint16_t site, struct site_row *out, bool *found,
              struct err *e);
int site_each(struct centre *c,
              int (*each)(void *arg, const struct site_row *row, struct err *e),
              void *arg, struct err *e);

/* 0 taken; 1 refused, *why says how (and an alarm is kept); -1 trouble. The same
 * claim again by the same key is taken again: its answer may have been lost. By another
 * one only where a new box is to take the site's place: site_again.h. */
int site_claim(struct centre *c, const void *claim, size_t count, enum refused *why,
               struct err *e);

/* Remembers a proved hello: its status and when it was said. Its epoch says nothing yet:
 * only frames begin a line (lines.h). */
int site_contact(struct centre *c, const struct message *hello, struct err *e);

/* Keeps an alarm for an administrator to see: kind is a word, detail a sentence. The
 * same one again only brings its moment up to date, and of one kind about one site the
 * newest are kept: whoever knocks all day fills no disk. Inside a write of the caller's it
 * is part of that one. */
#define SITE_ALARMS_MAX 50
int site_alarm(struct centre *c, uint16_t site, const char *kind, const char *detail,
               struct err *e);
/* Inside a write: what lasted is over, so the alarms of it, which begin with `words`, go.
 * What happened once stays told. */
int site_alarm_over(struct centre *c, uint16_t site, const char *kind, const char *words,
                    struct err *e);
int site_each_alarm(struct centre *c,
                    int (*each)(void *arg, uint16_t site, const char *kind,
                                const char *detail, const struct moment *when,
                                struct err *e),
                    void *arg, struct err *e);

#endif
