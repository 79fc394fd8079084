/* What a document is: magic bytes choose who looks, and who looks must agree. */
#include "ocr/opener.h"

#include <sys/types.h>
#include <unistd.h>

#include "ocr/archive.h"
#include "ocr/kind.h"
#include "ocr/pdf.h"
#include "ocr/picture.h"
#include "ocr/source.h"

static void identify_mapped(int fd, struct identity *out)
{
    struct source s;
    struct structure structure = {0};

    out->refusal = source_open(&s, fd);
    if (out->refusal != REFUSAL_NONE) {
        source_release(&s);
        return;
    }
    switch (out->media) {
    case MEDIA_JPEG:
    case MEDIA_PNG:
    case MEDIA_TIFF:
        out->refusal =
            picture_check(picture_kind(s.bytes, s.count), s.bytes, s.count, &structure);
        out->pages = structure.pages;
        break;
    case MEDIA_PDF:
        out->refusal = pdf_count_pages(s.bytes, s.count, &out->pages);
        break;
    default: /* archives are not mapped */
        out->refusal = REFUSAL_WRONG_TYPE;
    }
    source_release(&s);
}

void document_identify(int fd, struct identity *out)
{
    uint8_t head[KIND_HEAD_BYTES];
    ssize_t got = pread(fd, head, sizeof head, 0);

    *out = (struct identity){.media = document_kind(head, got > 0 ? (size_t)got : 0)};
    /* By their head alone: archives are read in a stream and may be larger than what
     * can be mapped. */
    if (media_is_archive(out->media))
        out->refusal = archive_check(fd, out->media);
    else
        identify_mapped(fd, out);
    if (out->refusal != REFUSAL_NONE)
        *out = (struct identity){.refusal = out->refusal};
}
