#include "appliance/readings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "appliance/drawing.h"
#include "appliance/duplicates.h"
#include "appliance/events.h"
#include "base/words.h"
#include "ocr/anchor.h"

#define CORRECTION_BYTES_MAX 1024 /* a line that replaces a word */

void reading_rows_release(struct reading_rows *r)
{
    buffer_release(&r->text);
    buffer_release(&r->layout);
}

int reading_newest(struct box *b, uint64_t page, struct reading_rows *out, struct err *e)
{
    buffer_init(&out->text, RECORD_TEXT_BYTES_MAX);
    buffer_init(&out->layout, RECORD_LAYOUT_BYTES_MAX);
    buffer_append(&out->text, "", 0); /* a text without letters ends too */
    return record_newest_reading(b->records, page, &out->id, &out->text, &out->layout, e);
}

/* ------------------------------------------------------------------ carried over */

/* The corrections of a reading; texts are owned. */
struct fixes {
    struct anchor_correction *list;
    size_t count, capacity;
};

static void fixes_release(struct fixes *f)
{
    for (size_t i = 0; i < f->count; i++)
        free((char *)f->list[i].text);
    free(f->list);
}

static int add_fix(void *arg, const struct correction_row *c, struct err *e)
{
    struct fixes *f = arg;
    char *text = strdup(c->new_text);

    if (f->count == f->capacity) {
        size_t capacity = f->capacity == 0 ? 16 : 2 * f->capacity;
        struct anchor_correction *list = realloc(f->list, capacity * sizeof *list);

        if (list != NULL) {
            f->list = list;
            f->capacity = capacity;
        }
    }
    if (text == NULL || f->count == f->capacity) {
        free(text);
        return err_set(e, ERR_MEMORY, "out of memory for a page's corrections");
    }
    f->list[f->count++] = (struct anchor_correction){.word = c->word, .text = text};
    return 0;
}

struct carrying {
    struct box *box;
    uint64_t page, reading; /* the new one */
    const struct layout *layout;
    size_t lost;
};

static void put_box(struct correction_row *row, const struct word *w)
{
    row->left = w->left;
    row->top = w->top;
    row->width = w->width;
    row->height = w->height;
}

static int carry_one(void *arg, const struct anchored *a, struct err *e)
{
    struct carrying *c = arg;
    struct correction_row row = {.reading = c->reading, .word = a->word};

    if (a->word == ANCHOR_NOWHERE) {
        c->lost++;
        return event_add(c->box, c->page, "correction_lost",
                         json_pack("{s:s, s:s}", "was", a->was, "text", a->text), e);
    }
    put_box(&row, &c->layout->words[a->word]);
    row.old_text = a->was;
    row.new_text = a->text;
    return record_correction(c->box->records, &row, e);
}

/* Imported text has no layout: the new reading has nothing to anchor by, and corrections
 * of it are told as lost. */
static int lay_out(struct layout *out, const char *text, const void *layout, size_t bytes,
                   struct err *e)
{
    *out = (struct layout){0};
    if (bytes > 0)
        return layout_unpack(out, layout, bytes, e);
    for (size_t n = layout_count_words(text); n > 0; n--)
        if (layout_add(out, &(struct word){0}, e) != 0)
            return -1;
    return 0;
}

static int carry_over(struct box *b, const struct reading_rows *old,
                      struct carrying *carrying, const struct anchor_reading *to,
                      struct err *e)
{
    const char *text = (const char *)old->text.bytes;
    struct layout before = {0};
    struct anchor_reading from = {text, &before};
    struct fixes fixes = {0};
    int rc = -1;

    if (record_each_correction(b->records, old->id, add_fix, &fixes, e) != 0)
        goto out;
    if (fixes.count > 0) {
        if (lay_out(&before, text, old->layout.bytes, old->layout.count, e) != 0)
            goto out;
        if (anchor_corrections(&from, to, fixes.list, fixes.count, carry_one, carrying,
                               e) != 0 ||
            records_refresh(b->records, carrying->page, e) != 0)
            goto out;
    }
    rc = 0;
out:
    layout_release(&before);
    fixes_release(&fixes);
    return rc;
}

