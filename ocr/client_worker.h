/* A client's worker: the process `tram-ocr --worker`, found, started and ended.
 * Internal to ocr/client.c. */
#ifndef TRAM_OCR_CLIENT_WORKER_H
#define TRAM_OCR_CLIENT_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "ocr/client.h"

struct client_worker {
    char *program; /* owned */
    bool uncaged;
    const char *without; /* borrowed; NULL: nothing is left out */
    pid_t pid;           /* 0: none runs */
    int socket;          /* -1: none runs */
};

/* o->program NULL: $TRAM_OCR, else beside this program, else on $PATH. */
int client_worker_init(struct client_worker *w, const struct ocr_options *o,
                       struct err *e);
void client_worker_release(struct client_worker *w);

/* Starts it unless it runs; *fresh says which. Safe among threads: nothing of ours
 * runs between fork and exec. */
int client_worker_start(struct client_worker *w, bool *fresh, struct err *e);

/* Kills it, and with it its children; fine if none runs. */
void client_worker_stop(struct client_worker *w);

bool client_worker_runs(const struct client_worker *w);

#endif
