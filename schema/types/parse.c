#include "schema/types/parse.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_KEYS "label about mark source heads codes fields checks table file_name"

/* "birth.json" is the type birth. */
static int take_name(struct type_reader *r, struct parsed_type *out)
{
    const char *base = strrchr(r->file->name, '/');
    size_t count;

    base = base == NULL ? r->file->name : base + 1;
    count = strcspn(base, ".");
    out->name = strndup(base, count);
    if (out->name == NULL)
        return reader_no_memory(r);
    if (!reader_is_name(out->name) || strcmp(base + count, ".json") != 0)
        return reader_refuse(r, "a type's file is NAME.json, of letters, digits and _");
    out->type.name = out->name;
    return 0;
}

static int parse_json(struct type_reader *r, json_t **root)
{
    json_error_t trouble;

    if (r->file->count > TYPE_FILE_BYTES_MAX)
        return reader_refuse(r, "is larger than %d bytes", TYPE_FILE_BYTES_MAX);
    *root = json_loadb(r->file->bytes == NULL ? "" : r->file->bytes, r->file->count,
                       JSON_REJECT_DUPLICATES, &trouble);
    if (*root == NULL)
        return err_set(r->e, ERR_REFUSED, "%s:%d: %s", r->file->name, trouble.line,
                       trouble.text);
    return 0;
}

/* "KS.{so}.pdf": each name in braces is a field's. */
static int check_file_name(struct type_reader *r, const struct record_type *t)
{
    const char *at = t->file_name;
    char name[64];

    if (at == NULL)
        return 0;
    reader_enter(r, "file_name");
    if (strchr(at, '/') != NULL)
        return reader_refuse(r, "has a \"/\"");
    while ((at = strpbrk(at, "{}")) != NULL) {
        size_t count = *at == '{' ? strcspn(at + 1, "{}") : 0;

        if (count == 0 || count >= sizeof name || at[count + 1] != '}')
            return reader_refuse(r, "write a field's name in braces: {name}");
        memcpy(name, at + 1, count);
        name[count] = '\0';
        if (type_field(t, name) == NULL)
            return reader_refuse(r, "there is no field \"%s\"", name);
        at += count + 2;
    }
    reader_leave(r);
    return 0;
}

static int parse_type(struct type_reader *r, const json_t *root, struct record_type *t)
{
    if (reader_object(r, root, TYPE_KEYS) != 0 ||
        reader_label(r, root, "label", true, &t->label) != 0 ||
        reader_label(r, root, "about", true, &t->about) != 0 ||
        reader_fact(r, root, NULL, &t->fact) != 0 ||
        reader_texts(r, root, "heads", &t->heads, &t->heads_count) != 0 ||
        reader_text(r, root, "table", false, &t->table) != 0 ||
        reader_text(r, root, "file_name", false, &t->file_name) != 0)
        return -1;
    if (type_parse_codes(r, root, t) != 0 || type_parse_fields(r, root, t) != 0 ||
        type_parse_checks(r, root, t) != 0)
        return -1;
    return check_file_name(r, t);
}

int type_parse(struct parsed_type *out, const struct type_file *file, struct err *e)
{
    struct type_reader r = {.file = file, .e = e};

    *out = (struct parsed_type){0};
    if (take_name(&r, out) != 0 || parse_json(&r, &out->root) != 0 ||
        parse_type(&r, out->root, &out->type) != 0) {
        parsed_type_release(out);
        return -1;
    }
    return 0;
}

void parsed_type_release(struct parsed_type *p)
{
    struct record_type *t = &p->type;

    for (size_t i = 0; i < t->codes_count; i++)
        free(t->codes[i].values);
    for (size_t i = 0; i < t->fields_count; i++) {
        free(t->fields[i].when.values);
        field_search_release(&t->fields[i].search);
    }
    for (size_t i = 0; i < t->checks_count; i++)
        pattern_destroy(t->checks[i].pattern);
    free(t->heads);
    free(t->codes);
    free(t->fields);
    free(t->checks);
    free(p->name);
    json_decref(p->root);
    *p = (struct parsed_type){0};
}
