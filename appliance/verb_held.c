#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* ------------------------------------------------------------------------ clearing */

/* Which stamp, or why nobody could look. */
static void stamp_key(char *out, size_t bytes, const struct held_stamp *s)
{
    if (s->refusal != REFUSAL_NONE)
        (void)snprintf(out, bytes, "refusal.%s", refusal_name(s->refusal));
    else
        (void)snprintf(out, bytes, "secrecy.%s", secrecy_name(s->secrecy));
}

static void say_stamp(struct verb_io *io, const char *file, const struct held_stamp *s)
{
    char key[64], page[16];
    struct buffer why;

    stamp_key(key, sizeof key, s);
    (void)snprintf(page, sizeof page, "%" PRIu32, s->page);
    buffer_init(&why, 1024);
    message_append(&why, key, io->language, NULL, 0);
    say(io, s->refusal != REFUSAL_NONE ? "held.also_unlooked" : "held.also",
        (const char *const[]){file, page, (const char *)why.bytes}, 3);
    buffer_release(&why);
}

static int stays_json(struct verb_io *io, const struct held_file *f,
                      const struct held_answer *a)
{
    json_t *stamps = json_array();
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, &f->sha256);
    for (size_t i = 0; i < a->stamps_count; i++) {
        const struct held_stamp *s = &a->stamps[i];
        bool unlooked = s->refusal != REFUSAL_NONE;

        (void)json_array_append_new(
            stamps, json_pack("{s:I, s:s?, s:s?}", "page", (json_int_t)s->page, "stamp",
                              unlooked ? NULL : secrecy_name(s->secrecy), "unlooked",
                              unlooked ? refusal_name(s->refusal) : NULL));
    }
    return verb_json(io, json_pack("{s:o, s:s, s:s, s:o}", "name", json_any_text(f->name),
                                   "sha256", hex, "state", "held", "also", stamps));
}

/* It stays held: which pages are to be looked at, and what is typed then. */
static int tell_stays(struct verb_io *io, const struct held_file *f,
                      const struct held_clearing *c, const struct held_answer *a)
{
    struct buffer pages;

    buffer_init(&pages, 1024);
    for (size_t i = 0; i < a->stamps_count; i++) {
        buffer_append_format(&pages, "%s%" PRIu32, i > 0 ? "," : "", a->stamps[i].page);
        if (!held_is_judged(c, a->stamps[i].page))
            say_stamp(io, f->name, &a->stamps[i]);
    }
    if (a->stamps_count == HELD_STAMPS_MAX)
        say(io, "held.too_many", (const char *const[]){f->name}, 1);
    else
        say(io, "held.also_to_do", (const char *const[]){(const char *)pages.bytes}, 1);
    buffer_release(&pages);
    if (io->json)
        (void)stays_json(io, f, a); /* it failed, whoever hears of it */
    return EXIT_FAILED;
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

static void show_look(void *arg, uint32_t page, uint32_t pages)
{
    char number[16], count[16];

    (void)snprintf(number, sizeof number, "%" PRIu32, page);
    (void)snprintf(count, sizeof count, "%" PRIu32, pages);
    progress_line(arg, "held.looking", (const char *const[]){number, count}, 2);
}

static bool is_cancelled(void *arg)
{
    return verb_cancelled(arg);
}

/* One file or none: two of one name are told, so that the hash is given next. */
static int clear(struct box *b, struct verb_io *io, const struct held_files *h,
                 const char *word, struct held_clearing *c)
{
    const struct held_file *f = NULL;
    struct held_answer a = {0};
    struct err e;

    for (size_t i = 0; i < h->count; i++)
        if (held_file_is(&h->all[i], word)) {
            if (f != NULL) {
                say(io, "held.several", (const char *const[]){word}, 1);
                return EXIT_FAILED;
            }
            f = &h->all[i];
        }
    c->progress = show_look;
    c->cancelled = is_cancelled;
    c->arg = io;
    if (f != NULL && held_file_clear(b, f, c, &a, &e) != 0)
        return verb_failed(io, &e);
    switch (a.end) {
    case HELD_CLEARED:
        return tell_cleared(io, &a.result);
    case HELD_STAYS:
        return tell_stays(io, f, c, &a);
    case HELD_UNKNOWN:
        break;
    }
    say(io, "held.unknown", (const char *const[]){word}, 1);
    return EXIT_FAILED;
}

/* "5,9": pages. */
static int take_also(struct verb_io *io, const char *text, struct held_clearing *c)
{
    char words[512], *rest = NULL;
    uint64_t page;

    if (snprintf(words, sizeof words, "%s", text) >= (int)sizeof words)
        return verb_usage(io, "held");
    for (char *word = strtok_r(words, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        if (c->also_count == HELD_STAMPS_MAX)
            return verb_usage(io, "held");
        if (option_number(io, "--also", word, 1, UINT32_MAX, &page) != 0)
            return EXIT_WORDS;
        c->also[c->also_count++] = (uint32_t)page;
    }
    return EXIT_DONE;
}

int verb_held(struct box *b, struct verb_io *io, int argc, char **argv)
{
    const char *word = NULL, *also = NULL;
    struct held_clearing c = {0};
    const struct option_word words[] = {
        {"--clear", &word, NULL}, {"--reason", &c.why, NULL}, {"--also", &also, NULL}};
    struct held_files h;
    struct err e;
    int status;

    if (options_take(io, words, 3, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1 || (word == NULL && (c.why != NULL || also != NULL)))
        return verb_usage(io, "held");
    if (word != NULL && c.why == NULL) {
        say(io, "held.no_reason", NULL, 0);
        return EXIT_WORDS;
    }
    if (also != NULL && take_also(io, also, &c) != EXIT_DONE)
        return EXIT_WORDS;
    if (held_files_list(&h, b, &e) != 0)
        return verb_failed(io, &e);
    status = word == NULL ? list(io, &h) : clear(b, io, &h, word, &c);
    held_files_release(&h);
    return status;
}
