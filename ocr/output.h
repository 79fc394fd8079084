/* Output: bytes on their way to a descriptor, all of them. */
#ifndef TRAM_OCR_OUTPUT_H
#define TRAM_OCR_OUTPUT_H

#include <stddef.h>

#include "base/err.h"

int output_write(int fd, const void *bytes, size_t count, struct err *e);

#endif
