#include "ocr/recognise.h"

#include <dlfcn.h>
#include <leptonica/allheaders.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#include "base/clock.h"
#include "ocr/archive.h"
#include "ocr/letters.h"
#include "ocr/mapping.h"
#include "ocr/prepare.h"

#define LANGUAGE "vie"
/* So many words pack into LAYOUT_BYTES_MAX at their longest; a page has 1,500. */
#define PAGE_WORDS_MAX 8000
#define SNIPPET_DPI    200

struct recogniser {
    TessBaseAPI *tess;
};

/* Each parallel region of the engine on one thread: on pages it gains nothing from
 * more, takes five times as long when the machine is busy, and a forked child must
 * not find a pool of threads that its parent had. The variable is read when the
 * library is loaded, so it only helps programs that we start; the call helps us. */
static void forbid_threads(void)
{
    void (*levels)(int) =
        (void (*)(int))(intptr_t)dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");

    (void)setenv("OMP_THREAD_LIMIT", "1", 1); /* no memory: only slower */
    if (levels != NULL)
        levels(0);
}

/* Reads a picture of letters once, so that nothing is left to be opened later. */
static int warm_up(struct recogniser *r, struct err *e)
{
    struct Pix *page = pixCreate(600, 120, 8);
    L_BMF *font = bmfCreate(NULL, 8);
    struct opened_page opened = {.pix = page, .width = 600, .height = 120, .dpi = 150};
    struct reading reading = {0};
    l_int32 end, over;
    int rc = -1;

    if (page == NULL || font == NULL) {
        err_set(e, ERR_MEMORY, "recogniser: out of memory");
        goto out;
    }
    (void)pixSetAll(page);
    (void)pixSetTextline(page, font, "CONG HOA XA HOI 1945", 0, 40, 60, &end, &over);
    rc = recognise_page(r, &opened, 0, &reading, e);
out:
    reading_release(&reading);
    bmfDestroy(&font);
    pixDestroy(&page);
    return rc;
}

int recogniser_create(struct recogniser **out, struct err *e)
{
    struct recogniser *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "recogniser: out of memory");
    forbid_threads();
    setMsgSeverity(L_SEVERITY_NONE);
    r->tess = TessBaseAPICreate();
    if (r->tess == NULL ||
        TessBaseAPIInit2(r->tess, NULL, LANGUAGE, OEM_LSTM_ONLY) != 0) {
        recogniser_destroy(r);
        return err_set(e, ERR_FAILED, "recogniser: no model '%s' for Tesseract %s",
                       LANGUAGE, TessVersion());
    }
    if (archive_warm(e) != 0 || warm_up(r, e) != 0) {
        recogniser_destroy(r);
        return -1;
    }
    *out = r;
    return 0;
}

void recogniser_destroy(struct recogniser *r)
{
    if (r == NULL)
        return;
    if (r->tess != NULL)
        TessBaseAPIDelete(r->tess);
    free(r);
}

/* --- words ------------------------------------------------------------------ */

struct gathering {
    struct reading *out;
    const struct mapping *mapping;
    enum word_start start; /* of the next word; words left out hand theirs on */
};

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

static const char *gap_before(enum word_start start)
{
    return start == WORD_IN_LINE ? " " : start == WORD_NEW_LINE ? "\n" : "\n\n";
}

static bool word_box(const struct gathering *g, const TessPageIterator *at,
                     struct word *w)
{
    int left, top, right, bottom;

    if (!TessPageIteratorBoundingBox(at, RIL_WORD, &left, &top, &right, &bottom))
        return false;
    w->left = left;
    w->top = top;
    w->width = right - left;
    w->height = bottom - top;
    mapping_apply(g->mapping, w);
    return true;
}

/* Appends gap and word to the text and the word to the layout, or neither. */
static int add_word(struct gathering *g, const struct word *w, const char *letters,
                    struct err *e)
{
    struct buffer *text = &g->out->text;
    struct layout *layout = &g->out->layout;
    struct buffer clean;
    int rc = 0;

    buffer_init(&clean, READING_TEXT_MAX);
    if (layout->words_count > 0)
        buffer_append_text(&clean, gap_before(w->start));
    if (letters_append(&clean, letters) &&
        text->count + clean.count <= READING_TEXT_MAX) {
        buffer_append(text, clean.bytes, clean.count);
        rc = layout_add(layout, w, e);
        g->start = WORD_IN_LINE;
    }
    if (rc == 0)
        rc = buffer_check(text, e);
    buffer_release(&clean);
    return rc;
}

