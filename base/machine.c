#include "base/machine.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONES_MAX 32

/* The kernel's files are short; what is longer is cut. False: there is none. */
static bool read_text(const char *root, const char *path, char *out, size_t out_bytes)
{
    char whole[512];
    ssize_t n;
    int fd;

    if (snprintf(whole, sizeof whole, "%s%s", root, path) >= (int)sizeof whole)
        return false;
    fd = open(whole, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, out, out_bytes - 1);
    (void)close(fd); /* opened to read */
    if (n <= 0)
        return false;
    out[n] = '\0';
    return true;
}

static int hottest(const char *root)
{
    int most = MACHINE_UNKNOWN;

    for (int i = 0; i < ZONES_MAX; i++) {
        char path[64], text[32];
        int here;

        (void)snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%d/temp", i);
        if (!read_text(root, path, text, sizeof text))
            break; /* zones are numbered without gaps */
        here = atoi(text);
        if (here > most)
            most = here;
    }
    return most;
}

static int64_t memory_available(const char *root)
{
    char text[512];
    const char *at;

    if (!read_text(root, "/proc/meminfo", text, sizeof text))
        return MACHINE_UNKNOWN;
    at = strstr(text, "MemAvailable:");
    return at == NULL ? MACHINE_UNKNOWN
                      : strtoll(at + sizeof "MemAvailable:" - 1, NULL, 10) * 1024;
}

void machine_look(struct machine *out, const char *root)
{
    char text[64];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    *out = (struct machine){
        .hottest_millidegrees = hottest(root),
        .memory_available_bytes = memory_available(root),
        .cores = cores < 1 ? 1 : (unsigned)cores,
    };
    if (read_text(root, "/proc/loadavg", text, sizeof text))
        out->load = strtod(text, NULL);
}
