#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_code code, const char *format, ...)
{
    va_list args;

    e->code = code;
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof e->text, format, args); /* a cut text is fine */
    va_end(args);
    return -1;
}

int err_set_errno(struct err *e, enum err_code code, const char *format, ...)
{
    int saved = errno;
    size_t used;
    va_list args;

    e->code = saved == ENOSPC || saved == EDQUOT ? ERR_NO_SPACE : code;
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    used = strlen(e->text);
    (void)snprintf(e->text + used, sizeof e->text - used, ": %s", strerror(saved));
    return -1;
}

int err_wrap(struct err *e, const char *format, ...)
{
    char inner[sizeof e->text];
    size_t used;
    va_list args;

    memcpy(inner, e->text, sizeof inner);
    va_start(args, format);
    (void)vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    used = strlen(e->text);
    (void)snprintf(e->text + used, sizeof e->text - used, ": %.*s",
                   (int)(sizeof inner - 1), inner);
    return -1;
}
