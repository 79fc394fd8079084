#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/status.h"
#include "appliance/verb_io.h"

static void print_count(struct verb_io *io, const char *key, uint64_t count)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, count);
    tell(io, key, (const char *const[]){number}, 1);
}

static void print_copy(struct verb_io *io, const struct status *s)
{
    char days[24], changed[24];

    (void)snprintf(days, sizeof days, "%" PRId64, s->copy_age_ms_min / 86400000);
    (void)snprintf(changed, sizeof changed, "%" PRIu64, s->changed_since_copy);
    tell(io, s->copied ? "status.second_copy" : "status.no_second_copy",
         (const char *const[]){days, changed}, s->copied ? 2 : 0);
}

/* The words in the order in which a document passes them. */
static void print_status(struct verb_io *io, const struct status *s, const json_t *j)
{
    uint64_t waiting = 0;
    size_t i;
    json_t *problem;

    for (int class = 0; class < CLASS_COUNT; class ++)
        waiting += s->waiting_bytes[class];
    tell(io, "status.box",
         (const char *const[]){json_string_value(json_object_get(j, "name"))}, 1);
    print_count(io, "status.kept", s->kept);
    print_count(io, "status.read", s->read);
    print_count(io, "status.sent", s->sent);
    print_count(io, "status.received", s->received);
    print_count(io, "status.applied", s->applied);
    print_count(io, "status.complete", s->complete);
    print_count(io, "status.pages_waiting", s->pages_waiting);
    print_count(io, "status.held", s->held);
    print_count(io, "status.waiting_bytes", waiting);
    print_count(io, "status.oldest_unsent_s", (uint64_t)(s->oldest_unsent_ms_min / 1000));
    print_copy(io, s);
    json_array_foreach(json_object_get(j, "problems"), i, problem)
        tell(io, "status.problem",
             (const char *const[]){json_string_value(
                 json_object_get(problem, io->language == LANGUAGE_VI ? "vi" : "en"))},
             1);
}

int verb_status(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct status s;
    struct err e;
    json_t *j;
    int rc = 0;

    if (options_take(io, NULL, 0, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "status");
    if (status_read(b, &s, &e) != 0)
        return verb_failed(io, &e);
    j = status_json(b, &s);
    if (io->json)
        rc = verb_json(io, json_incref(j));
    else
        print_status(io, &s, j);
    json_decref(j);
    return rc == 0 ? EXIT_DONE : EXIT_FAILED;
}
