/* Answer: what the centre says to an ordinary request: its first page, and the API
 * that the page asks. GET and HEAD only; nothing here changes anything.
 *
 *   /                        the page
 *   /api/v1/status           what `tram-centre status --json` says: fleet.h
 *   /api/v1/search?q=&limit= {"hits": [{"document", "page", "page_number", "site",
 *                            "site_name", "snippet": ["before ", ["hit"], …]}, …]}
 *
 * A refusal is {"error": {"vi", "en"}}. Counting documents takes its time in a large
 * province, and boxes must not wait for a page that is asked again and again: the
 * status is kept for twenty times as long as it took. */
#ifndef TRAM_SYNC_CENTRE_ANSWER_H
#define TRAM_SYNC_CENTRE_ANSWER_H

#include "sync/centre/centre.h"
#include "sync/http_head.h"

struct answers;

/* `c` must outlive it. */
int answers_create(struct answers **out, struct centre *c, struct err *e);
void answers_destroy(struct answers *a); /* NULL is fine */

struct answer_rules {
    const char *address; /* where we listen */
    bool open;           /* other machines may ask */
    bool local;          /* this one comes from our own */
};

/* Appends a whole answer, head and body; the connection ends after it. */
void answer_request(struct answers *a, const struct http_head *head,
                    const struct answer_rules *rules, struct buffer *out);
void answer_malformed(struct buffer *out);

#endif
