#include "base/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kernel_text.h"

#define ZONES_MAX 32

static int hottest(const char *root)
{
    int most = MACHINE_UNKNOWN;

    for (int i = 0; i < ZONES_MAX; i++) {
        char path[64], text[32];
        int here;

        (void)snprintf(path, sizeof path, "/sys/class/thermal/thermal_zone%d/temp", i);
        if (!kernel_text(root, path, text, sizeof text))
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

    if (!kernel_text(root, "/proc/meminfo", text, sizeof text))
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
    if (kernel_text(root, "/proc/loadavg", text, sizeof text))
        out->load = strtod(text, NULL);
}
