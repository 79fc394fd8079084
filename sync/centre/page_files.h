/* The centre's page, put into the program when it is built. */
#ifndef TRAM_SYNC_CENTRE_PAGE_FILES_H
#define TRAM_SYNC_CENTRE_PAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct page_file {
    const char *type, *bytes; /* static */
    size_t bytes_count;
};

/* False if there is no such file. `path` is not NUL-terminated. */
bool page_file_find(const char *path, size_t path_count, struct page_file *out);

#endif
