#include "ocr/kind.h"

#include <string.h>

#include "ocr/pdf.h"
#include "ocr/picture.h"

static bool has(const uint8_t *bytes, size_t count, size_t at, const char *magic,
                size_t n)
{
    return count >= at + n && memcmp(bytes + at, magic, n) == 0;
}

/* A zip whose first entry is one of these is a text or a sheet of an office
 * program, not an archive of scans. Its name stands at 30, its length at 26. */
static bool is_office(const uint8_t *bytes, size_t count)
{
    static const char *const firsts[] = {"[Content_Types].xml", "_rels/", "docProps/",
                                         "mimetype"};

    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        size_t n = strlen(firsts[i]);

        if (has(bytes, count, 30, firsts[i], n) && bytes[26] + 256u * bytes[27] >= n)
            return true;
    }
    return false;
}

static enum media no_picture(const uint8_t *bytes, size_t count)
{
    if (has(bytes, count, 0, "PK\3\4", 4) || has(bytes, count, 0, "PK\5\6", 4))
        return is_office(bytes, count) ? MEDIA_UNKNOWN : MEDIA_ZIP;
    if (has(bytes, count, 0, "\x1f\x8b", 2) ||
        has(bytes, count, 0, "\x28\xb5\x2f\xfd", 4) || has(bytes, count, 257, "ustar", 5))
        return MEDIA_TAR;
    return pdf_begins(bytes, count) ? MEDIA_PDF : MEDIA_UNKNOWN;
}

enum media document_kind(const uint8_t *bytes, size_t count)
{
    if (count > KIND_HEAD_BYTES)
        count = KIND_HEAD_BYTES;
    switch (picture_kind(bytes, count)) {
    case PICTURE_JPEG:
        return MEDIA_JPEG;
    case PICTURE_PNG:
        return MEDIA_PNG;
    case PICTURE_TIFF:
        return MEDIA_TIFF;
    case PICTURE_PNM:
        return MEDIA_UNKNOWN;
    case PICTURE_NONE:
        break;
    }
    return no_picture(bytes, count);
}
