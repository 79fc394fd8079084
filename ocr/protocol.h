/* Protocol between a client and its worker, over a socket pair that keeps the
 * borders of messages (SOCK_SEQPACKET). Both ends are ours, of one build, and may
 * still have gone mad: decoders check everything, and tests/fuzz/ has a target.
 *
 *   client ── question, with descriptors of document and answer ─► worker
 *   client ◄─ verdict: how the child ended ────────────────────── worker
 *
 * The answer itself does not pass here: the child writes it into the pipe. */
#ifndef TRAM_OCR_PROTOCOL_H
#define TRAM_OCR_PROTOCOL_H

#include "base/buffer.h"
#include "ocr/refusal.h"
#include "ocr/way.h"

#define WORKER_FD 3 /* where a worker finds its socket */

enum question_kind {
    QUESTION_IDENTIFY = 1, /* answer: identity_encode() */
    QUESTION_LOOK,         /* look_encode() */
    QUESTION_READ,         /* reading_encode() */
    QUESTION_SMALL,        /* small_encode() */
    QUESTION_UNPACK,       /* the entry stream */
    QUESTION_REPACK,       /* the packed form; nothing, or not all: no gain */
    QUESTION_RESTORE,      /* the original of the packed form that is the document */
    QUESTION_PICTURE,      /* the page's picture for a copy: ocr/copy/picture_form.h */
    QUESTION_COPY,         /* the searchable PDF of the sheaf that is the document */
    QUESTION_VIEW,         /* the page's picture for a screen: ocr/view.h */
};

#define QUESTION_LAST QUESTION_VIEW

/* u32 magic | u64 ticket | u8 kind | u32 page | u8 quarter turns | u8 way | u32 wall ms */
struct question {
    uint64_t ticket;
    enum question_kind kind;
    uint32_t page;
    uint8_t quarter_turns;
    enum reading_way way; /* of QUESTION_READ */
    uint32_t wall_ms_max; /* 0: the worker's own for this kind */
};

/* What a question may take: what it says, or what its kind may. */
uint32_t question_wall_ms(const struct question *q);

#define QUESTION_FDS 2 /* document, answer */

/* u32 magic | u64 ticket | u8 unable | u8 refusal | u64 rss | text, to the end */
struct verdict {
    uint64_t ticket;
    bool unable;          /* the worker could not even try: `text` says why */
    enum refusal refusal; /* NONE: look at the answer */
    uint64_t rss_bytes_max;
    char text[256];
};

#define MESSAGE_BYTES_MAX 320

void question_encode(const struct question *q, struct buffer *out);
int question_decode(struct question *out, const void *bytes, size_t count, struct err *e);
void verdict_encode(const struct verdict *v, struct buffer *out);
int verdict_decode(struct verdict *out, const void *bytes, size_t count, struct err *e);

/* One message with its descriptors, which stay the caller's. ERR_IO: the other end
 * is gone. */
int message_send(int socket, const struct buffer *message, const int *fds,
                 size_t fds_count, struct err *e);

/* 1: `message` (cleared first) holds one, and `fds` exactly fds_count descriptors
 * that are now the caller's, closed on exec. 0: the other end has gone. Waits. */
int message_receive(int socket, struct buffer *message, int *fds, size_t fds_count,
                    struct err *e);

#endif
