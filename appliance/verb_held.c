#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/intake_held.h"
#include "appliance/intake_words.h"
#include "appliance/verb_io.h"

/* Enough of a hash to name one file of a box. */
#define SHORT_DIGITS 12

static void append_stamp(struct buffer *out, const struct held_file *f,
                         enum language language)
{
    char key[64];

    (void)snprintf(key, sizeof key, "secrecy.%s", f->stamp);
    message_append(out, key, language, NULL, 0);
}

static int tell_json(struct verb_io *io, const struct held_file *f)
{
    const struct intake_result held = {
        .file = f->name, .state = INTAKE_HELD, .sha256 = f->sha256, .reason = f->stamp};
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, &f->sha256);
    return verb_json(
        io,
        json_pack("{s:o, s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "name",
                  json_any_text(f->name), "sha256", hex, "stamp", f->stamp, "page",
                  (json_int_t)f->page, "pages", (json_int_t)f->pages, "held_wall_ms",
                  f->confidence == WALL_UNKNOWN ? json_null() : json_integer(f->wall_ms),
                  "message", intake_message_json(&held), "what_to_do",
                  message_json("held.what_to_do", NULL, 0)));
}

static void tell_file(struct verb_io *io, const struct held_file *f)
{
    char hex[HASH_HEX_BYTES], page[16], pages[16], when[VERB_WHEN_BYTES];
    struct buffer stamp;

    hash_to_hex(hex, &f->sha256);
    hex[SHORT_DIGITS] = '\0';
    (void)snprintf(page, sizeof page, "%" PRIu32, f->page);
    (void)snprintf(pages, sizeof pages, "%" PRIu32, f->pages);
    verb_when(when, f->wall_ms, f->confidence);
    buffer_init(&stamp, 1024);
    append_stamp(&stamp, f, io->language);
    tell(
        io, "held.file",
        (const char *const[]){hex, f->name, (const char *)stamp.bytes, page, pages, when},
        6);
    buffer_release(&stamp);
}

static int list(struct verb_io *io, const struct held_files *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (!io->json)
            tell_file(io, &h->all[i]);
        else if (tell_json(io, &h->all[i]) != 0)
            return EXIT_FAILED;
    if (!io->json || h->count == 0)
        say(io, h->count == 0 ? "held.none" : "held.what_to_do", NULL, 0);
    return EXIT_DONE;
}

static int tell_cleared(struct verb_io *io, const struct intake_result *r)
{
    char document[24], pages[16];

    if (io->json)
        return verb_json(io, intake_json(r)) == 0 ? EXIT_DONE : EXIT_FAILED;
    (void)snprintf(document, sizeof document, "%" PRIu64, r->document);
    (void)snprintf(pages, sizeof pages, "%" PRIu32, r->pages);
    tell(io, "held.cleared", (const char *const[]){document, pages, r->file}, 3);
    return EXIT_DONE;
}

/* One file or none: two of one name are told, so that the hash is given next. */
static int clear(struct box *b, struct verb_io *io, const struct held_files *h,
                 const char *word, const char *why)
{
    const struct held_file *f = NULL;
    struct intake_result r;
    bool found = false;
    struct err e;

    for (size_t i = 0; i < h->count; i++)
        if (held_file_is(&h->all[i], word)) {
            if (f != NULL) {
                say(io, "held.several", (const char *const[]){word}, 1);
                return EXIT_FAILED;
            }
            f = &h->all[i];
        }
    if (f != NULL && held_file_clear(b, f, why, &r, &found, &e) != 0)
        return verb_failed(io, &e);
    if (found)
        return tell_cleared(io, &r);
    say(io, "held.unknown", (const char *const[]){word}, 1);
    return EXIT_FAILED;
}

int verb_held(struct box *b, struct verb_io *io, int argc, char **argv)
{
    const char *word = NULL, *why = NULL;
    const struct option_word words[] = {{"--clear", &word, NULL},
                                        {"--reason", &why, NULL}};
    struct held_files h;
    struct err e;
    int status;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1 || (why != NULL && word == NULL))
        return verb_usage(io, "held");
    if (word != NULL && why == NULL) {
        say(io, "held.no_reason", NULL, 0);
        return EXIT_WORDS;
    }
    if (held_files_list(&h, b, &e) != 0)
        return verb_failed(io, &e);
    status = word == NULL ? list(io, &h) : clear(b, io, &h, word, why);
    held_files_release(&h);
    return status;
}
