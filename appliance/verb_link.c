#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "appliance/pulse.h"
#include "appliance/status.h"
#include "appliance/verb_io.h"
#include "schema/statements.h"

#define HISTORY     10
#define HISTORY_MAX 1000 /* as many as are kept */
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
    uint64_t bytes = 0;

    for (int class = 0; class < CLASS_COUNT; class ++)
        bytes += w->status.waiting_bytes[class];
    return bytes;
}

/* Seconds; -1: nothing moves, so nobody knows. */
static int64_t forecast_s(const struct watching *w)
{
    return w->pulse.bytes_s == 0 ? -1 : (int64_t)(waiting(w) / w->pulse.bytes_s);
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

static void tell_contact(struct verb_io *io, sqlite3_stmt *q)
{
    char when[TEXT_BYTES], took[TEXT_BYTES], out[TEXT_BYTES], in[TEXT_BYTES], key[64];
    struct buffer end;

    verb_when(when, sqlite3_column_int64(q, 0),
              (enum wall_confidence)sqlite3_column_int(q, 1));
    took_text(took, sqlite3_column_int64(q, 2) / 1000);
    kb_text(out, (uint64_t)sqlite3_column_int64(q, 3));
    kb_text(in, (uint64_t)sqlite3_column_int64(q, 4));
    (void)snprintf(key, sizeof key, "link.end.%s",
                   (const char *)sqlite3_column_text(q, 5));
    buffer_init(&end, 256);
    message_append(&end, key, io->language, NULL, 0);
    tell(io, "link.contact",
         (const char *const[]){when, took, out, in,
                               end.bytes == NULL ? key : (const char *)end.bytes},
         5);
    buffer_release(&end);
}

static json_t *contact_json(sqlite3_stmt *q)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:s}", "wall_ms",
                     (json_int_t)sqlite3_column_int64(q, 0), "wall_confidence",
                     (json_int_t)sqlite3_column_int64(q, 1), "took_ms",
                     (json_int_t)sqlite3_column_int64(q, 2), "bytes_out",
                     (json_int_t)sqlite3_column_int64(q, 3), "bytes_in",
                     (json_int_t)sqlite3_column_int64(q, 4), "ended",
                     (const char *)sqlite3_column_text(q, 5));
}

/* The newest first; into `all`, or told if that is NULL. */
static int read_history(struct watching *w, uint64_t count, json_t *all, struct err *e)
{
    static const char *const sql[] = {
        "SELECT wall_ms, wall_confidence, took_ms, bytes_out, bytes_in, ended"
        " FROM contact ORDER BY id DESC LIMIT ?1"};
    sqlite3_stmt *q;
    int row = 0, rows = 0;

    if (statements_prepare(store_db(w->box->store), &q, sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(q, 1, (sqlite3_int64)count);
    while ((row = statement_step(q, e)) == 1) {
        if (rows++ == 0 && all == NULL)
            tell(w->io, "link.history", NULL, 0);
        if (all == NULL)
            tell_contact(w->io, q);
        else
            (void)json_array_append_new(all, contact_json(q));
    }
    statements_finalize(&q, 1);
    if (row == 0 && rows == 0 && all == NULL && count > 0)
        tell(w->io, "link.never", NULL, 0);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------------ json */

static json_t *classes_json(const uint64_t bytes[CLASS_COUNT])
{
    json_t *j = json_object();
    char key[8];

    for (int class = 0; class < CLASS_COUNT; class ++) {
        (void)snprintf(key, sizeof key, "%d", class);
        (void)json_object_set_new(j, key, json_integer((json_int_t)bytes[class]));
    }
    return j;
}

static json_t *now_json(const struct pulse *p)
{
    if (!p->at_work)
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "state",
                     sync_state_name(p->state), "talking_ms", (json_int_t)p->talking_ms,
                     "bytes_out", (json_int_t)p->bytes_out, "bytes_in",
                     (json_int_t)p->bytes_in, "bytes_s", (json_int_t)p->bytes_s,
                     "round_trip_ms", (json_int_t)p->round_trip_ms, "classes",
                     classes_json(p->class_bytes));
}

static int tell_json(struct watching *w, uint64_t history, struct err *e)
{
    json_t *contacts = json_array();
    int64_t s = forecast_s(w);

    if (read_history(w, history, contacts, e) != 0) {
        json_decref(contacts);
        return -1;
    }
    return verb_json(w->io, json_pack("{s:o, s:o, s:o, s:o}", "now", now_json(&w->pulse),
                                      "waiting", classes_json(w->status.waiting_bytes),
                                      "forecast_s", s < 0 ? json_null() : json_integer(s),
                                      "contacts", contacts)) == 0
               ? 0
               : err_set(e, ERR_IO, "standard output");
}

static int show(struct watching *w, uint64_t history, bool once, struct err *e)
{
    if (look(w, true, e) != 0)
        return -1;
    if (w->io->json)
        return tell_json(w, history, e);
    if (read_history(w, history, NULL, e) != 0)
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
    uint64_t history = HISTORY;
    struct err e;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "link");
    if (count != NULL &&
        option_number(io, "--history", count, 0, HISTORY_MAX, &history) != 0)
        return EXIT_WORDS;
    return show(&w, history, once, &e) == 0 ? EXIT_DONE : verb_failed(io, &e);
}
