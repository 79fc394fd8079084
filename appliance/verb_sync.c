#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/agent.h"
#include "appliance/status.h"
#include "appliance/verb_io.h"

#define BYTES_MIN 16384 /* a handshake, a hello and a block have room in it */
#define LOOK_MS   1000  /* how often documents are counted for the progress line */
#define NUMBERS   5

struct contact_watch {
    struct verb_io *io;
    struct box *box;
    struct agent *agent;
    int64_t look_ms;
    struct status status; /* at the last look */
};

struct number_texts {
    char text[NUMBERS][24];
};

static void put(struct number_texts *t, int place, uint64_t number)
{
    (void)snprintf(t->text[place], sizeof t->text[place], "%" PRIu64, number);
}

/* In the agent's own thread, between two of its steps. */
static void watch(void *arg, const struct agent_news *n)
{
    struct contact_watch *w = arg;
    int64_t now_ms = w->box->clock->mono_ms(w->box->clock);
    struct number_texts t;
    struct err ignored; /* the line shows what it showed before */

    pulse_show(&n->pulse);
    if (verb_cancelled(w->io))
        agent_stop(w->agent);
    if (!w->io->err_is_terminal)
        return;
    if (!n->talking) {
        progress_line(w->io, "sync.connecting", NULL, 0);
        return;
    }
    if (now_ms >= w->look_ms) {
        w->look_ms = now_ms + LOOK_MS;
        (void)status_read(w->box, &w->status, &ignored);
    }
    put(&t, 0, n->bytes_out / 1000);
    put(&t, 1, n->received);
    put(&t, 2, n->last);
    put(&t, 3, w->status.received);
    put(&t, 4, w->status.kept);
    progress_line(
        w->io, "sync.progress",
        (const char *const[]){t.text[0], t.text[1], t.text[2], t.text[3], t.text[4]},
        NUMBERS);
}

static int status_of(const struct agent_result *r)
{
    switch (r->end) {
    case AGENT_DRAINED:
        return EXIT_DONE;
    case AGENT_UNREACHABLE:
    case AGENT_REFUSED:
        return EXIT_FAILED;
    case AGENT_PARTLY:
    case AGENT_WITHHELD:
    case AGENT_HELD:
    case AGENT_LINK_DOWN:
    case AGENT_LATER:
    case AGENT_BUDGET:
    case AGENT_STOPPED:
        break;
    }
    return EXIT_PARTLY;
}

static void say_refused(struct verb_io *io, const struct agent_result *r)
{
    char key[64];
    struct buffer why;

    (void)snprintf(key, sizeof key, "sync.refused.%s",
                   refused_name((enum refused)r->refused));
    buffer_init(&why, 1024);
    message_append(&why, key, io->language, NULL, 0);
    say(io, "sync.refused",
        (const char *const[]){why.bytes == NULL ? key : (const char *)why.bytes}, 1);
    buffer_release(&why);
}

static void say_end(struct verb_io *io, struct box *b, const struct agent_result *r)
{
    struct number_texts t;
    struct status s;
    char key[64];
    struct err e;

    if (r->forked)
        say(io, "sync.forked", NULL, 0);
    if (r->end == AGENT_REFUSED) {
        say_refused(io, r);
        return;
    }
    if (status_read(b, &s, &e) != 0) {
        (void)verb_failed(io, &e);
        return;
    }
    put(&t, 0, s.received);
    put(&t, 1, s.kept);
    put(&t, 2, (r->bytes_out + 999) / 1000);
    (void)snprintf(key, sizeof key, "sync.%s", agent_end_name(r->end));
    say(io, key, (const char *const[]){t.text[0], t.text[1], t.text[2]}, 3);
    if (r->end == AGENT_UNREACHABLE || r->end == AGENT_LINK_DOWN)
        say(io, "sync.reason", (const char *const[]){r->reason}, 1);
}

static int tell_end(struct verb_io *io, struct box *b, const struct agent_result *r)
{
    if (!io->json) {
        say_end(io, b, r);
        return status_of(r);
    }
    if (verb_json(
            io,
            json_pack(
                "{s:s, s:I, s:I, s:I, s:I, s:I, s:s*, s:o*}", "state",
                agent_end_name(r->end), "bytes_out", (json_int_t)r->bytes_out, "bytes_in",
                (json_int_t)r->bytes_in, "received", (json_int_t)r->received, "applied",
                (json_int_t)r->applied, "safe", (json_int_t)r->safe, "refused",
                r->end == AGENT_REFUSED ? refused_name((enum refused)r->refused) : NULL,
                "reason", r->reason[0] == '\0' ? NULL : json_any_text(r->reason))) != 0)
        return EXIT_FAILED;
    return status_of(r);
}

static int run(struct verb_io *io, struct box *b, bool once, uint64_t bytes_out_max)
{
    struct contact_watch w = {.io = io, .box = b};
    struct agent_options o = {.box = b,
                              .random = random_system(),
                              .once = once,
                              .bytes_out_max = bytes_out_max,
                              .news = watch,
                              .arg = &w};
    struct agent_result r;
    struct err e;
    int status;

    if (agent_create(&w.agent, &o, &e) != 0)
        return verb_failed(io, &e);
    if (agent_run(w.agent, &r, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = tell_end(io, b, &r);
    agent_destroy(w.agent);
    pulse_show(&(struct pulse){0});
    return status;
}

int verb_sync(struct box *b, struct verb_io *io, int argc, char **argv)
{
    const char *max = NULL;
    bool once = false, enrolled;
    const struct option_word words[] = {{"--once", NULL, &once},
                                        {"--max-bytes", &max, NULL}};
    uint64_t bytes_out_max = 0;
    struct err e;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "sync");
    if (max != NULL &&
        option_number(io, "--max-bytes", max, BYTES_MIN, INT64_MAX, &bytes_out_max) != 0)
        return EXIT_WORDS;
    if (outbox_enrolled(b, &enrolled, &e) != 0)
        return verb_failed(io, &e);
    if (!enrolled) {
        say(io, "sync.not_enrolled", NULL, 0);
        return EXIT_FAILED;
    }
    return run(io, b, once, bytes_out_max);
}
