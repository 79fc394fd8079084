#include "ocr/way.h"

#include <string.h>

static const char *const names[] = {[WAY_USUAL] = "usual",
                                    [WAY_PLAIN] = "plain",
                                    [WAY_WORN] = "worn",
                                    [WAY_COLUMN] = "column",
                                    [WAY_BLOCK] = "block"};

const char *way_name(enum reading_way way)
{
    return names[way];
}

bool way_find(const char *name, enum reading_way *out)
{
    for (int i = 0; i <= WAY_LAST; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum reading_way)i;
            return true;
        }
    return false;
}
