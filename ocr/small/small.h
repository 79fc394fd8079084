/* Small: a page's small image, for links that cannot carry the scan, and a thumbnail
 * for lists.
 *
 * The small image is a PDF of one page that any viewer opens: ink as stencils of one
 * flat colour each (black, and red or blue where the page has them), coded bit for
 * bit (JBIG2 generic regions: no symbol is ever put in another's place), over the
 * paper's flat tone and JPEGs of its photographs. Light is evened out and speckle
 * dropped; the page is not straightened. 200 dpi, finer where letters are few. The
 * thumbnail is a JPEG. */
#ifndef TRAM_OCR_SMALL_H
#define TRAM_OCR_SMALL_H

#include "ocr/opener.h"
#include "ocr/small/likeness.h"

#define SMALL_BYTES_MAX     (512u << 10) /* a page that would be larger is made coarser */
#define THUMBNAIL_BYTES_MAX (24u << 10)
#define THUMBNAIL_SIDE_MAX  240 /* pixels of its longer side */

struct small {
    enum refusal refusal;
    uint32_t width, height; /* of the page, upright, pixels of the original */
    uint32_t dpi;           /* of the ink */
    struct buffer image, thumbnail;
    struct likeness likeness; /* of the page, upright */
};

void small_release(struct small *s); /* a zeroed one is fine */

/* In the child: upright by `quarter_turns`. -1: no memory. */
int small_make(struct small *out, const struct opened_page *page, unsigned quarter_turns,
               struct err *e);

#define SMALL_ANSWER_BYTES_MAX (SMALL_BYTES_MAX + THUMBNAIL_BYTES_MAX + 512)

/* How it comes out of the cage; the decoder checks all that is said above. */
void small_encode(const struct small *s, struct buffer *out);
int small_decode(struct small *out, const void *bytes, size_t count, struct err *e);

#endif
