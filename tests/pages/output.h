/* Output: pictures as files. */
#ifndef TRAM_PAGES_OUTPUT_H
#define TRAM_PAGES_OUTPUT_H

#include "tests/pages/paper.h"
#include "tests/pages/picture.h"

enum format { FORMAT_PNG, FORMAT_JPG, FORMAT_TIF, FORMAT_PDF, FORMAT_PDF_TEXT };

const char *format_suffix(enum format format);

/* True when one file holds all pages of a paper. */
bool format_many(enum format format);

/* `few` keeps 16 levels of grey in a PNG: a third of the bytes. */
int output_pictures(const char *path, enum format format, const struct picture *pictures,
                    int count, int quality, bool few, struct err *e);

/* Files of the machine, not of the product's disk: this is a tool for tests. */
int output_bytes(const char *path, const void *bytes, size_t count, struct err *e);

/* Letters as letters, lines as lines. */
int output_pdf_text(const char *path, const struct paper *p, struct err *e);

#endif
