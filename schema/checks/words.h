/* Words of a value: compared as a reader would, and as a list spells them. */
#ifndef TRAM_SCHEMA_CHECKS_WORDS_H
#define TRAM_SCHEMA_CHECKS_WORDS_H

#include "schema/types/types.h"

/* The value that the text names: by its code, or by what it is called ("QUYẾT ĐỊNH"),
 * capitals and the place of the tone aside. NULL: none. */
const struct code_value *code_named(const struct code_list *l, const char *text);

/* Letters as people count them: code points of composed text. */
size_t letters_count(const char *text);

/* The part of a document's symbol that names its kind: "QĐ" of "05/QĐ-UBND", of
 * "15/2025/QĐ-UBND", of "QĐ/ĐU". */
void symbol_kind_part(char *out, size_t bytes, const char *symbol);

#endif
