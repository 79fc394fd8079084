/* Verb's input and output: what every word of the command line does alike. Options
 * from its arguments, lines of JSON, sentences, a progress line, a failure told. */
#ifndef TRAM_APPLIANCE_VERB_IO_H
#define TRAM_APPLIANCE_VERB_IO_H

#include <jansson.h>

#include "appliance/verbs.h"
#include "base/options.h"
#include "base/web/json_text.h"

/* Messages to io->err in io->language, from the table; "{0}" from the arguments, each
 * made fit for a terminal (base/terminal.h). */
void say(struct verb_io *io, const char *key, const char *const *args, size_t count);

/* The same for results: to io->out. */
void tell(struct verb_io *io, const char *key, const char *const *args, size_t count);

/* tell() with arguments as they are: cleaned before, and marked by us since. */
void tell_marked(struct verb_io *io, const char *key, const char *const *args,
                 size_t count);

/* What failed, in the asker's language, with the technical text behind it; returns
 * EXIT_FAILED, or EXIT_WORDS for ERR_USAGE. */
int verb_failed(struct verb_io *io, const struct err *e);

/* One object as one line on io->out; takes `j`, which may be NULL (out of memory:
 * -1, as when nobody takes the output any more). */
int verb_json(struct verb_io *io, json_t *j);

bool verb_cancelled(struct verb_io *io);

/* `path` as the asker meant it: relative to io->cwd. */
int verb_path(char out[DISK_PATH_BYTES], const struct verb_io *io, const char *path,
              struct err *e);

/* The line that is written over; only on a terminal. Cleared before anything else
 * is written: by say(), tell() and verb_json() themselves. */
void progress_line(struct verb_io *io, const char *key, const char *const *args,
                   size_t count);
void progress_line_clear(struct verb_io *io);

/* options_parse(); -1: said what is wrong; the verb ends with EXIT_WORDS. */
int options_take(struct verb_io *io, const struct option_word *options, size_t count,
                 int *argc, char **argv);

/* A whole number from min to max; -1 and said if `text` is none. */
int option_number(struct verb_io *io, const char *name, const char *text, uint64_t min,
                  uint64_t max, uint64_t *out);

/* "2026-01-01 07:00" by this country's clocks; "-" where the box did not know the time. */
#define VERB_WHEN_BYTES 32
void verb_when(char out[VERB_WHEN_BYTES], int64_t wall_ms, enum wall_confidence c);

/* Says how the word is used; returns EXIT_WORDS. */
int verb_usage(struct verb_io *io, const char *name);

#endif
