#include "schema/id_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 16

void id_text(char out[ID_TEXT_BYTES], uint64_t id)
{
    (void)snprintf(out, ID_TEXT_BYTES, "#%0*" PRIu64, DIGITS, id); /* ids have 52 bits */
}

/* `at` is behind '"#'. */
static bool take(const char *at, uint64_t *id)
{
    *id = 0;
    for (int i = 0; i < DIGITS; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *id = *id * 10 + (uint64_t)(at[i] - '0');
    }
    return at[DIGITS] == '"';
}

void id_text_rename(void *text, size_t count,
                    uint64_t (*rename)(const void *arg, uint64_t id), const void *arg)
{
    const size_t whole = DIGITS + 3; /* with '"#' and '"' */
    char *at = text, *end = at + count, name[ID_TEXT_BYTES];
    uint64_t id;

    while ((size_t)(end - at) >= whole &&
           (at = memchr(at, '"', (size_t)(end - at) - whole + 1)) != NULL) {
        if (at[1] == '#' && take(at + 2, &id)) {
            id_text(name, rename(arg, id));
            memcpy(at + 1, name, DIGITS + 1);
        }
        at++;
    }
}
