#include "appliance/reader_shared.h"

#include <pthread.h>
#include <stdlib.h>

struct shared {
    struct reader reader; /* first: what others hold */
    struct reader *inner;
    pthread_mutex_t lock;
};

static int shared_identify(struct reader *r, struct disk_file *f, struct identity *out,
                           struct err *e)
{
    struct shared *s = (struct shared *)r;
    int rc;

    pthread_mutex_lock(&s->lock);
    rc = s->inner->identify(s->inner, f, out, e);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int shared_look(struct reader *r, struct disk_file *f, uint32_t page,
                       struct look *out, struct err *e)
{
    struct shared *s = (struct shared *)r;
    int rc;

    pthread_mutex_lock(&s->lock);
    rc = s->inner->look(s->inner, f, page, out, e);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int shared_unpack(struct reader *r, struct disk_file *f,
                         const struct entry_sink *sink, enum refusal *refusal,
                         struct err *e)
{
    struct shared *s = (struct shared *)r;
    int rc;

    pthread_mutex_lock(&s->lock);
    rc = s->inner->unpack(s->inner, f, sink, refusal, e);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static int shared_submit_read(struct reader *r, uint64_t ticket, struct disk_file *f,
                              uint32_t page, unsigned quarter_turns, enum reading_way way,
                              struct err *e)
{
    (void)r;
    (void)way;
    (void)ticket;
    (void)f;
    (void)page;
    (void)quarter_turns;
    return err_set(e, ERR_FAILED, "a shared reader reads no pages");
}

static int shared_wait_read(struct reader *r, int timeout_ms, uint64_t *ticket,
                            struct reading *out, struct err *e)
{
    (void)r;
    (void)timeout_ms;
    (void)ticket;
    (void)out;
    return err_set(e, ERR_FAILED, "a shared reader reads no pages");
}

static int shared_small(struct reader *r, struct disk_file *f, uint32_t page,
                        unsigned quarter_turns, struct small *out, struct err *e)
{
    (void)r;
    (void)f;
    (void)page;
    (void)quarter_turns;
    *out = (struct small){0};
    return err_set(e, ERR_FAILED, "a shared reader makes no images");
}

static int shared_repack(struct reader *r, struct disk_file *f, const struct hash *sha256,
                         struct disk_file *packed, bool *gained, enum refusal *refusal,
                         struct err *e)
{
    (void)r;
    (void)f;
    (void)sha256;
    (void)packed;
    *gained = false;
    *refusal = REFUSAL_NONE;
    return err_set(e, ERR_FAILED, "a shared reader packs nothing");
}

static int shared_picture(struct reader *r, struct disk_file *f, uint32_t page,
                          struct disk_file *into, enum refusal *refusal, struct err *e)
{
    (void)r;
    (void)f;
    (void)page;
    (void)into;
    *refusal = REFUSAL_NONE;
    return err_set(e, ERR_FAILED, "a shared reader makes no copies");
}

static int shared_copy(struct reader *r, struct disk_file *sheaf, struct disk_file *into,
                       enum refusal *refusal, struct err *e)
{
    (void)r;
    (void)sheaf;
    (void)into;
    *refusal = REFUSAL_NONE;
    return err_set(e, ERR_FAILED, "a shared reader makes no copies");
}

static unsigned shared_at_work(const struct reader *r)
{
    (void)r;
    return 0;
}

static void shared_idle(struct reader *r)
{
    struct shared *s = (struct shared *)r;

    if (pthread_mutex_trylock(&s->lock) != 0)
        return; /* it is at work */
    s->inner->idle(s->inner);
    pthread_mutex_unlock(&s->lock);
}

static void shared_interrupt(struct reader *r)
{
    struct shared *s = (struct shared *)r;

    s->inner->interrupt(s->inner);
}

static void shared_destroy(struct reader *r)
{
    struct shared *s = (struct shared *)r;

    if (s == NULL)
        return;
    s->inner->destroy(s->inner);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

int reader_shared_create(struct reader **out, struct reader *inner, struct err *e)
{
    struct shared *s = malloc(sizeof *s);

    *out = NULL;
    if (s == NULL) {
        inner->destroy(inner);
        return err_set(e, ERR_MEMORY, "shared reader");
    }
    *s = (struct shared){.reader = {.jobs = inner->jobs,
                                    .identify = shared_identify,
                                    .look = shared_look,
                                    .unpack = shared_unpack,
                                    .submit_read = shared_submit_read,
                                    .wait_read = shared_wait_read,
                                    .small = shared_small,
                                    .repack = shared_repack,
                                    .picture = shared_picture,
                                    .copy = shared_copy,
                                    .at_work = shared_at_work,
                                    .idle = shared_idle,
                                    .interrupt = shared_interrupt,
                                    .destroy = shared_destroy},
                         .inner = inner};
    (void)pthread_mutex_init(&s->lock, NULL);
    *out = &s->reader;
    return 0;
}
