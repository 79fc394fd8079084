#include "appliance/import.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utf8proc.h>

#include "appliance/box_types.h"
#include "appliance/import_apply.h"
#include "appliance/import_columns.h"

#define CHUNK_BYTES 65536

/* A record up to this size shares its transaction, because store_write_pause() cuts
 * at half a cap; up to the next it has one to itself; above, it is cut. Rows and
 * bytes are measured from above (import_record_measure), search rows apart. */
#define SHARED_ROWS_MAX  (STORE_CHANGES_MAX * 4 / 10)
#define SHARED_BYTES_MAX (STORE_CHANGESET_BYTES_MAX * 4 / 10)
#define ALONE_ROWS_MAX   (STORE_CHANGES_MAX * 9 / 10)
#define ALONE_BYTES_MAX  (STORE_CHANGESET_BYTES_MAX * 9 / 10)

/* Told when nobody waits for us: whoever listens may take its time, and an open
 * transaction keeps all others from writing. */
#define UNTOLD_MAX 32

struct untold {
    uint64_t line;
    char why[sizeof((struct err *)0)->text];
};

struct import {
    struct box *box;
    const struct import_options *options;
    const struct box_types *types;
    struct import_apply *apply;
    struct import_counts *kept;   /* the caller's: what is committed */
    struct import_counts pending; /* what the open transaction adds to it */
    uint64_t line;
    bool open; /* a transaction */
    struct untold untold[UNTOLD_MAX];
    size_t untold_count;
};

/* -------------------------------------------------------------- transactions */

static void count_pending(struct import *i)
{
    struct import_counts *k = i->kept, *p = &i->pending;

    k->lines += p->lines;
    k->added += p->added;
    k->changed += p->changed;
    k->unchanged += p->unchanged;
    k->deleted += p->deleted;
    k->refused += p->refused;
    *p = (struct import_counts){0};
    if (i->options->progress != NULL)
        i->options->progress(i->options->arg, k);
}

/* Only while no transaction is open. */
static void tell_refused(struct import *i)
{
    for (size_t n = 0; n < i->untold_count; n++)
        if (i->options->refused != NULL)
            i->options->refused(i->options->arg, i->untold[n].line, i->untold[n].why);
    i->untold_count = 0;
}

static int commit(struct import *i, struct err *e)
{
    if (i->open) {
        i->open = false;
        if (store_write_commit(i->box->store, NULL, e) != 0)
            return -1;
    }
    tell_refused(i);
    if (i->pending.lines > 0)
        count_pending(i);
    return 0;
}

static int begin(struct import *i, struct err *e)
{
    if (!i->open && store_write_begin(i->box->store, e) != 0)
        return -1;
    i->open = true;
    return 0;
}

/* Room for a record of this size. *cut: there is none in one transaction. */
static int make_room(struct import *i, size_t rows, size_t bytes, bool *cut,
                     struct err *e)
{
    bool was_cut = false;

    *cut = false;
    if (rows <= SHARED_ROWS_MAX && bytes <= SHARED_BYTES_MAX) {
        if (begin(i, e) != 0)
            return -1;
        if (store_write_pause(i->box->store, &was_cut, e) != 0) {
            i->open = false;
            return -1;
        }
        if (!was_cut)
            return 0;
        store_write_rollback(i->box->store); /* the new one, with nothing in it */
        i->open = false;
        return commit(i, e) == 0 ? begin(i, e) : -1;
    }
    if (commit(i, e) != 0 || begin(i, e) != 0)
        return -1;
    *cut = rows > ALONE_ROWS_MAX || bytes > ALONE_BYTES_MAX;
    return 0;
}

/* --------------------------------------------------------------------- lines */

static int take_record(struct import *i, const struct import_record *r, struct err *e)
{
    enum import_outcome outcome = IMPORT_UNCHANGED;
    size_t rows, bytes, rows_there, bytes_there;
    bool cut;

    import_record_measure(r, &rows, &bytes);
    if (import_apply_there(i->apply, r, &rows_there, &bytes_there, e) != 0 ||
        make_room(i, rows + rows_there, bytes + bytes_there, &cut, e) != 0)
        return -1;
    if (import_apply(i->apply, r, cut, &outcome, e) != 0)
        return -1;
    switch (outcome) {
    case IMPORT_ADDED:
        i->pending.added++;
        break;
    case IMPORT_CHANGED:
        i->pending.changed++;
        break;
    case IMPORT_UNCHANGED:
        i->pending.unchanged++;
        break;
    case IMPORT_DELETED:
        i->pending.deleted++;
        break;
    }
    return 0;
}

static int refuse(struct import *i, const char *why, struct err *e)
{
    struct untold *u = &i->untold[i->untold_count++];

    i->pending.refused++;
    u->line = i->line;
    (void)snprintf(u->why, sizeof u->why, "%s", why);
    return !i->open || i->untold_count == UNTOLD_MAX ? commit(i, e) : 0;
}

static bool is_blank(const char *line, size_t bytes)
{
    for (size_t n = 0; n < bytes; n++)
        if (strchr(" \t\r", line[n]) == NULL || line[n] == '\0')
            return false;
    return true;
}

static int check_own(struct import *i, const struct import_record *r, struct err *e)
{
    bool own;

    if (import_apply_is_own(i->apply, r, &own, e) != 0)
        return -1;
    return own ? err_set(e, ERR_REFUSED,
                         "this box scanned the paper itself: it would be there twice")
               : 0;
}

