#include "tests/pages/output.h"

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

static int png_write(const char *path, PIX *pix, bool few, struct err *e)
{
    PIX *small =
        few && pixGetDepth(pix) == 8 ? pixThresholdTo4bpp(pix, GREYS, 0) : pixClone(pix);
    int failed;

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

static int pdf_write(const char *path, const struct picture *pictures, int count,
                     int quality, struct err *e)
{
    PIXA *all = pixaCreate(count);
    int kind = pixGetDepth(pictures[0].pix) == 1 ? L_G4_ENCODE : L_JPEG_ENCODE, failed;

    for (int i = 0; i < count; i++)
        pixaAddPix(all, pictures[i].pix, L_CLONE);
    failed = pixaConvertToPdf(all, pictures[0].dpi, 1.0f, kind, quality, NULL, path);
    pixaDestroy(&all);
    return failed ? err_set(e, ERR_IO, "%s: cannot be written", path) : 0;
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
