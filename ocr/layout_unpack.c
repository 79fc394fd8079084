/* Layout, unpacked: bytes from a wire, a disk or a caged child; see layout.h. */
#include <string.h>
#include <utf8proc.h>

#include "ocr/layout_steps.h"

#define VERSION_WORDS_ONLY 1
#define ROTATION_MAX       3
#define CONFIDENCE_MAX     100
#define SKEW_MAX           9000 /* a quarter turn: more would be rotation */
#define OLD_WORD_BYTES_MIN 6    /* start, confidence and four one-byte numbers */
#define WORD_BYTES_MIN     5    /* confidence and four one-byte numbers */
#define CELL_BYTES_MIN     10
#define CHANGE_BYTES_MIN   4

struct counts {
    size_t words, cells, changes;
};

/* A varint of at most `max`; more marks the cursor failed. */
static uint32_t take_number(struct cursor *c, uint64_t max)
{
    uint64_t value = cursor_varint(c);

    if (value > max)
        c->failed = true;
    return c->failed ? 0 : (uint32_t)value;
}

/* `base` plus a signed step, within min..max. */
static int32_t take_step(struct cursor *c, int64_t base, int64_t min, int64_t max)
{
    int64_t step = cursor_signed(c);

    /* Compared before adding: a hostile step must not overflow. */
    if (step < min - base || step > max - base)
        c->failed = true;
    return c->failed ? 0 : (int32_t)(base + step);
}

/* A count that the bytes cannot hold must not cost memory. */
static size_t take_count(struct cursor *c, size_t max, size_t bytes_min)
{
    size_t count = take_number(c, max);

    if (count > cursor_left(c) / bytes_min)
        c->failed = true;
    return c->failed ? 0 : count;
}

static unsigned take_head(struct cursor *c, struct layout *l, struct counts *n)
{
    unsigned version = cursor_byte(c);
    int64_t skew;

    if (version != LAYOUT_VERSION && version != VERSION_WORDS_ONLY)
        c->failed = true;
    l->width = take_number(c, LAYOUT_SIDE_MAX);
    l->height = take_number(c, LAYOUT_SIDE_MAX);
    l->dpi = take_number(c, LAYOUT_SIDE_MAX);
    l->rotation = cursor_byte(c);
    skew = cursor_signed(c);
    if (l->rotation > ROTATION_MAX || skew < -SKEW_MAX || skew > SKEW_MAX)
        c->failed = true;
    l->skew_centidegrees = c->failed ? 0 : (int32_t)skew;
    n->words =
        take_count(c, LAYOUT_WORDS_MAX,
                   version == VERSION_WORDS_ONLY ? OLD_WORD_BYTES_MIN : WORD_BYTES_MIN);
    if (version != VERSION_WORDS_ONLY) {
        n->cells = take_count(c, LAYOUT_CELLS_MAX, CELL_BYTES_MIN);
        n->changes = take_count(c, LAYOUT_CHANGES_MAX, CHANGE_BYTES_MIN);
    }
    return version;
}

static enum word_start take_start(struct cursor *c, unsigned first, unsigned last)
{
    unsigned start = cursor_byte(c);

    if (start < first || start > last)
        c->failed = true;
    return c->failed ? WORD_IN_LINE : (enum word_start)start;
}

static uint8_t confidence_checked(struct cursor *c, unsigned confidence)
{
    if (confidence > CONFIDENCE_MAX)
        c->failed = true;
    return c->failed ? 0 : (uint8_t)confidence;
}

/* --- version 1 ----------------------------------------------------------- */

static void take_old_words(struct cursor *c, struct layout *l)
{
    int64_t end = 0, top = 0;

    for (size_t i = 0; i < l->words_count && !c->failed; i++) {
        struct word *w = &l->words[i];

        w->start = take_start(c, WORD_IN_LINE, WORD_NEW_BLOCK);
        w->confidence = confidence_checked(c, cursor_byte(c));
        w->left = take_step(c, w->start == WORD_IN_LINE ? end : 0, 0, l->width);
        w->top = take_step(c, top, 0, l->height);
        w->width = (int32_t)take_number(c, l->width - (uint32_t)w->left);
        w->height = (int32_t)take_number(c, l->height - (uint32_t)w->top);
        end = (int64_t)w->left + w->width;
        top = w->top;
    }
}

/* --- version 2 ----------------------------------------------------------- */

static void take_starts(struct cursor *c, struct layout *l)
{
    const unsigned char *bytes = cursor_take(c, l->words_count);

    if (bytes == NULL)
        return;
    for (size_t i = 0; i < l->words_count; i++) {
        struct word *w = &l->words[i];

        w->confidence = confidence_checked(c, bytes[i] & (WORD_STARTS - 1));
        if ((bytes[i] & WORD_STARTS) != 0)
            w->start = take_start(c, WORD_IN_LINE + 1, WORD_CELL_LINE);
    }
}