int reading_write(struct box *b, uint64_t page, const char *text, const void *layout,
                  size_t layout_bytes, const char *engine, size_t *lost, struct err *e)
{
    struct reading_rows old = {0};
    struct layout now = {0};
    struct carrying carrying = {.box = b, .page = page, .layout = &now};
    int rc = -1;

    if (reading_newest(b, page, &old, e) != 0)
        goto out;
    if (record_reading(b->records, page, text, layout, layout_bytes, engine,
                       &carrying.reading, e) != 0)
        goto out;
    if (old.id != 0) {
        if (lay_out(&now, text, layout, layout_bytes, e) != 0)
            goto out;
        if (carry_over(b, &old, &carrying, &(struct anchor_reading){text, &now}, e) !=
            0) {
            (void)err_wrap(e, "corrections of page %" PRIu64, page);
            goto out;
        }
    }
    if (duplicates_again(b, page, e) != 0 || drawing_mark(b, page, e) != 0)
        goto out;
    *lost = carrying.lost;
    rc = 0;
out:
    layout_release(&now);
    reading_rows_release(&old);
    return rc;
}

/* ---------------------------------------------------------------- a person's */

/* Into composed form, as what was read is: else the same word would differ from itself. */
static int compose_line(char **out, const char *text, struct err *e)
{
    utf8proc_uint8_t *composed;

    *out = NULL;
    if (strlen(text) > CORRECTION_BYTES_MAX)
        return err_set(e, ERR_USAGE, "a correction is longer than %d bytes",
                       CORRECTION_BYTES_MAX);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return err_set(e, ERR_USAGE, "a correction is one line of text");
    composed = utf8proc_NFC((const utf8proc_uint8_t *)text);
    if (composed == NULL)
        return err_set(e, ERR_USAGE, "a correction is not UTF-8");
    *out = (char *)composed;
    return 0;
}

static char *word_copy(const char *text, uint32_t number)
{
    size_t at = 0, bytes;
    const char *word;

    while (words_next(text, &at, &word, &bytes))
        if (number-- == 0)
            return strndup(word, bytes);
    return NULL;
}

static int write_correction(struct box *b, uint64_t page, const struct reading_rows *r,
                            const struct layout *layout, const struct correction *c,
                            struct err *e)
{
    char *was = word_copy((const char *)r->text.bytes, c->word), *now = NULL;
    struct correction_row row = {.reading = r->id, .word = c->word, .old_text = was};
    int rc = -1;

    if (was == NULL || c->word >= layout->words_count) {
        (void)err_set(e, ERR_USAGE, "page %" PRIu64 " has no word %" PRIu32, page,
                      c->word);
        goto out;
    }
    if (compose_line(&now, c->text, e) != 0)
        goto out;
    row.new_text = now;
    put_box(&row, &layout->words[c->word]);
    rc = record_correction(b->records, &row, e);
out:
    free(now);
    free(was);
    return rc;
}

static int write_corrections(struct box *b, uint64_t page, uint64_t reading,
                             const struct correction *corrections, size_t count,
                             struct err *e)
{
    struct reading_rows newest = {0};
    struct layout layout = {0};
    int rc = -1;

    if (reading_newest(b, page, &newest, e) != 0)
        goto out;
    if (newest.id == 0 || newest.id != reading) {
        (void)err_set(e, ERR_USAGE,
                      "page %" PRIu64 " has been read again since: look at it once more",
                      page);
        goto out;
    }
    if (lay_out(&layout, (const char *)newest.text.bytes, newest.layout.bytes,
                newest.layout.count, e) != 0)
        goto out;
    for (size_t i = 0; i < count; i++)
        if (write_correction(b, page, &newest, &layout, &corrections[i], e) != 0)
            goto out;
    if (count > 0 && records_refresh(b->records, page, e) != 0)
        goto out;
    rc = event_add(b, page, "corrected", json_pack("{s:I}", "words", (json_int_t)count),
                   e);
out:
    layout_release(&layout);
    reading_rows_release(&newest);
    return rc;
}

int reading_correct(struct box *b, uint64_t page, uint64_t reading,
                    const struct correction *corrections, size_t count, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (write_corrections(b, page, reading, corrections, count, e) == 0 &&
        store_write_commit(b->store, NULL, e) == 0)
        return 0;
    store_write_rollback(b->store);
    return -1;
}
