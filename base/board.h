/* Board: which machine this is, and which memory card a directory lies on, as far as the
 * kernel tells, so that a box notices that it runs from a copy of its card, or in another
 * machine. A card that only brings scans says nothing. Serial
 * numbers are kept as hashes only. What cannot be read is not known, and never differs. */
#ifndef TRAM_BASE_BOARD_H
#define TRAM_BASE_BOARD_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/hash.h"

enum board_fact { BOARD_TREE, BOARD_PROCESSOR, BOARD_DMI, BOARD_CARD, BOARD_FACTS };

struct board {
    bool known[BOARD_FACTS];
    struct hash facts[BOARD_FACTS];
};

/* `dir`: whose card. `root` is "" on a real machine; tests have a tree of their own under
 * it, with `dir` in it. */
void board_look(struct board *out, const char *root, const char *dir);

/* Whether a fact that both know is another one. */
bool board_differs(const struct board *a, const struct board *b);
/* Takes over what only `now` knows; true if there was any. */
bool board_learn(struct board *kept, const struct board *now);

/* As text, a line a fact; what is no such line is passed over. */
#define BOARD_BYTES_MAX 1024
void board_write(const struct board *b, struct buffer *out);
void board_read(struct board *out, const char *text, size_t count);

#endif
