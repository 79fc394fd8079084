/* Foot: what stands below the body: who receives the paper at the left, who signed it
 * and as what at the right, on the last page that has it. */
#ifndef TRAM_OCR_FIELDS_FOOT_H
#define TRAM_OCR_FIELDS_FOOT_H

#include "ocr/fields/gather.h"

/* authority, title and signer; recipient. */
void foot_signature(struct gather *g);
void foot_recipients(struct gather *g);

#endif
