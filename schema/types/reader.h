/* Type reader: takes a type file's JSON apart, knows at every step where it is, and
 * says so when something is wrong: "birth.json:12: fields[3].kind: no such kind".
 * The first refusal stands; after it nothing is read any more. */
#ifndef TRAM_SCHEMA_TYPE_READER_H
#define TRAM_SCHEMA_TYPE_READER_H

#include <jansson.h>

#include "schema/types/types.h"

enum { TYPE_DEPTH_MAX = 8, TYPE_WORD_BYTES_MAX = 2000 };

/* A member of an object, or of a list when there is no key. */
struct type_step {
    const char *key;
    size_t index;
};

struct type_reader {
    const struct type_file *file;
    struct type_step steps[TYPE_DEPTH_MAX];
    size_t depth;
    struct err *e;
};

void reader_enter(struct type_reader *r, const char *key);
void reader_enter_at(struct type_reader *r, size_t index);
void reader_leave(struct type_reader *r);

/* ERR_REFUSED, with file, line, place and the reason. */
int reader_refuse(struct type_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int reader_no_memory(struct type_reader *r);

/* `where` is an object and has no other keys than these, divided by spaces. */
int reader_object(struct type_reader *r, const json_t *where, const char *keys);

/* A text of an object, not empty; *out lives as long as the object. Absent: refused
 * if `required`, else *out is NULL. */
int reader_text(struct type_reader *r, const json_t *where, const char *key,
                bool required, const char **out);
int reader_label(struct type_reader *r, const json_t *where, const char *key,
                 bool required, struct label *out);
int reader_flag(struct type_reader *r, const json_t *where, const char *key, bool *out);

/* "mark" and "source"; what is absent is as in `otherwise`, which may be NULL. */
int reader_fact(struct type_reader *r, const json_t *where, const struct fact *otherwise,
                struct fact *out);

/* A list of texts, each once; the caller frees the array. Absent: none. */
int reader_texts(struct type_reader *r, const json_t *where, const char *key,
                 const char ***out, size_t *count);

/* A list of at most `count_max` members; 0 and *out NULL when absent. */
int reader_list(struct type_reader *r, const json_t *where, const char *key,
                size_t count_max, json_t **out);

/* One of `names`, as its place among them; absent: *out stays. */
int reader_choice(struct type_reader *r, const json_t *where, const char *key,
                  const char *const *names, size_t names_count, unsigned *out);

/* A name of ours: small letters, digits and _; fields may have capitals too. */
bool reader_is_name(const char *text);

/* The line of the file, from 1, where what the steps lead to begins. The file is
 * JSON, as the reader has parsed it. */
size_t type_file_line(const struct type_file *file, const struct type_step *steps,
                      size_t depth);

#endif
