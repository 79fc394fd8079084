#include "appliance/serve.h"

#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/api.h"
#include "appliance/desk_certificate.h"
#include "appliance/handover.h"
#include "appliance/intake_words.h"
#include "appliance/moved.h"
#include "appliance/people/first.h"
#include "appliance/people/sessions.h"
#include "appliance/reader_shared.h"
#include "appliance/sync_loop.h"
#include "base/lock.h"
#include "base/web/http_listen.h"

/* Pools apart, so that senders and readers who take their time keep nobody from
 * asking: a file on its way in holds a box until its last byte came. */
#define DESK_BOXES   3 /* the desk's questions are short */
#define DOOR_BOXES   2 /* passwords take their time */
#define LOOK_BOXES   3 /* pictures, and one copy as PDF: the cage takes its time */
#define ASK_BOXES    2 /* words handed over that only ask */
#define UPLOAD_BOXES 4 /* files on their way in from the desk */
#define WORK_BOXES   3 /* the other words handed over */

#define PEM_BYTES_MAX 65536

struct serve {
    struct serve_options options;
    struct lock *owner;
    struct reader *intake_reader; /* shared by the boxes that take files in */
    struct boxes *desk, *door, *look, *ask, *upload, *work;
    struct reading_loop *loop;
    struct sync_loop *sync; /* NULL: a box without a centre */
    struct views *views;    /* pages' pictures for the desk */
    struct handover *handover;
    struct http *http;
    struct sessions *sessions;
    struct buffer pem; /* empty: no TLS */
    char fingerprint[DESK_FINGERPRINT_BYTES];
    char first_code[PASSWORD_DRAWN_BYTES];
    struct api api;
};

/* --------------------------------------------------------- words handed over */

static struct box *wait_for_box(struct boxes *pool, struct verb_io *io)
{
    struct box *b = NULL;

    while (b == NULL && !io->cancelled(io->cancelled_arg))
        b = boxes_borrow(pool, 1000); /* so that an asker's end is seen */
    return b;
}

static int run_in_pool(struct serve *s, struct boxes *pool, const struct verb *v,
                       struct reader *reader, struct verb_io *io, int argc, char **argv)
{
    struct box *b = wait_for_box(pool, io);
    struct reader *boxs;
    int status;

    if (b == NULL)
        return EXIT_FAILED; /* the asker is gone, or we stop */
    boxs = b->reader;
    if (reader != NULL)
        b->reader = reader;
    status = verb_run(v, b, s->options.dir, io, argc, argv);
    b->reader = boxs;
    boxes_return(pool, b);
    return status;
}

/* Reading is the loop's: it steps aside, and its reader does what was asked. That may
 * take its time, so no box is held meanwhile. */
static int run_read(struct serve *s, const struct verb *v, struct verb_io *io, int argc,
                    char **argv)
{
    struct reader *r = reading_loop_borrow(s->loop, io->cancelled, io->cancelled_arg);
    int status;

    if (r == NULL)
        return EXIT_FAILED; /* the asker is gone, or we stop */
    status = run_in_pool(s, s->work, v, r, io, argc, argv);
    reading_loop_return(s->loop);
    return status;
}

/* Talking to the centre is the sync loop's, too. */
static int run_sync(struct serve *s, const struct verb *v, struct verb_io *io, int argc,
                    char **argv)
{
    int status;

    if (!sync_loop_borrow(s->sync, io->cancelled, io->cancelled_arg))
        return EXIT_FAILED; /* the asker is gone, or we stop */
    status = run_in_pool(s, s->work, v, NULL, io, argc, argv);
    sync_loop_return(s->sync);
    return status;
}

static int run_handed_over(void *arg, const struct handover_request *r,
                           struct verb_io *io)
{
    struct serve *s = arg;
    const struct verb *v = verb_find(r->argv[0]);
    int status;

    if (v == NULL || !v->handed_over)
        return EXIT_WORDS; /* a command of another version */
    io->uncaged = s->options.uncaged;
    if (v->run == verb_read)
        return run_read(s, v, io, r->argc, r->argv);
    if (v->run == verb_sync)
        return run_sync(s, v, io, r->argc, r->argv);
    status =
        run_in_pool(s, v->asks_only ? s->ask : s->work, v, NULL, io, r->argc, r->argv);
    if (v->run == verb_intake || v->run == verb_held)
        reading_loop_wake(s->loop);
    sync_loop_wake(s->sync); /* whatever it was, it may have committed something */
    return status;
}

/* ------------------------------------------------------------ start and stop */

static void tick(void *arg)
{
    struct serve *s = arg;

    s->intake_reader->idle(s->intake_reader);
    views_idle(s->views);
}

static int make_intake_reader(struct serve *s, struct err *e)
{
    struct ocr_options options = {.jobs = 1, .uncaged = s->options.uncaged};
    struct reader *inner;

    if (reader_ocr_create(&inner, &options, e) != 0)
        return -1;
    return reader_shared_create(&s->intake_reader, inner, e);
}

