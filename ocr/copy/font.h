/* Font: letters without ink, for the text that lies unseen over a page's picture. Made
 * here and not shipped, so that it has no licence but ours. Pure.
 *
 * A code is two bytes, a character of Unicode's first plane, and its own CID; every
 * code is drawn by one glyph that is empty and FONT_ADVANCE wide. PDF/A wants the
 * font's program in the file, its widths to agree, and .notdef never used. */
#ifndef TRAM_OCR_COPY_FONT_H
#define TRAM_OCR_COPY_FONT_H

#include "base/buffer.h"

/* Of an em of 1000: the glyph's width, and how far above and below the baseline it
 * counts as high, which is what a viewer marks. */
#define FONT_ADVANCE 500
#define FONT_ASCENT  800
#define FONT_DESCENT 200

/* A TrueType file of two glyphs: .notdef, and the empty one. */
void font_program(struct buffer *out);

/* CIDToGIDMap: every CID is glyph 1. */
void font_glyphs(struct buffer *out);

/* ToUnicode: every code is itself; none for what is no character. */
void font_unicode(struct buffer *out);

#endif
