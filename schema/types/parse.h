/* Type parse: one file's bytes become a type, or a refusal that says where and why.
 * type_parse() alone is called from outside this room; the others are its parts. */
#ifndef TRAM_SCHEMA_TYPE_PARSE_H
#define TRAM_SCHEMA_TYPE_PARSE_H

#include "schema/types/reader.h"

/* A type with what its texts live in. */
struct parsed_type {
    struct record_type type;
    char *name;
    json_t *root;
};

/* On failure *out is zeroed. */
int type_parse(struct parsed_type *out, const struct type_file *file, struct err *e);
void parsed_type_release(struct parsed_type *t); /* a zeroed one is fine */

/* Fill what t->codes_count… then says; what was filled before a failure is released
 * with the type. `root` is the file's object. */
int type_parse_codes(struct type_reader *r, const json_t *root, struct record_type *t);
int type_parse_fields(struct type_reader *r, const json_t *root, struct record_type *t);
int type_parse_checks(struct type_reader *r, const json_t *root, struct record_type *t);

/* One field's "find". */
int field_search_parse(struct type_reader *r, const json_t *field,
                       struct field_search *out);
void field_search_release(struct field_search *s);

#endif
