#include "tests/bench/secrecy/looks.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"

#define JOBS_MAX 16

struct asking {
    struct looks *looks;
    const char *dir, *ocr;
    pthread_mutex_t lock; /* of what follows */
    size_t next;
    struct err err; /* the first trouble; code ERR_NONE: none */
};

static int ask_one(struct ocr_client *c, const struct asking *a, struct look_answer *out,
                   struct err *e)
{
    int64_t began = clock_mono_now_ms();
    char path[DISK_PATH_BYTES];
    struct identity id;
    int fd, rc = -1;

    if (disk_path(path, e, "%s/%s", a->dir, out->file) != 0)
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(e, ERR_IO, "%s", path);
    if (ocr_identify(c, fd, &id, e) == 0) {
        out->look.refusal = id.refusal;
        rc = id.refusal != REFUSAL_NONE ? 0 : ocr_look(c, fd, 0, &out->look, e);
    }
    (void)close(fd); /* only read */
    out->seconds = (double)(clock_mono_now_ms() - began) / 1e3;
    return rc;
}

static struct look_answer *take_next(struct asking *a)
{
    struct look_answer *next = NULL;

    (void)pthread_mutex_lock(&a->lock);
    if (a->err.code == ERR_NONE && a->next < a->looks->count)
        next = &a->looks->all[a->next++];
    (void)pthread_mutex_unlock(&a->lock);
    return next;
}

static void *ask_all(void *arg)
{
    struct asking *a = arg;
    struct ocr_options o = {.program = a->ocr, .jobs = 1};
    struct ocr_client *c = NULL;
    struct look_answer *one;
    struct err e;
    int rc = ocr_client_create(&c, &o, &e);

    while (rc == 0 && (one = take_next(a)) != NULL)
        rc = ask_one(c, a, one, &e);
    ocr_client_destroy(c);
    if (rc != 0) {
        (void)pthread_mutex_lock(&a->lock);
        a->err = e;
        (void)pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

static int is_page(const struct dirent *d)
{
    const char *dot = strrchr(d->d_name, '.');

    return dot != NULL && strcmp(dot, ".png") == 0;
}

static int list_pages(struct looks *out, const char *dir, struct err *e)
{
    struct dirent **found = NULL;
    int count = scandir(dir, &found, is_page, alphasort), rc = 0;

    if (count < 0)
        return err_set_errno(e, ERR_IO, "%s", dir);
    out->all = calloc((size_t)count + 1, sizeof *out->all);
    for (int i = 0; i < count; i++) {
        char *name = out->all == NULL ? NULL : strdup(found[i]->d_name);

        if (name != NULL)
            out->all[out->count++].file = name;
        else
            rc = err_set(e, ERR_MEMORY, "out of memory for names");
        free(found[i]);
    }
    free(found);
    return rc;
}

int looks_ask(struct looks *out, const char *dir, const char *ocr, unsigned jobs,
              struct err *e)
{
    struct asking a = {.looks = out, .dir = dir, .ocr = ocr};
    pthread_t threads[JOBS_MAX];
    unsigned started = 0;
    int rc;

    *out = (struct looks){0};
    if (list_pages(out, dir, e) != 0)
        return -1;
    (void)pthread_mutex_init(&a.lock, NULL); /* never fails here */
    while (started < jobs && started < JOBS_MAX &&
           pthread_create(&threads[started], NULL, ask_all, &a) == 0)
        started++;
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    rc = started == 0 ? err_set(e, ERR_MEMORY, "no thread to ask in") : 0;
    if (a.err.code != ERR_NONE) {
        *e = a.err;
        rc = -1;
    }
    (void)pthread_mutex_destroy(&a.lock);
    return rc;
}

void looks_release(struct looks *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->all[i].file);
    free(l->all);
    *l = (struct looks){0};
}
