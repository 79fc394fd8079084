/* Inside the queue: what queue.c (rows) and queue_run.c (the loop) share. */
#ifndef TRAM_APPLIANCE_QUEUE_PARTS_H
#define TRAM_APPLIANCE_QUEUE_PARTS_H

#include "appliance/queue.h"
#include "ocr/client.h"

enum queue_sql {
    QUEUE_ADD,
    QUEUE_COUNT,
    QUEUE_LEFT,
    QUEUE_HOLDERS,
    QUEUE_FREE,
    QUEUE_NEXT,
    QUEUE_LEASE,
    QUEUE_RELEASE,
    QUEUE_END,
    QUEUE_QUARANTINED,
    QUEUE_SQL_COUNT,
};

struct queue {
    sqlite3_stmt *sql[QUEUE_SQL_COUNT];
    /* Leased by this box and not ended yet. Outlives a run that failed, so that the
     * next one gives back what the failing one could not (a full disk). */
    struct lease_holder holder;
    uint64_t leased[OCR_JOBS_MAX];
    size_t leased_count;
};

struct queue_job {
    uint64_t page; /* 0: nothing waits */
    uint32_t original_page;
    unsigned quarter_turns;
    enum reading_way way;
    struct hash sha256;
};

/* Each is one transaction. */
int queue_lease(struct box *b, struct queue_job *out, struct err *e);
int queue_release_all(struct box *b, struct err *e);

/* With a reading, or what it was refused for. Needs the lease to be ours still; a page
 * that it is not is left alone. *set_aside: it is in quarantine now; one that was only to
 * be read again is not. */
int queue_end(struct box *b, uint64_t page, const struct reading *r, bool *set_aside,
              struct err *e);

bool queue_holds(const struct queue *q, uint64_t page);

/* Pages still to go: waiting, and leased by anybody. */
int queue_left(struct box *b, uint64_t *waiting, uint64_t *leased, struct err *e);

#endif
