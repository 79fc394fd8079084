#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "appliance/afterwards.h"
#include "appliance/again.h"
#include "appliance/queue.h"
#include "appliance/verb_io.h"
#include "ocr/client.h"
#include "schema/shown.h"

/* Pages in quarantine, in the order of their numbers. */
struct page_list {
    uint64_t *pages;
    size_t count, capacity;
};

/* The reading that a command asked for. */
struct run {
    struct verb_io *io;
    struct page_list before; /* in quarantine before it began */
    json_t *told;            /* with --json: what went there since */
    struct afterwards_counts made;
    bool gives_way; /* without --jobs: who names a number means it */
};

static int list_page(void *arg, uint64_t page, uint64_t document, const char *reason,
                     struct err *e)
{
    struct page_list *l = arg;

    (void)document;
    (void)reason;
    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 64 : 2 * l->capacity;
        uint64_t *pages = realloc(l->pages, capacity * sizeof *pages);

        if (pages == NULL)
            return err_set(e, ERR_MEMORY, "list of quarantined pages");
        l->pages = pages;
        l->capacity = capacity;
    }
    l->pages[l->count++] = page;
    return 0;
}

static int compare_pages(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int tell_quarantined(void *arg, uint64_t page, uint64_t document,
                            const char *reason, struct err *e)
{
    struct run *r = arg;
    char number[24], key[64];
    struct buffer why;

    if (r->before.count > 0 && bsearch(&page, r->before.pages, r->before.count,
                                       sizeof page, compare_pages) != NULL)
        return 0;
    (void)snprintf(number, sizeof number, "%" PRIu64, document);
    (void)snprintf(key, sizeof key, "refusal.%s", reason);
    buffer_init(&why, 1024);
    message_append(&why, key, r->io->language, NULL, 0);
    say(r->io, "read.quarantined", (const char *const[]){number, (const char *)why.bytes},
        2);
    buffer_release(&why);
    if (json_array_append_new(
            r->told, json_pack("{s:I, s:I, s:s}", "page", (json_int_t)page, "document",
                               (json_int_t)document, "reason", reason)) != 0)
        return err_set(e, ERR_MEMORY, "list of quarantined pages");
    return 0;
}

/* "2:05", or "–" while there is no pace to go by. */
static void left_text(char *out, size_t out_bytes, int64_t left_ms)
{
    int64_t s = (left_ms + 999) / 1000;

    if (left_ms < 0)
        (void)snprintf(out, out_bytes, "–");
    else if (s >= 3600)
        (void)snprintf(out, out_bytes, "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600,
                       s / 60 % 60, s % 60);
    else
        (void)snprintf(out, out_bytes, "%" PRId64 ":%02" PRId64, s / 60, s % 60);
}

static int show_progress(void *arg, const struct queue_progress *p)
{
    struct run *r = arg;
    char done[24], left[24], quarantined[24], time[32];

    (void)snprintf(done, sizeof done, "%" PRIu64, p->done);
    (void)snprintf(left, sizeof left, "%" PRIu64, p->left);
    (void)snprintf(quarantined, sizeof quarantined, "%" PRIu64, p->quarantined);
    left_text(time, sizeof time, p->left_ms);
    progress_line(r->io, "read.progress",
                  (const char *const[]){done, left, time, quarantined}, 4);
    return verb_cancelled(r->io) ? 1 : 0;
}

static int tell_end(struct run *r, const struct queue_progress *p)
{
    char done[24], quarantined[24], left[24];

    if (r->io->json)
        return verb_json(r->io, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "read",
                                          (json_int_t)p->done, "quarantined",
                                          (json_int_t)p->quarantined, "left",
                                          (json_int_t)p->left, "elapsed_ms",
                                          (json_int_t)p->elapsed_ms, "images",
                                          (json_int_t)r->made.images, "packed",
                                          (json_int_t)r->made.packed, "pages", r->told));
    (void)snprintf(done, sizeof done, "%" PRIu64, p->done);
    (void)snprintf(quarantined, sizeof quarantined, "%" PRIu64, p->quarantined);
    (void)snprintf(left, sizeof left, "%" PRIu64, p->left);
    tell(r->io, "read.done", (const char *const[]){done, quarantined, left}, 3);
    return 0;
}

static int show_afterwards(void *arg, const struct afterwards_counts *c)
{
    struct run *r = arg;
    char images[24], packed[24];

    (void)snprintf(images, sizeof images, "%" PRIu64, c->images);
    (void)snprintf(packed, sizeof packed, "%" PRIu64, c->packed);
    progress_line(r->io, "read.afterwards", (const char *const[]){images, packed}, 2);
    return verb_cancelled(r->io) ? 1 : 0;
}

