#include "appliance/export_cell.h"

#include <string.h>

static bool is_formula(const char *text)
{
    static const char *const wide[] = {"＝", "＋", "－", "＠"};

    if (text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL)
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0)
            return true;
    return false;
}

void export_cell(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '"');
    if (is_formula(text))
        buffer_append_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buffer_append_byte(out, '"');
        buffer_append_byte(out, (uint8_t)*text);
    }
    buffer_append_byte(out, '"');
}
