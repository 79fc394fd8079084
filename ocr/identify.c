/* What a document is: magic bytes choose who looks, and who looks must agree. */
#include "ocr/opener.h"

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "ocr/archive.h"
#include "ocr/pdf.h"
#include "ocr/picture.h"
#include "ocr/source.h"

static enum media media_of(enum picture kind)
{
    switch (kind) {
    case PICTURE_JPEG:
        return MEDIA_JPEG;
    case PICTURE_PNG:
        return MEDIA_PNG;
    case PICTURE_TIFF:
        return MEDIA_TIFF;
    case PICTURE_PNM: /* only a drawn page may be one */
    case PICTURE_NONE:
        break;
    }
    return MEDIA_UNKNOWN;
}

/* Archives are known by their head alone: they are read in a stream and may be
 * larger than what can be mapped. */
#define HEAD_BYTES 512

struct head {
    uint8_t bytes[HEAD_BYTES];
    size_t count;
};

static bool begins(const struct head *h, size_t at, const char *magic, size_t n)
{
    return h->count >= at + n && memcmp(h->bytes + at, magic, n) == 0;
}

/* A zip whose first entry is one of these is a text or a sheet of an office
 * program, not an archive of scans. Its name stands at 30, its length at 26. */
static bool is_office(const struct head *h)
{
    static const char *const firsts[] = {"[Content_Types].xml", "_rels/", "docProps/",
                                         "mimetype"};

    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        size_t n = strlen(firsts[i]);

        if (begins(h, 30, firsts[i], n) && h->bytes[26] + 256u * h->bytes[27] >= n)
            return true;
    }
    return false;
}

static enum media archive_of(const struct head *h)
{
    if (begins(h, 0, "PK\3\4", 4) || begins(h, 0, "PK\5\6", 4))
        return is_office(h) ? MEDIA_UNKNOWN : MEDIA_ZIP;
    if (begins(h, 0, "\x1f\x8b", 2) || begins(h, 0, "\x28\xb5\x2f\xfd", 4) ||
        begins(h, 257, "ustar", 5))
        return MEDIA_TAR;
    return MEDIA_UNKNOWN;
}

static void identify_mapped(int fd, struct identity *out)
{
    struct source s;
    struct structure structure = {0};
    enum picture kind;

    out->refusal = source_open(&s, fd);
    kind = picture_kind(s.bytes, s.count);
    out->media = media_of(kind);
    if (out->refusal != REFUSAL_NONE) {
        source_release(&s);
        return;
    }
    if (out->media != MEDIA_UNKNOWN) {
        out->refusal = picture_check(kind, s.bytes, s.count, &structure);
        out->pages = structure.pages;
    } else if (pdf_begins(s.bytes, s.count)) {
        out->media = MEDIA_PDF;
        out->refusal = pdf_count_pages(s.bytes, s.count, &out->pages);
    } else {
        out->refusal = REFUSAL_WRONG_TYPE;
    }
    source_release(&s);
}

void document_identify(int fd, struct identity *out)
{
    struct head h;
    ssize_t got = pread(fd, h.bytes, sizeof h.bytes, 0);

    h.count = got > 0 ? (size_t)got : 0;
    *out = (struct identity){.media = archive_of(&h)};
    if (out->media != MEDIA_UNKNOWN)
        out->refusal = archive_check(fd, out->media);
    else
        identify_mapped(fd, out);
    if (out->refusal != REFUSAL_NONE)
        *out = (struct identity){.refusal = out->refusal};
}
