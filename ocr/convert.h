/* Convert: one document made into another file, for the command line: packed,
 * restored, a page's small image. What stood at the place stands until the new file is whole. */
#ifndef TRAM_OCR_CONVERT_H
#define TRAM_OCR_CONVERT_H

#include "ocr/client.h"

enum conversion { CONVERT_REPACK, CONVERT_RESTORE };

/* *gained false, without a refusal: packed, it would be no smaller; then, as after a
 * refusal, nothing is written. -1: the reader cannot be had, or a file not be opened
 * or written. */
int convert_file(struct ocr_client *client, enum conversion how, const char *path,
                 const char *out_path, bool *gained, enum refusal *refusal,
                 struct err *e);

/* Page `page` (from 0): its small image and its thumbnail, each to its place; NULL: that
 * one is not wanted. */
int convert_page(struct ocr_client *client, const char *path, uint32_t page,
                 const char *image_path, const char *thumbnail_path,
                 enum refusal *refusal, struct err *e);

#endif
