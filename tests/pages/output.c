#include "tests/pages/output.h"

#include <stdio.h>
#include <string.h>

#include <cairo-pdf.h>

#define GREYS 16

const char *format_suffix(enum format format)
{
    static const char *const suffixes[] = {[FORMAT_PNG] = "png",
                                           [FORMAT_JPG] = "jpg",
                                           [FORMAT_TIF] = "tif",
                                           [FORMAT_PDF] = "pdf",
                                           [FORMAT_PDF_TEXT] = "pdf"};

    return suffixes[format];
}

bool format_many(enum format format)
{
    return format == FORMAT_TIF || format == FORMAT_PDF || format == FORMAT_PDF_TEXT;
}

/* Fewer levels of each colour: half the bytes, and no eye sees it. */
static PIX *colours_few(PIX *pix)
{
    PIX *few = pixCopy(NULL, pix);
    l_uint32 *words = few == NULL ? NULL : pixGetData(few);
    size_t count = few == NULL ? 0 : (size_t)pixGetWpl(few) * (size_t)pixGetHeight(few);

    for (size_t i = 0; i < count; i++)
        words[i] = (words[i] & 0xF0F0F000u) | (words[i] >> 4 & 0x0F0F0F00u);
    return few;
}

static int png_write(const char *path, PIX *pix, bool few, struct err *e)
{
    int depth = few ? pixGetDepth(pix) : 0, failed;
    PIX *small = depth == 8    ? pixThresholdTo4bpp(pix, GREYS, 0)
                 : depth == 32 ? colours_few(pix)
                               : pixClone(pix);

    if (small == NULL)
        return err_set(e, ERR_MEMORY, "%s", path);

    pixSetResolution(small, pixGetXRes(pix), pixGetYRes(pix));
    /* Leptonica's way to name zlib's level: noise does not shrink, small files must. */
    pixSetSpecial(small, 10 + (few ? 9 : 1));
    failed = pixWrite(path, small, IFF_PNG);
    pixDestroy(&small);
    return failed ? err_set(e, ERR_IO, "%s: cannot be written", path) : 0;
}

static int jpg_write(const char *path, PIX *pix, int quality, struct err *e)
{
    PIX *grey = pixGetDepth(pix) == 1 ? pixConvertTo8(pix, 0) : pixClone(pix);
    int failed;

    pixSetResolution(grey, pixGetXRes(pix), pixGetYRes(pix));
    failed = pixWriteJpeg(path, grey, quality, 0);
    pixDestroy(&grey);
    return failed ? err_set(e, ERR_IO, "%s: cannot be written", path) : 0;
}

static int tif_write(const char *path, const struct picture *pictures, int count,
                     struct err *e)
{
    for (int i = 0; i < count; i++) {
        PIX *pix = pictures[i].pix;
        int kind = pixGetDepth(pix) == 1 ? IFF_TIFF_G4 : IFF_TIFF_ZIP;

        if (pixWriteTiff(path, pix, kind, i == 0 ? "w" : "a") != 0)
            return err_set(e, ERR_IO, "%s: page %d cannot be written", path, i + 1);
    }
    return 0;
}

int output_bytes(const char *path, const void *bytes, size_t count, struct err *e)
{
    FILE *f = fopen(path, "wb");
    bool sound;

    if (f == NULL)
        return err_set_errno(e, ERR_IO, "%s", path);
    sound = fwrite(bytes, 1, count, f) == count;
    if (fclose(f) != 0 || !sound)
        return err_set_errno(e, ERR_IO, "%s", path);
    return 0;
}

/* Leptonica writes the clock into a PDF; a seed must give the same bytes. */
static void pdf_date_still(l_uint8 *bytes, size_t count)
{
    static const char key[] = "/CreationDate (D:", date[] = "20260101000000";
    l_uint8 *at = memmem(bytes, count, key, sizeof key - 1);

    if (at != NULL && count - (size_t)(at - bytes) > sizeof key + sizeof date)
        memcpy(at + sizeof key - 1, date, sizeof date - 1);
}

static int pdf_write(const char *path, const struct picture *pictures, int count,
                     int quality, struct err *e)
{
    PIXA *all = pixaCreate(count);
    int kind = pixGetDepth(pictures[0].pix) == 1 ? L_G4_ENCODE : L_JPEG_ENCODE, rc = -1;
    l_uint8 *bytes = NULL;
    size_t bytes_count = 0;

    for (int i = 0; i < count; i++)
        pixaAddPix(all, pictures[i].pix, L_CLONE);
    if (pixaConvertToPdfData(all, pictures[0].dpi, 1.0f, kind, quality, NULL, &bytes,
                             &bytes_count) != 0) {
        err_set(e, ERR_FAILED, "%s: no PDF can be made", path);
        goto out;
    }
    pdf_date_still(bytes, bytes_count);
    rc = output_bytes(path, bytes, bytes_count, e);
out:
    lept_free(bytes);
    pixaDestroy(&all);
    return rc;
}

int output_pictures(const char *path, enum format format, const struct picture *pictures,
                    int count, int quality, bool few, struct err *e)
{
    switch (format) {
    case FORMAT_PNG:
        return png_write(path, pictures[0].pix, few, e);
    case FORMAT_JPG:
        return jpg_write(path, pictures[0].pix, quality, e);
    case FORMAT_TIF:
        return tif_write(path, pictures, count, e);
    case FORMAT_PDF:
        return pdf_write(path, pictures, count, quality, e);
    case FORMAT_PDF_TEXT:
        break;
    }
    return err_set(e, ERR_USAGE, "no such format");
}

int output_pdf_text(const char *path, const struct paper *p, struct err *e)
{
    const struct sheet *s = p->sheets[0];
    cairo_surface_t *surface = cairo_pdf_surface_create(path, s->width_pt, s->height_pt);
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    /* Without a date of its own Cairo would write today's. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2026-01-01T00:00:00Z");
    for (int i = 0; i < p->sheet_count; i++) {
        s = p->sheets[i];
        cairo_pdf_surface_set_size(surface, s->width_pt, s->height_pt);
        sheet_draw_lines(s, cr);
        sheet_draw_marks(s, cr);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        return err_set(e, ERR_IO, "%s: %s", path, cairo_status_to_string(status));
    return 0;
}
