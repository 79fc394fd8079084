#include "schema/search/near.h"

#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool is_number(const char *word, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (word[i] < '0' || word[i] > '9')
            return false;
    return true;
}

bool near_is_part(const char *word, size_t bytes)
{
    return bytes >= PART_BYTES_MIN && bytes <= PART_BYTES_MAX && is_number(word, bytes);
}

bool near_has(const char *word, size_t bytes)
{
    return near_is_part(word, bytes) ||
           (bytes >= NEAR_BYTES_MIN && bytes <= NEAR_BYTES_MAX &&
            !is_number(word, bytes));
}

static bool is_part_of(const char *word, size_t bytes, const char *number, size_t digits)
{
    return digits >= LONG_BYTES_MIN && memmem(number, digits, word, bytes) != NULL &&
           is_number(number, digits);
}

bool near_is(const char *word, size_t bytes, const char *other, size_t other_bytes)
{
    size_t same = 0, less = bytes < other_bytes ? bytes : other_bytes;
    size_t more = bytes < other_bytes ? other_bytes : bytes;

    if (near_is_part(word, bytes) && is_part_of(word, bytes, other, other_bytes))
        return true;
    if (more - less > 1)
        return false;
    while (same < less && word[same] == other[same])
        same++;
    if (same == more)
        return true;
    if (!near_has(word, bytes) || near_is_part(word, bytes))
        return false;
    if (bytes < other_bytes)
        return memcmp(word + same, other + same + 1, bytes - same) == 0;
    if (bytes > other_bytes)
        return memcmp(word + same + 1, other + same, other_bytes - same) == 0;
    if (memcmp(word + same + 1, other + same + 1, bytes - same - 1) == 0)
        return true;
    return same + 1 < bytes && word[same] == other[same + 1] &&
           word[same + 1] == other[same] &&
           memcmp(word + same + 2, other + same + 2, bytes - same - 2) == 0;
}

static int each_other(char *other, size_t bytes, size_t at,
                      int (*each)(void *arg, const char *other, size_t other_bytes),
                      void *arg)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && letters[i] != '\0'; i++) {
        other[at] = letters[i];
        rc = each(arg, other, bytes);
    }
    return rc;
}

int near_each(const char *word, size_t bytes,
              int (*each)(void *arg, const char *other, size_t other_bytes), void *arg)
{
    char other[NEAR_BYTES_MAX + 2];
    int rc = 0;

    if (!near_has(word, bytes) || near_is_part(word, bytes))
        return 0;
    for (size_t i = 0; rc == 0 && i < bytes; i++) { /* another, less, exchanged */
        memcpy(other, word, bytes);
        rc = each_other(other, bytes, i, each, arg);
        memcpy(other + i, word + i + 1, bytes - i - 1);
        if (rc == 0)
            rc = each(arg, other, bytes - 1);
        memcpy(other, word, bytes);
        if (rc == 0 && i + 1 < bytes) {
            other[i] = word[i + 1];
            other[i + 1] = word[i];
            rc = each(arg, other, bytes);
        }
    }
    for (size_t i = 0; rc == 0 && i <= bytes; i++) { /* one more */
        memcpy(other, word, i);
        memcpy(other + i + 1, word + i, bytes - i);
        rc = each_other(other, bytes + 1, i, each, arg);
    }
    return rc;
}
