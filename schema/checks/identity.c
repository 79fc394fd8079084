#include "schema/checks/identity.h"

#include <string.h>

enum { CITIZEN_DIGITS = 12, CARD_DIGITS = 9, FIRST_CENTURY = 1900 };

/* The digits, or false if there is anything else. */
static bool digits_of(char out[CITIZEN_DIGITS + 1], size_t *count, const char *text)
{
    *count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr(" .-\t", *at) != NULL)
            continue;
        if (*at < '0' || *at > '9')
            return false;
        if (*count < CITIZEN_DIGITS)
            out[*count] = *at;
        ++*count;
    }
    return true;
}

void identity_read(struct identity *out, const char *text)
{
    char digits[CITIZEN_DIGITS + 1] = "";
    size_t count;
    int century;

    *out = (struct identity){.kind = IDENTITY_OTHER};
    if (!digits_of(digits, &count, text))
        return;
    out->kind = count == CITIZEN_DIGITS ? IDENTITY_CITIZEN
                : count == CARD_DIGITS  ? IDENTITY_CARD
                                        : IDENTITY_UNCLEAR;
    if (out->kind != IDENTITY_CITIZEN)
        return;
    memcpy(out->place, digits, 3);
    century = digits[3] - '0';
    out->female = century % 2 == 1;
    out->century_given = century <= 5;
    out->year =
        FIRST_CENTURY + century / 2 * 100 + (digits[4] - '0') * 10 + digits[5] - '0';
}
