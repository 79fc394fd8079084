/* Papers: invented papers of a commune as text, for the benches of the link: fields and
 * pages, read with a reader's mistakes. A seed gives the same papers on every run.
 *
 * Two kinds of language. LANGUAGE_OURS: sentences of tests/pages/phrases.txt, which the
 * program's own dictionary is made of too. LANGUAGE_STRANGE: sentences put together anew,
 * from the seed, of syllables that no text of ours holds. In both some syllables are drawn
 * anew and one or two of a hundred are misread, so that texts pack about as well as real
 * ones do (docs/BENCHMARKS.md says how well). */
#ifndef TRAM_TESTS_BENCH_PAPERS_H
#define TRAM_TESTS_BENCH_PAPERS_H

#include "base/buffer.h"
#include "tests/pages/phrases.h"

#define PAPER_FIELDS    12
#define PAPER_PAGES_MAX 4
#define PAPER_TEXT_MAX  8192

enum language { LANGUAGE_OURS, LANGUAGE_STRANGE };

struct paper_text {
    unsigned number; /* from 1: its key */
    char fields[PAPER_FIELDS][256];
    char *clean[PAPER_PAGES_MAX]; /* owned: without mistakes */
    char *read[PAPER_PAGES_MAX];  /* owned: as it was read last; NULL: not yet */
    unsigned pages;
};

extern const char *const paper_field_names[PAPER_FIELDS];

struct papers;
int papers_create(struct papers **out, uint64_t seed, enum language l, struct err *e);
void papers_destroy(struct papers *p); /* NULL is fine */
struct random *papers_random(struct papers *p);

/* The next paper of this day. */
int papers_next(struct papers *p, unsigned day, struct paper_text *out, struct err *e);
void paper_text_release(struct paper_text *t); /* a zeroed one is fine */

/* Another value for a field. */
int papers_field(struct papers *p, unsigned field, char out[256], struct err *e);
/* What a reader makes of a page, this time. */
void papers_read(struct papers *p, const char *clean, struct buffer *out);

#endif
