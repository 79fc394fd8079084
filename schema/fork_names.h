/* Frames of ours after `after`, up to `last`, by the names that a line of this epoch gave
 * them when it left there: schema/fork.h. Epoch 0: by their own. */
#ifndef TRAM_SCHEMA_FORK_NAMES_H
#define TRAM_SCHEMA_FORK_NAMES_H

#include <stdint.h>

struct fork_names {
    uint8_t epoch;
    uint64_t after, last;
};

#endif
