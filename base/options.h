/* Options: those of a word of the command line. (getopt keeps its place in globals,
 * and serve runs words in threads.) What is wrong with them is told as a sentence of
 * base/messages.tsv, for the caller to say. */
#ifndef TRAM_BASE_OPTIONS_H
#define TRAM_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_word {
    const char *name;   /* "--limit" */
    const char **value; /* set to the word behind it or behind '='; or NULL: */
    bool *flag;         /* set to true */
};

struct option_wrong {
    const char *key;
    const char *args[3]; /* the caller's words, or `range` */
    size_t args_count;
    char range[64];
};

/* Takes the options out of argv (up to "--"): the other words come behind argv[0] in
 * their order, and *argc shrinks to them. Every word stays in argv, because somebody
 * owns them. -1: *wrong is filled. */
int options_parse(const struct option_word *options, size_t count, int *argc, char **argv,
                  struct option_wrong *wrong);

/* A whole number from min to max; -1 if `text` is none. */
int option_parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
                        uint64_t *out, struct option_wrong *wrong);

#endif
