#include "appliance/intake_words.h"

#include <stdio.h>
#include <string.h>

#include "appliance/verb_io.h"

#define WHY_BYTES_MAX 1024

/* The sentence that says why: "refusal.NAME" or "secrecy.NAME". */
static void append_why(struct buffer *out, const struct intake_result *r,
                       enum language language)
{
    char key[64];

    (void)snprintf(key, sizeof key, "%s.%s",
                   r->state == INTAKE_HELD ? "secrecy" : "refusal",
                   r->reason == NULL ? "damaged" : r->reason);
    message_append(out, key, language, NULL, 0);
}

static const char *state_key(const struct intake_result *r)
{
    return r->state == INTAKE_HELD ? "intake.held" : "intake.refused";
}

json_t *intake_message_json(const struct intake_result *r)
{
    json_t *message = json_object();

    for (enum language l = LANGUAGE_VI; l <= LANGUAGE_EN; l++) {
        struct buffer why, line;

        buffer_init(&why, WHY_BYTES_MAX);
        buffer_init(&line, 65536);
        append_why(&why, r, l);
        message_append(&line, state_key(r), l,
                       (const char *const[]){r->file, (const char *)why.bytes}, 2);
        (void)json_object_set_new(message, l == LANGUAGE_VI ? "vi" : "en",
                                  json_any_text((const char *)line.bytes));
        buffer_release(&line);
        buffer_release(&why);
    }
    return message;
}

static bool all_zero(const struct hash *h)
{
    static const struct hash zero;

    return hash_equal(h, &zero);
}

json_t *intake_json(const struct intake_result *r)
{
    char hex[HASH_HEX_BYTES];
    json_t *j;

    hash_to_hex(hex, &r->sha256);
    j = json_pack("{s:o, s:s, s:o, s:o, s:o, s:s?}", "file", json_any_text(r->file),
                  "state", intake_state_name(r->state), "document",
                  r->document == 0 ? json_null() : json_integer((json_int_t)r->document),
                  "pages", r->document == 0 ? json_null() : json_integer(r->pages),
                  "sha256", all_zero(&r->sha256) ? json_null() : json_string(hex),
                  "reason", r->reason);
    if (r->state == INTAKE_REFUSED || r->state == INTAKE_HELD)
        (void)json_object_set_new(j, "message", intake_message_json(r));
    return j;
}

void intake_say(struct verb_io *io, const struct intake_result *r)
{
    struct buffer why;

    buffer_init(&why, WHY_BYTES_MAX);
    append_why(&why, r, io->language);
    say(io, state_key(r), (const char *const[]){r->file, (const char *)why.bytes}, 2);
    buffer_release(&why);
}

static int say_caught_up(void *arg, const struct intake_result *r, struct err *e)
{
    struct verb_io *io = arg;

    (void)e;
    if (r->state == INTAKE_REFUSED || r->state == INTAKE_HELD)
        intake_say(io, r);
    else
        say(io, "intake.caught_up", (const char *const[]){r->file}, 1);
    return 0;
}

static bool asker_gone(void *arg)
{
    return verb_cancelled(arg);
}

int intake_catch_up(struct box *b, struct verb_io *io, struct err *e)
{
    struct intake_options options = {
        .each = say_caught_up, .cancelled = asker_gone, .arg = io};
    struct intake *i = NULL;
    int rc = -1;

    if (intake_create(&i, b, &options, e) == 0)
        rc = intake_resume(i, e);
    intake_destroy(i);
    return rc;
}
