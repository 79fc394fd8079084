#include <jansson.h>
#include <string.h>

#include "ocr/fields/fields.h"
#include "ocr/format_parts.h"

/* Lists of one page as they are written; each owned until the page takes it. What
 * memory does not hold is NULL, which jansson hands on to the page. */
struct writing {
    const struct layout *layout;
    json_t *words, *lines, *blocks, *tables;
    json_t *rows, *cells; /* of the table and the row that are open; borrowed */
    bool failed;
};

static int dump(const char *bytes, size_t count, void *out)
{
    buffer_append(out, bytes, count);
    return 0;
}

/* One line; takes the object. NULL: memory ran out while it was made. */
static void append_json(struct buffer *out, json_t *object)
{
    if (object == NULL ||
        json_dump_callback(object, dump, out, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0)
        out->failed = ERR_MEMORY;
    buffer_append_byte(out, '\n');
    json_decref(object);
}

static json_t *json_clean(const char *text)
{
    struct buffer clean;
    json_t *string;

    buffer_init(&clean, FORMAT_BYTES_MAX);
    format_append_clean(&clean, text, strlen(text));
    string = json_stringn((const char *)clean.bytes, clean.count);
    buffer_release(&clean);
    return string;
}

static json_t *json_box(const struct word *box)
{
    return json_pack("[i,i,i,i]", box->left, box->top, box->width, box->height);
}

/* Appends `object`, which it takes, to the list. */
static void add(struct writing *w, json_t *list, json_t *object)
{
    if (json_array_append_new(list, object) != 0)
        w->failed = true;
}

static json_t *json_run(const struct branch *b)
{
    return json_pack("{s:o, s:i, s:i}", "box", json_box(&b->box), "first",
                     (int)b->word_first, "count", (int)b->words_count);
}

/* Appends {"box", name: []}; the inner list, borrowed. */
static json_t *add_lists(struct writing *w, json_t *list, const struct branch *b,
                         const char *name)
{
    json_t *inner = json_array();

    if (json_array_append_new(
            list, json_pack("{s:o, s:o}", "box", json_box(&b->box), name, inner)) == 0)
        return inner;
    w->failed = true;
    return NULL;
}

static void add_cell(struct writing *w, const struct branch *b)
{
    const struct cell *c = b->cell;
    json_t *cell = json_run(b);

    if (json_object_update_new(cell, json_pack("{s:i, s:i, s:i, s:i, s:s%}", "row",
                                               c->row, "column", c->column, "row_span",
                                               c->row_span, "column_span", c->column_span,
                                               "text", b->text, b->text_bytes)) != 0)
        w->failed = true;
    add(w, w->cells, cell);
}

static void on_open(void *arg, const struct branch *b)
{
    struct writing *w = arg;

    switch (b->kind) {
    case BRANCH_TABLE:
        w->rows = add_lists(w, w->tables, b, "rows");
        add(w, w->blocks, json_run(b));
        break;
    case BRANCH_BLOCK:
        add(w, w->blocks, json_run(b));
        break;
    case BRANCH_ROW:
        w->cells = add_lists(w, w->rows, b, "cells");
        break;
    case BRANCH_LINE:
        add(w, w->lines, json_run(b));
        break;
    case BRANCH_WORD:
        add(w, w->words,
            json_pack("{s:s%, s:o, s:i}", "text", b->text, b->text_bytes, "box",
                      json_box(&b->box), "confidence", b->box.confidence));
        break;
    case BRANCH_PARAGRAPH:
    case BRANCH_CELL: /* when its text is known */
        break;
    }
}

static void on_close(void *arg, const struct branch *b)
{
    if (b->kind == BRANCH_CELL)
        add_cell(arg, b);
}

static json_t *json_changes(struct writing *w)
{
    static const char *const kinds[] = {
        [CHANGE_LANGUAGE] = "language",
        [CHANGE_JOIN] = "join",
        [CHANGE_MARK] = "mark",
    };
    json_t *changes = json_array();

    for (size_t i = 0; i < w->layout->changes_count; i++) {
        const struct change *c = &w->layout->changes[i];

        add(w, changes,
            json_pack("{s:i, s:s, s:s}", "word", (int)c->word, "kind", kinds[c->kind],
                      "was", c->was));
    }
    return changes;
}

/* What else the recogniser offered for a word. */
static json_t *json_alternatives(struct writing *w, const struct alternatives *a)
{
    json_t *all = json_array();

    for (size_t i = 0; i < a->count; i++) {
        const struct alternatives_word *word = &a->words[i];
        json_t *texts = json_array();

        for (uint32_t k = 0; k < word->count; k++)
            add(w, texts, json_string(word->texts[k]));
        add(w, all, json_pack("{s:i, s:o}", "word", (int)word->word, "texts", texts));
    }
    return all;
}

static json_t *json_field(const struct field_found *f)
{
    return json_pack("{s:s, s:i, s:s, s:[i,i,i,i], s:i, s:s}", "name", f->name, "ordinal",
                     (int)f->ordinal, "value", f->value, "box", f->left, f->top, f->width,
                     f->height, "confidence", f->confidence, "rule", f->rule);
}

/* What this page says of the document; what no place on it says is left out. */
static json_t *json_fields(struct writing *w, const char *text)
{
    const struct fields_page page = {text, w->layout};
    struct fields found;
    json_t *fields = json_array();
    struct err e;

    if (fields_find(&found, &page, 1, &e) != 0)
        w->failed = true;
    for (size_t i = 0; i < found.count; i++)
        if (found.values[i].zoned)
            add(w, fields, json_field(&found.values[i]));
    fields_release(&found);
    return fields;
}

void format_json_page(const struct format_page *p, struct buffer *out)
{
    const struct reading *r = p->reading;
    const struct layout *l = &r->layout;
    struct writing w = {.layout = l,
                        .words = json_array(),
                        .lines = json_array(),
                        .blocks = json_array(),
                        .tables = json_array()};
    json_t *changes = json_changes(&w), *fields = json_fields(&w, format_text(r));
    json_t *alternatives = json_alternatives(&w, &r->alternatives);

    format_tree_walk(format_text(r), l, on_open, on_close, &w);
    append_json(out,
                json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:f, s:s, s:o, s:o, s:o, s:o, "
                          "s:o, s:o, s:o, s:s, s:i}",
                          "file", json_clean(p->file), "page", (int)p->page, "width",
                          (int)l->width, "height", (int)l->height, "dpi", (int)l->dpi,
                          "rotation", l->rotation * 90, "skew",
                          l->skew_centidegrees / 100.0, "text", format_text(r), "words",
                          w.words, "lines", w.lines, "blocks", w.blocks, "tables",
                          w.tables, "changes", changes, "alternatives", alternatives,
                          "fields", fields, "engine", r->engine, "ms", (int)r->took_ms));
    if (w.failed && out->failed == ERR_NONE)
        out->failed = ERR_MEMORY;
}

void format_json_refusal(const char *file, uint32_t page, const char *why,
                         struct buffer *out)
{
    append_json(out,
                json_pack("{s:o, s:o, s:s}", "file", json_clean(file), "page",
                          page == 0 ? json_null() : json_integer(page), "refusal", why));
}
