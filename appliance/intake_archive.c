#include "appliance/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/intake_parts.h"
#include "ocr/opener.h" /* the caps of archives */

struct entry {
    char *file; /* owned: "archive.zip/dir/file.jpg" */
    struct hash sha256;
    uint64_t bytes;
    enum refusal refusal;
};

/* The caged child keeps to the caps; a child that was taken over would not, so
 * they are kept here once more. */
struct unpacking {
    struct intake *intake;
    const char *archive;
    struct entry *entries;
    size_t count, capacity;
    uint64_t bytes;
    struct blob_writer *writer; /* of the entry that is arriving */
    bool over;                  /* more than the caps allow: the rest is dropped */
};

static void unpacking_release(struct unpacking *u)
{
    for (size_t n = 0; n < u->count; n++)
        free(u->entries[n].file);
    free(u->entries);
    blob_writer_destroy(u->writer);
}

static struct entry *add_entry(struct unpacking *u, const char *name, struct err *e)
{
    size_t file_bytes = strlen(u->archive) + strlen(name) + 2;
    struct entry *added;

    if (u->count == u->capacity) {
        size_t capacity = u->capacity == 0 ? 16 : 2 * u->capacity;
        struct entry *grown = realloc(u->entries, capacity * sizeof *grown);

        if (grown == NULL)
            goto no_memory;
        u->entries = grown;
        u->capacity = capacity;
    }
    added = &u->entries[u->count];
    *added = (struct entry){.file = malloc(file_bytes)};
    if (added->file == NULL)
        goto no_memory;
    (void)snprintf(added->file, file_bytes, "%s/%s", u->archive, name);
    u->count++;
    return added;
no_memory:
    (void)err_set(e, ERR_MEMORY, "out of memory for an archive's entries");
    return NULL;
}

static int entry_begin(void *arg, const char *name, struct err *e)
{
    struct unpacking *u = arg;

    if (u->over || u->count >= ARCHIVE_ENTRIES_MAX) {
        u->over = true;
        return 0;
    }
    if (intake_go_on(u->intake, e) != 0)
        return -1;
    if (add_entry(u, name, e) == NULL)
        return -1;
    return blob_writer_create(&u->writer, u->intake->box->blobs, e);
}

static int entry_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct unpacking *u = arg;
    const struct intake_options *o = &u->intake->options;

    if (intake_go_on(u->intake, e) != 0)
        return -1;
    u->bytes += count;
    if (u->bytes > ARCHIVE_BYTES_MAX && u->writer != NULL) {
        u->over = true;
        u->entries[u->count - 1].refusal = REFUSAL_TOO_LARGE;
        blob_writer_destroy(u->writer);
        u->writer = NULL;
    }
    if (u->over || u->writer == NULL)
        return 0;
    u->entries[u->count - 1].bytes += count;
    if (o->progress != NULL)
        o->progress(o->arg, u->archive, u->bytes);
    return blob_writer_add(u->writer, bytes, count, e);
}

static int entry_end(void *arg, enum refusal refusal, struct err *e)
{
    struct unpacking *u = arg;
    struct entry *last;
    bool was_there;
    int rc = 0;

    if (u->writer == NULL)
        return 0;
    last = &u->entries[u->count - 1];
    last->refusal = refusal;
    if (refusal == REFUSAL_NONE && last->bytes == 0)
        last->refusal = REFUSAL_EMPTY;
    if (last->refusal == REFUSAL_NONE) {
        rc = blob_writer_keep(u->writer, &last->sha256, &last->bytes, &was_there, e);
        if (rc != 0) {
            last->refusal = REFUSAL_CUT_OFF; /* nothing of it to take back */
            (void)err_wrap(e, "%s", last->file);
        }
    }
    blob_writer_destroy(u->writer);
    u->writer = NULL;
    return rc;
}

/* An entry whose stream ended without a word on it. */
static void end_last_entry(struct unpacking *u)
{
    if (u->writer == NULL)
        return;
    u->entries[u->count - 1].refusal = REFUSAL_CUT_OFF;
    blob_writer_destroy(u->writer);
    u->writer = NULL;
}

/* `from` on: entries that have not gone their road. No row names their bytes yet. */
static void drop_entries(struct unpacking *u, size_t from)
{
    struct err ignored; /* the trouble that led here is the one to tell */

    for (size_t n = from; n < u->count; n++)
        if (u->entries[n].refusal == REFUSAL_NONE)
            (void)intake_row_forget(u->intake, &u->entries[n].sha256, &ignored);
}

static int entries_go(struct unpacking *u, const struct intake_file *archive,
                      struct err *e)
{
    size_t name_at = (size_t)(archive->name - archive->file);

    for (size_t n = 0; n < u->count; n++) {
        const struct entry *entry = &u->entries[n];
        struct intake_file f = {.file = entry->file,
                                .name = entry->file + name_at,
                                .dossier = archive->dossier,
                                .type = archive->type,
                                .sha256 = entry->sha256,
                                .bytes = entry->bytes,
                                .entry = true};
        int rc = entry->refusal != REFUSAL_NONE
                     ? intake_tell_refused(u->intake, entry->file,
                                           refusal_name(entry->refusal), e)
                     : intake_file_go(u->intake, &f, e);

        if (rc != 0) {
            drop_entries(u, n + 1);
            return -1;
        }
    }
    return 0;
}

int intake_unpack(struct intake *i, const struct intake_file *f, struct intake_row *row,
                  bool *gone, struct err *e)
{
    struct reader *r = i->box->reader;
    struct unpacking u = {.intake = i, .archive = f->file};
    struct entry_sink sink = {entry_begin, entry_bytes, entry_end, &u};
    enum refusal refusal = REFUSAL_NONE;
    struct disk_file *blob = NULL;
    int rc = -1;

    if (blob_open(i->box->blobs, &blob, &row->sha256, e) != 0)
        goto out;
    rc = r->unpack(r, blob, &sink, &refusal, e);
    end_last_entry(&u);
    if (rc != 0) {
        drop_entries(&u, 0);
        goto out;
    }
    /* The reader answers one question at a time, so the entries were only kept;
     * now each of them is asked about. A power cut here unpacks again. */
    rc = entries_go(&u, f, e);
    if (rc != 0)
        goto out;
    if (refusal == REFUSAL_NONE && u.over)
        refusal = REFUSAL_TOO_LARGE;
    if (refusal == REFUSAL_NONE && u.count == 0)
        refusal = REFUSAL_NO_PAGES;
    if (refusal != REFUSAL_NONE) {
        rc = intake_row_refuse(i, row, refusal, e);
    } else {
        rc = intake_row_forget(i, &row->sha256, e);
        *gone = rc == 0;
    }
out:
    disk_close(blob);
    unpacking_release(&u);
    return rc;
}
