/* Change: whether what was changed of the recogniser's words was for the better. */
#ifndef TRAM_BENCH_CHANGE_H
#define TRAM_BENCH_CHANGE_H

#include "tests/bench/folder.h"

/* Right: undone, a word more would be wrong; wrong: one less would be. */
enum outcome { OUTCOME_RIGHT, OUTCOME_WRONG, OUTCOME_NONE, OUTCOMES };

/* `change` is one of the page's "changes" as our reader tells them: {"word": its
 * number in the text, "was": what stood there, …}. ERR_CORRUPT: there is no such
 * word. */
int change_judge(const struct page *p, const json_t *change, enum outcome *out,
                 struct err *e);

#endif
