#include "ocr/copy/text.h"

#include <math.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "ocr/copy/font.h"
#include "ocr/upright.h"

#define POINTS_MIN        3.0 /* of a side: ISO 19005-2, 6.1.13 */
#define POINTS_MAX        14400.0
#define A4_LONG_SIDE      841.89
#define EM                1000.0
#define CODE_MAX          0xffff /* the font's last code */
#define CODE_OF_NO_LETTER 0xfffd
/* Lines whose letters are about as high as the page's own are given the same height:
 * who takes text out of a PDF tells paragraphs apart by it. */
#define SAME_SIZE_MIN 0.7
#define SAME_SIZE_MAX 1.45

void text_number(struct buffer *out, double value)
{
    int64_t parts = llround(fmax(fmin(value, 1e9), -1e9) * 10000);
    uint64_t size = (uint64_t)llabs(parts);

    buffer_append_format(out, "%s%llu.%04llu ", parts < 0 ? "-" : "",
                         (unsigned long long)(size / 10000),
                         (unsigned long long)(size % 10000));
}

static void numbers(struct buffer *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_number(out, values[i]);
}

static void sides_shown(const struct picture_form *p, uint32_t *width, uint32_t *height)
{
    bool sideways = upright_is_sideways(p->orientation);

    *width = sideways ? p->height : p->width;
    *height = sideways ? p->width : p->height;
}

void sheet_of(struct sheet *out, const struct picture_form *picture,
              const struct layer_head *layer)
{
    uint32_t width, height, longer, shorter;
    double scale;

    sides_shown(picture, &width, &height);
    longer = width > height ? width : height;
    shorter = width > height ? height : width;
    if (layer->dpi > 0 && layer->width > 0)
        scale = 72.0 / layer->dpi * layer->width / width;
    else
        scale = picture->dpi > 0 ? 72.0 / picture->dpi : A4_LONG_SIDE / longer;
    scale = fmax(scale, POINTS_MIN / shorter);
    scale = fmin(scale, POINTS_MAX / longer);
    *out =
        (struct sheet){.width = width * scale, .height = height * scale, .scale = scale};
}

/* From the unit square that PDF paints a picture in, to the page, for each of the eight
 * ways that it can lie: parts of width (x) and height (y). */
static void write_picture(struct buffer *out, const struct sheet *s, unsigned orientation)
{
    static const struct {
        int a, b, c, d, e, f;
    } ways[] = {
        [1] = {1, 0, 0, 1, 0, 0},  [2] = {-1, 0, 0, 1, 1, 0},  [3] = {-1, 0, 0, -1, 1, 1},
        [4] = {1, 0, 0, -1, 0, 1}, [5] = {0, -1, -1, 0, 1, 1}, [6] = {0, -1, 1, 0, 0, 1},
        [7] = {0, 1, 1, 0, 0, 0},  [8] = {0, 1, -1, 0, 1, 0},
    };
    double w = s->width, h = s->height;

    buffer_append_text(out, "q ");
    numbers(out,
            (const double[]){ways[orientation].a * w, ways[orientation].b * h,
                             ways[orientation].c * w, ways[orientation].d * h,
                             ways[orientation].e * w, ways[orientation].f * h},
            6);
    buffer_append_text(out, "cm /P Do Q\n");
}

/* ---------------------------------------------------------------------------- lines */

/* A word in the frame of its line: u runs along the letters, v up from them. */
struct placed {
    struct layer_word word;
    double u, length, top, bottom;
    uint32_t line;
};

struct line {
    double top, bottom;
};

struct page {
    const struct sheet *sheet;
    double cosine, sine; /* of the lines' direction, counter-clockwise */
    int along, up;       /* the letters': cosine and sine of the quarter turns alone */
    double height;       /* pixels */
    struct placed *words;
    size_t count;
    struct line *lines;
    size_t lines_count;
    double size; /* of most of its letters, pixels */
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static void place(struct page *p, const struct layer_head *head, double sx, double sy,
                  const struct layer_word *word)
{
    struct placed *to = &p->words[p->count++];
    double width = fmax(word->width * sx, 1), height = fmax(word->height * sy, 1);
    double x = (word->left + word->width / 2.0) * sx;
    double y = p->height - (word->top + word->height / 2.0) * sy;
    bool lies = head->turns % 2 != 0;
    double v = -x * p->sine + y * p->cosine, tall = lies ? width : height;

    if (p->lines_count == 0 || word->start != WORD_IN_LINE)
        p->lines_count++;
    *to = (struct placed){.word = *word,
                          .length = lies ? height : width,
                          .top = v + tall / 2,
                          .bottom = v - tall / 2,
                          .line = (uint32_t)(p->lines_count - 1)};
    to->u = x * p->cosine + y * p->sine - to->length / 2;
}

/* A line is as high as half of its words: a speck or a seal does not move it. */
static int measure_lines(struct page *p, struct err *e)
{
    double *values = calloc(2 * p->count, sizeof *values);
    size_t first = 0, end;

    p->lines = calloc(p->lines_count, sizeof *p->lines);
    if (values == NULL || p->lines == NULL) {
        free(values);
        return err_set(e, ERR_MEMORY, "text: out of memory");
    }
    for (size_t line = 0; line < p->lines_count; line++, first = end) {
        for (end = first; end < p->count && p->words[end].line == line; end++) {
            values[end - first] = p->words[end].top;
            values[p->count + end - first] = p->words[end].bottom;
        }
        p->lines[line].top = median(values, end - first);
        p->lines[line].bottom = median(values + p->count, end - first);
    }
    for (size_t i = 0; i < p->count; i++)
        values[i] = p->lines[p->words[i].line].top - p->lines[p->words[i].line].bottom;
    p->size = median(values, p->count);
    free(values);
    return 0;
}

static int take_words(struct page *p, const struct picture_form *picture,
                      struct layer *layer, struct err *e)
{
    const struct layer_head *h = &layer->head;
    struct layer_word word;
    uint32_t width, height;
    int more;

