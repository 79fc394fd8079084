/* Serve: the box at work, until it is told to stop. It owns the data directory.
 *
 *   main thread ── waits for the end
 *   http ───────── a thread a connection: the desk and its API
 *   handover ───── a thread a command that found us in possession
 *   reading loop ─ one thread: pages that wait are read
 *   sync loop ──── one thread: the centre is kept up to date, if there is one
 *
 * Each thread works in a box of its own (boxes.h). Pictures and archives are opened
 * by tram-ocr, one worker for the pages that are read and one for what comes in;
 * neither lives while nothing is asked of it, so that an idle box is small. */
#ifndef TRAM_APPLIANCE_SERVE_H
#define TRAM_APPLIANCE_SERVE_H

#include "appliance/verbs.h"
#include "base/web/http.h"

struct serve;

struct serve_options {
    const char *dir;
    const char *listen;
    bool open; /* listen where other machines can come: over TLS alone */
    unsigned jobs;
    bool uncaged;
    struct verb_io *io; /* to tell what a power cut had interrupted */
};

/* ERR_BUSY: another process owns the directory. ERR_USAGE: about `listen`. When it
 * returns 0, the box answers. */
int serve_start(struct serve **out, const struct serve_options *o, struct err *e);

/* Ends what is at work, or leaves it to the next start. NULL is fine. */
void serve_stop(struct serve *s);

/* "http://127.0.0.1:8420/", "https://0.0.0.0:8420/" */
const char *serve_address(const struct serve *s);
/* Of its certificate; "" without TLS. */
const char *serve_fingerprint(const struct serve *s);
/* The code that makes the first administrator; "" if there is an account. */
const char *serve_first_code(const struct serve *s);

#endif
