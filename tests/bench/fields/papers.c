#include "tests/bench/fields/papers.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk.h"

#define TRUTH_SURE 96 /* what our reader says of words that it reads well */

static int box_read(const json_t *box, struct word *out)
{
    return json_unpack((json_t *)(uintptr_t)box, "[i,i,i,i]", &out->left, &out->top,
                       &out->width, &out->height);
}

/* --- as read -------------------------------------------------------------- */

/* What stands between two words of the text says how the second starts. */
static enum word_start start_of(const char *gap, size_t bytes, bool in_cell)
{
    size_t feeds = 0;

    for (size_t i = 0; i < bytes; i++) {
        if (gap[i] == '\t')
            return WORD_NEW_CELL;
        feeds += gap[i] == '\n';
    }
    (void)in_cell;
    return feeds == 0 ? WORD_IN_LINE : feeds == 1 ? WORD_NEW_LINE : WORD_NEW_BLOCK;
}

static int words_read(struct paper *p, size_t page, const json_t *words, struct err *e)
{
    const char *text = p->texts[page], *at = text;
    size_t i;
    json_t *one;

    json_array_foreach((json_t *)(uintptr_t)words, i, one)
    {
        const char *word = json_string_value(json_object_get(one, "text"));
        const char *found = word == NULL ? NULL : strstr(at, word);
        struct word w = {.confidence = (uint8_t)json_integer_value(
                             json_object_get(one, "confidence"))};

        if (found == NULL || box_read(json_object_get(one, "box"), &w) != 0)
            return err_set(e, ERR_CORRUPT, "%s: word %zu is not in its text", p->id, i);
        w.start = start_of(at, (size_t)(found - at), false);
        at = found + strlen(word);
        if (layout_add(&p->layouts[page], &w, e) != 0)
            return -1;
    }
    return 0;
}

static int cell_read(struct layout *l, const json_t *cell, uint16_t table, struct err *e)
{
    struct cell c = {.table = table};
    struct word box;
    int row, column, row_span, column_span, first, count;

    if (json_unpack((json_t *)(uintptr_t)cell, "{s:i, s:i, s:i, s:i, s:i, s:i}", "row",
                    &row, "column", &column, "row_span", &row_span, "column_span",
                    &column_span, "first", &first, "count", &count) != 0 ||
        box_read(json_object_get(cell, "box"), &box) != 0)
        return err_set(e, ERR_CORRUPT, "a cell");
    c.row = (uint16_t)row;
    c.column = (uint16_t)column;
    c.row_span = (uint16_t)row_span;
    c.column_span = (uint16_t)column_span;
    c.left = box.left;
    c.top = box.top;
    c.width = box.width;
    c.height = box.height;
    c.word_first = count == 0 ? 0 : (uint32_t)first;
    c.words_count = (uint32_t)count;
    return layout_add_cell(l, &c, e);
}

static int tables_read(struct layout *l, const json_t *tables, struct err *e)
{
    size_t t, r, c;
    json_t *table, *row, *cell;

    json_array_foreach((json_t *)(uintptr_t)tables, t, table)
    {
        json_array_foreach(json_object_get(table, "rows"), r, row)
        {
            json_array_foreach(json_object_get(row, "cells"), c, cell)
            {
                if (cell_read(l, cell, (uint16_t)t, e) != 0)
                    return -1;
            }
        }
    }
    return 0;
}

/* A line within a cell begins where the place goes back, which the text does not say. */
static void cell_lines(struct layout *l)
{
    for (size_t i = 0; i < l->cells_count; i++)
        for (uint32_t k = 1; k < l->cells[i].words_count; k++) {
            struct word *w = &l->words[l->cells[i].word_first + k];

            if (w->start == WORD_IN_LINE && w->left < w[-1].left)
                w->start = WORD_CELL_LINE;
        }
}

static int page_read(struct paper *p, const json_t *line, struct err *e)
{
    const json_t *text = json_object_get(line, "text");
    size_t page = (size_t)json_integer_value(json_object_get(line, "page"));
    struct layout *l;

    if (page == 0 || page > PAPER_PAGES_MAX)
        return err_set(e, ERR_CORRUPT, "%s: page %zu", p->id, page);
    p->pages_count = page > p->pages_count ? page : p->pages_count;
    if (!json_is_string(text))
        return 0; /* refused */
    l = &p->layouts[page - 1];
    p->texts[page - 1] = strdup(json_string_value(text));
    l->width = (uint32_t)json_integer_value(json_object_get(line, "width"));
    l->height = (uint32_t)json_integer_value(json_object_get(line, "height"));
    l->dpi = (uint32_t)json_integer_value(json_object_get(line, "dpi"));
    l->rotation = (uint8_t)(json_integer_value(json_object_get(line, "rotation")) / 90);
    l->skew_centidegrees =
        (int32_t)lround(json_number_value(json_object_get(line, "skew")) * 100);
    if (p->texts[page - 1] == NULL)
        return err_set(e, ERR_MEMORY, "%s", p->id);
    if (words_read(p, page - 1, json_object_get(line, "words"), e) != 0 ||
        tables_read(l, json_object_get(line, "tables"), e) != 0)
        return -1;
    cell_lines(l);
    return 0;
}

static struct paper *paper_of(struct papers *all, const char *file)
{
    const char *name = file == NULL ? NULL : strrchr(file, '/');

    for (size_t i = 0; name != NULL && i < all->count; i++) {
        size_t bytes = strlen(all->all[i].id);

        if (strncmp(name + 1, all->all[i].id, bytes) == 0 && name[1 + bytes] == '.')
            return &all->all[i];
    }
    return NULL;
}

