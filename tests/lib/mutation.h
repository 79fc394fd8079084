/* Mutation: a document with some of its bytes changed, as fuzzers have found them to
 * hurt; the same seed changes the same bytes. */
#ifndef TRAM_TESTS_MUTATION_H
#define TRAM_TESTS_MUTATION_H

#include "base/buffer.h"
#include "base/random.h"

void mutation_make(struct buffer *out, const struct buffer *seed, struct random *random);

#endif
