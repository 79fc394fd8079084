/* Verbs: the words of tram-centre. Each takes its own options from argv (argv[0] is
 * the word) and returns the exit status. Those that only read may run beside a
 * serve of the same directory; enrol, courier and backup too: SQLite puts writers in line. */
#ifndef TRAM_SYNC_CENTRE_VERBS_H
#define TRAM_SYNC_CENTRE_VERBS_H

#include "sync/centre/console.h"

struct centre_verb {
    const char *name;
    const char *usage; /* "search QUERY [--limit N]" */
    const char *help;  /* key in base/messages.tsv */
    int (*run)(struct console *c, int argc, char **argv);
};

/* NULL when there is no such word. */
const struct centre_verb *centre_verb_find(const char *name);
size_t centre_verb_all(const struct centre_verb **out);

/* Says how the word is used; CONSOLE_WORDS. */
int centre_verb_usage(struct console *c, const char *name);

int centre_verb_init(struct console *c, int argc, char **argv);
int centre_verb_enrol(struct console *c, int argc, char **argv);
int centre_verb_serve(struct console *c, int argc, char **argv);
int centre_verb_status(struct console *c, int argc, char **argv);
int centre_verb_search(struct console *c, int argc, char **argv);
int centre_verb_show(struct console *c, int argc, char **argv);
int centre_verb_courier(struct console *c, int argc, char **argv);
int centre_verb_verify(struct console *c, int argc, char **argv);
int centre_verb_backup(struct console *c, int argc, char **argv);
int centre_verb_restore(struct console *c, int argc, char **argv);
int centre_verb_dictionary(struct console *c, int argc, char **argv);
int centre_verb_recovery(struct console *c, int argc, char **argv);

#endif
