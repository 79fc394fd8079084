/* JSON of any text: what is not UTF-8 becomes U+FFFD, so that no name that others
 * wrote leaves an answer without its line. NULL without memory. */
#ifndef TRAM_BASE_WEB_JSON_TEXT_H
#define TRAM_BASE_WEB_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

json_t *json_any_text(const char *text);

/* {"vi": …, "en": …} of one sentence. */
json_t *message_json(const char *key, const char *const *args, size_t count);

#endif
