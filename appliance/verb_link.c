#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "appliance/link_told.h"
#include "appliance/verb_io.h"

#define LOOK_MS     500
#define COUNT_LOOKS 4 /* how often what waits is counted again */
#define TEXT_BYTES  32

struct watching {
    struct box *box;
    struct verb_io *io;
    struct pulse pulse;
    struct status status;
};

static int look(struct watching *w, bool count, struct err *e)
{
    pulse_look(&w->pulse);
    return count ? status_read(w->box, &w->status, e) : 0;
}

static uint64_t waiting(const struct watching *w)
{
    return link_waiting_bytes(&w->status);
}

static int64_t forecast_s(const struct watching *w)
{
    return link_forecast_s(&w->pulse, &w->status);
}

/* ----------------------------------------------------------------------- texts */

static void kb_text(char out[TEXT_BYTES], uint64_t bytes)
{
    (void)snprintf(out, TEXT_BYTES, "%" PRIu64, (bytes + 999) / 1000);
}

static void took_text(char out[TEXT_BYTES], int64_t seconds)
{
    if (seconds < 3600)
        (void)snprintf(out, TEXT_BYTES, "%" PRId64 ":%02d", seconds / 60,
                       (int)(seconds % 60));
    else
        (void)snprintf(out, TEXT_BYTES, "%" PRId64 ":%02d:%02d", seconds / 3600,
                       (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* ------------------------------------------------------------------------- now */

static const char *state_key(const struct pulse *p)
{
    if (!p->at_work)
        return "link.nobody";
    switch (p->state) {
    case SYNC_IDLE:
        return "link.idle";
    case SYNC_WAITING:
        return "link.waiting";
    case SYNC_CONNECTING:
    case SYNC_TALKING:
        break;
    }
    return "link.connecting";
}

/* Those numbers of the contact that every line of it begins with. */
struct contact_texts {
    char took[TEXT_BYTES], out[TEXT_BYTES], in[TEXT_BYTES], rate[TEXT_BYTES],
        trip[TEXT_BYTES], left[TEXT_BYTES];
};

static void contact_texts(struct contact_texts *t, const struct watching *w)
{
    took_text(t->took, w->pulse.talking_ms / 1000);
    kb_text(t->out, w->pulse.bytes_out);
    kb_text(t->in, w->pulse.bytes_in);
    (void)snprintf(t->rate, TEXT_BYTES, "%" PRIu64, w->pulse.bytes_s * 8 / 1000);
    (void)snprintf(t->trip, TEXT_BYTES, "%u", w->pulse.round_trip_ms);
    kb_text(t->left, waiting(w));
}

static void tell_class(struct watching *w, int class)
{
    char key[TEXT_BYTES], out[TEXT_BYTES], left[TEXT_BYTES];
    struct buffer name;

    if (w->pulse.class_bytes[class] == 0 && w->status.waiting_bytes[class] == 0)
        return;
    (void)snprintf(key, sizeof key, "link.class.%d", class);
    kb_text(out, w->pulse.class_bytes[class]);
    kb_text(left, w->status.waiting_bytes[class]);
    buffer_init(&name, 256);
    message_append(&name, key, w->io->language, NULL, 0);
    tell(w->io, "link.class",
         (const char *const[]){name.bytes == NULL ? key : (const char *)name.bytes, out,
                               left},
         3);
    buffer_release(&name);
}

static void tell_now(struct watching *w)
{
    char forecast[TEXT_BYTES];
    struct contact_texts t;

    contact_texts(&t, w);
    if (w->pulse.state == SYNC_TALKING && w->pulse.at_work)
        tell(w->io, "link.talking",
             (const char *const[]){t.took, t.out, t.in, t.rate, t.trip}, 5);
    else
        tell(w->io, state_key(&w->pulse), NULL, 0);
    for (int class = 0; class < CLASS_COUNT; class ++)
        tell_class(w, class);
    if (waiting(w) == 0)
        return;
    took_text(forecast, forecast_s(w));
    tell(w->io, forecast_s(w) < 0 ? "link.forecast.none" : "link.forecast",
         (const char *const[]){t.left, forecast}, forecast_s(w) < 0 ? 1 : 2);
}

static void show_line(struct watching *w)
{
    struct contact_texts t;

    contact_texts(&t, w);
    if (w->pulse.state == SYNC_TALKING && w->pulse.at_work)
        progress_line(w->io, "link.line",
                      (const char *const[]){t.took, t.rate, t.trip, t.out, t.in, t.left},
                      6);
    else
        progress_line(w->io, state_key(&w->pulse), NULL, 0);
}

/* Until whoever watches has seen enough. */
static int follow(struct watching *w, struct err *e)
{
    static const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    int rc = 0;

    for (unsigned i = 0; rc == 0 && !verb_cancelled(w->io); i++) {
        rc = look(w, i % COUNT_LOOKS == 0, e);
        show_line(w);
        (void)nanosleep(&pause, NULL); /* an interrupted one is a shorter one */
    }
    progress_line_clear(w->io);
    return rc;
}

/* --------------------------------------------------------------------- history */

struct history_told {
    struct verb_io *io;
    unsigned count;
};

static void tell_contact(void *arg, const struct link_contact *c)
{
    char when[TEXT_BYTES], took[TEXT_BYTES], out[TEXT_BYTES], in[TEXT_BYTES], key[64];
    struct history_told *told = arg;
    struct buffer end;

    if (told->count++ == 0)
        tell(told->io, "link.history", NULL, 0);
    verb_when(when, c->wall_ms, c->confidence);
    took_text(took, c->took_ms / 1000);
    kb_text(out, c->bytes_out);
    kb_text(in, c->bytes_in);
    (void)snprintf(key, sizeof key, "link.end.%s", c->ended);
    buffer_init(&end, 256);
    message_append(&end, key, told->io->language, NULL, 0);
    tell(told->io, "link.contact",
         (const char *const[]){when, took, out, in,
                               end.bytes == NULL ? key : (const char *)end.bytes},
         5);
    buffer_release(&end);
}

static int tell_history(struct watching *w, uint64_t history, struct err *e)
{
    struct history_told told = {.io = w->io};

    if (link_each_contact(w->box, history, tell_contact, &told, e) != 0)
        return -1;
    if (told.count == 0 && history > 0)
        tell(w->io, "link.never", NULL, 0);
    return 0;
}

static int tell_json(struct watching *w, uint64_t history, struct err *e)
{
    json_t *j;

    if (link_json(w->box, &w->pulse, &w->status, history, &j, e) != 0)
        return -1;
    return verb_json(w->io, j) == 0 ? 0 : err_set(e, ERR_IO, "standard output");
}

static int show(struct watching *w, uint64_t history, bool once, struct err *e)
{
    if (look(w, true, e) != 0)
        return -1;
    if (w->io->json)
        return tell_json(w, history, e);
    if (tell_history(w, history, e) != 0)
        return -1;
    tell_now(w);
    return once || !w->io->err_is_terminal ? 0 : follow(w, e);
}

int verb_link(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct watching w = {.box = b, .io = io};
    const char *count = NULL;
    bool once = false;
    const struct option_word words[] = {{"--once", NULL, &once},
                                        {"--history", &count, NULL}};
    uint64_t history = LINK_HISTORY;
    struct err e;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "link");
    if (count != NULL &&
        option_number(io, "--history", count, 0, LINK_HISTORY_MAX, &history) != 0)
        return EXIT_WORDS;
    return show(&w, history, once, &e) == 0 ? EXIT_DONE : verb_failed(io, &e);
}