static void take_words(struct cursor *c, struct layout *l)
{
    struct word_steps steps = {0};
    int64_t top = 0, bottom = 0;

    take_starts(c, l);
    for (size_t i = 0; i < l->words_count; i++)
        l->words[i].width = (int32_t)take_number(c, l->width);
    for (size_t i = 0; i < l->words_count && !c->failed; i++) {
        struct word *w = &l->words[i];

        w->left = take_step(c, word_steps_left(&steps, w->start), 0,
                            (int64_t)l->width - w->width);
        word_steps_move(&steps, w);
    }
    for (size_t i = 0; i < l->words_count; i++)
        top = l->words[i].top = take_step(c, top, 0, l->height);
    for (size_t i = 0; i < l->words_count && !c->failed; i++) {
        bottom = take_step(c, bottom, l->words[i].top, l->height);
        l->words[i].height = (int32_t)(bottom - l->words[i].top);
    }
}

/* The next number of a cell's place: `base` and what the bytes add. */
static uint16_t take_place(struct cursor *c, uint32_t base)
{
    uint32_t step = take_number(c, UINT16_MAX);

    if (base + step > UINT16_MAX)
        c->failed = true;
    return c->failed ? 0 : (uint16_t)(base + step);
}

static void take_cell(struct cursor *c, const struct layout *l,
                      const struct cell_steps *s, struct cell *out)
{
    const struct cell *before = &s->before;

    out->table = take_place(c, before->table);
    out->row = take_place(c, cell_steps_same_table(s, out) ? before->row : 0);
    out->column = take_place(c, cell_steps_same_row(s, out) ? before->column + 1u : 0);
    out->row_span = take_place(c, 1);
    out->column_span = take_place(c, 1);
    out->left = take_step(c, cell_steps_left(s, out), 0, l->width);
    out->top = take_step(c, cell_steps_top(s, out), 0, l->height);
    out->width = (int32_t)take_number(c, l->width - (uint32_t)out->left);
    out->height = take_step(c, before->height, 0, (int64_t)l->height - out->top);
    out->words_count = take_number(c, l->words_count - s->words_end);
    if (out->words_count > 0)
        out->word_first = s->words_end + take_number(c, l->words_count - s->words_end -
                                                            out->words_count);
}

static int take_cells(struct cursor *c, struct layout *l, size_t count, struct err *e)
{
    struct cell_steps steps = {0};

    for (size_t i = 0; i < count && !c->failed; i++) {
        struct cell cell = {0};

        take_cell(c, l, &steps, &cell);
        if (layout_add_cell(l, &cell, e) != 0)
            return -1;
        cell_steps_move(&steps, &cell);
    }
    return 0;
}

static bool is_plain_text(const unsigned char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        utf8proc_int32_t letter;
        utf8proc_ssize_t n =
            utf8proc_iterate(text + at, (utf8proc_ssize_t)(bytes - at), &letter);

        if (n <= 0 || utf8proc_category(letter) == UTF8PROC_CATEGORY_CC)
            return false;
        at += (size_t)n;
    }
    return bytes > 0;
}

static int take_changes(struct cursor *c, struct layout *l, size_t count, struct err *e)
{
    uint64_t next = 0;

    for (size_t i = 0; i < count && !c->failed; i++) {
        struct change change = {0};
        uint64_t word = next + take_number(c, LAYOUT_WORDS_MAX);
        unsigned kind = cursor_byte(c);
        size_t bytes = cursor_byte(c);
        const unsigned char *was = cursor_take(c, bytes);

        if (was == NULL || bytes >= sizeof change.was || word >= l->words_count ||
            kind > CHANGE_MARK || !is_plain_text(was, bytes)) {
            c->failed = true;
            break;
        }
        change.word = (uint32_t)word;
        change.kind = (enum change_kind)kind;
        memcpy(change.was, was, bytes);
        if (layout_add_change(l, &change, e) != 0)
            return -1;
        next = word + 1;
    }
    return 0;
}

static int take_all(struct cursor *c, struct layout *l, struct err *e)
{
    struct counts n = {0};
    unsigned version = take_head(c, l, &n);

    for (size_t i = 0; i < n.words; i++)
        if (layout_add(l, &(struct word){0}, e) != 0)
            return -1;
    if (version == VERSION_WORDS_ONLY) {
        take_old_words(c, l);
    } else {
        take_words(c, l);
        if (take_cells(c, l, n.cells, e) != 0 || take_changes(c, l, n.changes, e) != 0)
            return -1;
    }
    return cursor_done(c, "layout", e);
}

int layout_unpack(struct layout *out, const void *bytes, size_t count, struct err *e)
{
    struct layout l = {0};
    struct cursor c;

    *out = (struct layout){0};
    if (count > LAYOUT_BYTES_MAX)
        return err_set(e, ERR_CORRUPT, "layout of %zu bytes", count);
    cursor_init(&c, bytes, count);
    if (take_all(&c, &l, e) != 0) {
        layout_release(&l);
        return -1;
    }
    *out = l;
    return 0;
}
