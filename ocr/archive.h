/* Archive: what the opener needs of one besides unpacking it. */
#ifndef TRAM_OCR_ARCHIVE_H
#define TRAM_OCR_ARCHIVE_H

#include "base/err.h"
#include "ocr/reading.h"

/* Whether libarchive finds an archive of this kind behind the magic bytes, by its
 * first header, and whether it has no more entries than we take: REFUSAL_NONE,
 * _WRONG_TYPE (gzip of something else), _CUT_OFF, _TOO_LARGE. */
enum refusal archive_check(int fd, enum media media);

/* In the parent, before any cage: what the C library would open lazily for names
 * (a UTF-8 locale) and times (the time zone). */
int archive_warm(struct err *e);

#endif
