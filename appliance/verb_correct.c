#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/readings.h"
#include "appliance/verb_io.h"
#include "schema/shown.h"

/* The reading that the page has now: whoever types a command has just seen it. */
static int correct(struct box *b, uint64_t page, const struct correction *c,
                   struct err *e)
{
    struct reading_rows newest = {0};
    int rc = reading_newest(b, page, &newest, e);

    reading_rows_release(&newest);
    if (rc == 0)
        rc = reading_correct(b, page, newest.id, c, 1, e);
    return rc;
}

int verb_correct(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct correction c = {0};
    struct shown what;
    uint64_t word;
    struct err e;

    if (options_take(io, NULL, 0, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 4)
        return verb_usage(io, "correct");
    if (option_number(io, "WORD", argv[2], 1, LAYOUT_WORDS_MAX, &word) != 0)
        return EXIT_WORDS;
    if (shown_find(b->records, argv[1], &what, &e) != 0)
        return verb_failed(io, &e);
    if (what.page == 0) {
        say(io, "correct.no_page", (const char *const[]){argv[1]}, 1);
        return EXIT_FAILED;
    }
    c.word = (uint32_t)word - 1;
    c.text = argv[3];
    if (correct(b, what.page, &c, &e) != 0)
        return verb_failed(io, &e);
    if (io->json)
        return verb_json(io, json_pack("{s:I, s:I, s:o}", "page", (json_int_t)what.page,
                                       "word", (json_int_t)word, "text",
                                       json_any_text(c.text))) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    say(io, "correct.done", (const char *const[]){argv[2], argv[1], argv[3]}, 3);
    return EXIT_DONE;
}
