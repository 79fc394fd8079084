#include "ocr/attempt.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#define ALTERNATIVES_MAX 6 /* of one character; the rest are nobody's letters */
/* Words that score below it take from a page's worth. */
#define WORTH_FROM 55

/* --- a word's characters ------------------------------------------------------ */

static int add_choices(struct found *f, struct symbol *s, const TessResultIterator *it,
                       struct err *e)
{
    TessChoiceIterator *choices = TessResultIteratorGetChoiceIterator(it);
    uint32_t first = (uint32_t)f->choices_count, count = 0;
    int rc = 0;

    do {
        const char *letter = choices ? TessChoiceIteratorGetUTF8Text(choices) : NULL;
        struct choice *c;

        if (letter == NULL || strlen(letter) >= FOUND_LETTER_BYTES)
            continue;
        c = found_add_choice(f, e);
        if (c == NULL) {
            rc = -1;
            break;
        }
        memcpy(c->letter, letter, strlen(letter) + 1);
        c->confidence = TessChoiceIteratorConfidence(choices);
        count++;
    } while (choices != NULL && count < ALTERNATIVES_MAX &&
             TessChoiceIteratorNext(choices));
    if (choices != NULL)
        TessChoiceIteratorDelete(choices);
    s->choice_first = first;
    s->choices_count = count;
    return rc;
}

static void take_box(const TessPageIterator *at, TessPageIteratorLevel level,
                     struct box *b)
{
    int left = 0, top = 0, right = 0, bottom = 0;

    (void)TessPageIteratorBoundingBox(at, level, &left, &top, &right, &bottom);
    *b = (struct box){left, top, right, bottom};
}

/* Moves a copy of the iterator over the characters of the word that it is at. */
static int add_symbols(struct found *f, size_t word, const TessResultIterator *it,
                       struct err *e)
{
    TessResultIterator *symbols = TessResultIteratorCopy(it);
    const TessPageIterator *at;
    int rc = 0;

    if (symbols == NULL)
        return err_set(e, ERR_MEMORY, "attempt: out of memory");
    at = TessResultIteratorGetPageIteratorConst(symbols);
    f->words[word].symbol_first = (uint32_t)f->symbols_count;
    do {
        struct symbol *s = found_add_symbol(f, e);

        if (s == NULL) {
            rc = -1;
            break;
        }
        take_box(at, RIL_SYMBOL, &s->box);
        rc = add_choices(f, s, symbols, e);
        f->words[word].symbols_count++;
    } while (rc == 0 && !TessPageIteratorIsAtFinalElement(at, RIL_WORD, RIL_SYMBOL) &&
             TessResultIteratorNext(symbols, RIL_SYMBOL));
    TessResultIteratorDelete(symbols);
    return rc;
}

/* --- words ---------------------------------------------------------------------- */

static enum word_start start_at(const TessPageIterator *at)
{
    if (TessPageIteratorIsAtBeginningOf(at, RIL_BLOCK))
        return WORD_NEW_BLOCK;
    if (TessPageIteratorIsAtBeginningOf(at, RIL_PARA))
        return WORD_NEW_PARAGRAPH;
    if (TessPageIteratorIsAtBeginningOf(at, RIL_TEXTLINE))
        return WORD_NEW_LINE;
    return WORD_IN_LINE;
}

static int add_word(struct found *f, const TessResultIterator *it, const char *letters,
                    enum word_start start, bool alternatives, struct err *e)
{
    const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(it);
    struct found_word *w = found_add_word(f, e);

    if (w == NULL)
        return -1;
    (void)snprintf(w->text, sizeof w->text, "%s", letters); /* cut: no word of ours */
    w->start = start;
    w->confidence = fminf(fmaxf(TessResultIteratorConfidence(it, RIL_WORD), 0), 100);
    take_box(at, RIL_WORD, &w->box);
    take_box(at, RIL_TEXTLINE, &w->line);
    return alternatives ? add_symbols(f, f->words_count - 1, it, e) : 0;
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\n")] == '\0';
}

static int gather(struct TessBaseAPI *tess, bool alternatives, struct found *out,
                  struct err *e)
{
    TessResultIterator *it = TessBaseAPIGetIterator(tess);
    const TessPageIterator *at;
    enum word_start start = WORD_NEW_BLOCK;
    int rc = 0;

    if (it == NULL) /* a page without words */
        return 0;
    at = TessResultIteratorGetPageIteratorConst(it);
    do {
        char *letters = TessResultIteratorGetUTF8Text(it, RIL_WORD);
        enum word_start here = start_at(at);

        /* What is left out hands its start on to the next word. */
        if (here > start)
            start = here;
        if (!is_blank(letters)) {
            rc = add_word(out, it, letters, start, alternatives, e);
            start = WORD_IN_LINE;
        }
        TessDeleteText(letters);
    } while (rc == 0 && out->words_count < FOUND_WORDS_MAX &&
             TessResultIteratorNext(it, RIL_WORD));
    TessResultIteratorDelete(it);
    return rc;
}

/* --- the attempt ------------------------------------------------------------------ */

static struct Pix *part_of(struct Pix *pix, const struct box *part)
{
    BOX *box;
    struct Pix *cut;

    if (part == NULL)
        return pixClone(pix);
    box = boxCreate(part->left, part->top, part->right - part->left,
                    part->bottom - part->top);
    cut = pixClipRectangle(pix, box, NULL);
    boxDestroy(&box);
    return cut;
}

static int run(struct TessBaseAPI *tess, struct Pix *pix, const struct attempt *how,
               struct err *e)
{
    TessBaseAPISetPageSegMode(tess, (TessPageSegMode)how->segmentation);
    if (!TessBaseAPISetVariable(tess, "thresholding_method",
                                how->threshold == THRESHOLD_SAUVOLA ? "2" : "0") ||
        !TessBaseAPISetVariable(tess, "lstm_choice_mode", how->alternatives ? "2" : "0"))
        return err_set(e, ERR_FAILED,
                       "attempt: Tesseract %s lacks a setting that we need",
                       TessVersion());
    TessBaseAPISetImage2(tess, pix);
    TessBaseAPISetSourceResolution(tess, how->dpi);
    if (TessBaseAPIRecognize(tess, NULL) != 0)
        return err_set(e, ERR_FAILED, "attempt: Tesseract gave up");
    return 0;
}

int attempt_read(struct TessBaseAPI *tess, struct Pix *pix, const struct box *part,
                 const struct attempt *how, struct found *out, struct err *e)
{
    struct found here = {0};
    struct Pix *cut = part_of(pix, part);
    int rc = -1;

    if (cut == NULL) {
        err_set(e, ERR_MEMORY, "attempt: out of memory");
        goto out;
    }
    if (run(tess, cut, how, e) != 0 || gather(tess, how->alternatives, &here, e) != 0)
        goto out;
    rc = found_append(out, &here, part ? part->left : 0, part ? part->top : 0, e);
out:
    TessBaseAPIClear(tess);
    pixDestroy(&cut);
    found_release(&here);
    return rc;
}

double found_worth(const struct found *f)
{
    double worth = 0;

    for (size_t i = 0; i < f->words_count; i++) {
        const struct found_word *w = &f->words[i];

        worth += (double)found_characters(w->text, strlen(w->text)) *
                 ((double)w->confidence - WORTH_FROM);
    }
    return worth;
}