static int readings_take(struct papers *all, const char *path, struct err *e)
{
    FILE *file = fopen(path, "rb");
    json_t *line;
    int rc = 0;

    if (file == NULL)
        return err_set_errno(e, ERR_IO, "%s", path);
    while (rc == 0 && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        struct paper *p = paper_of(all, json_string_value(json_object_get(line, "file")));

        if (p != NULL)
            rc = page_read(p, line, e);
        json_decref(line);
    }
    (void)fclose(file);
    return rc;
}

/* --- as it is ------------------------------------------------------------- */

/* Lines begin where the place goes back or down, or a column's width is left out. */
static enum word_start true_start(const struct word *before, const struct word *w)
{
    int32_t gap = w->left - before->left - before->width;

    if (w->top > before->top + before->height * 2)
        return WORD_NEW_BLOCK;
    if (gap < -before->height || w->top > before->top + before->height ||
        w->top + w->height < before->top)
        return WORD_NEW_LINE;
    return WORD_IN_LINE;
}

static int truth_word(struct paper *p, struct buffer *texts, const json_t *one,
                      struct err *e)
{
    size_t page = (size_t)json_integer_value(json_object_get(one, "page"));
    struct word w = {.start = WORD_NEW_BLOCK, .confidence = TRUTH_SURE};
    struct layout *l;

    if (page == 0 || page > PAPER_PAGES_MAX ||
        box_read(json_object_get(one, "box"), &w) != 0)
        return err_set(e, ERR_CORRUPT, "%s: a word of the truth", p->id);
    p->pages_count = page > p->pages_count ? page : p->pages_count;
    l = &p->layouts[page - 1];
    if (l->words_count > 0) {
        w.start = true_start(&l->words[l->words_count - 1], &w);
        buffer_append_text(&texts[page - 1], layout_gap(w.start));
    }
    buffer_append_text(&texts[page - 1], json_string_value(json_object_get(one, "text")));
    return layout_add(l, &w, e);
}

static int truth_take(struct paper *p, struct err *e)
{
    struct buffer texts[PAPER_PAGES_MAX];
    size_t i;
    json_t *one;
    int rc = 0;

    for (i = 0; i < PAPER_PAGES_MAX; i++)
        buffer_init(&texts[i], 1 << 20);
    json_array_foreach(json_object_get(p->truth, "words"), i, one)
    {
        if (rc == 0)
            rc = truth_word(p, texts, one, e);
    }
    for (i = 0; i < PAPER_PAGES_MAX; i++) {
        p->layouts[i].width =
            (uint32_t)json_integer_value(json_object_get(p->truth, "width"));
        p->layouts[i].height =
            (uint32_t)json_integer_value(json_object_get(p->truth, "height"));
        if (texts[i].count > 0)
            p->texts[i] = strdup((const char *)texts[i].bytes);
        buffer_release(&texts[i]);
    }
    return rc;
}

/* --- a folder ------------------------------------------------------------- */

static int truth_open(struct paper *p, const char *path, struct err *e)
{
    const char *name = strrchr(path, '/');
    json_error_t why;

    (void)snprintf(p->id, sizeof p->id, "%.*s", (int)strlen(name + 1) - 5, name + 1);
    p->truth = json_load_file(path, 0, &why);
    return p->truth != NULL ? 0 : err_set(e, ERR_CORRUPT, "%s: %s", path, why.text);
}

int papers_open(struct papers *out, const char *dir, const char *readings, struct err *e)
{
    struct papers all = {0};
    glob_t found = {0};
    char pattern[DISK_PATH_BYTES];
    int rc = -1;

    *out = (struct papers){0};
    if (disk_path(pattern, e, "%s/*.json", dir) != 0)
        return -1;
    if (glob(pattern, 0, NULL, &found) != 0) {
        err_set(e, ERR_FAILED, "%s: no papers", dir);
        goto out;
    }
    all.all = calloc(found.gl_pathc, sizeof *all.all);
    if (all.all == NULL) {
        err_set(e, ERR_MEMORY, "%s", dir);
        goto out;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (truth_open(&all.all[all.count++], found.gl_pathv[i], e) != 0 ||
            (readings == NULL && truth_take(&all.all[i], e) != 0))
            goto out;
    }
    if (readings != NULL && readings_take(&all, readings, e) != 0)
        goto out;
    *out = all;
    all = (struct papers){0};
    rc = 0;
out:
    globfree(&found);
    papers_close(&all);
    return rc;
}

void papers_close(struct papers *p)
{
    for (size_t i = 0; i < p->count; i++) {
        json_decref(p->all[i].truth);
        for (size_t k = 0; k < PAPER_PAGES_MAX; k++) {
            free(p->all[i].texts[k]);
            layout_release(&p->all[i].layouts[k]);
        }
    }
    free(p->all);
    *p = (struct papers){0};
}

/* ------------------------------------------------------------------- names */

void truth_name_read(struct truth_name *out, const char *name)
{
    const char *dot = strchr(name, '.'), *row = strchr(name, '#');
    const char *field = dot == NULL ? name : dot + 1;
    size_t bytes = row == NULL ? strlen(field) : (size_t)(row - field);

    *out = (struct truth_name){.is_cell = row != NULL};
    if (dot != NULL)
        (void)snprintf(out->type, sizeof out->type, "%.*s", (int)(dot - name), name);
    (void)snprintf(out->field, sizeof out->field, "%.*s", (int)bytes, field);
    if (row != NULL)
        out->row = (unsigned)strtoul(row + 1, NULL, 10);
}

void paper_type(const struct paper *p, char out[64])
{
    struct truth_name one;
    const char *name;
    json_t *value;

    out[0] = '\0';
    json_object_foreach(json_object_get(p->truth, "fields"), name, value)
    {
        truth_name_read(&one, name);
        if (out[0] == '\0')
            (void)snprintf(out, 64, "%s", one.type);
    }
}
