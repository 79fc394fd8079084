/* Console: the command line's input and output at the centre: sentences from the
 * table, lines of JSON, options, a progress line, a failure told. (The box has its
 * own, appliance/verb_io.h, which can also write into another process.) */
#ifndef TRAM_SYNC_CENTRE_CONSOLE_H
#define TRAM_SYNC_CENTRE_CONSOLE_H

#include <stdio.h>

#include <jansson.h>

#include "base/messages.h"
#include "base/options.h"
#include "base/web/json_text.h"
#include "sync/centre/centre.h"

enum { CONSOLE_DONE = 0, CONSOLE_FAILED = 1, CONSOLE_WORDS = 2, CONSOLE_PARTLY = 3 };

struct console {
    FILE *out, *err; /* results; messages and progress */
    const char *dir; /* the data directory */
    bool json;       /* --json */
    bool out_is_terminal, err_is_terminal;
    enum language language;
    bool (*stopped)(void); /* Ctrl-C */
};

/* Sentences: messages to `err`, results to `out`; arguments made fit for a terminal
 * (base/terminal.h). */
void console_say(struct console *c, const char *key, const char *const *args,
                 size_t count);
void console_tell(struct console *c, const char *key, const char *const *args,
                  size_t count);

/* Results with arguments as they are: cleaned before, and marked by us since. */
void console_tell_marked(struct console *c, const char *key, const char *const *args,
                         size_t count);

/* The line that is written over; only on a terminal. */
void console_progress(struct console *c, const char *key, const char *const *args,
                      size_t count);

/* Says what failed; the exit status for it. */
int console_failed(struct console *c, const struct err *e);

/* One object as one line of results; takes `j`; -1 if it could not be written. */
int console_json(struct console *c, json_t *j);

/* options_parse(); -1: said what is wrong; the verb ends with CONSOLE_WORDS. */
int console_options(struct console *c, const struct option_word *options, size_t count,
                    int *argc, char **argv);

/* A whole number from min to max; -1 and said if `text` is none. */
int console_number(struct console *c, const char *name, const char *text, uint64_t min,
                   uint64_t max, uint64_t *out);

/* Opens the centre of c->dir with the machine's disk, clock and randomness; said if it
 * cannot be. */
int console_open(struct console *c, struct centre **out);

#endif
