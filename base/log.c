#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void log_line(const char *area, const char *format, ...)
{
    char line[1024];
    size_t used;
    va_list args;
    ssize_t written;

    (void)snprintf(line, sizeof line, "%s ", area);
    used = strlen(line);
    va_start(args, format);
    (void)vsnprintf(line + used, sizeof line - used - 1, format, args);
    va_end(args);
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' '; /* one line, whatever the text holds */
    used = strlen(line);
    line[used++] = '\n';
    /* One write, so that lines of several processes do not mix; a log that
     * cannot be written has nobody to be told. */
    written = write(STDERR_FILENO, line, used);
    (void)written;
}
