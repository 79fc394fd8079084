#include "ocr/fields/gather.h"

#include <stdlib.h>
#include <string.h>

#include "ocr/fields/phrases.h"

/* Never the end of a value that was printed: commas and colons before it or behind it,
 * specks and rules read for marks. */
#define DIRT      " ,;:-_|'`~^*=<>{}[]\\•·…‘’‹›«»"
#define DIRT_LAST ".\""
#define ROOM_STEP 32

int gather_open(struct gather *g, const struct fields_page *pages, size_t pages_count)
{
    if (pages_count == 0)
        return 0;
    g->sheets = calloc(pages_count, sizeof *g->sheets);
    g->page_first = 0;
    g->pages_count = pages_count;
    if (g->sheets == NULL)
        return err_set(g->e, ERR_MEMORY, "fields");
    for (; g->sheets_count < pages_count; g->sheets_count++)
        if (sheet_open(&g->sheets[g->sheets_count], pages[g->sheets_count].text,
                       pages[g->sheets_count].layout, g->e) != 0)
            return -1;
    return 0;
}

void gather_close(struct gather *g)
{
    for (size_t i = 0; i < g->sheets_count; i++)
        sheet_close(&g->sheets[i]);
    free(g->sheets);
    g->sheets = NULL;
    g->sheets_count = 0;
}

void run_add(struct run *r, size_t first, size_t count)
{
    if (count == 0 || r->pieces == RUN_PIECES_MAX)
        return;
    r->first[r->pieces] = first;
    r->count[r->pieces++] = count;
}

void run_add_line(struct run *r, const struct sheet_line *l)
{
    run_add(r, l->word_first, l->words_count);
}

static bool is_dirt(const char *at, size_t bytes, const char *set)
{
    char one[5] = "";

    if (bytes == 0 || bytes > 4)
        return false;
    memcpy(one, at, bytes);
    return strstr(set, one) != NULL;
}

