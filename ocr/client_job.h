/* One question of a client on its way: what was asked, the pipe that the answer
 * comes by, and what has come. Internal to ocr/client.c. */
#ifndef TRAM_OCR_CLIENT_JOB_H
#define TRAM_OCR_CLIENT_JOB_H

#include "ocr/protocol.h"
#include "ocr/reading.h"

/* Where an answer goes that may be larger than a message: piece by piece. False: no
 * more of it is wanted. */
struct client_taker {
    bool (*take)(void *arg, const void *bytes, size_t count);
    void *arg;
};

/* A question on its way. Complete when the verdict has come and the answer's pipe
 * has ended, in whichever order. */
struct client_job {
    bool used;
    enum question_kind kind;
    uint64_t number; /* on the wire */
    uint64_t ticket; /* the caller's, of a submitted read */
    int answer;      /* the pipe; -1: it has ended */
    bool judged;
    struct verdict verdict;
    struct buffer bytes; /* of the answer, unless there is a taker */
    struct client_taker taker;
};

void client_job_release(struct client_job *j); /* a zeroed one is fine */

/* Sends the question with the document and the pipe for its answer, and fills *j.
 * ERR_IO: the worker is gone. */
int client_job_send(struct client_job *j, int socket, const struct question *q, int fd,
                    struct err *e);

bool client_job_complete(const struct client_job *j);

/* Takes what the pipe holds, once poll() says that it holds something. */
void client_job_read(struct client_job *j);

/* The verdict's refusal; CRASHED if the child ended well and talked rubbish, which
 * is when `decoded` is not 0. */
enum refusal client_job_judge(const struct client_job *j, int decoded);

#endif
