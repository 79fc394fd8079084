#include "schema/units/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

void table_init(struct table *t, const char *name, const char *text, size_t bytes)
{
    *t = (struct table){.name = name, .at = text, .end = text + bytes};
}

int table_refuse(const struct table *t, struct err *e, const char *format, ...)
{
    char text[sizeof e->text];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(e, ERR_REFUSED, "%s: line %zu: %s", t->name, t->line, text);
}

static int check_letters(const struct table *t, const char *at, const char *end,
                         struct err *e)
{
    while (at < end) {
        utf8proc_int32_t code = (unsigned char)*at;
        utf8proc_ssize_t bytes = 1;

        if (code >= 0x80)
            bytes = utf8proc_iterate((const utf8proc_uint8_t *)at, end - at, &code);
        if (bytes <= 0)
            return table_refuse(t, e, "not UTF-8");
        if ((code < 0x20 && code != '\t') || (code >= 0x7f && code < 0xa0))
            return table_refuse(t, e, "control character U+%04X", (unsigned)code);
        if (utf8proc_category(code) == UTF8PROC_CATEGORY_MN)
            return table_refuse(t, e, "combining mark U+%04X: names are written composed",
                                (unsigned)code);
        at += bytes;
    }
    return 0;
}

static void split(struct table *t, const char *at, const char *end)
{
    t->cells_count = 0;
    for (;;) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        const char *stop = tab == NULL ? end : tab;

        if (t->cells_count < TABLE_CELLS_MAX)
            t->cells[t->cells_count] = (struct cell){at, (size_t)(stop - at)};
        t->cells_count++;
        if (tab == NULL)
            return;
        at = tab + 1;
    }
}

int table_next(struct table *t, size_t cells_count, bool *more, struct err *e)
{
    const char *line, *end;

    *more = false;
    do {
        if (t->at == t->end)
            return 0;
        t->line++;
        line = t->at;
        end = memchr(line, '\n', (size_t)(t->end - line));
        if (end == NULL)
            return table_refuse(t, e, "cut off: no end of line");
        if (end - line > TABLE_LINE_BYTES_MAX)
            return table_refuse(t, e, "longer than %d bytes", TABLE_LINE_BYTES_MAX);
        if (check_letters(t, line, end, e) != 0)
            return -1;
        t->at = end + 1;
    } while (*line == '#');
    split(t, line, end);
    if (t->cells_count != cells_count)
        return table_refuse(t, e, "%zu cells, need %zu", t->cells_count, cells_count);
    *more = true;
    return 0;
}

bool cell_is(struct cell c, const char *text)
{
    return c.bytes == strlen(text) && memcmp(c.at, text, c.bytes) == 0;
}

bool cell_number(struct cell c, uint32_t *out)
{
    uint32_t value = 0;

    if (c.bytes == 0 || c.bytes > 9)
        return false;
    for (size_t i = 0; i < c.bytes; i++) {
        if (c.at[i] < '0' || c.at[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(c.at[i] - '0');
    }
    *out = value;
    return true;
}
