/* The look for a secrecy stamp: places that may be one, read one after the other
 * until one of them says so. A page without places costs no reading. */
#include "ocr/recognise.h"

#include <leptonica/allheaders.h>

#include "ocr/stamp.h"

#define SNIPPET_BYTES 256

static enum secrecy secrecy_of(enum stamp_words words)
{
    switch (words) {
    case STAMP_MAT:
        return SECRECY_MAT;
    case STAMP_TOI_MAT:
        return SECRECY_TOI_MAT;
    case STAMP_TUYET_MAT:
        return SECRECY_TUYET_MAT;
    case STAMP_OTHER:
        break;
    }
    return SECRECY_NONE;
}

static enum secrecy read_ink(struct recogniser *r, struct Pix *page, double dpi,
                             const struct stamp_place *place, enum stamp_ink ink)
{
    struct Pix *cut = stamp_cut(page, dpi, place, ink);
    enum secrecy found = SECRECY_NONE;
    char text[SNIPPET_BYTES];
    struct err e;

    if (cut != NULL && recognise_snippet(r, cut, text, sizeof text, &e) == 0)
        found = secrecy_of(stamp_words(text, place->kind != STAMP_LINE));
    pixDestroy(&cut);
    return found;
}

static enum secrecy read_place(struct recogniser *r, struct Pix *page, double dpi,
                               const struct stamp_place *place)
{
    static const bool worth_while[][STAMP_INKS] = {
        [STAMP_RED] = {[INK_DARK] = true, [INK_THICK] = true, [INK_RED] = true},
        [STAMP_FRAME] = {[INK_DARK] = true, [INK_THICK] = true},
        [STAMP_LINE] = {[INK_DARK] = true},
    };
    enum secrecy found = SECRECY_NONE;

    for (int ink = 0; ink < STAMP_INKS && found == SECRECY_NONE; ink++)
        if (worth_while[place->kind][ink])
            found = read_ink(r, page, dpi, place, (enum stamp_ink)ink);
    return found;
}

void secrecy_look(struct recogniser *r, const struct opened_page *page, struct look *out)
{
    struct stamp_place places[STAMP_PLACES_MAX];
    double scale = (double)pixGetWidth(page->pix) / page->width;
    size_t count = stamp_find(page->pix, page->dpi * scale, places);

    *out = (struct look){.width = page->width, .height = page->height, .dpi = page->dpi};
    for (size_t i = 0; i < count && out->secrecy == SECRECY_NONE; i++) {
        const struct stamp_place *p = &places[i];

        out->secrecy = read_place(r, page->pix, page->dpi * scale, p);
        if (out->secrecy == SECRECY_NONE)
            continue;
        out->left = (int32_t)(p->left / scale);
        out->top = (int32_t)(p->top / scale);
        out->box_width = (int32_t)(p->width / scale);
        out->box_height = (int32_t)(p->height / scale);
    }
}
