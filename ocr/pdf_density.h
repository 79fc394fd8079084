/* PDF density: how dense the pictures are that a page is made of, so that it can be
 * drawn pixel for pixel: stairs of letters drawn at another resolution read worse. In
 * the cage only. */
#ifndef TRAM_OCR_PDF_DENSITY_H
#define TRAM_OCR_PDF_DENSITY_H

#include <stdint.h>

#include <qpdf/qpdf-c.h>

/* Dots per inch of the finest picture that is as wide and as high as the page of these
 * sides in points; 0: there is none, or the page has letters of its own. Inherited
 * attributes must have been pushed to it. */
uint32_t pdf_density(qpdf_data q, qpdf_oh page, double width, double height);

#endif
