/* Audit: the box's trail of who was let in, who was not, and what they changed about
 * people, tokens and papers. Append only, local, never sent, kept for good (law asks for
 * three months).
 *
 * A row is id | kind | actor | subject | detail | moment | chain, where
 *
 *   h(0) = SHA-256("tram audit")
 *   h(n) = SHA-256(h(n-1) | n | boot | mono_ms | wall_ms | confidence |
 *                  length kind, kind | length actor, … )     all numbers 64 bits, little-endian
 *
 * so that a row that was changed, left out or put in shows, when it was done past the
 * triggers that refuse it and without making the rest of the chain anew. Who may write the
 * data folder can do that too, or cut the trail at its end and set the head back, and it
 * does not show here: against that only a copy helps that is kept elsewhere. */
#ifndef TRAM_APPLIANCE_PEOPLE_AUDIT_H
#define TRAM_APPLIANCE_PEOPLE_AUDIT_H

#include "schema/store.h"

struct audit_row {
    uint64_t id;
    const char *kind, *actor, *subject,
        *detail; /* detail: a word, a JSON object, or "" */
    struct moment when;
};

/* Inside the caller's write, whose commit keeps it; the moment is set here. */
int audit_append(struct store *s, const char *kind, const char *actor,
                 const char *subject, const char *detail, struct err *e);

/* In a transaction of its own. */
int audit_write(struct store *s, const char *kind, const char *actor, const char *subject,
                const char *detail, struct err *e);

/* The newest first, those before `before` (0: all). What `each` is given is its only while
 * it runs; -1 from it ends the walk. */
int audit_each(struct store *s, uint64_t before, unsigned limit,
               int (*each)(void *arg, const struct audit_row *r, struct err *e),
               void *arg, struct err *e);

/* A line (English, for an operator) for whatever does not fit. */
int audit_verify(struct store *s, void (*each)(void *arg, const char *problem), void *arg,
                 struct err *e);

#endif
