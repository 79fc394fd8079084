/* Types from a directory: every NAME.json in it. */
#include <stdlib.h>
#include <string.h>

#include "schema/types/types.h"

struct reading {
    struct disk *disk;
    const char *dir;
    struct type_file files[TYPE_FILES_MAX];
    struct buffer bytes[TYPE_FILES_MAX];
    char *names[TYPE_FILES_MAX];
    size_t count;
};

static bool is_type_file(const char *name)
{
    size_t count = strlen(name);

    return count > 5 && strcmp(name + count - 5, ".json") == 0 &&
           strcmp(name, "type.schema.json") != 0;
}

static int read_one(void *arg, const char *name, struct err *e)
{
    struct reading *r = arg;
    struct buffer *bytes = &r->bytes[r->count];
    char path[DISK_PATH_BYTES];

    if (!is_type_file(name))
        return 0;
    if (r->count == TYPE_FILES_MAX)
        return err_set(e, ERR_REFUSED, "more than %d type files in %s", TYPE_FILES_MAX,
                       r->dir);
    if (disk_path(path, e, "%s/%s", r->dir, name) != 0)
        return -1;
    r->names[r->count] = strdup(name);
    if (r->names[r->count] == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for types");
    buffer_init(bytes, TYPE_FILE_BYTES_MAX);
    r->count++;
    if (disk_read_all(r->disk, path, bytes, e) != 0)
        return -1;
    r->files[r->count - 1] = (struct type_file){r->names[r->count - 1],
                                                (const char *)bytes->bytes, bytes->count};
    return 0;
}

int types_load_dir(struct record_types **out, struct disk *d, const char *dir,
                   struct err *e)
{
    struct reading *r = calloc(1, sizeof *r);
    int rc = -1;

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for types");
    r->disk = d;
    r->dir = dir;
    if (disk_list(d, dir, read_one, r, e) != 0)
        goto out;
    if (r->count == 0) {
        (void)err_set(e, ERR_REFUSED, "no record type (NAME.json) in %s", dir);
        goto out;
    }
    rc = types_parse(out, r->files, r->count, e);
out:
    for (size_t i = 0; i < r->count; i++) {
        buffer_release(&r->bytes[i]);
        free(r->names[i]);
    }
    free(r);
    return rc;
}
