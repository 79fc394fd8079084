#include "tests/bench/edit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BITS 64

/* Rows of the matrix, 64 to a block: which are one more (up) or one less (down) than
 * the row above them in the column at hand. */
struct block {
    uint64_t up, down;
};

struct pattern {
    uint32_t *symbols; /* of a, ascending, each once */
    size_t symbols_count, blocks_count;
    uint64_t *where;  /* by symbol and block: the places where it stands */
    uint64_t *absent; /* of a symbol that is nowhere in a */
    struct block *blocks;
};

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static const uint64_t *places_of(const struct pattern *p, uint32_t symbol)
{
    const uint32_t *found =
        bsearch(&symbol, p->symbols, p->symbols_count, sizeof symbol, by_value);

    return found == NULL ? p->absent
                         : p->where + (size_t)(found - p->symbols) * p->blocks_count;
}

static void pattern_release(struct pattern *p)
{
    free(p->symbols);
    free(p->where);
    free(p->absent);
    free(p->blocks);
}

static int pattern_init(struct pattern *p, const uint32_t *a, size_t count, struct err *e)
{
    *p = (struct pattern){.blocks_count = (count + BLOCK_BITS - 1) / BLOCK_BITS};
    p->symbols = malloc(count * sizeof *p->symbols);
    p->where = calloc(count * p->blocks_count, sizeof *p->where);
    p->absent = calloc(p->blocks_count, sizeof *p->absent);
    p->blocks = malloc(p->blocks_count * sizeof *p->blocks);
    if (p->symbols == NULL || p->where == NULL || p->absent == NULL || p->blocks == NULL)
        return err_set(e, ERR_MEMORY, "a pattern of %zu symbols", count);
    memcpy(p->symbols, a, count * sizeof *a);
    qsort(p->symbols, count, sizeof *a, by_value);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || p->symbols[i] != p->symbols[i - 1])
            p->symbols[p->symbols_count++] = p->symbols[i];
    for (size_t i = 0; i < count; i++) {
        uint64_t *places = p->where + (places_of(p, a[i]) - p->where);

        places[i / BLOCK_BITS] |= 1ull << i % BLOCK_BITS;
    }
    for (size_t i = 0; i < p->blocks_count; i++)
        p->blocks[i] = (struct block){.up = UINT64_MAX};
    return 0;
}

/* One more column of one block. `more` and `less` are what the row above it changed by,
 * and become what its own last row, or the one that `last` names, changes by. */
static void block_step(struct block *b, uint64_t same, uint64_t last, uint64_t *more,
                       uint64_t *less)
{
    uint64_t vertical = same | b->down, across, up, down;
    bool up_last, down_last;

    same |= *less;
    across = (((same & b->up) + b->up) ^ b->up) | same;
    up = b->down | ~(across | b->up);
    down = b->up & across;
    up_last = (up & last) != 0;
    down_last = (down & last) != 0;
    up = up << 1 | *more;
    down = down << 1 | *less;
    b->up = down | ~(vertical | up);
    b->down = up & vertical;
    *more = up_last;
    *less = down_last;
}

int edit_distance(size_t *out, const uint32_t *a, size_t a_count, const uint32_t *b,
                  size_t b_count, struct err *e)
{
    const uint64_t block_last = 1ull << (BLOCK_BITS - 1);
    struct pattern p;
    size_t distance = a_count;

    *out = b_count;
    if (a_count == 0)
        return 0;
    if (pattern_init(&p, a, a_count, e) != 0) {
        pattern_release(&p);
        return -1;
    }
    for (size_t i = 0; i < b_count; i++) {
        const uint64_t *places = places_of(&p, b[i]);
        uint64_t more = 1, less = 0; /* row 0 counts the symbols of b */

        for (size_t k = 0; k + 1 < p.blocks_count; k++)
            block_step(&p.blocks[k], places[k], block_last, &more, &less);
        block_step(&p.blocks[p.blocks_count - 1], places[p.blocks_count - 1],
                   1ull << (a_count - 1) % BLOCK_BITS, &more, &less);
        distance = distance + more - less;
    }
    *out = distance;
    pattern_release(&p);
    return 0;
}
