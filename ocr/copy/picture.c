#include "ocr/copy/picture.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>

#include "ocr/copy/picture_form.h"
#include "ocr/exif.h"
#include "ocr/kind.h"
#include "ocr/pdf.h"
#include "ocr/small/jbig2.h"
#include "ocr/source.h"
#include "ocr/structure.h"

/* Letters keep their edges; more adds bytes that nobody sees. */
#define QUALITY 85

static bool take_jpeg(const uint8_t *bytes, size_t count, unsigned orientation,
                      struct buffer *out)
{
    struct structure s;

    if (jpeg_walk(bytes, count, &s) != REFUSAL_NONE || !s.is_usual)
        return false;
    picture_form_encode(out, &(struct picture_form){.coding = CODING_JPEG,
                                                    .samples = s.samples,
                                                    .orientation = (uint8_t)orientation,
                                                    .width = s.width,
                                                    .height = s.height});
    buffer_append(out, bytes, count);
    return true;
}

static bool take_pdf(const struct source *s, uint32_t page, struct buffer *out)
{
    static const uint8_t ways[] = {1, 6, 3, 8}; /* quarter turns, as tags number them */
    struct pdf_jpeg jpeg;
    bool taken = false;

    if (pdf_take_jpeg(s->bytes, s->count, page, &jpeg))
        taken = take_jpeg(jpeg.bytes, jpeg.count, ways[jpeg.turns % 4], out);
    free(jpeg.bytes);
    return taken;
}

bool copy_picture_untouched(int fd, uint32_t page, struct buffer *out)
{
    struct source s;
    bool taken = false;

    if (source_open(&s, fd) == REFUSAL_NONE)
        switch (document_kind(s.bytes, s.count)) {
        case MEDIA_JPEG:
            taken = page == 0 &&
                    take_jpeg(s.bytes, s.count, exif_orientation(s.bytes, s.count), out);
            break;
        case MEDIA_PDF:
            taken = take_pdf(&s, page, out);
            break;
        default:
            break;
        }
    source_release(&s);
    return taken;
}

/* JBIG2's bytes are Leptonica's words, the other way round on most machines. */
static void code_bits(struct Pix *pix, struct buffer *out)
{
    const struct jbig2_bitmap b = {.width = (uint32_t)pixGetWidth(pix),
                                   .height = (uint32_t)pixGetHeight(pix),
                                   .row_bytes = (size_t)pixGetWpl(pix) * sizeof(l_uint32),
                                   .rows = (uint8_t *)pixGetData(pix)};

    (void)pixEndianByteSwap(pix); /* cannot fail: there is a pix */
    jbig2_encode(&b, out);
    (void)pixEndianByteSwap(pix);
}

static enum refusal code_jpeg(struct Pix *pix, struct buffer *out)
{
    l_uint8 *bytes = NULL;
    size_t count = 0;
    enum refusal r = REFUSAL_OUT_OF_MEMORY;

    if (pixWriteMemJpeg(&bytes, &count, pix, QUALITY, 0) == 0) {
        buffer_append(out, bytes, count);
        r = REFUSAL_NONE;
    }
    free(bytes);
    return r;
}

enum refusal copy_picture_coded(const struct opened_page *page, struct buffer *out)
{
    struct Pix *pix = page->pix;
    bool bits = pixGetDepth(pix) == 1;
    struct picture_form f = {.coding = bits ? CODING_JBIG2 : CODING_JPEG,
                             .samples = pixGetDepth(pix) == 32 ? 3 : 1,
                             .orientation = 1,
                             .width = (uint32_t)pixGetWidth(pix),
                             .height = (uint32_t)pixGetHeight(pix)};

    /* As dense as what is left of it after scaling. */
    f.dpi = (uint32_t)((double)page->dpi * f.width / page->width + 0.5);
    picture_form_encode(out, &f);
    if (!bits)
        return code_jpeg(pix, out);
    code_bits(pix, out);
    return REFUSAL_NONE;
}
