/* Fonts: one family in four faces, pinned. Fontconfig likes to give something else
 * in silence when a family or a glyph is missing; a page set in it would not be the
 * page that its text says. So a family that is not itself is refused, and so is
 * every character that the face does not have, by name. */
#ifndef TRAM_PAGES_FONTS_H
#define TRAM_PAGES_FONTS_H

#include <pango/pangocairo.h>

#include "base/err.h"
#include "tests/pages/random.h"

struct fonts {
    char family[64];
    double scale; /* of the sizes in points: wide letters are set smaller */
    PangoFontMap *map;
    PangoContext *context;
    PangoFont *faces[4]; /* + 1 bold, + 2 italic */
};

/* The families the typesetter knows; NULL-terminated. */
extern const char *const fonts_known[];

/* One of them; the look of Times, which the rules ask for, most often. */
const char *fonts_pick(struct random *r);

/* Opens the four faces and checks them for all Vietnamese letters. On failure
 * nothing is left open. */
int fonts_open(struct fonts *f, const char *family, struct err *e);
void fonts_close(struct fonts *f); /* zeroed is fine */

/* Refuses `text` if the face lacks one of its characters. */
int fonts_check(const struct fonts *f, bool bold, bool italic, const char *text,
                struct err *e);

/* `size_pt` is as in the rules, before `scale`. The caller frees it. */
PangoFontDescription *fonts_describe(const struct fonts *f, double size_pt, bool bold,
                                     bool italic);

#endif
