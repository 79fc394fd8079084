/* Answer: what the centre says to an ordinary request: its first page, and the API
 * that the page asks. GET and HEAD only; nothing here changes anything.
 *
 *   /                        the page
 *   /api/v1/status           {"name", "sites": [{"site", "name", "claimed",
 *                            "last_contact_s_ago" (at least; null: never),
 *                            "sequences": {"last", "received", "applied", "safe"},
 *                            "waiting": {class: bytes}, "oldest_unsent_s",
 *                            "alarms"}, …],
 *                            "alarms": [{"site", "kind", "detail", "s_ago"}, …]}
 *   /api/v1/search?q=&limit= {"hits": [{"document", "page", "page_number", "site",
 *                            "site_name", "snippet": ["before ", ["hit"], …]}, …]}
 *
 * The names are those of `tram-centre status` (fleet.h); documents are not counted
 * here, because a page that is asked again and again must not keep boxes waiting.
 * Backlog and waiting bytes are what the box said in its last contact; the page says
 * how long ago that was. A refusal is {"error": {"vi", "en"}}. */
#ifndef TRAM_SYNC_CENTRE_ANSWER_H
#define TRAM_SYNC_CENTRE_ANSWER_H

#include "sync/centre/centre.h"
#include "sync/http_head.h"

struct answer_rules {
    const char *address; /* where we listen */
    bool open;           /* other machines may ask */
    bool local;          /* this one comes from our own */
};

/* Appends a whole answer, head and body; the connection ends after it. */
void answer_request(struct centre *c, const struct http_head *head,
                    const struct answer_rules *rules, struct buffer *out);
void answer_malformed(struct buffer *out);

#endif
