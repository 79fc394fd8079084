#include "tests/pages/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/pages/output.h"

#define ORDERS_MAX     3
#define TEXT_BYTES_MAX (1024 * 1024)
#define PATH_BYTES     1024

/* ---- reading orders ---- */

struct order {
    const struct line **lines;
    int count;
};

static double middle(const struct line *l)
{
    return (l->box.top + l->box.bottom) / 2;
}

static int by_height(const void *a, const void *b)
{
    const struct line *x = *(const struct line *const *)a;
    const struct line *y = *(const struct line *const *)b;

    if (middle(x) != middle(y))
        return middle(x) < middle(y) ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int by_place(const void *a, const void *b)
{
    const struct line *x = *(const struct line *const *)a;
    const struct line *y = *(const struct line *const *)b;

    return x->box.left < y->box.left ? -1 : x->box.left > y->box.left;
}

static struct order zone_lines(const struct sheet *s, int zone, int column)
{
    struct order o = {g_new(const struct line *, (gsize)s->line_count + 1), 0};

    for (int i = 0; i < s->line_count; i++)
        if (s->lines[i].zone == zone && (column < 0 || s->lines[i].column == column))
            o.lines[o.count++] = &s->lines[i];
    return o;
}

/* Straight across: what stands within half a line of the same height is one. */
static void across_append(struct buffer *out, struct order o)
{
    qsort(o.lines, (size_t)o.count, sizeof *o.lines, by_height);
    for (int i = 0; i < o.count;) {
        int end = i + 1;
        double reach = (o.lines[i]->box.bottom - o.lines[i]->box.top) / 2;

        while (end < o.count && middle(o.lines[end]) - middle(o.lines[i]) < reach)
            end++;
        qsort(o.lines + i, (size_t)(end - i), sizeof *o.lines, by_place);
        for (; i < end; i++)
            buffer_append_format(out, "%s%s", o.lines[i]->text, i + 1 < end ? " " : "\n");
    }
}

/* As set: the lines of a paragraph, or of a row of cells, are one. */
static void downwards_append(struct buffer *out, struct order o, bool table)
{
    for (int i = 0; i < o.count; i++) {
        const struct line *l = o.lines[i],
                          *next = i + 1 < o.count ? o.lines[i + 1] : NULL;
        bool same =
            next != NULL && (table ? next->row == l->row : next->block == l->block);

        buffer_append_format(out, "%s%s", l->text, same ? " " : "\n");
    }
}

static void order_append(struct buffer *out, const struct sheet *s, int zone, int which)
{
    struct order o = zone_lines(s, zone, -1);

    if (s->zones[zone] == ZONE_COLUMNS && which != 1) {
        for (int k = 0; k < 2; k++) {
            struct order column = zone_lines(s, zone, which == 0 ? k : 1 - k);

            downwards_append(out, column, false);
            g_free(column.lines);
        }
    } else if (which == 1) {
        across_append(out, o);
    } else {
        downwards_append(out, o, s->zones[zone] == ZONE_TABLE);
    }
    g_free(o.lines);
    if (out->count > 0)
        out->bytes[--out->count] = '\0'; /* the last line feed */
}

static int orders_of(const struct sheet *s, int zone)
{
    return s->zones[zone] == ZONE_PLAIN ? 1 : s->zones[zone] == ZONE_TABLE ? 2 : 3;
}

static void zones_append(json_t *zones, const struct sheet *s)
{
    struct buffer text;

    buffer_init(&text, TEXT_BYTES_MAX);
    for (int z = 0; z < s->zone_count; z++) {
        json_t *orders = json_array();

        for (int k = 0; k < orders_of(s, z); k++) {
            bool told = false;

            buffer_clear(&text);
            order_append(&text, s, z, k);
            for (size_t i = 0; i < json_array_size(orders); i++)
                told = told || strcmp(json_string_value(json_array_get(orders, i)),
                                      (const char *)text.bytes) == 0;
            if (!told && text.count > 0)
                json_array_append_new(orders, json_string((const char *)text.bytes));
        }
        if (json_array_size(orders) > 0)
            json_array_append(zones, orders);
        json_decref(orders);
    }
    buffer_release(&text);
}

/* ---- the object ---- */

static json_t *box_json(const struct box *b)
{
    long left = lround(floor(b->left)), top = lround(floor(b->top));

    return json_pack("[i,i,i,i]", (int)left, (int)top, (int)(lround(b->right) - left),
                     (int)(lround(b->bottom) - top));
}

static void words_append(json_t *words, const struct sheet *s, const struct picture *p,
                         int page)
{
    for (int i = 0; i < s->word_count; i++)
        json_array_append_new(words,
                              json_pack("{s:i,s:s,s:o}", "page", page, "text",
                                        s->words[i].text, "box", box_json(&p->words[i])));
}

static void stamps_append(json_t *stamps, const struct sheet *s, const struct picture *p,
                          int page)
{
    for (int i = 0; i < s->mark_count; i++)
        if (s->marks[i].kind == MARK_STAMP)
            json_array_append_new(stamps, json_pack("{s:i,s:s,s:o}", "page", page, "text",
                                                    s->marks[i].text, "box",
                                                    box_json(&p->marks[i])));
}

static json_t *truth_json(const struct truth *t)
{
    const struct picture *p = &t->pictures[t->first];
    json_t *o = json_object(), *fields = json_object(), *zones = json_array();
    json_t *words = json_array(), *stamps = json_array();

    for (int i = 0; i < t->paper->field_count; i++)
        json_object_set_new(fields, t->paper->fields[i].name,
                            json_string(t->paper->fields[i].value));
    for (int i = 0; i < t->count; i++) {
        const struct sheet *s = t->paper->sheets[t->first + i];

        zones_append(zones, s);
        words_append(words, s, &t->pictures[t->first + i], i + 1);
        stamps_append(stamps, s, &t->pictures[t->first + i], i + 1);
    }
    json_object_set_new(o, "id", json_string(t->id));
    json_object_set_new(o, "kind", json_string(paper_kind_name(t->paper->wish.kind)));
    json_object_set_new(o, "age", json_string(t->age));
    json_object_set_new(o, "tone", json_string(t->tone));
    json_object_set_new(o, "font", json_string(t->paper->fonts->family));
    json_object_set_new(o, "dpi", json_integer(p->dpi));
    json_object_set_new(o, "width", json_integer(pixGetWidth(p->pix)));
    json_object_set_new(o, "height", json_integer(pixGetHeight(p->pix)));
    json_object_set_new(o, "skew", json_real(round(p->skew_deg * 100) / 100));
    json_object_set_new(o, "pages", json_integer(t->count));
    json_object_set_new(o, "page", json_integer(t->first + 1));
    json_object_set_new(o, "fields", fields);
    json_object_set_new(o, "stamps", stamps);
    json_object_set_new(o, "zones", zones);
    json_object_set_new(o, "words", words);
    return o;
}

/* ---- files ---- */

/* One line a word or zone: a person can read it, and a diff shows what moved. */
static void json_lines(struct buffer *out, json_t *o)
{
    const char *key, *before = "{";
    json_t *value, *item;
    size_t i;

    json_object_foreach(o, key, value)
    {
        buffer_append_format(out, "%s\n\"%s\": ", before, key);
        before = ",";
        if (!json_is_array(value)) {
            char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(5));

            buffer_append_text(out, text);
            free(text);
            continue;
        }
        buffer_append_text(out, "[");
        json_array_foreach(value, i, item)
        {
            char *text = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);

            buffer_append_format(out, "%s\n%s", i > 0 ? "," : "", text);
            free(text);
        }
        buffer_append_text(out, "]");
    }
    buffer_append_text(out, "}\n");
}

