#include "base/web/json_text.h"

#include <stdint.h>

#include <utf8proc.h>

#include "base/messages.h"

#define SENTENCE_BYTES_MAX 65536

json_t *json_any_text(const char *text)
{
    json_t *j = json_string(text);
    struct buffer b;

    if (j != NULL)
        return j;
    buffer_init(&b, SIZE_MAX / 2);
    for (const char *at = text; *at != '\0';) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &point);

        if (n > 0)
            buffer_append(&b, at, (size_t)n);
        else
            buffer_append_text(&b, "\xef\xbf\xbd");
        at += n > 0 ? n : 1;
    }
    j = b.failed == ERR_NONE ? json_string((const char *)b.bytes) : NULL;
    buffer_release(&b);
    return j;
}

static json_t *sentence_json(const char *key, enum language language,
                             const char *const *args, size_t count)
{
    struct buffer b;
    json_t *j;

    buffer_init(&b, SENTENCE_BYTES_MAX);
    message_append(&b, key, language, args, count);
    j = json_any_text(b.bytes == NULL ? key : (const char *)b.bytes);
    buffer_release(&b);
    return j;
}

json_t *message_json(const char *key, const char *const *args, size_t count)
{
    return json_pack("{s:o, s:o}", "vi", sentence_json(key, LANGUAGE_VI, args, count),
                     "en", sentence_json(key, LANGUAGE_EN, args, count));
}
