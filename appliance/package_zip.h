/* Package zip: a zip being written through the disk seam, by libarchive. Names are UTF-8;
 * the same entries make the same bytes. */
#ifndef TRAM_APPLIANCE_PACKAGE_ZIP_H
#define TRAM_APPLIANCE_PACKAGE_ZIP_H

#include "base/disk.h"

struct package_zip;

/* `file` is empty, and outlives it. */
int package_zip_create(struct package_zip **out, struct disk_file *file, struct err *e);
void package_zip_destroy(struct package_zip *z); /* NULL is fine */

/* All of `from` as an entry of this name. */
int package_zip_add(struct package_zip *z, const char *name, struct disk_file *from,
                    struct err *e);

/* Once, at its end: without it the file is no zip. */
int package_zip_finish(struct package_zip *z, struct err *e);

#endif
