/* Tokenizer: text into the tokens that the index holds, shared by index, query,
 * accent check and snippets, so that they can never disagree.
 *
 * A token is a run of letters and digits with the combining marks behind them; a
 * mark behind nothing, a control, an apostrophe is no part of one, and invisible
 * joiners (soft hyphen, ZWJ) within one do not count. Its folded form is lower case
 * ASCII where it can be: canonical decomposition, case folding, marks dropped, đ
 * and Đ (and Ð, which Tesseract writes for Đ) → d. Its exact form keeps the accents
 * but not the place of the tone: NFD with the tone mark moved behind the last
 * letter, so hoà equals hòa and uỷ equals ủy. Compatibility forms of one character
 * count as that character in both: m² is m2, Nº is no. */
#ifndef TRAM_SCHEMA_TOKENIZER_H
#define TRAM_SCHEMA_TOKENIZER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TOKEN_BYTES_MAX 128 /* of the folded form; longer runs are cut into several */

struct token {
    size_t start, end;  /* bytes of the text */
    const char *folded; /* NUL-terminated, valid during the call; never empty */
    size_t folded_bytes;
    const char *exact;
    size_t exact_bytes;
    bool accented; /* exact differs from folded */
};

/* Calls `each` for every token; stops when it returns non-zero, and returns that.
 * Bytes that are not UTF-8 separate tokens. */
int tokens_each(const char *text, size_t bytes,
                int (*each)(void *arg, const struct token *t), void *arg);

/* Registers the FTS5 tokenizer "tram" with a connection. */
int tokenizer_register(sqlite3 *db, struct err *e);

#endif
