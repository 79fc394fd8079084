#include "sync/centre/verbs.h"

#include <stdio.h>
#include <string.h>

#include "base/terminal.h"
#include "sync/centre/shown.h"

static int print_text(struct console *c, struct centre *centre, const struct shown *what,
                      struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, SHOWN_TEXT_BYTES_MAX);
    rc = shown_text(centre->records, what, &text, e);
    if (rc == 0)
        terminal_write(c->out, c->out_is_terminal, (const char *)text.bytes, text.count,
                       "\n\t");
    buffer_release(&text);
    return rc;
}

static void print_member(struct console *c, const char *key, const json_t *object,
                         const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    if (value != NULL)
        console_tell(c, key, (const char *const[]){value}, 1);
}

static void print_page(struct console *c, const json_t *page)
{
    const char *state = json_string_value(json_object_get(page, "state"));
    const char *text = json_string_value(json_object_get(page, "text"));
    char number[24], id[24], key[32];

    (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(page, "number")));
    (void)snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(page, "page")));
    (void)snprintf(key, sizeof key, "show.page_%s", state == NULL ? "read" : state);
    console_tell(c, key, (const char *const[]){number, id}, 2);
    if (text != NULL && text[0] != '\0') {
        terminal_write(c->out, c->out_is_terminal, text, strlen(text), "\n\t");
        (void)fputc('\n', c->out); /* main() looks */
    }
}

static void print_field(struct console *c, const json_t *field)
{
    const char *name = json_string_value(json_object_get(field, "name"));
    const char *value = json_string_value(json_object_get(field, "value"));

    if (name == NULL || value == NULL)
        return;
    terminal_write(c->out, c->out_is_terminal, name, strlen(name), "");
    (void)fputs(": ", c->out); /* main() looks */
    terminal_write(c->out, c->out_is_terminal, value, strlen(value), "");
    (void)fputc('\n', c->out);
}

static void print_original(struct console *c, const json_t *original)
{
    print_member(c,
                 json_is_true(json_object_get(original, "here"))
                     ? "show.original"
                     : "centre.show.original_waits",
                 original, "name");
}

static void print_human(struct console *c, const json_t *j)
{
    char document[24];
    size_t i;
    json_t *item;

    (void)snprintf(document, sizeof document, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(j, "document")));
    console_tell(c, "show.document", (const char *const[]){document}, 1);
    print_member(c, "centre.show.site", j, "site_name");
    print_member(c, "show.dossier", j, "dossier");
    print_member(c, "show.type", j, "type");
    json_array_foreach(json_object_get(j, "originals"), i, item) print_original(c, item);
    json_array_foreach(json_object_get(j, "fields"), i, item) print_field(c, item);
    json_array_foreach(json_object_get(j, "pages"), i, item) print_page(c, item);
}

static int print_all(struct console *c, struct centre *centre, const struct shown *what,
                     struct err *e)
{
    json_t *j;

    if (shown_json(centre, what, &j, e) != 0)
        return -1;
    if (!c->json)
        print_human(c, j);
    else
        (void)console_json(c, json_incref(j)); /* main() looks at the stream */
    json_decref(j);
    return 0;
}

static int write_originals(struct console *c, struct centre *centre,
                           const struct shown *what, const char *to, int *status,
                           struct err *e)
{
    unsigned written, missing;
    char number[16];

    if (shown_originals(centre, what, to, &written, &missing, e) != 0)
        return -1;
    if (missing > 0)
        console_say(c, "centre.show.not_here", NULL, 0);
    else if (written == 0)
        console_say(c, "show.no_original", NULL, 0);
    if (missing > 0 || written == 0)
        *status = written > 0 ? CONSOLE_PARTLY : CONSOLE_FAILED;
    if (written == 0)
        return 0;
    (void)snprintf(number, sizeof number, "%u", written);
    if (c->json)
        (void)console_json(c, json_pack("{s:I, s:i, s:i, s:o}", "document",
                                        (json_int_t)what->document, "originals",
                                        (int)written, "missing", (int)missing, "out",
                                        json_any_text(to)));
    else
        console_say(c, "show.written", (const char *const[]){number, to}, 2);
    return 0;
}

static int write_image(struct console *c, struct centre *centre, const struct shown *what,
                       const char *to, int *status, struct err *e)
{
    enum shown_image came;

    if (shown_image(centre, what, to, &came, e) != 0)
        return -1;
    if (came != SHOWN_IMAGE) {
        console_say(c,
                    came == SHOWN_NO_IMAGE ? "show.no_image" : "centre.show.image_waits",
                    NULL, 0);
        *status = CONSOLE_FAILED;
    } else if (c->json) {
        (void)console_json(c,
                           json_pack("{s:I, s:o}", "document", (json_int_t)what->document,
                                     "image", json_any_text(to)));
    } else {
        console_say(c, "show.image_written", (const char *const[]){to}, 1);
    }
    return 0;
}

/* What is asked for: one of these, or all of it as an object. */
struct asked {
    bool text;
    const char *original, *image;
};

static int show_in(struct console *c, struct centre *centre, const char *id,
                   const struct asked *asked)
{
    struct shown what;
    struct err e;
    int status = CONSOLE_DONE, rc;

    if (shown_find(centre->records, id, &what, &e) != 0)
        return console_failed(c, &e);
    if (what.document == 0) {
        console_say(c, "show.unknown", (const char *const[]){id}, 1);
        return CONSOLE_FAILED;
    }
    if (asked->original != NULL)
        rc = write_originals(c, centre, &what, asked->original, &status, &e);
    else if (asked->image != NULL)
        rc = write_image(c, centre, &what, asked->image, &status, &e);
    else if (asked->text && !c->json)
        rc = print_text(c, centre, &what, &e);
    else
        rc = print_all(c, centre, &what, &e);
    return rc == 0 ? status : console_failed(c, &e);
}

int centre_verb_show(struct console *c, int argc, char **argv)
{
    struct asked asked = {0};
    const struct option_word options[] = {{"--text", NULL, &asked.text},
                                          {"--original", &asked.original, NULL},
                                          {"--image", &asked.image, NULL}};
    struct centre *centre;
    int status;

    if (console_options(c, options, 3, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 2)
        return centre_verb_usage(c, "show");
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    status = show_in(c, centre, argv[1], &asked);
    centre_close(centre);
    return status;
}