static int gather_word(struct gathering *g, const TessResultIterator *it, struct err *e)
{
    const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(it);
    enum word_start start = start_at(at);
    float confidence = TessResultIteratorConfidence(it, RIL_WORD);
    char *letters = TessResultIteratorGetUTF8Text(it, RIL_WORD);
    struct word w = {0};
    int rc = 0;

    if (start > g->start)
        g->start = start;
    w.start = g->start;
    w.confidence = (uint8_t)lroundf(fminf(fmaxf(confidence, 0), 100));
    if (letters != NULL && word_box(g, at, &w))
        rc = add_word(g, &w, letters, e);
    TessDeleteText(letters);
    return rc;
}

static int gather(struct recogniser *r, const struct mapping *m, struct reading *out,
                  struct err *e)
{
    TessResultIterator *it = TessBaseAPIGetIterator(r->tess);
    struct gathering g = {.out = out, .mapping = m, .start = WORD_NEW_BLOCK};
    int rc = 0;

    if (it == NULL) /* a page without words */
        return 0;
    do
        rc = gather_word(&g, it, e);
    while (rc == 0 && out->layout.words_count < PAGE_WORDS_MAX &&
           TessResultIteratorNext(it, RIL_WORD));
    TessResultIteratorDelete(it);
    return rc;
}

/* --- pages --------------------------------------------------------------------- */

static int run(struct recogniser *r, struct Pix *pix, int dpi, TessPageSegMode mode,
               struct err *e)
{
    TessBaseAPISetPageSegMode(r->tess, mode);
    TessBaseAPISetImage2(r->tess, pix);
    TessBaseAPISetSourceResolution(r->tess, dpi);
    if (TessBaseAPIRecognize(r->tess, NULL) != 0)
        return err_set(e, ERR_FAILED, "recogniser: Tesseract gave up");
    return 0;
}

static struct mapping mapping_of(const struct opened_page *page, const struct prepared *p,
                                 unsigned quarter_turns)
{
    return (struct mapping){.read_width = (uint32_t)pixGetWidth(p->pix),
                            .read_height = (uint32_t)pixGetHeight(p->pix),
                            .width = page->width,
                            .height = page->height,
                            .quarter_turns = quarter_turns % 4,
                            .tilt = p->tilt};
}

static void describe(struct reading *out, const struct opened_page *page,
                     const struct prepared *p, unsigned quarter_turns)
{
    out->layout.width = page->width;
    out->layout.height = page->height;
    out->layout.dpi = page->dpi;
    out->layout.rotation = (uint8_t)(quarter_turns % 4);
    out->layout.skew_centidegrees = (int32_t)lround(p->tilt * 100);
    (void)snprintf(out->engine, sizeof out->engine, "tesseract %.12s %s psm3 otsu%s%s",
                   TessVersion(), LANGUAGE, p->tilt != 0 ? " straightened" : "",
                   p->whitened ? " whitened" : "");
}

/* The dots per inch of the page as it is read, which may be scaled down. */
static int read_dpi(const struct opened_page *page)
{
    return (int)((double)page->dpi * pixGetWidth(page->pix) / page->width + 0.5);
}

int recognise_page(struct recogniser *r, const struct opened_page *page,
                   unsigned quarter_turns, struct reading *out, struct err *e)
{
    int64_t started_ms = clock_mono_now_ms();
    struct Pix *grey = NULL;
    struct prepared prepared = {0};
    struct mapping mapping;
    int rc = -1;

    *out = (struct reading){0};
    buffer_init(&out->text, READING_TEXT_MAX);
    if (prepare_grey(&grey, page->pix, quarter_turns) != 0 ||
        prepare_page(&prepared, grey) != 0) {
        err_set(e, ERR_MEMORY, "recogniser: out of memory");
        goto out;
    }
    pixDestroy(&grey);
    mapping = mapping_of(page, &prepared, quarter_turns);
    describe(out, page, &prepared, quarter_turns);
    if (run(r, prepared.pix, read_dpi(page), PSM_AUTO, e) != 0 ||
        gather(r, &mapping, out, e) != 0)
        goto out;
    out->took_ms = (uint32_t)(clock_mono_now_ms() - started_ms);
    rc = 0;
out:
    TessBaseAPIClear(r->tess);
    pixDestroy(&prepared.pix);
    pixDestroy(&grey);
    if (rc != 0)
        reading_release(out);
    return rc;
}

int recognise_snippet(struct recogniser *r, struct Pix *cut, char *out, size_t out_bytes,
                      struct err *e)
{
    char *text = NULL;
    int rc = run(r, cut, SNIPPET_DPI, PSM_SINGLE_BLOCK, e);

    out[0] = '\0';
    if (rc == 0)
        text = TessBaseAPIGetUTF8Text(r->tess);
    if (rc == 0 && text == NULL)
        rc = err_set(e, ERR_FAILED, "recogniser: Tesseract gave no text");
    if (text != NULL)
        (void)snprintf(out, out_bytes, "%s", text); /* a cut text is fine */
    TessDeleteText(text);
    TessBaseAPIClear(r->tess);
    return rc;
}
