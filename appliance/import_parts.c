#include "appliance/import_parts.h"

#include <string.h>

#include "appliance/import.h"
#include "schema/statements.h"

#define IMPORT_ENGINE "import" /* reading.engine of a text that was digital already */

/* -------------------------------------------------------------------- fields */

static int field_differs(struct import_apply *a, uint64_t document,
                         const struct import_field *f, bool *differs, bool *there,
                         struct err *e)
{
    sqlite3_stmt *s = import_apply_sql(a, APPLY_FIELD);
    int got;

    bind_id(s, 1, document);
    bind_text(s, 2, f->name);
    (void)sqlite3_bind_int64(s, 3, f->ordinal);
    got = statement_step(s, e);
    if (got < 0)
        return -1;
    *there = got == 1;
    *differs =
        got == 0 || !import_same_text(f->value, (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

/* Fields of the clerk's that the record does not have any more. */
static int drop_fields(struct import_apply *a, uint64_t document,
                       const struct import_record *r, struct err *e)
{
    struct field_value kept[IMPORT_REPEATS_MAX + 1];

    for (size_t i = 0; i < r->fields_count; i++)
        kept[i] = (struct field_value){.name = r->fields[i].name,
                                       .ordinal = r->fields[i].ordinal};
    return record_fields_keep(a->box->records, document, IMPORT_FIELD_SOURCE, kept,
                              r->fields_count, e);
}

static int pause_if(struct import_apply *a, bool cut, struct err *e)
{
    return cut ? store_write_pause(a->box->store, NULL, e) : 0;
}

/* Fields that are written together: the document's search row holds them all, and is made
 * anew for each lot. Less than a pause may add. */
#define LOT_FIELDS 64
#define LOT_BYTES  32768

struct lot {
    struct field_value values[LOT_FIELDS];
    size_t count, bytes;
};

static int write_lot(struct import_apply *a, uint64_t document, struct lot *l, bool cut,
                     struct err *e)
{
    if (record_fields(a->box->records, document, IMPORT_FIELD_SOURCE, l->values, l->count,
                      e) != 0)
        return -1;
    l->count = l->bytes = 0;
    return pause_if(a, cut, e);
}

static int add_to_lot(struct import_apply *a, uint64_t document, struct lot *l,
                      const struct import_field *f, bool cut, struct err *e)
{
    size_t bytes = f->value == NULL ? 0 : strlen(f->value);

    if (l->count > 0 && (l->count == LOT_FIELDS || l->bytes + bytes > LOT_BYTES) &&
        write_lot(a, document, l, cut, e) != 0)
        return -1;
    l->values[l->count++] =
        (struct field_value){.name = f->name, .value = f->value, .ordinal = f->ordinal};
    l->bytes += bytes;
    return 0;
}

int import_apply_fields(struct import_apply *a, uint64_t document,
                        const struct import_record *r, bool cut, bool *changed,
                        struct err *e)
{
    size_t there_count, kept = 0;
    struct lot lot = {0};

    if (!r->has_fields)
        return 0;
    if (import_apply_number(a, APPLY_FIELD_COUNT, document, &there_count, e) != 0)
        return -1;
    for (size_t i = 0; i < r->fields_count; i++) {
        const struct import_field *f = &r->fields[i];
        bool differs, there;

        if (field_differs(a, document, f, &differs, &there, e) != 0)
            return -1;
        kept += there;
        if (!differs)
            continue;
        if (add_to_lot(a, document, &lot, f, cut, e) != 0)
            return -1;
        *changed = true;
    }
    if (lot.count > 0 && write_lot(a, document, &lot, cut, e) != 0)
        return -1;
    if (kept == there_count)
        return 0;
    *changed = true;
    return drop_fields(a, document, r, e);
}

/* --------------------------------------------------------------------- pages */

static int text_differs(struct import_apply *a, uint64_t page, const char *text,
                        bool *differs, struct err *e)
{
    sqlite3_stmt *s = import_apply_sql(a, APPLY_TEXT);
    int got;

    bind_id(s, 1, page);
    got = statement_step(s, e);
    if (got < 0)
        return -1;
    *differs =
        got == 0 || !import_same_text(text, (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_reset(s); /* says only what the last step said */
    return 0;
}

static int add_text(struct import_apply *a, uint64_t page, const char *text,
                    struct err *e)
{
    uint64_t reading;

    return record_reading(a->box->records, page, text, NULL, 0, IMPORT_ENGINE, &reading,
                          e);
}

/* The pages that are there: id and ordinal in turn. The caller releases *out. */
static int list_pages(struct import_apply *a, uint64_t document, struct buffer *out,
                      struct err *e)
{
    sqlite3_stmt *s = import_apply_sql(a, APPLY_PAGES);
    int got;

    buffer_init(out, SIZE_MAX); /* as many as our own rows */
    bind_id(s, 1, document);
    while ((got = statement_step(s, e)) == 1) {
        buffer_append_u64(out, (uint64_t)sqlite3_column_int64(s, 0));
        buffer_append_u32(out, (uint32_t)sqlite3_column_int64(s, 1));
    }
    return got == 0 ? buffer_check(out, e) : -1;
}

static int apply_page(struct import_apply *a, uint64_t page, const char *text,
                      bool *changed, struct err *e)
{
    bool differs;

    if (text_differs(a, page, text, &differs, e) != 0)
        return -1;
    if (!differs)
        return 0;
    *changed = true;
    return add_text(a, page, text, e);
}

static int add_page(struct import_apply *a, uint64_t document, uint32_t ordinal,
                    const char *text, struct err *e)
{
    struct page_row row = {.document = document, .ordinal = ordinal};
    uint64_t page;

    if (record_page(a->box->records, &row, &page, e) != 0)
        return -1;
    return add_text(a, page, text, e);
}

int import_apply_pages(struct import_apply *a, uint64_t document,
                       const struct import_record *r, bool cut, bool *changed,
                       struct err *e)
{
    struct buffer there = {0};
    struct cursor at;
    uint32_t ordinal = 0;
    size_t n = 0;
    int rc = -1;

    if (!r->has_pages)
        return 0;
    if (list_pages(a, document, &there, e) != 0)
        goto out;
    cursor_init(&at, there.bytes, there.count);
    for (; cursor_left(&at) > 0; n++) {
        uint64_t page = cursor_u64(&at);

        ordinal = cursor_u32(&at);
        if (n < r->pages_count) {
            if (apply_page(a, page, r->pages[n], changed, e) != 0)
                goto out;
        } else {
            *changed = true;
            if (record_page_delete(a->box->records, page, e) != 0)
                goto out;
        }
        if (pause_if(a, cut, e) != 0)
            goto out;
    }
    for (; n < r->pages_count; n++) {
        *changed = true;
        if (add_page(a, document, ++ordinal, r->pages[n], e) != 0 ||
            pause_if(a, cut, e) != 0)
            goto out;
    }
    rc = 0;
out:
    buffer_release(&there);
    return rc;
}
