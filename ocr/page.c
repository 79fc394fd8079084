/* One page of a document, whatever kind it is of. */
#include "ocr/opener.h"

#include "ocr/exif.h"
#include "ocr/kind.h"
#include "ocr/pdf.h"
#include "ocr/picture.h"
#include "ocr/source.h"
#include "ocr/upright.h"

static enum opened refuse(struct opened_page *out, enum refusal r)
{
    out->refusal = r;
    return OPENED_REFUSED;
}

/* As the phone was held. (A JPEG within a PDF lies as the PDF says, whatever it says
 * itself; a TIFF is turned by its decoder.) */
static enum refusal turn_jpeg(const struct source *s, struct opened_page *page)
{
    unsigned orientation = exif_orientation(s->bytes, s->count);
    uint32_t width = page->width;

    page->pix = pix_upright(page->pix, orientation);
    if (page->pix == NULL)
        return REFUSAL_OUT_OF_MEMORY;
    if (upright_is_sideways(orientation)) {
        page->width = page->height;
        page->height = width;
    }
    return REFUSAL_NONE;
}

static enum opened open_picture(const struct source *s, uint32_t page,
                                struct opened_page *out)
{
    enum picture kind = picture_kind(s->bytes, s->count);
    enum refusal r = picture_decode(kind, s->bytes, s->count, page, out);

    if (r == REFUSAL_NONE && kind == PICTURE_JPEG)
        r = turn_jpeg(s, out);
    return r == REFUSAL_NONE ? OPENED : refuse(out, r);
}

enum opened page_open(int fd, uint32_t page, struct opened_page *out)
{
    struct source s;
    enum refusal r = source_open(&s, fd);
    enum opened opened;

    *out = (struct opened_page){0};
    if (r != REFUSAL_NONE)
        opened = refuse(out, r);
    else if (document_kind(s.bytes, s.count) == MEDIA_PDF)
        opened = pdf_open_page(s.bytes, s.count, page, out);
    else
        opened = open_picture(&s, page, out);
    source_release(&s);
    return opened;
}
