#include "sync/dictionary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zdict.h>

#include "base/embed.h"
#include "base/hash.h"
#include "sync/bundle.h"

EMBED(default_dictionary, DICTIONARY_DIR "/default.dictionary");

#define NAME_FORMAT "%04u-%08" SCNx32
#define COUNT_MAX   9999

uint32_t dictionary_number(const void *bytes, size_t count)
{
    struct hash h;
    struct cursor c;
    uint32_t number;

    hash_of(&h, bytes, count);
    cursor_init(&c, h.bytes, sizeof h.bytes);
    number = cursor_u32(&c);
    return number == 0 ? 1 : number; /* 0 says that there is none */
}

/* ------------------------------------------------------------------------ files */

/* Looks for a number, or with 0 for the last file. */
struct looking {
    uint32_t number, found;
    unsigned place, last; /* of what was found; of all */
};

static int look(void *arg, const char *name, struct err *e)
{
    struct looking *l = arg;
    unsigned place;
    uint32_t number;
    char again[32];

    (void)e;
    if (sscanf(name, NAME_FORMAT, &place, &number) != 2 || number == 0)
        return 0;
    (void)snprintf(again, sizeof again, "%04u-%08" PRIx32, place, number);
    if (strcmp(name, again) != 0)
        return 0; /* somebody's copy, or half of one */
    if (place > l->last)
        l->last = place;
    if (l->number != 0 ? number == l->number : place > l->place) {
        l->place = place;
        l->found = number;
    }
    return 0;
}

static int look_through(struct disk *d, const char *dir, struct looking *l, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat st;

    if (disk_path(path, e, "%s/%s", dir, DICTIONARY_FOLDER) != 0 ||
        disk_stat(d, path, &st, e) != 0)
        return -1;
    return st.kind == DISK_DIR ? disk_list(d, path, look, l, e) : 0;
}

/* 1: its bytes are those that its name says; 0: it is damaged. */
static int read_file(struct disk *d, const char *dir, const struct looking *l,
                     struct buffer *out, struct err *e)
{
    char path[DISK_PATH_BYTES];
    size_t before = out->count;

    if (disk_path(path, e, "%s/%s/%04u-%08" PRIx32, dir, DICTIONARY_FOLDER, l->place,
                  l->found) != 0)
        return -1;
    if (disk_read_all(d, path, out, e) == 0 &&
        out->count - before <= BUNDLE_DICTIONARY_MAX &&
        dictionary_number(out->bytes + before, out->count - before) == l->found)
        return 1;
    if (e->code == ERR_MEMORY)
        return -1;
    out->count = before;
    out->failed = ERR_NONE;
    return 0;
}

int dictionary_find(struct disk *d, const char *dir, uint32_t number, struct buffer *out,
                    struct err *e)
{
    struct looking l = {.number = number};

    if (number == dictionary_number(default_dictionary, default_dictionary_bytes)) {
        buffer_append(out, default_dictionary, default_dictionary_bytes);
        return buffer_check(out, e) == 0 ? 1 : -1;
    }
    if (look_through(d, dir, &l, e) != 0)
        return err_wrap(e, "dictionary");
    return l.found == 0 ? 0 : read_file(d, dir, &l, out, e);
}

int dictionary_newest(struct disk *d, const char *dir, uint32_t *number,
                      struct buffer *out, struct err *e)
{
    struct looking l = {0};
    int found = 0;

    if (look_through(d, dir, &l, e) != 0)
        return err_wrap(e, "dictionary");
    if (l.found != 0)
        found = read_file(d, dir, &l, out, e);
    *number = l.found;
    if (found != 0)
        return found < 0 ? -1 : 0;
    *number = dictionary_number(default_dictionary, default_dictionary_bytes);
    buffer_append(out, default_dictionary, default_dictionary_bytes);
    return buffer_check(out, e);
}

int dictionary_add(struct disk *d, const char *dir, const void *bytes, size_t count,
                   uint32_t *number, struct err *e)
{
    char folder[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    struct looking l = {0};

    if (count == 0 || count > BUNDLE_DICTIONARY_MAX)
        return err_set(e, ERR_TOO_BIG, "dictionary of %zu bytes", count);
    *number = dictionary_number(bytes, count);
    if (disk_path(folder, e, "%s/%s", dir, DICTIONARY_FOLDER) != 0 ||
        disk_make_dirs(d, folder, e) != 0 || look_through(d, dir, &l, e) != 0)
        return err_wrap(e, "dictionary");
    if (l.found == *number)
        return 0;
    if (l.last >= COUNT_MAX)
        return err_set(e, ERR_TOO_BIG, "dictionary: there are %u of them", l.last);
    if (disk_path(path, e, "%s/%04u-%08" PRIx32, folder, l.last + 1, *number) != 0 ||
        disk_replace(d, path, bytes, count, e) != 0)
        return err_wrap(e, "dictionary");
    return 0;
}

/* ------------------------------------------------------------------------ copies */

struct copying {
    struct disk *disk;
    const char *from, *to;
};

static int copy_one(void *arg, const char *name, struct err *e)
{
    const struct copying *c = arg;
    char path[DISK_PATH_BYTES];
    struct looking l = {0};
    struct buffer bytes;
    int rc = 0;

    (void)look(&l, name, e); /* only reads the name: nothing can fail */
    if (l.found == 0)
        return 0;
    buffer_init(&bytes, BUNDLE_DICTIONARY_MAX);
    rc = read_file(c->disk, c->from, &l, &bytes, e);
    if (rc == 1)
        rc = disk_path(path, e, "%s/%s/%s", c->to, DICTIONARY_FOLDER, name) == 0
                 ? disk_replace(c->disk, path, bytes.bytes, bytes.count, e)
                 : -1;
    buffer_release(&bytes);
    return rc;
}

int dictionary_copy_all(struct disk *d, const char *from, const char *to, struct err *e)
{
    struct copying c = {.disk = d, .from = from, .to = to};
    char source[DISK_PATH_BYTES], target[DISK_PATH_BYTES];
    struct disk_stat st;

    if (disk_path(source, e, "%s/%s", from, DICTIONARY_FOLDER) != 0 ||
        disk_path(target, e, "%s/%s", to, DICTIONARY_FOLDER) != 0 ||
        disk_stat(d, source, &st, e) != 0)
        return err_wrap(e, "dictionary");
    if (st.kind != DISK_DIR)
        return 0;
    if (disk_make_dirs(d, target, e) != 0 || disk_list(d, source, copy_one, &c, e) != 0)
        return err_wrap(e, "dictionary");
    return 0;
}

/* --------------------------------------------------------------------- training */

int dictionary_train(const void *bytes, const size_t *samples, size_t samples_count,
                     size_t count_max, struct buffer *out, struct err *e)
{
    void *room = malloc(count_max);
    size_t count;

    if (room == NULL)
        return err_set(e, ERR_MEMORY, "dictionary of %zu bytes", count_max);
    count = ZDICT_trainFromBuffer(
        room, count_max, bytes, samples,
        (unsigned)(samples_count < UINT32_MAX ? samples_count : UINT32_MAX));
    if (!ZDICT_isError(count))
        buffer_append(out, room, count);
    free(room);
    if (ZDICT_isError(count))
        return err_set(e, ERR_USAGE, "dictionary: there is too little to learn from: %s",
                       ZDICT_getErrorName(count));
    return buffer_check(out, e);
}
