#include "ocr/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "ocr/output.h"
#include "ocr/progress.h"
#include "ocr/run_copy.h"

/* Pages that may be finished before one that they must wait for, so that a slow
 * page does not stop the others: a few for each at work. */
#define WAITING_PER_JOB 4

struct file {
    const char *path;
    uint32_t pages;      /* 0: it was refused, */
    const char *trouble; /* and why, in a word */
};

/* A page, or a file that was refused, between being asked and being written; in a
 * ring by its number. */
struct slot {
    bool done;
    struct file *refused; /* NULL: a page */
    size_t file;
    uint32_t page; /* from 0 */
    struct reading reading;
};

struct run {
    struct ocr_client *client;
    const struct run_options *o;
    int out_fd;
    struct file *files;
    uint64_t pages;   /* in all */
    uint64_t asked;   /* slots, so far */
    uint64_t written; /* slots, so far */
    uint64_t read;    /* pages, so far */
    uint32_t number;  /* of the page in the output */
    uint64_t refused;
    size_t next_file; /* whose next_page is to be asked */
    uint32_t next_page;
    int fd; /* of next_file; -1: not open */
    struct slot *slots;
    size_t slots_count;
    struct progress progress;
    struct buffer out;
    struct run_copy copy; /* of FORMAT_PDF */
};

/* --- words --------------------------------------------------------------- */

/* One line on stderr; `args` are the message's. */
static void tell(struct run *r, const char *key, const char *const *args, size_t count)
{
    struct buffer line;
    ssize_t n;

    progress_clear(&r->progress);
    buffer_init(&line, 8192);
    message_append(&line, key, r->o->language, args, count);
    buffer_append_byte(&line, '\n');
    n = write(STDERR_FILENO, line.bytes, line.count);
    (void)n; /* nobody else to tell */
    buffer_release(&line);
}

/* "scan.pdf, page 3: the file is cut off"; `page` from 1, 0: all of the file. */
static void tell_refusal(struct run *r, const char *path, uint32_t page,
                         enum refusal refusal)
{
    char number[12], key[64];
    const char *args[] = {path, NULL, number};
    struct buffer reason;

    (void)snprintf(key, sizeof key, "refusal.%s", refusal_name(refusal));
    (void)snprintf(number, sizeof number, "%" PRIu32, page);
    buffer_init(&reason, 1024);
    message_append(&reason, key, r->o->language, NULL, 0);
    args[1] = (const char *)reason.bytes;
    tell(r, page == 0 ? "ocr.file_refused" : "ocr.page_refused", args, 3);
    buffer_release(&reason);
}

/* --- files --------------------------------------------------------------- */

static int file_open(const char *path, int *fd, struct err *e)
{
    struct disk_file *f;
    int rc;

    if (disk_open(disk_system(), &f, path, DISK_READ, e) != 0)
        return -1;
    rc = disk_file_descriptor(f, fd, e);
    disk_close(f);
    return rc;
}

/* How many pages it has, or its trouble, told at once: whoever waits for a hundred
 * files wants to look after the bad one meanwhile. */
static int file_identify(struct run *r, struct file *f, struct err *e)
{
    struct identity i;
    struct err why;
    const char *const args[] = {why.text};
    int fd, rc;

    if (file_open(f->path, &fd, &why) != 0) {
        f->trouble = "unopened";
        tell(r, "ocr.file_unopened", args, 1);
        return 0;
    }
    rc = ocr_identify(r->client, fd, &i, e);
    (void)close(fd); /* only read */
    if (rc != 0)
        return -1;
    if (i.refusal != REFUSAL_NONE) {
        f->trouble = refusal_name(i.refusal);
        tell_refusal(r, f->path, 0, i.refusal);
    } else if (media_is_archive(i.media)) {
        f->trouble = "archive";
        tell(r, "ocr.archive", &f->path, 1);
    } else {
        f->pages = i.pages;
        r->pages += i.pages;
    }
    return 0;
}

static int identify_all(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->o->files_count; i++) {
        r->files[i].path = r->o->files[i];
        if (file_identify(r, &r->files[i], e) != 0)
            return -1;
    }
    return 0;
}

/* --- out ----------------------------------------------------------------- */

static int flush(struct run *r, struct err *e)
{
    if (buffer_check(&r->out, e) != 0)
        return err_wrap(e, "output");
    if (r->out.count > 0)
        progress_clear(&r->progress);
    if (output_write(r->out_fd, r->out.bytes, r->out.count, e) != 0)
        return -1;
    buffer_clear(&r->out);
    return 0;
}

static void refuse_page(struct run *r, const struct slot *s, enum refusal refusal)
{
    const char *path = r->files[s->file].path;

    r->refused++;
    tell_refusal(r, path, s->page + 1, refusal);
    format_refusal(r->o->format, path, s->page + 1, refusal_name(refusal), &r->out);
}

/* The page as it lies in the PDF; one that could not be read is there without words. */
static int copy_page(struct run *r, const struct slot *s, struct err *e)
{
    enum refusal refusal;
    int fd, rc;

    if (file_open(r->files[s->file].path, &fd, e) != 0)
        return -1;
    rc = run_copy_page(&r->copy, r->client, fd, s->page, &s->reading, &refusal, e);
    (void)close(fd); /* only read */
    if (rc == 0 && refusal != REFUSAL_NONE && s->reading.refusal == REFUSAL_NONE)
        refuse_page(r, s, refusal);
    return rc;
}

