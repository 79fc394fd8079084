#include "appliance/desk_files.h"

#include <string.h>

#include "base/embed.h"

EMBED(desk_html, "appliance/web/index.html");
EMBED(desk_icon, "appliance/web/icon.svg");
EMBED(desk_openapi, "appliance/openapi.json");
EMBED(desk_script, DESK_DIR "/desk.js");
EMBED(desk_style, DESK_DIR "/desk.css");

/* The lengths are not constants to the compiler, so they are pointed to. */
static const struct {
    const char *path, *type, *bytes;
    const size_t *bytes_count;
} files[] = {
    {"/", "text/html; charset=utf-8", desk_html, &desk_html_bytes},
    {"/icon.svg", "image/svg+xml", desk_icon, &desk_icon_bytes},
    {"/desk.js", "text/javascript; charset=utf-8", desk_script, &desk_script_bytes},
    {"/api/v1/openapi.json", "application/json", desk_openapi, &desk_openapi_bytes},
    {"/desk.css", "text/css; charset=utf-8", desk_style, &desk_style_bytes},
};

bool desk_file_find(const char *path, struct desk_file *out)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].path, path) != 0)
            continue;
        *out = (struct desk_file){files[i].type, files[i].bytes, *files[i].bytes_count};
        return true;
    }
    return false;
}
