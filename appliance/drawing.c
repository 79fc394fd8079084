#include "appliance/drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/box_types.h"
#include "appliance/field_rows.h"
#include "appliance/readings.h"
#include "schema/statements.h"

/* Heads are on the first pages, signatures on the last; a book of hundreds of pages is
 * no administrative paper, and its layouts would fill the memory. */
#define PAGES_EACH_END  16
#define DRAWN_PAGES_MAX (2 * PAGES_EACH_END)

/* What a document without a type may be, and one that says which. */
static const char administrative[] = "administrative", party[] = "party";

struct drawn_page {
    uint64_t id;
    struct reading_rows reading;
    struct layout layout;
};

struct drawing {
    struct box *box;
    uint64_t document;
    char type[64]; /* "": none was given */
    uint64_t *ids; /* owned; all pages */
    size_t ids_count, ids_room;
    struct drawn_page pages[DRAWN_PAGES_MAX];
    size_t pages_count;
};

/* ------------------------------------------------------------------ its pages */

static int add_page(void *arg, const struct page_row *p, struct err *e)
{
    struct drawing *d = arg;

    if (d->ids_count == d->ids_room) {
        size_t room = d->ids_room == 0 ? 16 : d->ids_room * 2;
        uint64_t *more = realloc(d->ids, room * sizeof *more);

        if (more == NULL)
            return err_set(e, ERR_MEMORY, "fields");
        d->ids = more;
        d->ids_room = room;
    }
    d->ids[d->ids_count++] = p->id;
    return 0;
}

/* *wanted: a paper that was taken in here, of a type that there are rules for. */
static int look_at_document(struct drawing *d, bool *wanted, struct err *e)
{
    sqlite3_stmt *s[1] = {0};
    const char *sql[] = {"SELECT type, source FROM document WHERE id = ?1"};
    int row;

    *wanted = false;
    if (statements_prepare(store_db(d->box->store), s, sql, 1, e) != 0)
        return -1;
    bind_id(s[0], 1, d->document);
    row = statement_step(s[0], e);
    if (row == 1) {
        const char *type = (const char *)sqlite3_column_text(s[0], 0);

        (void)snprintf(d->type, sizeof d->type, "%s", type == NULL ? "" : type);
        *wanted = sqlite3_column_type(s[0], 1) == SQLITE_NULL &&
                  (type == NULL || strcmp(type, administrative) == 0 ||
                   strcmp(type, party) == 0);
    }
    statements_finalize(s, 1);
    return row < 0 ? -1 : 0;
}

static bool is_drawn_from(const struct drawing *d, size_t at)
{
    return d->ids_count <= DRAWN_PAGES_MAX || at < PAGES_EACH_END ||
           at >= d->ids_count - PAGES_EACH_END;
}

/* *all: each page has a reading; else there is another to wait for. */
static int read_pages(struct drawing *d, bool *all, struct err *e)
{
    *all = true;
    for (size_t i = 0; i < d->ids_count && *all; i++) {
        struct drawn_page *p = &d->pages[d->pages_count];

        if (!is_drawn_from(d, i))
            continue;
        p->id = d->ids[i];
        d->pages_count++;
        if (reading_newest(d->box, p->id, &p->reading, e) != 0)
            return -1;
        *all = p->reading.id != 0;
        if (*all && p->reading.layout.count > 0 &&
            layout_unpack(&p->layout, p->reading.layout.bytes, p->reading.layout.count,
                          e) != 0) {
            if (e->code != ERR_CORRUPT)
                return err_wrap(e, "page %llu", (unsigned long long)p->id);
            /* A page of long ago is damaged (`verify` tells): the others are read on. */
            reading_rows_release(&p->reading);
            d->pages_count--;
        }
    }
    return 0;
}

/* ---------------------------------------------------------------- its fields */

/* All pages are counted, also those that nothing is drawn from. */
static int count_pages(const struct drawing *d, struct fields *f, struct err *e)
{
    for (size_t i = 0; i < f->count; i++) {
        char count[24], *value;

        if (strcmp(f->values[i].name, "page_count") != 0)
            continue;
        (void)snprintf(count, sizeof count, "%zu", d->ids_count);
        value = strdup(count);
        if (value == NULL)
            return err_set(e, ERR_MEMORY, "fields");
        free(f->values[i].value);
        f->values[i].value = value;
    }
    return 0;
}

static int find_fields(const struct drawing *d, struct fields *out, struct err *e)
{
    struct fields_page pages[DRAWN_PAGES_MAX];

    for (size_t i = 0; i < d->pages_count; i++)
        pages[i] = (struct fields_page){(const char *)d->pages[i].reading.text.bytes,
                                        &d->pages[i].layout};
    if (fields_find(out, pages, d->pages_count, NULL, 0, e) != 0)
        return -1;
    return count_pages(d, out, e);
}

/* The number of pages alone is nothing that a paper says. */
static bool says_something(const struct fields *f)
{
    return f->count > 1 || (f->count == 1 && f->values[0].zoned);
}

static int write_rows(const struct drawing *d, const struct fields *found,
                      const struct record_type *type, struct err *e)
{
    struct field_rows rows;
    uint64_t ids[DRAWN_PAGES_MAX];
    int rc;

    for (size_t i = 0; i < d->pages_count; i++)
        ids[i] = d->pages[i].id;
    if (field_rows_make(&rows, found, type, ids, e) != 0)
        return -1;
    rc = record_drawn(d->box->records, d->document, rows.values, rows.count, e);
    field_rows_release(&rows);
    return rc;
}

static const struct record_type *type_of(const struct drawing *d,
                                         const struct record_types *types,
                                         const struct fields *found)
{
    const struct record_type *t = NULL;

    if (d->type[0] != '\0')
        return types_find(types, d->type);
    if (field_rows_are_party(found))
        t = types_find(types, party);
    return t != NULL ? t : types_find(types, administrative);
}

static int draw(const struct drawing *d, struct err *e)
{
    const struct box_types *known;
    const struct record_type *type;
    struct fields found = {0};
    int rc = -1;

    if (find_fields(d, &found, e) != 0)
        goto out;
    if (!says_something(&found)) {
        rc = record_drawn(d->box->records, d->document, NULL, 0, e);
        goto out;
    }
    if (box_types(d->box, &known, e) != 0)
        goto out;
    type = type_of(d, known->types, &found);
    rc = type == NULL ? 0 : write_rows(d, &found, type, e);
out:
    fields_release(&found);
    return rc;
}

static void drawing_release(struct drawing *d)
{
    for (size_t i = 0; i < d->pages_count; i++) {
        reading_rows_release(&d->pages[i].reading);
        layout_release(&d->pages[i].layout);
    }
    free(d->ids);
}

int drawing_after_reading(struct box *b, uint64_t page, struct err *e)
{
    struct drawing d = {.box = b};
    bool wanted, all;
    uint64_t found;
    int rc = -1;

    if (record_find(b->records, page, &d.document, &found, e) != 0)
        return -1;
    if (d.document == 0) /* deleted meanwhile */
        return 0;
    if (look_at_document(&d, &wanted, e) != 0)
        goto out;
    rc = 0;
    if (!wanted)
        goto out;
    if (record_each_page(b->records, d.document, add_page, &d, e) != 0 ||
        read_pages(&d, &all, e) != 0 || (all && draw(&d, e) != 0))
        rc = err_wrap(e, "fields of document %llu", (unsigned long long)d.document);
out:
    drawing_release(&d);
    return rc;
}
