#include "schema/types/embedded.h"

#include <assert.h>

#include "base/embed.h"

EMBED(type_administrative, "schema/types/administrative.json");

/* How long a file is, the linker knows and the compiler does not. */
static const struct {
    const char *name, *bytes;
    const size_t *count;
} embedded[] = {
    {"administrative.json", type_administrative, &type_administrative_bytes},
};

size_t types_embedded(struct type_file files[TYPE_FILES_MAX])
{
    size_t count = sizeof embedded / sizeof *embedded;

    static_assert(sizeof embedded / sizeof *embedded <= TYPE_FILES_MAX, "types");
    for (size_t i = 0; i < count; i++)
        files[i] =
            (struct type_file){embedded[i].name, embedded[i].bytes, *embedded[i].count};
    return count;
}
