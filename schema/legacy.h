/* Legacy: Vietnamese as it was written before Unicode, TCVN3 (ABC fonts) and VNI, which
 * reaches us as Latin-1 letters that mean others: "QuyÕt ®Þnh" and "Quyeát ñònh" are
 * "Quyết định". Pure.
 *
 * Told by the syllables: a text is decoded if that makes more of its words with such
 * letters possible Vietnamese ones than are as they stand, and nearly all of them. So
 * "an toàn" stays what it is, though its letters mean something in both. */
#ifndef TRAM_SCHEMA_LEGACY_H
#define TRAM_SCHEMA_LEGACY_H

#include "base/buffer.h"

enum legacy { LEGACY_NONE, LEGACY_TCVN3, LEGACY_VNI };

/* Appends the text in Unicode, NFC, NUL-terminated; nothing if it is LEGACY_NONE, or not
 * UTF-8. At most three times as long. */
enum legacy legacy_decode(const char *text, size_t bytes, struct buffer *out);

/* Whether a word is built like a Vietnamese syllable; of one with marks. Upper and lower
 * case; NFC. */
bool legacy_is_syllable(const int32_t *letters, size_t count);

#endif
