#include "sync/centre/verbs.h"

#include <signal.h>

#include "base/lock.h"
#include "sync/centre/session.h"
#include "sync/centre/serve.h"

/* A handler is told a number and nothing else. */
static struct centre_serve *serving;

static void stop_serving(int number)
{
    (void)number;
    centre_serve_stop(serving);
}

/* The first Ctrl-C ends in good order, the second at once. */
static int serve_until_stopped(struct console *c, struct centre_serve *s, struct err *e)
{
    struct sigaction stop = {.sa_handler = stop_serving, .sa_flags = (int)SA_RESETHAND};

    serving = s;
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    if (c->stopped()) /* before we listened to it */
        return 0;
    if (centre_serve_run(s, e) != 0)
        return -1;
    console_say(c, "serve.stopping", NULL, 0);
    return 0;
}

static int serve_opened(struct console *c, const struct centre_serve_options *o)
{
    struct centre *centre = o->centre;
    struct centre_serve *s = NULL;
    const char *address;
    struct err e;
    int rc;

    /* What a power cut left half-written; only the owner may. */
    if (blobs_sweep(centre->blobs, &e) != 0 || session_sweep(centre, &e) != 0 ||
        centre_serve_create(&s, o, &e) != 0)
        return console_failed(c, &e);
    address = centre_serve_address(s);
    if (c->json)
        (void)console_json(c, json_pack("{s:s}", "address", address));
    else
        console_tell(c, "centre.serve.ready", (const char *const[]){address}, 1);
    rc = serve_until_stopped(c, s, &e);
    centre_serve_destroy(s);
    return rc == 0 ? CONSOLE_DONE : console_failed(c, &e);
}

static int serve_with_restorer(struct console *c, struct centre_serve_options *o,
                               bool uncaged)
{
    struct err e;
    int status;

    if (restorer_ocr_create(&o->restorer, uncaged, &e) != 0)
        return console_failed(c, &e);
    status = serve_opened(c, o);
    o->restorer->destroy(o->restorer);
    return status;
}

int centre_verb_serve(struct console *c, int argc, char **argv)
{
    struct centre_serve_options o = {0};
    bool uncaged = false;
    const struct option_word options[] = {{"--listen", &o.listen, NULL},
                                          {"--open", NULL, &o.open},
                                          {"--no-cage", NULL, &uncaged}};
    struct lock *lock = NULL;
    int status = CONSOLE_FAILED;
    struct err e;

    if (console_options(c, options, 3, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1 || o.listen == NULL)
        return centre_verb_usage(c, "serve");
    if (console_open(c, &o.centre) != 0)
        return CONSOLE_FAILED;
    if (lock_try(&lock, c->dir, &e) != 0)
        status = console_failed(c, &e);
    else if (lock == NULL)
        console_say(c, "centre.serve.already", (const char *const[]){c->dir}, 1);
    else
        status = serve_with_restorer(c, &o, uncaged);
    centre_close(o.centre);
    lock_release(lock);
    return status;
}