static int take_parsed(struct import *i, struct import_record *r, struct err *e)
{
    if (r->type != NULL && i->options->typed != NULL)
        i->options->typed(i->options->arg, r->type);
    if (import_columns(r, i->types->types, e) != 0 || check_own(i, r, e) != 0)
        return e->code == ERR_REFUSED ? refuse(i, e->text, e) : -1;
    return take_record(i, r, e);
}

static int take_line(struct import *i, const char *line, size_t bytes, struct err *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* spreadsheets begin a file with it */
    struct import_record r;
    int rc;

    i->line++;
    if (i->line == 1 && bytes >= 3 && memcmp(line, mark, 3) == 0) {
        line += 3;
        bytes -= 3;
    }
    if (is_blank(line, bytes))
        return 0;
    i->pending.lines++;
    if (import_record_parse(&r, i->options->source, line, bytes, e) != 0) {
        if (e->code != ERR_REFUSED)
            return err_wrap(e, "line %" PRIu64, i->line);
        return refuse(i, e->text, e);
    }
    rc = take_parsed(i, &r, e);
    if (rc != 0)
        (void)err_wrap(e, "line %" PRIu64, i->line);
    import_record_release(&r);
    return rc;
}

/* ------------------------------------------------------------------- reading */

/* Nobody else can write while a transaction is open, so none is while we wait for
 * whoever writes into the other end of a pipe. The descriptor is the asker's
 * (a file, a pipe), not a file of the box: no struct disk. */
static int read_some(struct import *i, int fd, char *chunk, size_t *got, struct err *e)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t n;

    if (poll(&ready, 1, 0) == 0 && commit(i, e) != 0)
        return -1;
    do
        n = read(fd, chunk, CHUNK_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set_errno(e, ERR_IO, "read");
    *got = (size_t)n;
    return 0;
}

/* A line in the making; what is over the cap is dropped until its end. */
struct line {
    struct buffer bytes;
    bool too_long;
};

static int end_line(struct import *i, struct line *l, struct err *e)
{
    int rc = 0;

    if (l->too_long) {
        i->line++;
        i->pending.lines++;
        rc = refuse(i, "longer than 8 MiB: make several records of it", e);
    } else {
        rc = take_line(i, (const char *)l->bytes.bytes, l->bytes.count, e);
    }
    buffer_clear(&l->bytes);
    l->too_long = false;
    return rc;
}

static int take_chunk(struct import *i, struct line *l, const char *chunk, size_t count,
                      struct err *e)
{
    while (count > 0) {
        const char *end = memchr(chunk, '\n', count);
        size_t part = end != NULL ? (size_t)(end - chunk) : count;

        buffer_append(&l->bytes, chunk, part);
        if (l->bytes.failed == ERR_TOO_BIG)
            l->too_long = true;
        else if (buffer_check(&l->bytes, e) != 0)
            return -1;
        if (end == NULL)
            return 0;
        if (end_line(i, l, e) != 0)
            return -1;
        chunk += part + 1;
        count -= part + 1;
    }
    return 0;
}

static int take_all(struct import *i, int fd, struct err *e)
{
    struct line line = {0};
    char *chunk = malloc(CHUNK_BYTES);
    size_t got = 0;
    int rc = -1;

    buffer_init(&line.bytes, IMPORT_LINE_BYTES_MAX);
    if (chunk == NULL) {
        (void)err_set(e, ERR_MEMORY, "out of memory for reading");
        goto out;
    }
    do {
        if (read_some(i, fd, chunk, &got, e) != 0 ||
            take_chunk(i, &line, chunk, got, e) != 0)
            goto out;
    } while (got > 0);
    if ((line.bytes.count > 0 || line.too_long) && end_line(i, &line, e) != 0)
        goto out;
    rc = commit(i, e);
out:
    free(chunk);
    buffer_release(&line.bytes);
    return rc;
}

static int check_source(const char *source, struct err *e)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)source;
    utf8proc_int32_t c;

    if (source == NULL)
        return 0; /* each line has its own */
    if (source[0] == '\0')
        return err_set(e, ERR_USAGE, "an import needs the name of its source");
    if (strlen(source) > IMPORT_WORD_BYTES_MAX)
        return err_set(e, ERR_USAGE, "the source's name is longer than %d bytes",
                       IMPORT_WORD_BYTES_MAX);
    while (*at != '\0') {
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &c);

        if (n <= 0)
            return err_set(e, ERR_USAGE, "the source's name is not UTF-8");
        at += n;
    }
    return 0;
}

int import_lines(struct box *b, int fd, const struct import_options *o,
                 struct import_counts *out, struct err *e)
{
    struct import i = {.box = b, .options = o, .kept = out};
    int rc = -1;

    *out = (struct import_counts){0};
    if (check_source(o->source, e) != 0)
        return -1;
    if (box_types(b, &i.types, e) != 0 || import_apply_create(&i.apply, b, e) != 0)
        goto out;
    rc = take_all(&i, fd, e);
out:
    store_write_rollback(b->store); /* what is open here has failed */
    tell_refused(&i);
    import_apply_destroy(i.apply);
    return rc == 0 ? 0 : err_wrap(e, "import");
}
