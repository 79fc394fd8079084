#include "sync/centre/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "sync/centre/fleet.h"

static void number_of(char out[24], const json_t *object, const char *member)
{
    (void)snprintf(out, 24, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(object, member)));
}

static json_int_t waiting_of(const json_t *site)
{
    json_t *bytes;
    const char *class;
    json_int_t all = 0;

    json_object_foreach(json_object_get(site, "waiting"), class, bytes) all +=
        json_integer_value(bytes);
    return all;
}

static void print_problems(struct console *c, const json_t *site)
{
    size_t i;
    json_t *p;

    json_array_foreach(json_object_get(site, "problems"), i, p)
    {
        const char *words = json_string_value(
            json_object_get(p, c->language == LANGUAGE_VI ? "vi" : "en"));

        console_tell(c, "centre.status.problem", (const char *const[]){words}, 1);
    }
}

static void print_site(struct console *c, const json_t *site)
{
    static const char *const words[] = {"kept", "read", "applied", "complete"};
    const json_t *sequences = json_object_get(site, "sequences");
    const json_t *ago = json_object_get(site, "last_contact_s_ago");
    char number[24], counts[4][24], last[24], received[24], safe[24], waiting[24];

    number_of(number, site, "site");
    console_tell(
        c, "centre.status.site",
        (const char *const[]){number, json_string_value(json_object_get(site, "name"))},
        2);
    if (json_is_null(ago)) {
        console_tell(c,
                     json_is_true(json_object_get(site, "claimed"))
                         ? "centre.status.never"
                         : "centre.status.unclaimed",
                     NULL, 0);
    } else {
        number_of(number, site, "last_contact_s_ago");
        console_tell(c, "centre.status.contact", (const char *const[]){number}, 1);
    }
    for (size_t i = 0; i < 4; i++)
        number_of(counts[i], site, words[i]);
    console_tell(c, "centre.status.documents",
                 (const char *const[]){counts[0], counts[1], counts[2], counts[3]}, 4);
    number_of(last, sequences, "last");
    number_of(received, sequences, "received");
    number_of(safe, sequences, "safe");
    (void)snprintf(waiting, sizeof waiting, "%" JSON_INTEGER_FORMAT, waiting_of(site));
    console_tell(c, "centre.status.changes",
                 (const char *const[]){received, last, safe, waiting}, 4);
    print_problems(c, site);
}

static void print_alarm(struct console *c, const json_t *alarm)
{
    char site[24], ago[24];

    number_of(site, alarm, "site");
    number_of(ago, alarm, "s_ago");
    console_tell(
        c, "centre.status.alarm",
        (const char *const[]){site, json_string_value(json_object_get(alarm, "kind")),
                              json_string_value(json_object_get(alarm, "detail")), ago},
        4);
}

static void print_all(struct console *c, const json_t *j)
{
    size_t i;
    json_t *item;

    console_tell(c, "centre.status.province",
                 (const char *const[]){json_string_value(json_object_get(j, "name"))}, 1);
    json_array_foreach(json_object_get(j, "sites"), i, item) print_site(c, item);
    json_array_foreach(json_object_get(j, "alarms"), i, item) print_alarm(c, item);
}

int centre_verb_status(struct console *c, int argc, char **argv)
{
    const char *site_text = NULL;
    const struct option_word options[] = {{"--site", &site_text, NULL}};
    struct centre *centre;
    uint64_t site = 0;
    int status = CONSOLE_DONE;
    json_t *j = NULL;
    struct err e;

    if (console_options(c, options, 1, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1)
        return centre_verb_usage(c, "status");
    if (site_text != NULL &&
        console_number(c, "--site", site_text, 1, SITE_MAX, &site) != 0)
        return CONSOLE_WORDS;
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    if (fleet_json(centre, (uint16_t)site, &j, &e) != 0) {
        status = console_failed(c, &e);
    } else if (j == NULL) {
        console_say(c, "centre.status.no_site", (const char *const[]){site_text}, 1);
        status = CONSOLE_FAILED;
    } else if (!c->json) {
        print_all(c, j);
    } else if (console_json(c, json_incref(j)) != 0) {
        status = CONSOLE_FAILED;
    }
    json_decref(j);
    centre_close(centre);
    return status;
}