static int run_afterwards(struct box *b, struct run *r, struct err *e)
{
    struct afterwards_run how = {
        .gives_way = r->gives_way, .progress = show_afterwards, .arg = r};
    struct afterwards a = {0};

    return afterwards_run(b, &a, &how, &r->made, e);
}

static int run_reading(struct box *b, struct run *r, bool wait, int *status,
                       struct err *e)
{
    struct queue_run how = {
        .wait = wait, .gives_way = r->gives_way, .progress = show_progress, .arg = r};
    struct queue_progress end;
    int rc;

    lease_holder_self(&how.holder);
    if (queue_each_quarantined(b, list_page, &r->before, e) != 0)
        return -1;
    if (r->before.count > 0)
        qsort(r->before.pages, r->before.count, sizeof *r->before.pages, compare_pages);
    if (queue_read_all(b, &how, &end, e) != 0)
        return -1;
    if (end.quarantined > 0 && queue_each_quarantined(b, tell_quarantined, r, e) != 0)
        return -1;
    rc = run_afterwards(b, r, e); /* what was read is told all the same */
    *status = EXIT_DONE;
    if (end.quarantined > 0 || (end.left > 0 && verb_cancelled(r->io)))
        *status = EXIT_PARTLY;
    if (tell_end(r, &end) != 0)
        *status = EXIT_FAILED;
    return rc;
}

/* With --jobs, a reader of that many for this run; else the box's own. */
static int choose_reader(struct verb_io *io, const char *jobs, struct reader **own,
                         int *status)
{
    struct ocr_options options = {.uncaged = io->uncaged};
    struct err e;
    uint64_t count;

    *own = NULL;
    if (jobs == NULL)
        return 0;
    if (option_number(io, "--jobs", jobs, 1, OCR_JOBS_MAX, &count) != 0) {
        *status = EXIT_WORDS;
        return -1;
    }
    options.jobs = (unsigned)count;
    if (reader_ocr_create(own, &options, &e) != 0) {
        *status = verb_failed(io, &e);
        return -1;
    }
    return 0;
}

/* What is to be read again waits from now on, with all that waits already. */
static int ask_again(struct box *b, struct verb_io *io, const char *id, const char *way,
                     int *status)
{
    char pages[16], away[16], never[16];
    enum reading_way how = WAY_USUAL;
    struct again_asked asked;
    struct shown what;
    struct err e;

    *status = EXIT_WORDS;
    if (way != NULL && !way_find(way, &how)) {
        (void)verb_usage(io, "read");
        return -1;
    }
    if (shown_find(b->records, id, &what, &e) == 0 && what.document == 0) {
        say(io, "show.unknown", (const char *const[]){id}, 1);
        *status = EXIT_FAILED;
        return -1;
    }
    if (what.document == 0 ||
        again_ask(b, what.page != 0 ? what.page : what.document, how, &asked, &e) != 0) {
        *status = verb_failed(io, &e);
        return -1;
    }
    (void)snprintf(pages, sizeof pages, "%u", asked.pages);
    (void)snprintf(away, sizeof away, "%u", asked.away);
    (void)snprintf(never, sizeof never, "%u", asked.never);
    say(io, "read.again", (const char *const[]){pages, way_name(how)}, 2);
    if (asked.away > 0)
        say(io, "read.again_away", (const char *const[]){away}, 1);
    if (asked.never > 0)
        say(io, "read.again_never", (const char *const[]){never}, 1);
    return 0;
}

int verb_read(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct reader *boxs = b->reader, *own = NULL;
    struct run r = {.io = io};
    const char *jobs = NULL, *again = NULL, *way = NULL;
    bool wait = false;
    const struct option_word words[] = {{"--jobs", &jobs, NULL},
                                        {"--again", &again, NULL},
                                        {"--way", &way, NULL},
                                        {"--wait", NULL, &wait}};
    int status = EXIT_FAILED;
    struct err e;

    if (options_take(io, words, 4, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1 || (way != NULL && again == NULL))
        return verb_usage(io, "read");
    if (again != NULL && ask_again(b, io, again, way, &status) != 0)
        return status;
    if (choose_reader(io, jobs, &own, &status) != 0)
        return status;
    if (own != NULL)
        b->reader = own;
    r.gives_way = jobs == NULL;
    r.told = json_array();
    if (run_reading(b, &r, wait, &status, &e) != 0)
        status = verb_failed(io, &e);
    json_decref(r.told);
    free(r.before.pages);
    b->reader = boxs;
    if (own != NULL)
        own->destroy(own);
    return status;
}
