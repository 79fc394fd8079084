#include "appliance/suspects_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/page_suspects.h"
#include "appliance/verb_io.h"

struct printing {
    struct box *box;
    struct verb_io *io;
    uint64_t page; /* this one alone; 0: all */
    size_t count;
};

/* With commas; the reasons in the asker's words. */
static void append_list(struct buffer *out, const struct verb_io *io, const json_t *list,
                        bool reasons)
{
    json_t *one;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        const char *text = json_string_value(one);
        char key[48];

        buffer_append_text(out, i == 0 ? "" : ", ");
        (void)snprintf(key, sizeof key, "suspect.%s", text);
        if (reasons)
            message_append(out, key, io->language, NULL, 0);
        else
            buffer_append_text(out, text);
    }
}

static void print_suspect(struct verb_io *io, const json_t *s)
{
    struct buffer reasons, alternatives;
    char word[16], confidence[8];
    bool offered = json_array_size(json_object_get(s, "alternatives")) > 0;

    buffer_init(&reasons, 1024);
    buffer_init(&alternatives, 1024);
    append_list(&reasons, io, json_object_get(s, "reasons"), true);
    append_list(&alternatives, io, json_object_get(s, "alternatives"), false);
    (void)snprintf(word, sizeof word, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(s, "word")));
    (void)snprintf(confidence, sizeof confidence, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(s, "confidence")));
    tell(io, offered ? "show.suspect" : "show.suspect_alone",
         (const char *const[]){word, json_string_value(json_object_get(s, "text")),
                               confidence, (const char *)reasons.bytes,
                               offered ? (const char *)alternatives.bytes : ""},
         5);
    buffer_release(&reasons);
    buffer_release(&alternatives);
}

static int print_page(void *arg, const struct page_row *p, struct err *e)
{
    struct printing *s = arg;
    char number[16], id[24];
    json_t *j, *one;
    size_t i;

    if (s->page != 0 && p->id != s->page)
        return 0;
    if (page_suspects_json(s->box, p->id, &j, e) != 0)
        return -1;
    s->count += json_array_size(json_object_get(j, "suspects"));
    if (s->io->json) {
        (void)verb_json(s->io, j); /* verb_run() looks at the stream */
        return 0;
    }
    (void)snprintf(number, sizeof number, "%" PRIu32, p->ordinal);
    (void)snprintf(id, sizeof id, "%" PRIu64, p->id);
    tell(s->io, "show.page_read", (const char *const[]){number, id}, 2);
    json_array_foreach(json_object_get(j, "suspects"), i, one) print_suspect(s->io, one);
    json_decref(j);
    return 0;
}

int suspects_print(struct box *b, struct verb_io *io, const struct shown *what,
                   struct err *e)
{
    struct printing s = {.box = b, .io = io, .page = what->page};

    if (record_each_page(b->records, what->document, print_page, &s, e) != 0)
        return -1;
    if (s.count == 0)
        say(io, "show.no_suspects", NULL, 0);
    return 0;
}
