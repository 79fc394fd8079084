#include "appliance/import_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <utf8proc.h>

#include "appliance/import.h"
#include "ocr/layout.h"
#include "ocr/reading.h"
#include "schema/legacy.h"

/* Of a changeset, beside the texts: table header, keys, lengths. Measured rows are
 * under 60; events, with their moment and actor, under 150. */
#define ROW_BYTES 160

void import_record_release(struct import_record *r)
{
    free(r->key);
    free(r->source);
    free(r->dossier);
    free(r->type);
    for (size_t i = 0; i < r->fields_count; i++) {
        free(r->fields[i].name);
        free(r->fields[i].value);
    }
    free(r->fields);
    for (size_t i = 0; i < r->pages_count; i++)
        free(r->pages[i]);
    free(r->pages);
    *r = (struct import_record){0};
}

void import_record_measure(const struct import_record *r, size_t *rows, size_t *bytes)
{
    *rows = 4; /* dossier, document, event, and one to spare */
    *bytes = (size_t)4 * IMPORT_WORD_BYTES_MAX;
    for (size_t i = 0; i < r->fields_count; i++) {
        *rows += 1;
        *bytes += strlen(r->fields[i].name) + strlen(r->fields[i].value);
    }
    for (size_t i = 0; i < r->pages_count; i++) {
        *rows += 2;
        *bytes += strlen(r->pages[i]);
    }
    *bytes += *rows * ROW_BYTES;
}

/* -------------------------------------------------------------------- values */

/* Into composed form, because search, codes and keys compare by it. */
static int take_text(char **out, const char *text, const char *what, size_t bytes_max,
                     struct err *e)
{
    utf8proc_uint8_t *composed = utf8proc_NFC((const utf8proc_uint8_t *)text);

    *out = NULL;
    if (composed == NULL) /* jansson has seen that it is UTF-8 */
        return err_set(e, ERR_MEMORY, "out of memory for %s", what);
    if (strlen((char *)composed) > bytes_max) {
        free(composed);
        return err_set(e, ERR_REFUSED, "%s is longer than %zu bytes: shorten it", what,
                       bytes_max);
    }
    *out = (char *)composed;
    return 0;
}

/* What was written in TCVN3 or VNI, in Unicode; the rest as take_text() does. */
static int take_vietnamese(char **out, const char *text, const char *what,
                           size_t bytes_max, struct err *e)
{
    struct buffer decoded;
    int rc = -1;

    buffer_init(&decoded, 3 * strlen(text) + 1);
    if (legacy_decode(text, strlen(text), &decoded) == LEGACY_NONE)
        rc = take_text(out, text, what, bytes_max, e);
    else if (buffer_check(&decoded, e) == 0)
        rc = take_text(out, (const char *)decoded.bytes, what, bytes_max, e);
    buffer_release(&decoded);
    return rc;
}

/* A string, or a whole number as its digits; null and an empty string (an empty cell
 * of a spreadsheet) are no value. Fractions are refused: 1.10 would come back as 1.1. */
static int take_value(char **out, const json_t *value, const char *what, size_t bytes_max,
                      struct err *e)
{
    char digits[32];

    *out = NULL;
    if (value == NULL || json_is_null(value) ||
        (json_is_string(value) && json_string_length(value) == 0))
        return 0;
    if (json_is_string(value))
        return take_text(out, json_string_value(value), what, bytes_max, e);
    if (!json_is_integer(value))
        return err_set(e, ERR_REFUSED, "%s is not text: put it in \"quotes\"", what);
    (void)snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(value));
    return take_text(out, digits, what, bytes_max, e);
}

static int take_key(struct import_record *r, const json_t *line, struct err *e)
{
    if (take_value(&r->key, json_object_get(line, "key"), "\"key\"",
                   IMPORT_WORD_BYTES_MAX, e) != 0)
        return -1;
    if (r->key == NULL)
        return err_set(e, ERR_REFUSED,
                       "\"key\" is missing: give the number that the source has for it");
    return 0;
}

static int take_source(struct import_record *r, const char *source, const json_t *line,
                       struct err *e)
{
    if (source != NULL)
        return take_text(&r->source, source, "the source", IMPORT_WORD_BYTES_MAX, e);
    if (take_value(&r->source, json_object_get(line, "source"), "\"source\"",
                   IMPORT_WORD_BYTES_MAX, e) != 0)
        return -1;
    if (r->source == NULL)
        return err_set(e, ERR_REFUSED,
                       "\"source\" is missing: name one for all with --source");
    return 0;
}

static int take_word(char **out, bool *has, const json_t *line, const char *name,
                     struct err *e)
{
    const json_t *value = json_object_get(line, name);
    char what[32];

    *has = value != NULL;
    (void)snprintf(what, sizeof what, "\"%s\"", name);
    if (take_value(out, value, what, IMPORT_WORD_BYTES_MAX, e) != 0)
        return -1;
    return 0;
}

static int take_deleted(struct import_record *r, const json_t *line, struct err *e)
{
    const json_t *value = json_object_get(line, "delete");

    if (value != NULL && !json_is_boolean(value))
        return err_set(e, ERR_REFUSED, "\"delete\" is neither true nor false");
    r->deleted = json_is_true(value);
    return 0;
}

/* -------------------------------------------------------------------- fields */

/* Two names that differ only in how they are composed are one field. */
static bool has_field(const struct import_record *r, const char *name)
{
    for (size_t i = 0; i < r->fields_count; i++)
        if (strcmp(r->fields[i].name, name) == 0)
            return true;
    return false;
}

/* One value, as the field's `ordinal`th; *taken is false if it is none. */
static int take_field_value(struct import_record *r, const char *name,
                            const json_t *value, unsigned ordinal, bool *taken,
                            struct err *e)
{
    struct import_field f = {.ordinal = ordinal};

