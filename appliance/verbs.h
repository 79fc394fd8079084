/* Verbs: the command line's words as functions of an opened box, so that `tram-box
 * WORD …` runs the same code in its own process or, handed over, inside serve. */
#ifndef TRAM_APPLIANCE_VERBS_H
#define TRAM_APPLIANCE_VERBS_H

#include <stdio.h>

#include "appliance/box.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WORDS = 2, EXIT_PARTLY = 3 };

struct verb_io {
    FILE *out, *err; /* results; messages and progress */
    bool json;       /* --json */
    bool err_is_terminal;
    enum language language;
    const char *cwd;              /* what relative paths are relative to; absolute */
    bool (*cancelled)(void *arg); /* the asker is gone or Ctrl-C; NULL: never */
    void *cancelled_arg;
};

struct verb {
    const char *name;
    const char *usage; /* "intake [--dossier CODE] [--type T] FILE|DIR|ARCHIVE…" */
    const char *help;  /* key in base/messages.tsv */
    bool handed_over;  /* serve runs it for us when it owns the directory */
    int (*run)(struct box *b, struct verb_io *io, int argc, char **argv);
};

/* NULL when there is no such word. argv[0] is the word itself. */
const struct verb *verb_find(const char *name);
size_t verb_all(const struct verb **out);

/* Messages to io->err in io->language, from the table; "{0}" from the arguments. */
void say(struct verb_io *io, const char *key, const char *const *args, size_t count);

#endif
