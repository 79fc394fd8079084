/* The look for a secrecy stamp: places that may be one, read one after the other
 * until one of them says so. A page without places costs no reading. */
#include "ocr/recognise.h"

#include <leptonica/allheaders.h>
#include <math.h>

#include "ocr/picture.h"
#include "ocr/stamp.h"

#define SNIPPET_BYTES 256
#define DPI_OFF_PART  0.2 /* how far a file's resolution may be off */

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

/* What stands at a place, in one ink. */
static int read_ink(struct recogniser *r, struct Pix *page, double dpi,
                    const struct stamp_place *place, enum stamp_ink ink,
                    enum secrecy *out, struct err *e)
{
    struct Pix *cut = NULL;
    char text[SNIPPET_BYTES];
    int rc = stamp_cut(&cut, page, dpi, place, ink, e);

    *out = SECRECY_NONE;
    if (rc == 0 && cut != NULL) {
        rc = recognise_snippet(r, cut, text, sizeof text, e);
        if (rc == 0)
            *out = secrecy_of(stamp_words(text, place->kind != STAMP_LINE));
    }
    pixDestroy(&cut);
    return rc;
}

static int read_place(struct recogniser *r, struct Pix *page, double dpi,
                      const struct stamp_place *place, enum secrecy *out, struct err *e)
{
    static const bool worth_while[][STAMP_INKS] = {
        [STAMP_RED] = {[INK_DARK] = true, [INK_THICK] = true, [INK_RED] = true},
        [STAMP_FRAME] = {[INK_DARK] = true, [INK_THICK] = true, [INK_CALM] = true},
        [STAMP_LINE] = {[INK_DARK] = true},
    };

    *out = SECRECY_NONE;
    for (int ink = 0; ink < STAMP_INKS && *out == SECRECY_NONE; ink++)
        if (worth_while[place->kind][ink] &&
            read_ink(r, page, dpi, place, (enum stamp_ink)ink, out, e) != 0)
            return -1;
    return 0;
}

/* The look at a page of this resolution, up to the first stamp. */
static int look_at(struct recogniser *r, const struct opened_page *page, uint32_t dpi,
                   struct look *out, struct err *e)
{
    struct stamp_place places[STAMP_PLACES_MAX];
    double scale = (double)pixGetWidth(page->pix) / page->width;
    enum secrecy found = SECRECY_NONE;
    size_t count;

    if (stamp_find(page->pix, dpi * scale, places, &count, e) != 0)
        return -1;
    for (size_t i = 0; i < count && found == SECRECY_NONE; i++) {
        const struct stamp_place *p = &places[i];

        if (read_place(r, page->pix, dpi * scale, p, &found, e) != 0)
            return -1;
        if (found == SECRECY_NONE)
            continue;
        out->secrecy = found;
        out->left = (int32_t)(p->left / scale);
        out->top = (int32_t)(p->top / scale);
        out->box_width = (int32_t)(p->width / scale);
        out->box_height = (int32_t)(p->height / scale);
    }
    return 0;
}

int secrecy_look(struct recogniser *r, const struct opened_page *page, struct look *out,
                 struct err *e)
{
    uint32_t said = page->dpi, guess = picture_dpi(0, page->width, page->height);
    /* Stamps differ more in size than that: within it one look does. */
    bool differ = fabs((double)said - guess) > DPI_OFF_PART * said;

    *out = (struct look){.width = page->width, .height = page->height, .dpi = said};
    /* The guess first: it is mostly the file that is wrong, and a place taken for many
     * times its size is long in reading. */
    if (differ && look_at(r, page, guess, out, e) != 0)
        return -1;
    return out->secrecy != SECRECY_NONE ? 0 : look_at(r, page, said, out, e);
}