static int take_directory(struct serve *s, struct err *e)
{
    if (lock_try(&s->owner, s->options.dir, e) != 0)
        return -1;
    if (s->owner == NULL)
        return err_set(e, ERR_BUSY, "%s", s->options.dir);
    return 0;
}

/* Before anybody can ask for anything. */
static int catch_up(struct serve *s, struct err *e)
{
    struct box *b = boxes_borrow(s->work, 0);
    int rc;

    moved_look(b, s->options.io);
    rc = intake_catch_up(b, s->options.io, e);
    boxes_return(s->work, b);
    return rc;
}

/* Who is signed in, and by what they know the box. */
static int prepare_desk(struct serve *s, struct err *e)
{
    struct box *b = boxes_borrow(s->desk, 0);
    bool needed;
    int rc = first_code(b->store, s->first_code, &needed, e);

    boxes_return(s->desk, b);
    if (rc != 0 || sessions_create(&s->sessions, clock_system(), e) != 0)
        return -1;
    if (!s->options.open || http_listens_here_only(s->options.listen))
        return 0;
    return desk_certificate(disk_system(), s->options.dir, &s->pem, s->fingerprint, e);
}

static int open_faces(struct serve *s, struct err *e)
{
    struct handover_options words = {
        .dir = s->options.dir, .run = run_handed_over, .arg = s};
    struct http_options web = {.listen = s->options.listen,
                               .open = s->options.open,
                               .arg = &s->api,
                               .body_bytes_max = API_BODY_BYTES_MAX,
                               .admit = api_admit,
                               .leave = api_leave};

    if (prepare_desk(s, e) != 0)
        return -1;
    s->api = (struct api){.desk = s->desk,
                          .door = s->door,
                          .look = s->look,
                          .work = s->upload,
                          .loop = s->loop,
                          .views = s->views,
                          .uncaged = s->options.uncaged,
                          .sessions = s->sessions,
                          .tls = s->pem.count > 0};
    if (s->api.tls)
        web.key = web.certificate = (const char *)s->pem.bytes;
    web.routes_count = api_routes(&web.routes);
    if (http_start(&s->http, &web, e) != 0)
        return -1;
    return handover_start(&s->handover, &words, e);
}

static int start_all(struct serve *s, struct err *e)
{
    struct reading_loop_options reading = {
        .dir = s->options.dir,
        .ocr = {.jobs = s->options.jobs, .uncaged = s->options.uncaged},
        .tick = tick,
        .arg = s};

    if (take_directory(s, e) != 0 || make_intake_reader(s, e) != 0 ||
        views_create(&s->views, s->options.uncaged, e) != 0 ||
        boxes_create(&s->desk, s->options.dir, DESK_BOXES, NULL, e) != 0 ||
        boxes_create(&s->door, s->options.dir, DOOR_BOXES, NULL, e) != 0 ||
        boxes_create(&s->look, s->options.dir, LOOK_BOXES, NULL, e) != 0 ||
        boxes_create(&s->ask, s->options.dir, ASK_BOXES, NULL, e) != 0 ||
        boxes_create(&s->upload, s->options.dir, UPLOAD_BOXES, s->intake_reader, e) !=
            0 ||
        boxes_create(&s->work, s->options.dir, WORK_BOXES, s->intake_reader, e) != 0 ||
        catch_up(s, e) != 0 || reading_loop_start(&s->loop, &reading, e) != 0 ||
        sync_loop_start(&s->sync, s->options.dir, e) != 0)
        return -1;
    return open_faces(s, e);
}

int serve_start(struct serve **out, const struct serve_options *o, struct err *e)
{
    struct serve *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "serve");
    s->options = *o;
    buffer_init(&s->pem, PEM_BYTES_MAX);
    if (start_all(s, e) != 0) {
        serve_stop(s);
        return -1;
    }
    *out = s;
    return 0;
}

void serve_stop(struct serve *s)
{
    if (s == NULL)
        return;
    /* Nobody new comes in, nobody waits; then who works ends, then what they use. */
    boxes_end_waits(s->look);
    boxes_end_waits(s->ask);
    boxes_end_waits(s->upload);
    boxes_end_waits(s->work);
    if (s->views != NULL)
        views_interrupt(s->views);
    handover_stop(s->handover);
    http_stop(s->http);
    sync_loop_stop(s->sync);
    reading_loop_stop(s->loop);
    boxes_destroy(s->work);
    boxes_destroy(s->upload);
    boxes_destroy(s->ask);
    boxes_destroy(s->look);
    boxes_destroy(s->door);
    boxes_destroy(s->desk);
    views_destroy(s->views);
    if (s->intake_reader != NULL)
        s->intake_reader->destroy(s->intake_reader);
    sessions_destroy(s->sessions);
    if (s->pem.count > 0)
        sodium_memzero(s->pem.bytes, s->pem.count);
    buffer_release(&s->pem);
    lock_release(s->owner);
    free(s);
}

const char *serve_address(const struct serve *s)
{
    return http_address(s->http);
}

const char *serve_fingerprint(const struct serve *s)
{
    return s->fingerprint;
}

const char *serve_first_code(const struct serve *s)
{
    return s->first_code;
}