    *taken = false;
    if (take_value(&f.value, value, "a field's value", IMPORT_VALUE_BYTES_MAX, e) != 0)
        return err_wrap(e, "field \"%.60s\"", name);
    if (f.value == NULL)
        return 0;
    if (r->fields_count == IMPORT_REPEATS_MAX) {
        free(f.value);
        return err_set(e, ERR_REFUSED, "more than %d values in one record",
                       IMPORT_REPEATS_MAX);
    }
    f.name = strdup(name);
    if (f.name == NULL) {
        free(f.value);
        return err_set(e, ERR_MEMORY, "out of memory for fields");
    }
    r->fields[r->fields_count++] = f;
    *taken = true;
    return 0;
}

static int take_values(struct import_record *r, const char *name, const json_t *value,
                       struct err *e)
{
    unsigned ordinal = 0;
    bool taken;

    if (!json_is_array(value))
        return take_field_value(r, name, value, 0, &taken, e);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (take_field_value(r, name, json_array_get(value, i), ordinal, &taken, e) != 0)
            return -1;
        ordinal += taken;
    }
    return 0;
}

static int take_field(struct import_record *r, const char *name, const json_t *value,
                      struct err *e)
{
    char *composed;
    int rc;

    if (name[0] == '\0')
        return err_set(e, ERR_REFUSED, "a field has no name");
    if (take_text(&composed, name, "a field's name", IMPORT_WORD_BYTES_MAX, e) != 0)
        return -1;
    rc = has_field(r, composed)
             ? err_set(e, ERR_REFUSED, "field \"%.60s\" is there twice", composed)
             : take_values(r, composed, value, e);
    free(composed);
    return rc;
}

static size_t values_of(json_t *fields)
{
    const char *name;
    size_t count = 0;
    json_t *value;

    json_object_foreach(fields, name, value)
    {
        count += json_is_array(value) ? json_array_size(value) : 1;
    }
    return count;
}

static int take_fields(struct import_record *r, json_t *line, struct err *e)
{
    json_t *fields = json_object_get(line, "fields"), *value;
    const char *name;
    size_t bytes = 0;

    r->has_fields = fields != NULL && !json_is_null(fields);
    if (!r->has_fields)
        return 0;
    if (!json_is_object(fields))
        return err_set(e, ERR_REFUSED,
                       "\"fields\" is not an object: write {\"name\": \"value\"}");
    if (json_object_size(fields) > IMPORT_FIELDS_MAX)
        return err_set(e, ERR_REFUSED, "more than %d fields in one record",
                       IMPORT_FIELDS_MAX);
    r->fields = calloc(values_of(fields) + 1, sizeof *r->fields);
    if (r->fields == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for fields");
    json_object_foreach(fields, name, value)
    {
        if (take_field(r, name, value, e) != 0)
            return -1;
    }
    for (size_t i = 0; i < r->fields_count; i++)
        bytes += strlen(r->fields[i].value);
    if (bytes > IMPORT_VALUES_BYTES_MAX)
        return err_set(e, ERR_REFUSED,
                       "the fields hold %zu bytes, more than %u: make long ones pages",
                       bytes, IMPORT_VALUES_BYTES_MAX);
    return 0;
}

/* --------------------------------------------------------------------- pages */

static int take_page(struct import_record *r, const json_t *page, struct err *e)
{
    const json_t *text = json_object_get(page, "text");

    if (!json_is_string(text))
        return err_set(e, ERR_REFUSED, "write {\"text\": \"…\"}");
    if (take_vietnamese(&r->pages[r->pages_count], json_string_value(text), "the text",
                        READING_TEXT_MAX, e) != 0)
        return -1;
    r->pages_count++;
    return 0;
}

static int take_pages(struct import_record *r, const json_t *line, struct err *e)
{
    const json_t *pages = json_object_get(line, "pages");
    size_t count = json_array_size(pages);

    r->has_pages = pages != NULL && !json_is_null(pages);
    if (!r->has_pages)
        return 0;
    if (!json_is_array(pages))
        return err_set(e, ERR_REFUSED,
                       "\"pages\" is not a list: write [{\"text\": \"…\"}]");
    if (count > PAGES_MAX)
        return err_set(e, ERR_REFUSED, "more than %d pages in one record", PAGES_MAX);
    r->pages = calloc(count + 1, sizeof *r->pages);
    if (r->pages == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for pages");
    for (size_t i = 0; i < count; i++)
        if (take_page(r, json_array_get(pages, i), e) != 0)
            return err_wrap(e, "page %zu", i + 1);
    return 0;
}

int import_record_parse(struct import_record *out, const char *source, const char *line,
                        size_t bytes, struct err *e)
{
    json_error_t trouble;
    json_t *object = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &trouble);
    int rc = -1;

    *out = (struct import_record){0};
    if (object == NULL)
        return err_set(e, ERR_REFUSED, "not JSON: %s, at byte %d", trouble.text,
                       trouble.position);
    if (!json_is_object(object)) {
        (void)err_set(e, ERR_REFUSED, "not an object: write {\"key\": …}");
        goto out;
    }
    if (take_key(out, object, e) != 0 || take_source(out, source, object, e) != 0 ||
        take_deleted(out, object, e) != 0)
        goto out;
    if (take_word(&out->dossier, &out->has_dossier, object, "dossier", e) != 0 ||
        take_word(&out->type, &out->has_type, object, "type", e) != 0)
        goto out;
    if (take_fields(out, object, e) != 0 || take_pages(out, object, e) != 0)
        goto out;
    rc = 0;
out:
    json_decref(object);
    if (rc != 0)
        import_record_release(out);
    return rc;
}
