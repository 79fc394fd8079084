/* Client: how another program asks tram-ocr. It starts `tram-ocr --worker` on a
 * socket pair when first asked, and ends it after OCR_IDLE_MS without work, so
 * that an idle box holds no model in memory.
 *
 * A question is a descriptor of the document and what to do with it. The worker
 * (which never reads a byte of it) forks a caged child that writes the answer
 * into a pipe that comes straight back here; the worker itself only says how the
 * child ended. Up to `jobs` questions are at work at once, one child each.
 *
 * One client per thread; the program may have any number of threads. A crash, a time-out or a forbidden
 * call of the child is an answer (a refusal), not an error; -1 means that the
 * worker itself cannot be had. */
#ifndef TRAM_OCR_CLIENT_H
#define TRAM_OCR_CLIENT_H

#include "base/buffer.h"
#include "base/hash.h"
#include "ocr/reading.h"
#include "ocr/small/small.h"
#include "ocr/way.h"

#define OCR_IDLE_MS  20000
#define OCR_JOBS_MAX 64 /* children of one client at once */

struct ocr_client;

struct ocr_options {
    const char *program; /* path of tram-ocr; NULL: $TRAM_OCR, else beside this program,
                          * else on $PATH */
    unsigned jobs;       /* children at once, 1..OCR_JOBS_MAX */
    bool uncaged;        /* the operator's --no-cage */
    const char *without; /* parts of the reading to leave out, as recognise.h names
                          * them; NULL: none. Outlives the client. */
    uint32_t page_wall_ms_max; /* 0: OCR_PAGE_WALL_MS */
};

#define OCR_PAGE_WALL_MS 120000

int ocr_client_create(struct ocr_client **out, const struct ocr_options *o,
                      struct err *e);
void ocr_client_destroy(struct ocr_client *c); /* NULL is fine; kills what is at work */

/* For who is to stop: from any thread and for good, what is asked one at a time (below),
 * now and later, ends within a moment with ERR_BUSY, and its child with it. A document may
 * take minutes. */
void ocr_client_interrupt(struct ocr_client *c);

/* One at a time, waiting for the answer. `fd` stays the caller's. Pages count
 * from 0; `quarter_turns` is what the clerk said (0..3 clockwise). */
int ocr_identify(struct ocr_client *c, int fd, struct identity *out, struct err *e);
int ocr_look(struct ocr_client *c, int fd, uint32_t page, struct look *out,
             struct err *e);
int ocr_read(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
             struct reading *out, struct err *e);
/* The archive's own refusal in *refusal; each entry's through the sink. An entry
 * that was begun is always ended, unless the sink itself failed. */
int ocr_unpack(struct ocr_client *c, int fd, const struct entry_sink *sink,
               enum refusal *refusal, struct err *e);

/* The page's small image and thumbnail (ocr/small/small.h). */
int ocr_small(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
              struct small *out, struct err *e);

/* The page's picture for a screen, a JPEG, its longer side VIEW_SIDE_MAX pixels at most;
 * appended to `out`, or *refusal says why not. */
int ocr_view(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
             struct buffer *out, enum refusal *refusal, struct err *e);

/* The document's packed form (ocr/repack/repack.h), written to `packed_fd` from its
 * beginning, and proved: it was restored in another child and has `sha256`, the
 * original's. *gained false: there is nothing to gain, or *refusal says why not; the
 * original stays as it is. ocr_restore() goes the other way: what is at `out_fd` has
 * the hash, or *refusal says that it has not. */
int ocr_repack(struct ocr_client *c, int fd, const struct hash *sha256, int packed_fd,
               bool *gained, enum refusal *refusal, struct err *e);
int ocr_restore(struct ocr_client *c, int packed_fd, const struct hash *sha256,
                int out_fd, enum refusal *refusal, struct err *e);

/* A searchable copy: appends the picture of a page to `out_fd`, at its offset, as a
 * sheaf has it (ocr/copy/sheaf.h); and makes the PDF of a whole sheaf. What was written
 * counts for nothing if *refusal says why not, or after a failure. */
int ocr_picture(struct ocr_client *c, int fd, uint32_t page, int out_fd,
                enum refusal *refusal, struct err *e);
int ocr_copy(struct ocr_client *c, int sheaf_fd, int out_fd, enum refusal *refusal,
             struct err *e);

/* Many at once: submit up to `jobs` (ERR_BUSY beyond), then wait for whichever is
 * done. Questions of the kind above may be asked between. */
int ocr_submit_read(struct ocr_client *c, uint64_t ticket, int fd, uint32_t page,
                    unsigned quarter_turns, enum reading_way way, struct err *e);
/* 1: *ticket and *out are set (the caller releases it); 0: nothing within
 * timeout_ms (-1: for ever, unless nothing is at work); -1: the worker is gone,
 * and all that was submitted with it. */
int ocr_wait_read(struct ocr_client *c, int timeout_ms, uint64_t *ticket,
                  struct reading *out, struct err *e);
unsigned ocr_at_work(const struct ocr_client *c);

/* The most memory that any caged child of this client has had resident. */
uint64_t ocr_rss_bytes_max(const struct ocr_client *c);

/* Ends the worker if nothing was asked for OCR_IDLE_MS; call it now and then. */
void ocr_client_idle(struct ocr_client *c);

#endif
