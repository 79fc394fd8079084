/* Kernel text: a short file of /proc or /sys. The kernel is no disk: no struct disk. */
#ifndef TRAM_BASE_KERNEL_TEXT_H
#define TRAM_BASE_KERNEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* `root` is "" on a real machine; tests have a tree of their own under it. What is longer
 * than `out` is cut. False: it cannot be read, or is empty. */
bool kernel_text(const char *root, const char *path, char *out, size_t out_bytes);

#endif
