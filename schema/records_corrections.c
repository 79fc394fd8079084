/* Corrections: what persons wrote in the place of words. */
#include "schema/records_internal.h"

#include <string.h>

#include "schema/statements.h"

int record_correction(struct records *r, const struct correction_row *c, struct err *e)
{
    const int32_t box[] = {c->left, c->top, c->width, c->height};
    sqlite3_stmt *s = statement_fresh(r->writes[WRITE_CORRECTION]);
    uint64_t id;

    if (strlen(c->new_text) > RECORD_TEXT_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "word %lu: a correction of %zu bytes",
                       (unsigned long)c->word, strlen(c->new_text));
    bind_id(s, 2, c->reading);
    (void)sqlite3_bind_int64(s, 3, c->word);
    for (int i = 0; i < 4; i++)
        (void)sqlite3_bind_int(s, 4 + i, box[i]);
    bind_text(s, 8, c->old_text);
    bind_text(s, 9, c->new_text);
    return records_insert(r, s, &id, e);
}

static const char *column_string(sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);

    return text == NULL ? "" : text;
}

int record_each_correction(struct records *r, uint64_t reading,
                           int (*each)(void *arg, const struct correction_row *c,
                                       struct err *e),
                           void *arg, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[READ_CORRECTION_ROWS]);
    int row;

    bind_id(s, 1, reading);
    while ((row = statement_step(s, e)) == 1) {
        struct correction_row c = {
            .reading = reading,
            .word = (uint32_t)sqlite3_column_int64(s, 0),
            .left = sqlite3_column_int(s, 1),
            .top = sqlite3_column_int(s, 2),
            .width = sqlite3_column_int(s, 3),
            .height = sqlite3_column_int(s, 4),
            .old_text = column_string(s, 5),
            .new_text = column_string(s, 6),
        };

        if (each(arg, &c, e) != 0) {
            (void)sqlite3_reset(s); /* only read: nothing can fail */
            return -1;
        }
    }
    return row;
}

int record_newest_reading(struct records *r, uint64_t page, uint64_t *id,
                          struct buffer *text, struct buffer *layout, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->reads[READ_NEWEST_READING]);
    int row;

    *id = 0;
    bind_id(s, 1, page);
    row = statement_step(s, e);
    if (row != 1)
        return row;
    *id = (uint64_t)sqlite3_column_int64(s, 0);
    buffer_append(text, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
    buffer_append(layout, sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2));
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return buffer_check(text, e) != 0 || buffer_check(layout, e) != 0 ? -1 : 0;
}
