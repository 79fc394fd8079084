#include "sync/centre/page_files.h"

#include <string.h>

#include "base/embed.h"

EMBED(page_html, "sync/centre/web/index.html");
EMBED(page_icon, "sync/centre/web/icon.svg");
EMBED(page_script, PAGE_DIR "/centre.js");
EMBED(page_style, PAGE_DIR "/centre.css");

/* The lengths are not constants to the compiler, so they are pointed to. */
static const struct {
    const char *path, *type, *bytes;
    const size_t *bytes_count;
} files[] = {
    {"/", "text/html; charset=utf-8", page_html, &page_html_bytes},
    {"/icon.svg", "image/svg+xml", page_icon, &page_icon_bytes},
    {"/centre.js", "text/javascript; charset=utf-8", page_script, &page_script_bytes},
    {"/centre.css", "text/css; charset=utf-8", page_style, &page_style_bytes},
};

bool page_file_find(const char *path, size_t path_count, struct page_file *out)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strlen(files[i].path) != path_count ||
            memcmp(files[i].path, path, path_count) != 0)
            continue;
        *out = (struct page_file){files[i].type, files[i].bytes, *files[i].bytes_count};
        return true;
    }
    return false;
}
