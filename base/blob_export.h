/* Blob export: an original given out as a file again, wherever the asker wants it. */
#ifndef TRAM_BASE_BLOB_EXPORT_H
#define TRAM_BASE_BLOB_EXPORT_H

#include "base/blobs.h"

/* Writes the blob to `path` of the disk `d`: beside its place first, so that what stood
 * there stands until all is written and synced. ERR_REFUSED: a directory, link or device
 * is there; a rename would put a file in its place. */
int blob_export(struct blobs *b, struct disk *d, const struct hash *h, const char *path,
                struct err *e);

/* A name as files were called elsewhere, made harmless in a directory: numbered, so
 * that two alike do not meet; no separators, controls or dots in front. */
#define BLOB_NAME_BYTES 216
void blob_export_name(char out[BLOB_NAME_BYTES], unsigned number, const char *name);

#endif