static int write_slot(struct run *r, const struct slot *s, struct err *e)
{
    const char *path = r->files[s->file].path;
    enum format f = r->o->format;

    if (s->refused != NULL) {
        r->refused++;
        format_refusal(f, path, 0, s->refused->trouble, &r->out);
        return 0;
    }
    if (s->reading.refusal != REFUSAL_NONE) {
        refuse_page(r, s, s->reading.refusal);
    } else {
        const struct format_page p = {path, s->page + 1, ++r->number, &s->reading};

        format_page(f, &p, &r->out);
    }
    return f == FORMAT_PDF ? copy_page(r, s, e) : 0;
}

/* Writes what is done and whose turn it is. */
static int write_done(struct run *r, struct err *e)
{
    for (; r->written < r->asked; r->written++) {
        struct slot *s = &r->slots[r->written % r->slots_count];

        if (!s->done)
            break;
        if (write_slot(r, s, e) != 0)
            return -1;
        reading_release(&s->reading);
        if (flush(r, e) != 0)
            return -1;
    }
    return 0;
}

/* --- the run ------------------------------------------------------------- */

static void next_file(struct run *r)
{
    if (r->fd >= 0)
        (void)close(r->fd); /* only read; children at work have their own */
    r->fd = -1;
    r->next_file++;
    r->next_page = 0;
}

/* Takes the next slot for the next page, or for the next file's refusal. */
static int ask_next(struct run *r, struct err *e)
{
    struct file *f = &r->files[r->next_file];
    struct slot *s = &r->slots[r->asked % r->slots_count];
    struct err why;

    *s = (struct slot){.file = r->next_file, .page = r->next_page};
    if (f->trouble == NULL && r->fd < 0 && file_open(f->path, &r->fd, &why) != 0) {
        f->trouble = "unopened"; /* it was there a moment ago */
        tell(r, "ocr.file_unopened", (const char *const[]){why.text}, 1);
        r->pages -= f->pages;
    }
    if (f->trouble != NULL) {
        s->refused = f;
        s->done = true;
        next_file(r);
    } else {
        if (ocr_submit_read(r->client, r->asked, r->fd, r->next_page, 0, WAY_USUAL, e) !=
            0)
            return -1;
        if (++r->next_page == f->pages)
            next_file(r);
    }
    r->asked++;
    return 0;
}

/* Keeps every child busy, but no page more than the ring ahead of the output. */
static int ask_more(struct run *r, struct err *e)
{
    while (ocr_at_work(r->client) < r->o->jobs &&
           r->asked - r->written < r->slots_count && r->next_file < r->o->files_count)
        if (ask_next(r, e) != 0)
            return -1;
    return 0;
}

/* One page more, if one is read within a second. */
static int take_page(struct run *r, struct err *e)
{
    struct reading reading;
    uint64_t ticket;
    int rc = ocr_wait_read(r->client, 1000, &ticket, &reading, e);

    if (rc != 1)
        return rc;
    r->slots[ticket % r->slots_count].reading = reading;
    r->slots[ticket % r->slots_count].done = true;
    r->read++;
    return 0;
}

static int read_all(struct run *r, struct err *e)
{
    progress_begin(&r->progress, r->o->tell_progress, r->o->language, r->pages);
    do {
        progress_tell(&r->progress, r->read);
        if (ask_more(r, e) != 0 || take_page(r, e) != 0 || write_done(r, e) != 0)
            return -1;
    } while (r->written < r->asked || r->next_file < r->o->files_count);
    progress_clear(&r->progress);
    return 0;
}

static int finish_copy(struct run *r, struct err *e)
{
    enum refusal refusal;

    if (run_copy_finish(&r->copy, r->client, r->out_fd, &refusal, e) != 0)
        return -1;
    return refusal == REFUSAL_NONE
               ? 0
               : err_set(e, ERR_FAILED, "pdf: %s", refusal_name(refusal));
}

static int run(struct run *r, struct err *e)
{
    format_begin(r->o->format, r->o->files_count == 1 ? r->o->files[0] : NULL, &r->out);
    if (identify_all(r, e) != 0 || flush(r, e) != 0 || read_all(r, e) != 0)
        return -1;
    format_end(r->o->format, &r->out);
    return r->o->format == FORMAT_PDF ? finish_copy(r, e) : flush(r, e);
}

int run_files(struct ocr_client *client, const struct run_options *o, int out_fd,
              uint64_t *refused, struct err *e)
{
    struct run r = {
        .client = client, .o = o, .out_fd = out_fd, .fd = -1, .copy = {.sheaf_fd = -1}};
    int rc = -1;

    r.slots_count = o->jobs * WAITING_PER_JOB;
    r.files = calloc(o->files_count, sizeof *r.files);
    r.slots = calloc(r.slots_count, sizeof *r.slots);
    buffer_init(&r.out, FORMAT_BYTES_MAX);
    if (r.files == NULL || r.slots == NULL)
        err_set(e, ERR_MEMORY, "out of memory for %zu files", o->files_count);
    else if (o->format != FORMAT_PDF || run_copy_begin(&r.copy, e) == 0)
        rc = run(&r, e);
    progress_clear(&r.progress);
    *refused = r.refused;
    if (r.fd >= 0)
        (void)close(r.fd);
    for (size_t i = 0; r.slots != NULL && i < r.slots_count; i++)
        reading_release(&r.slots[i].reading);
    free(r.slots);
    free(r.files);
    run_copy_release(&r.copy);
    buffer_release(&r.out);
    return rc;
}
