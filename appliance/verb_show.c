#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/facsimile_words.h"
#include "appliance/reader_own.h"
#include "appliance/show.h"
#include "appliance/suspects_words.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"

static int print_text(struct box *b, struct verb_io *io, const struct shown *what,
                      struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, SHOWN_TEXT_BYTES_MAX);
    rc = shown_text(b->records, what, &text, e);
    if (rc == 0)
        terminal_write(io->out, io->out_is_terminal, (const char *)text.bytes, text.count,
                       "\n\t");
    buffer_release(&text);
    return rc;
}

static void print_member(struct verb_io *io, const char *key, const json_t *object,
                         const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    if (value != NULL)
        tell(io, key, (const char *const[]){value}, 1);
}

static void print_page(struct verb_io *io, const json_t *page)
{
    const char *state = json_string_value(json_object_get(page, "state"));
    const char *text = json_string_value(json_object_get(page, "text"));
    char number[16], id[24], key[32];

    (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(page, "number")));
    (void)snprintf(id, sizeof id, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(page, "page")));
    (void)snprintf(key, sizeof key, "show.page_%s", state == NULL ? "read" : state);
    tell(io, key, (const char *const[]){number, id}, 2);
    if (text != NULL && text[0] != '\0') {
        terminal_write(io->out, io->out_is_terminal, text, strlen(text), "\n\t");
        (void)fputc('\n', io->out); /* verb_run() looks */
    }
}

static void print_field(struct verb_io *io, const json_t *field)
{
    const char *name = json_string_value(json_object_get(field, "name"));
    const char *value = json_string_value(json_object_get(field, "value"));

    if (name == NULL || value == NULL)
        return;
    terminal_write(io->out, io->out_is_terminal, name, strlen(name), "");
    (void)fputs(": ", io->out); /* verb_run() looks */
    terminal_write(io->out, io->out_is_terminal, value, strlen(value), "");
    (void)fputc('\n', io->out);
}

static void print_warning(struct verb_io *io, const json_t *warning)
{
    const char *text = json_string_value(
        json_object_get(warning, io->language == LANGUAGE_EN ? "en" : "vi"));

    if (text != NULL)
        tell(io, "show.warning", (const char *const[]){text}, 1);
}

static void print_human(struct verb_io *io, const json_t *j)
{
    char document[24];
    size_t i;
    json_t *item;

    (void)snprintf(document, sizeof document, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(j, "document")));
    tell(io, "show.document", (const char *const[]){document}, 1);
    print_member(io, "show.dossier", j, "dossier");
    print_member(io, "show.type", j, "type");
    json_array_foreach(json_object_get(j, "originals"), i, item)
        print_member(io,
                     json_is_true(json_object_get(item, "away")) ? "show.original_away"
                                                                 : "show.original",
                     item, "name");
    json_array_foreach(json_object_get(j, "fields"), i, item) print_field(io, item);
    json_array_foreach(json_object_get(j, "warnings"), i, item) print_warning(io, item);
    json_array_foreach(json_object_get(j, "pages"), i, item) print_page(io, item);
}

static int print_all(struct box *b, struct verb_io *io, const struct shown *what,
                     struct err *e)
{
    json_t *j;

    if (show_json(b, what, &j, e) != 0)
        return -1;
    if (!io->json)
        print_human(io, j);
    else if (verb_json(io, json_incref(j)) != 0)
        (void)0; /* verb_run() looks at the stream */
    json_decref(j);
    return 0;
}

/* What was written, and what left to make room and is now asked for. */
static void tell_originals(struct verb_io *io, const struct shown *what,
                           const struct show_originals *n, const char *to)
{
    char written[16], away[16];

    (void)snprintf(written, sizeof written, "%u", n->written);
    (void)snprintf(away, sizeof away, "%u", n->away);
    if (n->written + n->away == 0) {
        say(io, "show.no_original", NULL, 0);
        return;
    }
    if (io->json)
        (void)verb_json(io, json_pack("{s:I, s:i, s:i, s:o}", "document",
                                      (json_int_t)what->document, "originals",
                                      (int)n->written, "away", (int)n->away, "out",
                                      json_any_text(to)));
    else if (n->written > 0)
        say(io, "show.written", (const char *const[]){written, to}, 2);
    if (n->away > 0)
        say(io, "show.away", (const char *const[]){away}, 1);
}