    sides_shown(picture, &width, &height);
    p->height = height;
    p->words = calloc(h->words_count, sizeof *p->words);
    if (p->words == NULL)
        return err_set(e, ERR_MEMORY, "text: out of memory");
    while ((more = layer_next(layer, &word, e)) == 1)
        if (h->width > 0 && h->height > 0)
            place(p, h, (double)width / h->width, (double)height / h->height, &word);
    return more < 0 || p->count == 0 ? more : measure_lines(p, e);
}

/* ---------------------------------------------------------------------------- words */

static size_t write_codes(struct buffer *out, const struct layer_word *w)
{
    size_t at = 0, codes = 0;

    while (at < w->bytes) {
        utf8proc_int32_t code;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)w->text + at,
                                              (utf8proc_ssize_t)(w->bytes - at), &code);

        if (n <= 0) {
            code = CODE_OF_NO_LETTER;
            n = 1;
        }
        if (code > CODE_MAX - 2 || code == 0xfeff)
            code = CODE_OF_NO_LETTER;
        buffer_append_format(out, "%04x", (unsigned)(code < ' ' ? ' ' : code));
        codes++;
        at += (size_t)n;
    }
    return codes;
}

/* The word as wide as its box; behind it a blank, so that nobody takes it for one with
 * the next. */
static void write_word(struct buffer *out, const struct page *p, const struct placed *w,
                       const struct buffer *codes, size_t count)
{
    const struct line *l = &p->lines[w->line];
    double size = l->top - l->bottom, middle = (l->top + l->bottom) / 2, wide, base, k;

    if (size > p->size * SAME_SIZE_MIN && size < p->size * SAME_SIZE_MAX)
        size = p->size;
    base = middle - size / 2 + size * FONT_DESCENT / EM;
    wide = w->length / ((double)count * FONT_ADVANCE / EM);
    middle = w->u + w->length / 2;
    k = p->sheet->scale;
    numbers(out,
            (const double[]){
                wide * k * p->along, wide * k * p->up, -size * k * p->up,
                size * k * p->along,
                (middle * p->cosine - base * p->sine - w->length / 2 * p->along) * k,
                (middle * p->sine + base * p->cosine - w->length / 2 * p->up) * k},
            6);
    buffer_append_text(out, "Tm <");
    buffer_append(out, codes->bytes, codes->count);
    buffer_append_text(out, "0020> Tj\n");
}

static void write_words(struct buffer *out, const struct page *p)
{
    struct buffer codes;

    buffer_init(&codes, 4 * SHEAF_LAYER_BYTES_MAX);
    buffer_append_text(out, "BT 3 Tr /T 1 Tf\n");
    for (size_t i = 0; i < p->count; i++) {
        size_t count;

        buffer_clear(&codes);
        count = write_codes(&codes, &p->words[i].word);
        if (codes.failed != ERR_NONE)
            out->failed = codes.failed;
        if (count > 0)
            write_word(out, p, &p->words[i], &codes, count);
    }
    buffer_append_text(out, "ET\n");
    buffer_release(&codes);
}

int text_write(struct buffer *out, const struct sheet *sheet,
               const struct picture_form *picture, struct layer *layer, struct err *e)
{
    double angle =
        (layer->head.turns * 90 + layer->head.skew_centidegrees / 100.0) * M_PI / 180;
    static const int quarters[] = {1, 0, -1, 0}; /* cosines */
    struct page p = {.sheet = sheet,
                     .cosine = cos(angle),
                     .sine = sin(angle),
                     .along = quarters[layer->head.turns % 4],
                     .up = quarters[(layer->head.turns + 3) % 4]};
    int rc = 0;

    write_picture(out, sheet, picture->orientation);
    if (layer->head.words_count > 0)
        rc = take_words(&p, picture, layer, e);
    if (rc == 0 && p.count > 0)
        write_words(out, &p);
    free(p.words);
    free(p.lines);
    return rc != 0 ? -1 : buffer_check(out, e);
}
