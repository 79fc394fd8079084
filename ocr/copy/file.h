/* File: a sheaf as a searchable copy: PDF/A-2b, a picture and unseen words a page,
 * written by qpdf. The same sheaf gives the same bytes. In the cage only, because its
 * pictures are hostile bytes still. */
#ifndef TRAM_OCR_COPY_FILE_H
#define TRAM_OCR_COPY_FILE_H

#include "ocr/refusal.h"

/* The sheaf at `sheaf_fd`; the PDF goes to `out_fd`. REFUSAL_DAMAGED: it is no sheaf. */
enum refusal copy_file(int sheaf_fd, int out_fd);

#endif
