#include "appliance/people/seldom.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "appliance/people/audit.h"

#define PLACES       16 /* more actors than that are told of more often */
#define KIND_BYTES   16
#define ACTOR_BYTES  48
#define DETAIL_BYTES 64

static struct told {
    char kind[KIND_BYTES], actor[ACTOR_BYTES];
    struct moment when;
    uint64_t order; /* the higher, the later; 0: free */
    unsigned left_out;
} all[PLACES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Its place, or the one that was told of longest ago. */
static struct told *place_of(const char *kind, const char *actor)
{
    struct told *t = &all[0];

    for (size_t i = 0; i < PLACES; i++) {
        if (all[i].order > 0 && strcmp(all[i].kind, kind) == 0 &&
            strcmp(all[i].actor, actor) == 0)
            return &all[i];
        if (all[i].order < t->order)
            t = &all[i];
    }
    t->order = 0;
    return t;
}

/* A clock that went back is another boot's. */
static bool is_recent(const struct told *t, const struct moment *now)
{
    int64_t age_ms = now->mono_ms - t->when.mono_ms;

    return t->order > 0 && t->when.boot == now->boot && age_ms >= 0 && age_ms < SELDOM_MS;
}

static bool may_tell(const char *kind, const char *actor, const struct moment *now,
                     unsigned *left_out)
{
    static uint64_t order;
    struct told *t;
    bool tell;

    (void)pthread_mutex_lock(&lock);
    t = place_of(kind, actor);
    tell = !is_recent(t, now);
    if (tell) {
        *left_out = t->order > 0 ? t->left_out : 0;
        *t = (struct told){.when = *now, .order = ++order};
        (void)snprintf(t->kind, sizeof t->kind, "%s", kind);
        (void)snprintf(t->actor, sizeof t->actor, "%s", actor);
    } else {
        t->left_out++;
    }
    (void)pthread_mutex_unlock(&lock);
    return tell;
}

int audit_seldom(struct store *s, const char *kind, const char *actor,
                 const char *subject, const char *detail, struct err *e)
{
    char more[DETAIL_BYTES];
    struct moment now;
    unsigned left_out;

    if (store_now(s, &now, e) != 0)
        return -1;
    if (!may_tell(kind, actor, &now, &left_out))
        return 0;
    if (left_out == 0)
        return audit_write(s, kind, actor, subject, detail, e);
    (void)snprintf(more, sizeof more, "%s%s+%u", detail, detail[0] == '\0' ? "" : " ",
                   left_out);
    return audit_write(s, kind, actor, subject, more, e);
}
