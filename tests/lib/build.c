#include "tests/lib/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *build_dir(void)
{
    static char path[4096];
    const char *told = getenv("TRAM_BUILD");
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    if (told != NULL)
        return told;
    assert_true(n > 0);
    path[n] = '\0';
    for (int up = 0; up < 3; up++) /* BUILD/tests/ROOM/test_x */
        *strrchr(path, '/') = '\0';
    return path;
}

const char *build_program(const char *name)
{
    static char path[4096 + 64];

    (void)snprintf(path, sizeof path, "%s/%s", build_dir(), name);
    return path;
}
