#include "appliance/boxes.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct boxes {
    pthread_mutex_t lock;
    pthread_cond_t back;
    bool ended;
    unsigned count, free_count;
    struct box **all;  /* opened */
    struct box **free; /* of them, the ones at home */
};

int boxes_create(struct boxes **out, const char *dir, unsigned count,
                 struct reader *reader, struct err *e)
{
    struct boxes *b = calloc(1, sizeof *b);
    pthread_condattr_t steady;

    *out = NULL;
    if (b == NULL)
        return err_set(e, ERR_MEMORY, "boxes");
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_cond_init(&b->back, &steady);
    (void)pthread_condattr_destroy(&steady);
    b->all = calloc(count, sizeof(struct box *));
    b->free = calloc(count, sizeof(struct box *));
    if (b->all == NULL || b->free == NULL) {
        (void)err_set(e, ERR_MEMORY, "boxes");
        goto fail;
    }
    for (; b->count < count; b->count++) {
        struct box **box = &b->all[b->count];

        if (box_open(box, disk_system(), clock_system(), dir, reader, e) != 0)
            goto fail;
        b->free[b->free_count++] = *box;
    }
    *out = b;
    return 0;
fail:
    boxes_destroy(b);
    return -1;
}

void boxes_destroy(struct boxes *b)
{
    if (b == NULL)
        return;
    for (unsigned i = 0; i < b->count; i++)
        box_close(b->all[i]);
    free(b->all);
    free(b->free);
    (void)pthread_cond_destroy(&b->back);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
}

struct box *boxes_borrow(struct boxes *b, int wait_ms)
{
    struct box *box = NULL;
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&b->lock);
    while (b->free_count == 0 && !b->ended)
        if (pthread_cond_timedwait(&b->back, &b->lock, &until) == ETIMEDOUT)
            break;
    if (b->free_count > 0 && !b->ended)
        box = b->free[--b->free_count];
    pthread_mutex_unlock(&b->lock);
    return box;
}

void boxes_return(struct boxes *b, struct box *box)
{
    if (box == NULL)
        return;
    /* What a thread left open is nobody's; a page cache is for who works. */
    store_write_rollback(box->store);
    (void)sqlite3_db_release_memory(store_db(box->store));
    pthread_mutex_lock(&b->lock);
    b->free[b->free_count++] = box;
    pthread_cond_signal(&b->back);
    pthread_mutex_unlock(&b->lock);
}

void boxes_end_waits(struct boxes *b)
{
    if (b == NULL)
        return;
    pthread_mutex_lock(&b->lock);
    b->ended = true;
    pthread_cond_broadcast(&b->back);
    pthread_mutex_unlock(&b->lock);
}
