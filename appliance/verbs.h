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
    bool out_is_terminal, err_is_terminal;
    enum language language;
    const char *cwd;              /* what relative paths are relative to; absolute */
    bool uncaged;                 /* --no-cage: the operator said so */
    bool (*cancelled)(void *arg); /* the asker is gone or Ctrl-C; NULL: never */
    void *cancelled_arg;
};

struct verb {
    const char *name;
    const char *usage; /* "intake [--dossier CODE] [--type T] FILE|DIR|ARCHIVE…" */
    const char *help;  /* key in base/messages.tsv */
    bool handed_over;  /* serve runs it for us when it owns the directory */
    bool asks_only;    /* changes nothing: need not own the directory */
    int (*run)(struct box *b, struct verb_io *io, int argc, char **argv);
    bool makes_box; /* none need be there */
    /* Instead of `run`, for the words that find no box opened: init and restore make
     * one, serve opens one for each of its threads. */
    int (*run_dir)(const char *dir, struct verb_io *io, int argc, char **argv);
};

/* NULL when there is no such word. argv[0] is the word itself. */
const struct verb *verb_find(const char *name);
size_t verb_all(const struct verb **out);

/* --help among the words: such a command needs no box. */
bool verb_asks_for_help(int argc, char **argv);

/* Runs a word: answers --help, tells what failed, and flushes. The result is the
 * exit status. `b` is NULL for words with `run_dir`. */
int verb_run(const struct verb *v, struct box *b, const char *dir, struct verb_io *io,
             int argc, char **argv);

/* The words themselves: one file each, verb_WORD.c. */
int verb_init(const char *dir, struct verb_io *io, int argc, char **argv);
int verb_serve(const char *dir, struct verb_io *io, int argc, char **argv);
int verb_intake(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_held(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_read(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_correct(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_twins(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_compare(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_import(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_search(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_show(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_export(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_types(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_status(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_sync(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_link(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_courier(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_backup(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_restore(const char *dir, struct verb_io *io, int argc, char **argv);
int verb_units(const char *dir, struct verb_io *io, int argc, char **argv);
int verb_accounts(struct box *b, struct verb_io *io, int argc, char **argv);
int verb_verify(struct box *b, struct verb_io *io, int argc, char **argv);

#endif
