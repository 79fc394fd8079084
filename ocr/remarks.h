/* Remarks: what pdftoppm said on its descriptor 2 while it drew a page.
 *
 * It ends with success and an empty page where it had no font to draw the letters
 * with: only what it says tells that from a blank page. The words are partly the
 * document's (names of fonts), so they are looked through here and shown nowhere. */
#ifndef TRAM_OCR_REMARKS_H
#define TRAM_OCR_REMARKS_H

#include <stdbool.h>

/* What is said beyond is lost, without a signal to the one who says it. */
#define REMARKS_BYTES_MAX 65536

/* A file in memory of that size that cannot grow; the caller closes it. -1: errno. */
int remarks_create(void);

/* Whether letters were left out because this machine has no font for them. Letters
 * that would not be seen (the text behind a scan) are not asked for, so not missed. */
bool remarks_miss_font(int remarks);

#endif
