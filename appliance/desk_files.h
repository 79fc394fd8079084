/* The desk's files, put into the program when it is built. */
#ifndef TRAM_APPLIANCE_DESK_FILES_H
#define TRAM_APPLIANCE_DESK_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct desk_file {
    const char *type, *bytes; /* static */
    size_t bytes_count;
};

/* False if the desk has no such file: "/", "/icon.svg", "/desk.js", "/desk.css",
 * "/api/v1/openapi.json". */
bool desk_file_find(const char *path, struct desk_file *out);

#endif
