/* Asking: how the questions of client.h are put to the worker. Internal to
 * ocr/client*.c. */
#ifndef TRAM_OCR_CLIENT_ASKING_H
#define TRAM_OCR_CLIENT_ASKING_H

#include "ocr/client.h"
#include "ocr/client_job.h"

/* Asks and waits, no longer than the question may take; on success the caller
 * releases *out. `taker` NULL: the answer is in its `bytes`. */
int client_ask(struct ocr_client *c, struct question q, int fd,
               const struct client_taker *taker, struct client_job **out, struct err *e);

void client_take_reading(const struct client_job *j, struct reading *out);

#endif
