/* Log: one line, one fact, `key=value`, to stderr. Only `main`s and carriers
 * log. Never document contents, never secrets.
 *
 *   log_line("read", "event=quarantine page=%" PRIu64 " reason=%s", page, reason);
 *   → read event=quarantine page=4503599627370497 reason=timeout */
#ifndef TRAM_BASE_LOG_H
#define TRAM_BASE_LOG_H

void log_line(const char *area, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
