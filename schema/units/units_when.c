#include <string.h>

#include "schema/units/units.h"

/* Digits at *at, which moves behind them; false when there are none, or more than 4. */
static bool number_read(const char **at, uint32_t *out, size_t *digits)
{
    *digits = strspn(*at, "0123456789");
    *out = 0;
    if (*digits == 0 || *digits > 4)
        return false;
    for (size_t i = 0; i < *digits; i++)
        *out = *out * 10 + (uint32_t) * (*at)++ - '0';
    return true;
}

static bool is_divider(char c)
{
    return c == '/' || c == '-' || c == '.';
}

bool unit_when_read(const char *text, struct unit_when *out)
{
    uint32_t numbers[3];
    size_t digits[3], count = 0;
    uint32_t year, month = 0, day = 0;

    do {
        if (!number_read(&text, &numbers[count], &digits[count]))
            return false;
        count++;
    } while (count < 3 && is_divider(*text) && *text++ != '\0');
    if (*text != '\0')
        return false;
    if (count == 3 && digits[0] == 4) { /* 2024-03-12 */
        uint32_t first = numbers[0];

        numbers[0] = numbers[2];
        numbers[2] = first;
        digits[2] = 4;
    }
    if (digits[count - 1] != 4 || numbers[count - 1] < 1000)
        return false;
    year = numbers[count - 1];
    month = count > 1 ? numbers[count - 2] : 0;
    day = count > 2 ? numbers[0] : 0;
    if ((count > 1 && (month < 1 || month > 12)) || (count > 2 && (day < 1 || day > 31)))
        return false;
    out->first = year * 10000 + (month != 0 ? month : 1) * 100 + (day != 0 ? day : 1);
    out->last = year * 10000 + (month != 0 ? month : 12) * 100 + (day != 0 ? day : 31);
    return true;
}
