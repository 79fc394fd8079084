#include "appliance/verbs.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/serve.h"
#include "appliance/verb_io.h"
#include "ocr/client.h"

#define LISTEN_DEFAULT "127.0.0.1:8420"
#define STOP_WAIT_S    10 /* for pages and files at work; then they wait again */

/* Time is up. Everything kept is on disk, and a lease of ours is free once we are no
 * more: as good an end as any. */
static void end_now(int number)
{
    (void)number;
    _exit(EXIT_DONE);
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static int tell_ready(struct verb_io *io, const struct serve *s, const char *dir)
{
    const char *code = serve_first_code(s), *fingerprint = serve_fingerprint(s);

    if (io->json)
        return verb_json(io,
                         json_pack("{s:s, s:o, s:s?, s:s?}", "address", serve_address(s),
                                   "data", json_any_text(dir), "fingerprint",
                                   or_null(fingerprint), "first_code", or_null(code)));
    tell(io, "serve.ready", (const char *const[]){serve_address(s)}, 1);
    if (fingerprint[0] != '\0')
        tell(io, "serve.fingerprint", (const char *const[]){fingerprint}, 1);
    if (code[0] != '\0')
        tell(io, "serve.first_code", (const char *const[]){code}, 1);
    return 0;
}

/* Every thread is born with these blocked, so that only this one takes them. */
static int serve_until_told(struct verb_io *io, const struct serve_options *o)
{
    struct serve *s = NULL;
    sigset_t ends;
    struct err e;
    int number;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    if (serve_start(&s, o, &e) != 0) {
        if (e.code == ERR_USAGE && strstr(e.text, "other machines") != NULL) {
            say(io, "serve.not_open", (const char *const[]){o->listen}, 1);
            return EXIT_WORDS;
        }
        return verb_failed(io, &e);
    }
    if (tell_ready(io, s, o->dir) == 0)
        (void)sigwait(&ends, &number);
    say(io, "serve.stopping", NULL, 0);
    (void)signal(SIGALRM, end_now);
    (void)alarm(STOP_WAIT_S);
    (void)signal(SIGINT, end_now); /* a second Ctrl-C does not wait */
    (void)sigprocmask(SIG_UNBLOCK, &ends, NULL);
    serve_stop(s);
    (void)alarm(0);
    return EXIT_DONE;
}

int verb_serve(const char *dir, struct verb_io *io, int argc, char **argv)
{
    struct serve_options o = {
        .dir = dir, .listen = LISTEN_DEFAULT, .uncaged = io->uncaged, .io = io};
    const char *jobs = NULL;
    const struct option_word words[] = {{"--listen", &o.listen, NULL},
                                        {"--open", NULL, &o.open},
                                        {"--jobs", &jobs, NULL}};
    uint64_t count = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);

    if (options_take(io, words, 3, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "serve");
    if (jobs != NULL && option_number(io, "--jobs", jobs, 1, OCR_JOBS_MAX, &count) != 0)
        return EXIT_WORDS;
    o.jobs = count < 1 ? 1 : count > OCR_JOBS_MAX ? OCR_JOBS_MAX : (unsigned)count;
    return serve_until_told(io, &o);
}
