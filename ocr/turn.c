#include "ocr/turn.h"

#include <leptonica/allheaders.h>
#include <string.h>

#include "ocr/attempt.h"
#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"
#include "ocr/judge.h"
#include "ocr/language/language.h"

#define STRIPS      3 /* of the page; the one with the most ink is read */
#define INK_LEVEL   130
#define DOUBT_GREAT 0.5 /* of a page upside down nearly all is doubted */
#define VALID_SMALL 0.6
#define WORDS_MIN   4   /* fewer say nothing */
#define LONG_BYTES  4   /* of a word that is wider than high */
#define BETTER_BY   1.5 /* another way must be worth so much more */
#define TILT_MIN    0.5

/* Tesseract reads lines that run down a page too, on its own; their order and what is
 * known of marks and columns are lost by it. */
static bool runs_down(const struct found *f)
{
    size_t long_ones = 0, high = 0;

    for (size_t i = 0; i < f->words_count; i++) {
        const struct found_word *w = &f->words[i];

        if (strlen(w->text) < LONG_BYTES)
            continue;
        long_ones++;
        high += w->box.bottom - w->box.top > w->box.right - w->box.left;
    }
    return long_ones >= WORDS_MIN && high * 2 > long_ones;
}

bool turn_suspected(const struct found *f)
{
    return f->words_count >= WORDS_MIN &&
           (judge_doubt(f) > DOUBT_GREAT || language_valid_share(f) < VALID_SMALL ||
            runs_down(f));
}

static BOX *strip_at(struct Pix *pix, int i)
{
    int high = pixGetHeight(pix) / STRIPS;

    return boxCreate(0, i * high, pixGetWidth(pix), high);
}

/* The strip of `white` with the most ink. NULL: no memory, or no strip is that high. */
static struct Pix *densest_strip(struct Pix *white)
{
    struct Pix *bits = pixThresholdToBinary(white, INK_LEVEL), *strip = NULL;
    l_int32 most = -1, best = 0;
    BOX *box;

    for (int i = 0; bits != NULL && i < STRIPS; i++) {
        struct Pix *part;
        l_int32 count = 0;

        box = strip_at(bits, i);
        part = pixClipRectangle(bits, box, NULL);
        boxDestroy(&box);
        if (part != NULL && pixCountPixels(part, &count, NULL) == 0 && count > most) {
            most = count;
            best = i;
        }
        pixDestroy(&part);
    }
    if (bits != NULL) {
        box = strip_at(white, best);
        strip = pixClipRectangle(white, box, NULL);
        boxDestroy(&box);
    }
    pixDestroy(&bits);
    return strip;
}

/* The strip of the page so turned that is to be read. */
static struct Pix *strip_of(struct Pix *grey, unsigned turns)
{
    struct Pix *turned = turns == 0 ? pixClone(grey) : pixRotateOrth(grey, (int)turns);
    struct Pix *straight = NULL, *white = NULL, *strip = NULL;
    double tilt = turned == NULL ? 0 : tilt_find(turned);

    if (turned != NULL)
        straight = tilt > TILT_MIN || tilt < -TILT_MIN ? tilt_undo(turned, tilt)
                                                       : pixClone(turned);
    if (straight != NULL)
        white = whiten(straight);
    if (white != NULL)
        strip = densest_strip(white);
    pixDestroy(&white);
    pixDestroy(&straight);
    pixDestroy(&turned);
    return strip;
}

static int worth_turned(double *out, struct Pix *grey, int dpi, unsigned turns,
                        const struct page_reader *reader, struct err *e)
{
    struct Pix *strip = strip_of(grey, turns);
    struct attempt how = {.segmentation = SEGMENT_AUTO, .dpi = dpi};
    struct found found = {0};
    int rc = 0;

    *out = 0;
    if (strip != NULL)
        rc = reader->read(reader->context, strip, &how, &found, e);
    if (rc == 0 && !runs_down(&found))
        *out = found_worth(&found) * language_valid_share(&found);
    found_release(&found);
    pixDestroy(&strip);
    return rc;
}

int turn_find(unsigned *quarter_turns, struct Pix *grey, int dpi, bool sideways,
              const struct page_reader *reader, struct err *e)
{
    static const unsigned either[] = {0, 2, 1, 3}, across[] = {0, 1, 3};
    double worth[4] = {0}, most;

    *quarter_turns = 0;
    for (size_t i = 0; i < (sideways ? 3 : 4); i++) {
        unsigned turns = sideways ? across[i] : either[i];

        if (worth_turned(&worth[turns], grey, dpi, turns, reader, e) != 0)
            return -1;
    }
    most = worth[0] > 0 ? worth[0] * BETTER_BY : 0;
    for (unsigned turns = 1; turns < 4; turns++)
        if (worth[turns] > most) {
            most = worth[turns];
            *quarter_turns = turns;
        }
    return 0;
}