static size_t last_bytes(const char *text, size_t count)
{
    size_t bytes = 1;

    while (bytes < count && bytes < 4 &&
           ((unsigned char)text[count - bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

static size_t first_bytes(const char *text, size_t count)
{
    size_t bytes = 1;

    while (bytes < count && bytes < 4 && ((unsigned char)text[bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

/* Leaves the dirt at both ends out; shortens the buffer and moves what is left. */
static void trim(struct buffer *b)
{
    const char *text = (const char *)b->bytes;
    size_t begin = 0, end = b->count;

    while (end > begin) {
        size_t bytes = last_bytes(text, end);

        if (!is_dirt(text + end - bytes, bytes, DIRT) &&
            !is_dirt(text + end - bytes, bytes, DIRT_LAST))
            break;
        end -= bytes;
    }
    while (begin < end) {
        size_t bytes = first_bytes(text + begin, end - begin);

        if (!is_dirt(text + begin, bytes, DIRT) &&
            !is_dirt(text + begin, bytes, DIRT_LAST))
            break;
        begin += bytes;
    }
    if (b->bytes == NULL)
        return;
    memmove(b->bytes, b->bytes + begin, end - begin);
    b->count = end - begin;
    b->bytes[b->count] = '\0';
}

/* A speck before a word's first letter, read for an apostrophe: 'XUÂN. What is quoted ends
 * in one too. */
static size_t speck_bytes(const struct sheet_word *w)
{
    static const char *const specks[] = {"'", "`", "‘", "’"};

    for (size_t i = 0; i < sizeof specks / sizeof *specks; i++) {
        size_t bytes = strlen(specks[i]);

        if (w->bytes > bytes + 1 && memcmp(w->text, specks[i], bytes) == 0 &&
            memchr(w->text + bytes, specks[i][0], w->bytes - bytes) == NULL)
            return bytes;
    }
    return 0;
}

void run_text(const struct gather *g, const struct run *r, struct buffer *out)
{
    const struct sheet *s = &g->sheets[r->page];

    for (size_t p = 0; p < r->pieces; p++)
        for (size_t i = 0; i < r->count[p]; i++) {
            const struct sheet_word *w = &s->words[r->first[p] + i];

            size_t speck = speck_bytes(w);

            if (out->count > 0)
                buffer_append_byte(out, ' ');
            buffer_append(out, w->text + speck, w->bytes - speck);
        }
    trim(out);
}

/* ---------------------------------------------------------------- evidence */

static void zone_grow(struct field_found *f, const struct word *w)
{
    int32_t right, bottom;

    if (!f->zoned) {
        f->left = w->left;
        f->top = w->top;
        f->width = w->width;
        f->height = w->height;
        f->zoned = true;
        return;
    }
    right =
        f->left + f->width > w->left + w->width ? f->left + f->width : w->left + w->width;
    bottom =
        f->top + f->height > w->top + w->height ? f->top + f->height : w->top + w->height;
    f->left = f->left < w->left ? f->left : w->left;
    f->top = f->top < w->top ? f->top : w->top;
    f->width = right - f->left;
    f->height = bottom - f->top;
}

/* Half of what the words say by their letters, half of what the worst of them says: a
 * value with one wrong word is wrong. */
static void weigh(const struct gather *g, const struct run *r, unsigned sure,
                  struct field_found *out)
{
    const struct sheet *s = &g->sheets[r->page];
    size_t letters = 0, sum = 0;
    unsigned least = 100;

    for (size_t p = 0; p < r->pieces; p++)
        for (size_t i = 0; i < r->count[p]; i++) {
            const struct sheet_word *w = &s->words[r->first[p] + i];

            zone_grow(out, &s->layout->words[r->first[p] + i]);
            letters += w->bytes;
            sum += w->bytes * w->confidence;
            if (w->confidence < least)
                least = w->confidence;
        }
    if (letters > 0)
        out->confidence = (uint8_t)((sum / letters + least) / 2 * sure / 100);
}

/* ------------------------------------------------------------------ values */

static void append(struct gather *g, struct field_found *f, const char *value)
{
    struct fields *out = g->out;
    size_t bytes = strlen(value);

    if (g->failed || bytes == 0 || out->count >= FIELDS_MAX ||
        bytes > FIELDS_BYTES_MAX - out->bytes)
        return;
    if (out->count == out->room) {
        struct field_found *more =
            realloc(out->values, (out->room + ROOM_STEP) * sizeof *more);

        if (more != NULL) {
            out->values = more;
            out->room += ROOM_STEP;
        }
        g->failed = more == NULL;
    }
    f->value = strdup(value);
    if (g->failed || f->value == NULL) {
        free(f->value);
        g->failed = true;
        (void)err_set(g->e, ERR_MEMORY, "fields");
        return;
    }
    out->values[out->count++] = *f;
    out->bytes += bytes;
}

/* Behind the last of that name. */
static unsigned next_ordinal(const struct gather *g, const char *name)
{
    unsigned next = 0;

    for (size_t i = 0; i < g->out->count; i++)
        if (strcmp(g->out->values[i].name, name) == 0)
            next = g->out->values[i].ordinal + 1;
    return next;
}

void gather_row(struct gather *g, const char *name, const struct run *r,
                const char *value, unsigned row, unsigned sure, const char *rule)
{
    struct field_found f = {
        .name = name, .page = g->page_first + r->page, .ordinal = row, .rule = rule};
    struct buffer text;

    buffer_init(&text, FIELD_VALUE_BYTES_MAX);
    if (value != NULL)
        buffer_append_text(&text, value);
    else
        run_text(g, r, &text);
    weigh(g, r, sure, &f);
    /* What is longer than any value is none. */
    if (text.failed == ERR_NONE && text.count > 0)
        append(g, &f, (const char *)text.bytes);
    buffer_release(&text);
}

void gather_run(struct gather *g, const char *name, const struct run *r,
                const char *value, unsigned sure, const char *rule)
{
    gather_row(g, name, r, value, next_ordinal(g, name), sure, rule);
}

void gather_again(struct gather *g, const struct field_found *found, const char *name)
{
    struct field_found f = *found;

    f.name = name;
    append(g, &f, found->value);
}

void gather_spelled(struct gather *g, const char *name, const struct run *r,
                    unsigned sure, const char *rule, const char *spelled)
{
    struct buffer read, mended;

    buffer_init(&read, FIELD_VALUE_BYTES_MAX);
    buffer_init(&mended, FIELD_VALUE_BYTES_MAX);
    run_text(g, r, &read);
    if (read.count > 0 && phrases_mend((const char *)read.bytes, &mended) &&
        mended.failed == ERR_NONE)
        gather_run(g, name, r, (const char *)mended.bytes,
                   sure < SURE_WORDS ? sure : SURE_WORDS, spelled);
    else
        gather_run(g, name, r, NULL, sure, rule);
    buffer_release(&read);
    buffer_release(&mended);
}

void gather_fact(struct gather *g, const char *name, const char *value, const char *rule)
{
    struct field_found f = {.name = name, .confidence = 100, .rule = rule};

    append(g, &f, value);
}

bool gather_has(const struct gather *g, const char *name)
{
    return next_ordinal(g, name) > 0;
}