static int write_originals(struct box *b, struct verb_io *io, const struct shown *what,
                           const char *to, int *status, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct show_originals n;

    if (verb_path(path, io, to, e) != 0 || show_originals(b, what, path, &n, e) != 0)
        return -1;
    tell_originals(io, what, &n, to);
    if (n.written == 0)
        *status = EXIT_FAILED;
    else if (n.away > 0)
        *status = EXIT_PARTLY;
    return 0;
}

static int write_image(struct box *b, struct verb_io *io, const struct shown *what,
                       const char *to, int *status, struct err *e)
{
    char path[DISK_PATH_BYTES];
    bool written;

    if (verb_path(path, io, to, e) != 0 || show_image(b, what, path, &written, e) != 0)
        return -1;
    if (!written) {
        say(io, "show.no_image", NULL, 0);
        *status = EXIT_FAILED;
    } else if (io->json) {
        (void)verb_json(io,
                        json_pack("{s:I, s:o}", "document", (json_int_t)what->document,
                                  "image", json_any_text(to)));
    } else {
        say(io, "show.image_written", (const char *const[]){to}, 1);
    }
    return 0;
}

static void tell_no_copy(struct verb_io *io, const struct facsimile *c)
{
    struct buffer why;

    buffer_init(&why, 8192);
    facsimile_why_not(&why, c, io->language);
    say(io, "show.no_copy",
        (const char *const[]){why.count == 0 ? "" : (const char *)why.bytes}, 1);
    buffer_release(&why);
}

/* The boxes of serve that only answer have no reader. */
static int make_copy(struct box *b, struct verb_io *io, const struct shown *what,
                     const char *path, struct facsimile *out, struct err *e)
{
    struct reader *own;
    int rc;

    if (reader_own_begin(b, io->uncaged, &own, e) != 0)
        return -1;
    rc = facsimile_make_file(b, what, path, out, e);
    reader_own_end(b, own);
    return rc;
}

static int write_copy(struct box *b, struct verb_io *io, const struct shown *what,
                      const char *to, int *status, struct err *e)
{
    char path[DISK_PATH_BYTES], pages[16];
    struct facsimile c;

    if (verb_path(path, io, to, e) != 0 || make_copy(b, io, what, path, &c, e) != 0)
        return -1;
    if (c.pages == 0) {
        tell_no_copy(io, &c);
        *status = EXIT_FAILED;
        return 0;
    }
    (void)snprintf(pages, sizeof pages, "%u", c.pages);
    if (io->json)
        (void)verb_json(io, json_pack("{s:I, s:i, s:o}", "document",
                                      (json_int_t)what->document, "pages", (int)c.pages,
                                      "pdf", json_any_text(to)));
    else
        say(io, "show.copy_written", (const char *const[]){pages, to}, 2);
    return 0;
}

/* What is asked for: one of these, or all of it as an object. */
struct asked {
    bool text, suspects;
    const char *original, *image, *pdf;
};

static int show_it(struct box *b, struct verb_io *io, const char *id,
                   const struct asked *asked)
{
    struct shown what;
    struct err e;
    int status = EXIT_DONE, rc;

    if (shown_find(b->records, id, &what, &e) != 0)
        return verb_failed(io, &e);
    if (what.document == 0) {
        say(io, "show.unknown", (const char *const[]){id}, 1);
        return EXIT_FAILED;
    }
    if (asked->original != NULL)
        rc = write_originals(b, io, &what, asked->original, &status, &e);
    else if (asked->image != NULL)
        rc = write_image(b, io, &what, asked->image, &status, &e);
    else if (asked->pdf != NULL)
        rc = write_copy(b, io, &what, asked->pdf, &status, &e);
    else if (asked->suspects)
        rc = suspects_print(b, io, &what, &e);
    else if (asked->text && !io->json)
        rc = print_text(b, io, &what, &e);
    else
        rc = print_all(b, io, &what, &e);
    return rc == 0 ? status : verb_failed(io, &e);
}

int verb_show(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct asked asked = {0};
    const struct option_word words[] = {{"--text", NULL, &asked.text},
                                        {"--suspects", NULL, &asked.suspects},
                                        {"--pdf", &asked.pdf, NULL},
                                        {"--original", &asked.original, NULL},
                                        {"--image", &asked.image, NULL}};

    if (options_take(io, words, 5, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 2)
        return verb_usage(io, "show");
    return show_it(b, io, argv[1], &asked);
}
