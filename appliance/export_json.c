#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/export.h"
#include "appliance/export_row.h"
#include "base/web/json_text.h"

struct line {
    struct records *records;
    const struct record_type *type;
    json_t *object;
    struct buffer text; /* of a page */
    size_t bytes,
        bytes_max; /* of the pages so far: what is too large is not made first */
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "export: out of memory");
}

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_any_text(text);
}

/* A field that repeats becomes a list. */
static int take_value(void *arg, const char *name, unsigned ordinal, const char *source,
                      const char *value, struct err *e)
{
    struct line *l = arg;
    json_t *fields = json_object_get(l->object, "fields"), *there, *list;
    const char *column = export_column_name(l->type, name);

    (void)ordinal;
    (void)source;
    if (column != NULL)
        name = column;
    there = json_object_get(fields, name);
    if (there == NULL)
        return json_object_set_new(fields, name, json_any_text(value)) == 0
                   ? 0
                   : out_of_memory(e);
    if (!json_is_array(there)) {
        list = json_pack("[O]", there);
        if (list == NULL || json_object_set_new(fields, name, list) != 0)
            return out_of_memory(e);
        there = list;
    }
    return json_array_append_new(there, json_any_text(value)) == 0 ? 0 : out_of_memory(e);
}

static int take_page(void *arg, const struct page_row *p, struct err *e)
{
    struct line *l = arg;
    json_t *pages = json_object_get(l->object, "pages");
    const char *text;

    buffer_clear(&l->text);
    if (record_page_text(l->records, p->id, &l->text, e) != 0)
        return -1;
    l->bytes += l->text.count;
    if (l->bytes > l->bytes_max)
        return err_set(e, ERR_TOO_BIG, "its text is over %zu bytes", l->bytes_max);
    text = l->text.count == 0 ? "" : (const char *)l->text.bytes;
    return json_array_append_new(pages,
                                 json_pack("{s:o}", "text", json_any_text(text))) == 0
               ? 0
               : out_of_memory(e);
}

static int take_original(void *arg, const struct original_row *o, struct err *e)
{
    struct line *l = arg;
    json_t *originals = json_object_get(l->object, "originals");

    return json_array_append_new(originals, json_any_text(o->name)) == 0
               ? 0
               : out_of_memory(e);
}

static int write_line(struct line *l, struct buffer *out, uint64_t id, struct err *e)
{
    char *text;

    if (l->object == NULL)
        return out_of_memory(e);
    if (record_each_field(l->records, id, take_value, l, e) != 0 ||
        record_each_page(l->records, id, take_page, l, e) != 0 ||
        record_each_original(l->records, id, take_original, l, e) != 0)
        return -1;
    text = json_dumps(l->object, JSON_COMPACT);
    if (text == NULL)
        return out_of_memory(e);
    buffer_append_text(out, text);
    buffer_append_byte(out, '\n');
    free(text);
    return buffer_check(out, e);
}

int export_json_line(struct buffer *out, struct records *r, const struct export_head *h,
                     struct err *e)
{
    struct line l = {.records = r, .type = h->known, .bytes_max = out->count_max};
    bool has_key = h->source != NULL && h->key != NULL;
    char number[24];
    int rc;

    (void)snprintf(number, sizeof number, "%" PRIu64, h->document);
    buffer_init(&l.text, RECORD_CURRENT_BYTES_MAX);
    l.object = json_pack("{s:I, s:o, s:o, s:o, s:o, s:{}, s:[], s:[]}", "document",
                         (json_int_t)h->document, "dossier", text_or_null(h->dossier),
                         "type", text_or_null(h->type), "source",
                         json_any_text(has_key ? h->source : EXPORT_SOURCE), "key",
                         json_any_text(has_key ? h->key : number), "fields", "pages",
                         "originals");
    rc = write_line(&l, out, h->document, e);
    json_decref(l.object);
    buffer_release(&l.text);
    return rc;
}
