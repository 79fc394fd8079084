#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/duplicates.h"
#include "appliance/verb_io.h"
#include "schema/shown.h"

struct telling {
    struct verb_io *io;
    unsigned count;
    json_t *twins; /* of --json: one object in the end */
};

static int tell_twin(void *arg, const struct twin_row *t, struct err *e)
{
    struct telling *told = arg;
    char page[24], document[24], other[24], other_document[24], agreeing[8];

    told->count++;
    if (told->io->json)
        return json_array_append_new(told->twins,
                                     json_pack("{s:I, s:I, s:I, s:I, s:i}", "page",
                                               (json_int_t)t->page, "document",
                                               (json_int_t)t->document, "other",
                                               (json_int_t)t->other, "other_document",
                                               (json_int_t)t->other_document, "agreeing",
                                               (int)t->agreeing)) == 0
                   ? 0
                   : err_set(e, ERR_MEMORY, "twins: out of memory");
    (void)snprintf(page, sizeof page, "%" PRIu64, t->page);
    (void)snprintf(document, sizeof document, "%" PRIu64, t->document);
    (void)snprintf(other, sizeof other, "%" PRIu64, t->other);
    (void)snprintf(other_document, sizeof other_document, "%" PRIu64, t->other_document);
    (void)snprintf(agreeing, sizeof agreeing, "%u", t->agreeing);
    tell(told->io, "twins.pair",
         (const char *const[]){page, document, other, other_document, agreeing}, 5);
    return 0;
}

static int list(struct box *b, struct verb_io *io, uint64_t page)
{
    struct telling told = {.io = io, .twins = json_array()};
    struct err e;
    int status = EXIT_DONE;

    if (duplicates_each(b, page, tell_twin, &told, &e) != 0)
        status = verb_failed(io, &e);
    else if (io->json)
        (void)verb_json(io, json_pack("{s:O}", "twins", told.twins));
    if (status == EXIT_DONE && told.count == 0)
        say(io, "twins.none", NULL, 0);
    json_decref(told.twins);
    return status;
}

static int dismiss(struct box *b, struct verb_io *io, uint64_t page, const char *other)
{
    struct shown what;
    struct err e;
    bool known;

    if (shown_find(b->records, other, &what, &e) != 0 ||
        duplicates_dismiss(b, page, what.page, &known, &e) != 0)
        return verb_failed(io, &e);
    if (io->json)
        (void)verb_json(io, json_pack("{s:b}", "dismissed", known));
    say(io, known ? "twins.dismissed" : "twins.none", NULL, 0);
    return known ? EXIT_DONE : EXIT_FAILED;
}

int verb_twins(struct box *b, struct verb_io *io, int argc, char **argv)
{
    const char *other = NULL;
    const struct option_word words[] = {{"--dismiss", &other, NULL}};
    struct shown what = {0};
    struct err e;

    if (options_take(io, words, 1, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc > 2 || (other != NULL && argc != 2))
        return verb_usage(io, "twins");
    if (argc == 2 && shown_find(b->records, argv[1], &what, &e) != 0)
        return verb_failed(io, &e);
    if (argc == 2 && what.page == 0) {
        say(io, "correct.no_page", (const char *const[]){argv[1]}, 1);
        return EXIT_FAILED;
    }
    return other != NULL ? dismiss(b, io, what.page, other) : list(b, io, what.page);
}
