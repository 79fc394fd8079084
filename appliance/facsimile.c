#include "appliance/facsimile.h"

#include <stdlib.h>

#include "appliance/facsimile_layer.h"
#include "appliance/room.h"
#include "base/replacing.h"
#include "ocr/copy/sheaf.h"

struct source {
    uint64_t id; /* original.id */
    struct hash sha256;
};

struct copying {
    struct box *box;
    const struct shown *what;
    struct facsimile *out;
    struct page_row *pages; /* that have a picture */
    size_t pages_count;
    struct source *sources;
    size_t sources_count;
    struct sheaf_lengths *lengths;
    struct disk_file *sheaf; /* the writer's */
    uint64_t bytes;          /* of the sheaf */
    struct buffer part;      /* what is being added to it */
};

/* -------------------------------------------------------------- what there is to copy */

static int take_page(void *arg, const struct page_row *p, struct err *e)
{
    struct copying *c = arg;
    struct page_row *more;

    if (p->original == 0 || (c->what->page != 0 && c->what->page != p->id))
        return 0;
    if (c->pages_count == SHEAF_PAGES_MAX)
        return err_set(e, ERR_TOO_BIG, "a copy of more than %d pages", SHEAF_PAGES_MAX);
    more = realloc(c->pages, (c->pages_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(e, ERR_MEMORY, "copy: out of memory");
    c->pages = more;
    more[c->pages_count++] = *p;
    return 0;
}

static int take_source(void *arg, const struct original_row *o, struct err *e)
{
    struct copying *c = arg;
    struct source *more = realloc(c->sources, (c->sources_count + 1) * sizeof *more);

    if (more == NULL)
        return err_set(e, ERR_MEMORY, "copy: out of memory");
    c->sources = more;
    more[c->sources_count++] = (struct source){o->id, o->sha256};
    return 0;
}

static const struct source *source_of(const struct copying *c, const struct page_row *p)
{
    for (size_t i = 0; i < c->sources_count; i++)
        if (c->sources[i].id == p->original)
            return &c->sources[i];
    return NULL;
}

static bool is_wanted(const struct copying *c, const struct source *s)
{
    for (size_t i = 0; i < c->pages_count; i++)
        if (c->pages[i].original == s->id)
            return true;
    return false;
}

/* Asks for what left to make room, before anything is made. */
static int look_for_sources(struct copying *c, struct err *e)
{
    for (size_t i = 0; i < c->sources_count; i++) {
        const struct hash *h = &c->sources[i].sha256;
        bool there = true, away = false;

        if (is_wanted(c, &c->sources[i]) && blob_exists(c->box->blobs, h, &there, e) != 0)
            return -1;
        if (there)
            continue;
        if (room_is_away(c->box, h, &away, e) != 0)
            return -1;
        if (!away)
            return err_set(e, ERR_CORRUPT, "the original is gone: run verify");
        c->out->away++;
        if (room_want(c->box, h, e) != 0)
            return -1;
    }
    return 0;
}

/* -------------------------------------------------------------------------- the sheaf */

/* Appends what is in c->part. */
static int add_part(struct copying *c, struct err *e)
{
    if (buffer_check(&c->part, e) != 0 ||
        disk_file_write(c->sheaf, c->part.bytes, c->part.count, c->bytes, e) != 0)
        return -1;
    c->bytes += c->part.count;
    return 0;
}

static int add_picture(struct copying *c, const struct page_row *p, uint64_t *bytes,
                       struct err *e)
{
    const struct source *source = source_of(c, p);
    struct disk_file *f = NULL;
    uint64_t end;
    int rc = -1;

    if (source == NULL)
        return err_set(e, ERR_CORRUPT, "page %llu has no original",
                       (unsigned long long)p->id);
    if (blob_open(c->box->blobs, &f, &source->sha256, e) == 0 &&
        c->box->reader->picture(c->box->reader, f, p->original_page, c->sheaf,
                                &c->out->refusal, e) == 0 &&
        disk_file_size(c->sheaf, &end, e) == 0) {
        *bytes = end - c->bytes;
        c->bytes = end;
        if (end > FACSIMILE_SHEAF_BYTES_MAX && c->out->refusal == REFUSAL_NONE)
            c->out->refusal = REFUSAL_TOO_LARGE;
        rc = 0;
    }
    disk_close(f);
    return rc;
}

/* Stops at a picture that cannot be had. */
static int fill_sheaf(struct copying *c, struct err *e)
{
    for (size_t i = 0; i < c->pages_count; i++) {
        if (add_picture(c, &c->pages[i], &c->lengths[i].picture, e) != 0)
            return -1;
        if (c->out->refusal != REFUSAL_NONE) {
            c->out->page = c->pages[i].ordinal;
            return 0;
        }
        buffer_clear(&c->part);
        if (facsimile_layer(c->box->records, &c->pages[i], &c->part, e) != 0 ||
            add_part(c, e) != 0)
            return -1;
        c->lengths[i].layer = c->part.count;
    }
    buffer_clear(&c->part);
    sheaf_encode_end(&c->part, c->lengths, c->pages_count);
    return add_part(c, e);
}

static int make(struct copying *c, struct disk_file *into, struct err *e)
{
    int rc = -1;

    c->lengths = calloc(c->pages_count, sizeof *c->lengths);
    if (c->lengths == NULL)
        return err_set(e, ERR_MEMORY, "copy: out of memory");
    if (fill_sheaf(c, e) == 0)
        rc = c->out->refusal != REFUSAL_NONE
                 ? 0
                 : c->box->reader->copy(c->box->reader, c->sheaf, into, &c->out->refusal,
                                        e);
    if (rc == 0 && c->out->refusal == REFUSAL_NONE)
        c->out->pages = (unsigned)c->pages_count;
    return rc;
}

int facsimile_make(struct box *b, const struct shown *what, struct disk_file *sheaf,
                   struct disk_file *into, struct facsimile *out, struct err *e)
{
    struct copying c = {.box = b, .what = what, .out = out, .sheaf = sheaf};
    int rc = -1;

    *out = (struct facsimile){0};
    if (b->reader == NULL)
        return err_set(e, ERR_FAILED, "this box has no reader to make a copy with");
    buffer_init(&c.part, SHEAF_LAYER_BYTES_MAX);
    if (record_each_page(b->records, what->document, take_page, &c, e) == 0 &&
        record_each_original(b->records, what->document, take_source, &c, e) == 0 &&
        look_for_sources(&c, e) == 0)
        rc = c.pages_count == 0 || out->away > 0 ? 0 : make(&c, into, e);
    free(c.pages);
    free(c.sources);
    free(c.lengths);
    buffer_release(&c.part);
    return rc == 0 ? 0 : err_wrap(e, "copy");
}

int facsimile_make_file(struct box *b, const struct shown *what, const char *path,
                        struct facsimile *out, struct err *e)
{
    struct replacing r = {0}, sheaf = {0};
    char beside[DISK_PATH_BYTES];
    int rc = -1;

    *out = (struct facsimile){0};
    if (disk_path(beside, e, "%s.sheaf", path) == 0 &&
        replacing_begin(&r, b->disk, path, e) == 0 &&
        replacing_begin(&sheaf, b->disk, beside, e) == 0 &&
        facsimile_make(b, what, sheaf.file, r.file, out, e) == 0)
        rc = out->pages == 0 ? 0 : replacing_commit(&r, e);
    replacing_release(&sheaf); /* never put in place */
    replacing_release(&r);
    return rc;
}
