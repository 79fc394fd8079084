#include "appliance/facsimile_words.h"

#include <stdio.h>

void facsimile_why_not(struct buffer *out, const struct facsimile *c,
                       enum language language)
{
    char number[16], key[64];
    struct buffer reason;

    if (c->away > 0) {
        (void)snprintf(number, sizeof number, "%u", c->away);
        message_append(out, "show.away", language, (const char *const[]){number}, 1);
        return;
    }
    if (c->refusal == REFUSAL_NONE) {
        message_append(out, "show.no_original", language, NULL, 0);
        return;
    }
    buffer_init(&reason, 1024);
    (void)snprintf(number, sizeof number, "%u", c->page);
    (void)snprintf(key, sizeof key, "refusal.%s", refusal_name(c->refusal));
    message_append(&reason, key, language, NULL, 0);
    message_append(out, "show.copy_refused", language,
                   (const char *const[]){number, (char *)reason.bytes}, 2);
    buffer_release(&reason);
}
