/* Messages: every sentence that a clerk sees, in Vietnamese and English, from one
 * table: base/messages.tsv (key, Vietnamese, English, divided by tabs; a line that
 * begins with '#' is a comment), which the web faces read too. A sentence may hold
 * {0} to {9}, the same ones in both languages. */
#ifndef TRAM_BASE_MESSAGES_H
#define TRAM_BASE_MESSAGES_H

#include "base/buffer.h"

enum language { LANGUAGE_VI, LANGUAGE_EN };

/* From TRAM_LANG, else LC_ALL, LC_MESSAGES, LANG: "en…" is English, all else
 * Vietnamese, because that is who sits there. */
enum language message_language(void);

/* Appends the sentence. `args` replace {0}, {1}…, as they are; NULL when args_count
 * is 0. What has no argument stays as it is written.
 * An unknown key appends the key itself, so that nothing is ever silent; a test
 * finds those. */
void message_append(struct buffer *out, const char *key, enum language language,
                    const char *const *args, size_t args_count);

/* The key of the sentence that says, with e->text behind it, what failed. */
const char *message_of_failure(enum err_code code);

/* The whole table as it is in the file, for the web faces. */
extern const char messages_tsv[];
extern const size_t messages_tsv_bytes;

#endif
