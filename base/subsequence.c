#include "base/subsequence.h"

#include <stdlib.h>

size_t subsequence_from(const struct subsequence *s, size_t i, size_t j)
{
    return s->cells[i * s->columns + j];
}

int subsequence_init(struct subsequence *out, size_t a, size_t b,
                     bool (*same)(const void *arg, size_t i, size_t j), const void *arg,
                     struct err *e)
{
    *out = (struct subsequence){.columns = b + 1};
    if (a > SUBSEQUENCE_COUNT_MAX || b > SUBSEQUENCE_COUNT_MAX)
        return err_set(e, ERR_TOO_BIG, "lists of %zu and %zu to compare", a, b);
    out->cells = calloc((a + 1) * (b + 1), sizeof *out->cells);
    if (out->cells == NULL)
        return err_set(e, ERR_MEMORY, "out of memory to compare two lists");
    for (size_t i = a; i-- > 0;)
        for (size_t j = b; j-- > 0;) {
            size_t down = subsequence_from(out, i + 1, j);
            size_t right = subsequence_from(out, i, j + 1);
            size_t most = same(arg, i, j) ? subsequence_from(out, i + 1, j + 1) + 1
                          : down > right  ? down
                                          : right;

            out->cells[i * out->columns + j] = (uint16_t)most;
        }
    return 0;
}

void subsequence_release(struct subsequence *s)
{
    free(s->cells);
    *s = (struct subsequence){0};
}
