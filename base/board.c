#include "base/board.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/kernel_text.h"

#define TEXT_BYTES_MAX 65536
#define SERIAL_MIN     6

/* `after`: what stands before it in the file; NULL: the file holds nothing else. Only
 * root may read the last but one. The last is looked for by the directory: read_card(). */
static const struct {
    enum board_fact fact;
    const char *name, *path, *after;
} sources[] = {
    {BOARD_TREE, "tree", "/sys/firmware/devicetree/base/serial-number", NULL},
    {BOARD_PROCESSOR, "processor", "/proc/cpuinfo", "\nSerial"},
    {BOARD_DMI, "dmi", "/sys/class/dmi/id/product_uuid", NULL},
    {BOARD_CARD, "card", NULL, NULL},
};
#define SOURCES (sizeof sources / sizeof *sources)

/* Of the disk that `dir` itself lies on, or of the one that its partition is a part of
 * ("..", from where the kernel's link leads). No card, or none that shows through what
 * lies between: not known. */
static bool read_card(const char *root, const char *dir, char *out, size_t out_bytes)
{
    static const char *const at[] = {"/device/cid", "/../device/cid"};
    char path[512];
    struct stat there;

    if (snprintf(path, sizeof path, "%s%s", root, dir) >= (int)sizeof path ||
        stat(path, &there) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u%s", major(there.st_dev),
                       minor(there.st_dev), at[i]);
        if (kernel_text(root, path, out, out_bytes))
            return true;
    }
    return false;
}

static bool read_source(size_t source, const char *root, const char *dir, char *out,
                        size_t out_bytes)
{
    return sources[source].fact == BOARD_CARD
               ? read_card(root, dir, out, out_bytes)
               : kernel_text(root, sources[source].path, out, out_bytes);
}

/* Makers fill in nothing, zeroes, or the same words on every board. */
static bool is_a_serial(const char *text, size_t count)
{
    bool differs = false;

    for (size_t i = 0; i < count; i++) {
        if (!isxdigit((unsigned char)text[i]) && text[i] != '-')
            return false;
        differs = differs || (text[i] != text[0] && text[i] != '-');
    }
    return count >= SERIAL_MIN && differs;
}

static bool find_serial(const char *text, const char *after, const char **at,
                        size_t *count)
{
    if (after != NULL) {
        text = strstr(text, after);
        if (text == NULL)
            return false;
        text += strlen(after);
        text += strspn(text, "\t :");
    }
    text += strspn(text, " \t\n");
    *at = text;
    *count = strcspn(text, " \t\r\n");
    return is_a_serial(*at, *count);
}

void board_look(struct board *out, const char *root, const char *dir)
{
    static const char purpose[] = "tram board";
    char text[TEXT_BYTES_MAX];

    *out = (struct board){0};
    for (size_t i = 0; i < SOURCES; i++) {
        const char *serial;
        struct hasher h;
        size_t count;

        if (!read_source(i, root, dir, text, sizeof text) ||
            !find_serial(text, sources[i].after, &serial, &count))
            continue;
        hasher_init(&h);
        hasher_add(&h, purpose, sizeof purpose);
        hasher_add(&h, sources[i].name, strlen(sources[i].name) + 1);
        hasher_add(&h, serial, count);
        hasher_finish(&h, &out->facts[sources[i].fact]);
        out->known[sources[i].fact] = true;
    }
}

bool board_differs(const struct board *a, const struct board *b)
{
    for (int i = 0; i < BOARD_FACTS; i++)
        if (a->known[i] && b->known[i] && !hash_equal(&a->facts[i], &b->facts[i]))
            return true;
    return false;
}

bool board_learn(struct board *kept, const struct board *now)
{
    bool learnt = false;

    for (int i = 0; i < BOARD_FACTS; i++) {
        if (kept->known[i] || !now->known[i])
            continue;
        kept->known[i] = learnt = true;
        kept->facts[i] = now->facts[i];
    }
    return learnt;
}

void board_write(const struct board *b, struct buffer *out)
{
    for (size_t i = 0; i < SOURCES; i++) {
        char hex[HASH_HEX_BYTES];

        if (!b->known[sources[i].fact])
            continue;
        hash_to_hex(hex, &b->facts[sources[i].fact]);
        buffer_append_format(out, "%s %s\n", sources[i].name, hex);
    }
}

static void read_line(struct board *out, const char *line, size_t count)
{
    for (size_t i = 0; i < SOURCES; i++) {
        size_t name = strlen(sources[i].name);
        char hex[HASH_HEX_BYTES];

        if (count != name + 1 + HASH_HEX_BYTES - 1 || line[name] != ' ' ||
            memcmp(line, sources[i].name, name) != 0)
            continue;
        memcpy(hex, line + name + 1, HASH_HEX_BYTES - 1);
        hex[HASH_HEX_BYTES - 1] = '\0';
        out->known[sources[i].fact] = hash_from_hex(&out->facts[sources[i].fact], hex);
    }
}

void board_read(struct board *out, const char *text, size_t count)
{
    const char *end = text + count;

    *out = (struct board){0};
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        stop = stop == NULL ? end : stop;
        read_line(out, text, (size_t)(stop - text));
        text = stop == end ? end : stop + 1;
    }
}
