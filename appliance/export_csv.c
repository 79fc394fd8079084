#include <inttypes.h>
#include <stdio.h>

#include "appliance/export_cell.h"
#include "appliance/export_row.h"

static const char *const fixed[] = {"document", "dossier", "type",
                                    "source",   "key",     "pages"};

static void cell(struct buffer *out, const char *text)
{
    export_cell(out, text == NULL ? "" : text);
    buffer_append_byte(out, ',');
}

static void number_cell(struct buffer *out, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    cell(out, text);
}

static void end_row(struct buffer *out)
{
    if (out->failed != ERR_NONE)
        return;
    out->bytes[out->count - 1] = '\r'; /* the last comma */
    buffer_append_byte(out, '\n');
}

void export_csv_heads(struct buffer *out, const struct export_table *t)
{
    buffer_append_text(out, "\xef\xbb\xbf");
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        cell(out, fixed[i]);
    for (size_t i = 0; i < t->count; i++)
        cell(out, t->columns[i].head);
    end_row(out);
}

int export_csv_row(struct buffer *out, struct export_table *t, struct records *r,
                   const struct export_head *h, struct err *e)
{
    if (export_table_fill(t, r, h->document, h->known, e) != 0)
        return -1;
    number_cell(out, h->document);
    cell(out, h->dossier);
    cell(out, h->type);
    cell(out, h->source);
    cell(out, h->key);
    number_cell(out, h->pages);
    for (size_t i = 0; i < t->count; i++)
        cell(out, export_table_cell(t, i));
    end_row(out);
    return buffer_check(out, e);
}
