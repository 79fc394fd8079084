#include "schema/types/reader.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reader_enter(struct type_reader *r, const char *key)
{
    assert(r->depth < TYPE_DEPTH_MAX);
    r->steps[r->depth++] = (struct type_step){key, 0};
}

void reader_enter_at(struct type_reader *r, size_t index)
{
    assert(r->depth < TYPE_DEPTH_MAX);
    r->steps[r->depth++] = (struct type_step){NULL, index};
}

void reader_leave(struct type_reader *r)
{
    assert(r->depth > 0);
    r->depth--;
}

/* "fields[3].kind" */
static void path_append(struct buffer *out, const struct type_reader *r)
{
    for (size_t i = 0; i < r->depth; i++) {
        if (r->steps[i].key == NULL)
            buffer_append_format(out, "[%zu]", r->steps[i].index);
        else
            buffer_append_format(out, "%s%.60s", i == 0 ? "" : ".", r->steps[i].key);
    }
}

int reader_refuse(struct type_reader *r, const char *format, ...)
{
    char reason[200], path[200] = "";
    struct buffer b;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    buffer_init(&b, sizeof path - 1);
    path_append(&b, r);
    if (b.count > 0)
        (void)snprintf(path, sizeof path, "%s: ", (char *)b.bytes);
    buffer_release(&b);
    return err_set(r->e, ERR_REFUSED, "%s:%zu: %s%s", r->file->name,
                   type_file_line(r->file, r->steps, r->depth), path, reason);
}

int reader_no_memory(struct type_reader *r)
{
    return err_set(r->e, ERR_MEMORY, "%s: out of memory", r->file->name);
}

static bool has_word(const char *words, const char *word)
{
    size_t count = strlen(word);

    if (count == 0) /* found everywhere, and never passed */
        return false;
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += count)
        if ((at == words || at[-1] == ' ') && (at[count] == ' ' || at[count] == '\0'))
            return true;
    return false;
}

int reader_object(struct type_reader *r, const json_t *where, const char *keys)
{
    const char *key;
    json_t *value;

    if (!json_is_object(where))
        return reader_refuse(r, "must be an object");
    json_object_foreach((json_t *)where, key, value)
    {
        if (!has_word(keys, key) || strchr(key, ' ') != NULL) {
            reader_enter(r, key);
            return reader_refuse(r, "no such key");
        }
    }
    return 0;
}

int reader_text(struct type_reader *r, const json_t *where, const char *key,
                bool required, const char **out)
{
    const json_t *value = json_object_get(where, key);

    *out = json_string_value(value);
    if (value == NULL && !required)
        return 0;
    if (value == NULL)
        return reader_refuse(r, "\"%s\" is missing", key);
    reader_enter(r, key);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return reader_refuse(r, "must be a text");
    if (json_string_length(value) > TYPE_WORD_BYTES_MAX)
        return reader_refuse(r, "is longer than %d bytes", TYPE_WORD_BYTES_MAX);
    reader_leave(r);
    return 0;
}

int reader_label(struct type_reader *r, const json_t *where, const char *key,
                 bool required, struct label *out)
{
    const json_t *value = json_object_get(where, key);

    *out = (struct label){0};
    if (value == NULL)
        return required ? reader_refuse(r, "\"%s\" is missing", key) : 0;
    reader_enter(r, key);
    if (reader_object(r, value, "vi en") != 0 ||
        reader_text(r, value, "vi", true, &out->vi) != 0 ||
        reader_text(r, value, "en", true, &out->en) != 0)
        return -1;
    reader_leave(r);
    return 0;
}

int reader_flag(struct type_reader *r, const json_t *where, const char *key, bool *out)
{
    const json_t *value = json_object_get(where, key);

    *out = json_is_true(value);
    if (value == NULL || json_is_boolean(value))
        return 0;
    reader_enter(r, key);
    return reader_refuse(r, "must be true or false");
}

int reader_fact(struct type_reader *r, const json_t *where, const struct fact *otherwise,
                struct fact *out)
{
    static const char *const marks[] = {"V", "V2", "U"};
    unsigned mark = otherwise == NULL ? FACT_UNREAD : otherwise->mark;

    if (otherwise == NULL && json_object_get(where, "mark") == NULL)
        return reader_refuse(r, "\"mark\" is missing");
    if (reader_choice(r, where, "mark", marks, 3, &mark) != 0 ||
        reader_text(r, where, "source", otherwise == NULL, &out->source) != 0)
        return -1;
    out->mark = (enum fact_mark)mark;
    if (out->source == NULL)
        out->source = otherwise->source;
    return 0;
}

int reader_list(struct type_reader *r, const json_t *where, const char *key,
                size_t count_max, json_t **out)
{
    *out = json_object_get(where, key);
    if (*out == NULL)
        return 0;
    reader_enter(r, key);
    if (!json_is_array(*out))
        return reader_refuse(r, "must be a list");
    if (json_array_size(*out) == 0 || json_array_size(*out) > count_max)
        return reader_refuse(r, "must have 1 to %zu members", count_max);
    reader_leave(r);
    return 0;
}

/* Appends one text of a list that is its own. */
static int take_one(struct type_reader *r, const json_t *value, const char **texts,
                    size_t *count)
{
    const char *text = json_string_value(value);

    if (text == NULL || text[0] == '\0')
        return reader_refuse(r, "must be a text");
    if (strlen(text) > TYPE_WORD_BYTES_MAX)
        return reader_refuse(r, "is longer than %d bytes", TYPE_WORD_BYTES_MAX);
    for (size_t i = 0; i < *count; i++)
        if (strcmp(texts[i], text) == 0)
            return reader_refuse(r, "\"%.60s\" is there twice", text);
    texts[(*count)++] = text;
    return 0;
}

int reader_texts(struct type_reader *r, const json_t *where, const char *key,
                 const char ***out, size_t *count)
{
    json_t *list, *value;
    size_t i;

    *out = NULL;
    *count = 0;
    if (reader_list(r, where, key, TYPE_FIELDS_MAX, &list) != 0)
        return -1;
    if (list == NULL)
        return 0;
    *out = calloc(json_array_size(list), sizeof **out);
    if (*out == NULL)
        return reader_no_memory(r);
    reader_enter(r, key);
    json_array_foreach(list, i, value)
    {
        reader_enter_at(r, i);
        if (take_one(r, value, *out, count) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}

int reader_choice(struct type_reader *r, const json_t *where, const char *key,
                  const char *const *names, size_t names_count, unsigned *out)
{
    const char *text;

    if (reader_text(r, where, key, false, &text) != 0)
        return -1;
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < names_count; i++)
        if (strcmp(names[i], text) == 0) {
            *out = (unsigned)i;
            return 0;
        }
    reader_enter(r, key);
    return reader_refuse(r, "no such %s: \"%.60s\"", key, text);
}

bool reader_is_name(const char *text)
{
    size_t count = strlen(text);

    if (count > 60 || !isalpha((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return true;
}
