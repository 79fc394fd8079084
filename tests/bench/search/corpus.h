/* Corpus: pages of about a kilobyte as a commune's papers are, by seed, and questions
 * drawn from them. About a third of a page are sentences of tests/pages/phrases.txt, the rest
 * syllables by Zipf's law over some thousands; and each has a number, a date and an
 * identity number that are its own. */
#ifndef TRAM_BENCH_SEARCH_CORPUS_H
#define TRAM_BENCH_SEARCH_CORPUS_H

#include "base/buffer.h"
#include "tests/pages/phrases.h"
#include "tests/pages/random.h"

#define CORPUS_SYLLABLES 6000
#define CORPUS_PAGE      1000 /* bytes, about */

struct corpus {
    uint64_t seed;
    struct phrases *phrases;
    char (*syllables)[16]; /* owned; the most frequent first */
    double *sums;          /* owned: of the frequencies, up to each */
};

int corpus_create(struct corpus **out, uint64_t seed, struct err *e);
void corpus_destroy(struct corpus *c); /* NULL is fine */

/* The text of page `number`: the same for the same seed. Over what `out` held. */
int corpus_page(struct corpus *c, uint64_t number, struct buffer *out, struct err *e);

enum question {
    QUESTION_WORD,
    QUESTION_THREE,
    QUESTION_PHRASE,
    QUESTION_PREFIX,
    QUESTION_MISREAD,
    QUESTIONS
};
extern const char *const question_names[QUESTIONS];

/* A question that a page of `pages` answers; common words and rare ones alike. Over what
 * `out` held: its words, a blank between, as on the page. */
int corpus_question(struct corpus *c, enum question kind, uint64_t number, uint64_t pages,
                    struct buffer *out, struct err *e);

#endif
