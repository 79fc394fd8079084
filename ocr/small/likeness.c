#include "ocr/small/likeness.h"

#include <string.h>

static unsigned cell_get(const struct likeness *l, int x, int y)
{
    int at = y * LIKENESS_SIDE + x;

    return at % 2 == 0 ? l->cells[at / 2] >> 4 : l->cells[at / 2] & 15u;
}

static void cell_set(struct likeness *l, int x, int y, unsigned value)
{
    int at = y * LIKENESS_SIDE + x;

    l->cells[at / 2] |= (uint8_t)(at % 2 == 0 ? value << 4 : value);
}

bool likeness_is_blank(const struct likeness *l)
{
    static const struct likeness blank;

    return memcmp(l, &blank, sizeof blank) == 0;
}

void likeness_turn(struct likeness *l, unsigned quarter_turns)
{
    for (unsigned n = quarter_turns % 4; n > 0; n--) {
        struct likeness turned = {{0}};

        for (int y = 0; y < LIKENESS_SIDE; y++)
            for (int x = 0; x < LIKENESS_SIDE; x++)
                cell_set(&turned, LIKENESS_SIDE - 1 - y, x, cell_get(l, x, y));
        *l = turned;
    }
}

double likeness_distance(const struct likeness *a, const struct likeness *b)
{
    unsigned shared = 0, either = 0;

    for (int y = 0; y < LIKENESS_SIDE; y++)
        for (int x = 0; x < LIKENESS_SIDE; x++) {
            unsigned in_a = cell_get(a, x, y), in_b = cell_get(b, x, y);

            shared += in_a < in_b ? in_a : in_b;
            either += in_a < in_b ? in_b : in_a;
        }
    return either == 0 ? 0 : 1 - (double)shared / either;
}