static void text_lines(struct buffer *out, const struct truth *t)
{
    for (int i = 0; i < t->count; i++) {
        const struct sheet *s = t->paper->sheets[t->first + i];

        if (i > 0)
            buffer_append_text(out, "\f");
        for (int z = 0; z < s->zone_count; z++) {
            struct buffer zone;

            buffer_init(&zone, TEXT_BYTES_MAX);
            order_append(&zone, s, z, 0);
            if (zone.count > 0)
                buffer_append_format(out, "%s\n", (const char *)zone.bytes);
            buffer_release(&zone);
        }
    }
}

int truth_write(const struct truth *t, const char *path, struct err *e)
{
    char name[PATH_BYTES];
    struct buffer text, json;
    json_t *o = truth_json(t);
    int rc = -1;

    buffer_init(&text, TEXT_BYTES_MAX);
    buffer_init(&json, TEXT_BYTES_MAX);
    text_lines(&text, t);
    g_snprintf(name, sizeof name, "%s.txt", path);
    if (buffer_check(&text, e) != 0 || output_bytes(name, text.bytes, text.count, e) != 0)
        goto out;
    json_lines(&json, o);
    g_snprintf(name, sizeof name, "%s.json", path);
    if (buffer_check(&json, e) != 0 || output_bytes(name, json.bytes, json.count, e) != 0)
        goto out;
    rc = 0;
out:
    buffer_release(&text);
    buffer_release(&json);
    json_decref(o);
    return rc;
}
