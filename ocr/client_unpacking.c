#include "ocr/client_unpacking.h"

static int note(struct client_unpacking *u, int rc)
{
    if (rc != 0)
        u->sink_failed = true;
    return rc;
}

static int on_begin(void *arg, const char *name, struct err *e)
{
    struct client_unpacking *u = arg;

    (void)e; /* the sink's error must outlive the parser's */
    u->in_entry = true;
    return note(u, u->sink->begin(u->sink->arg, name, &u->err));
}

static int on_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct client_unpacking *u = arg;

    (void)e;
    return note(u, u->sink->bytes(u->sink->arg, bytes, count, &u->err));
}

static int on_end(void *arg, enum refusal r, struct err *e)
{
    struct client_unpacking *u = arg;

    (void)e;
    u->in_entry = false;
    return note(u, u->sink->end(u->sink->arg, r, &u->err));
}

int client_unpacking_init(struct client_unpacking *u, const struct entry_sink *sink,
                          struct err *e)
{
    const struct entry_sink ours = {on_begin, on_bytes, on_end, u};

    *u = (struct client_unpacking){.sink = sink};
    return entry_parser_create(&u->parser, &ours, e);
}

void client_unpacking_release(struct client_unpacking *u)
{
    entry_parser_destroy(u->parser);
    u->parser = NULL;
}

bool client_unpacking_take(void *arg, const void *bytes, size_t count)
{
    struct client_unpacking *u = arg;
    struct err e;

    if (entry_parser_feed(u->parser, bytes, count, &e) == 0)
        return true;
    u->mad = !u->sink_failed;
    return false;
}

int client_unpacking_finish(struct client_unpacking *u, enum refusal judged,
                            enum refusal *refusal, struct err *e)
{
    uint64_t entries;

    entry_parser_finish(u->parser, refusal, &entries);
    /* Closing the pipe on a mad child ended it by a signal of our making. */
    if (u->mad)
        *refusal = REFUSAL_CRASHED;
    else if (judged != REFUSAL_NONE)
        *refusal = judged;
    if (!u->sink_failed && u->in_entry)
        (void)on_end(u, *refusal == REFUSAL_NONE ? REFUSAL_CUT_OFF : *refusal, e);
    if (!u->sink_failed)
        return 0;
    *e = u->err;
    return -1;
}
