/* Documents: small pictures, PDFs and archives, made from nothing for a test. */
#ifndef TRAM_TESTS_DOCUMENTS_H
#define TRAM_TESTS_DOCUMENTS_H

#include "base/buffer.h"

struct Pix;

#define DOCUMENT_BYTES_MAX (64u << 20)

/* A page of text in black on white, 8 bits of grey, 200 dpi; the caller's. The
 * lines' letters are ASCII: there is no other font without a file. */
struct Pix *document_page(int width, int height, const char *const *lines);

/* Encodes `pix` (which stays the caller's) as IFF_JFIF_JPEG, IFF_PNG, IFF_TIFF_G4 …
 * of Leptonica. Fails the test if it cannot. */
void document_encode(struct buffer *out, struct Pix *pix, int format);

/* A TIFF of `pages` pages, in G4. */
void document_tiff(struct buffer *out, struct Pix *pix, unsigned pages);

/* One page of a PDF: what it says, and the picture /Im0 it may draw. */
struct pdf_sheet {
    const char *box;     /* "0 0 595 842" */
    const char *entries; /* more of the page's dictionary, NULL: none */
    const char *content;
    const char *fonts;   /* "/F1 << … >>", NULL: none */
    const char *picture; /* of the image's dictionary, NULL: no image */
    const void *bytes;
    size_t count;
};

/* A whole PDF, with its cross-reference table and end. */
void document_pdf(struct buffer *out, const struct pdf_sheet *sheets, size_t count);

/* The same PDF locked by qpdf; an empty `user` password opens without asking. */
void document_lock(struct buffer *out, const struct buffer *pdf, const char *user);

/* An entry of an archive. */
struct archive_item {
    const char *name;
    const void *bytes;
    size_t count;
    const char *link; /* not NULL: a symbolic link to there */
};

enum archive_form {
    ARCHIVE_ZIP,
    ARCHIVE_ZIP_LOCKED,
    ARCHIVE_TAR,
    ARCHIVE_TAR_GZ,
    ARCHIVE_TAR_ZST
};

void document_archive(struct buffer *out, enum archive_form form,
                      const struct archive_item *items, size_t count);

/* A descriptor that reads these bytes from its start; the caller closes it. */
int document_fd(const void *bytes, size_t count);

#endif
