#include "appliance/people/sessions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/randombytes.h>
#include <sodium/utils.h>

#include "base/hash.h"

struct slot {
    bool used;
    struct hash token;
    struct session session;
    int64_t began_ms, acted_ms, idle_ms;
};

struct sessions {
    struct clock *clock;
    pthread_mutex_t lock;
    struct slot slots[SESSIONS_MAX];
};

int sessions_create(struct sessions **out, struct clock *c, struct err *e)
{
    struct sessions *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "sessions");
    s->clock = c;
    (void)pthread_mutex_init(&s->lock, NULL);
    *out = s;
    return 0;
}

void sessions_destroy(struct sessions *s)
{
    if (s == NULL)
        return;
    (void)pthread_mutex_destroy(&s->lock);
    sodium_memzero(s, sizeof *s);
    free(s);
}

/* -------------------------------------------------- by those who hold the lock */

static int64_t left_ms(const struct slot *x, int64_t now)
{
    int64_t idle = x->idle_ms - (now - x->acted_ms);
    int64_t all = SESSION_MS_MAX - (now - x->began_ms);

    return idle < all ? idle : all;
}

static void sweep(struct sessions *s, int64_t now)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (s->slots[i].used && left_ms(&s->slots[i], now) <= 0)
            sodium_memzero(&s->slots[i], sizeof s->slots[i]);
}

static struct slot *slot_of(struct sessions *s, const char *token)
{
    struct hash h;

    hash_of(&h, token, strlen(token));
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (s->slots[i].used && hash_equal(&s->slots[i].token, &h))
            return &s->slots[i];
    return NULL;
}

/* The one that rests longest: of this account's (NULL: of all), and how many those are. */
static struct slot *longest_at_rest(struct sessions *s, const char *account,
                                    size_t *count)
{
    struct slot *found = NULL;

    *count = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct slot *x = &s->slots[i];

        if (!x->used || (account != NULL && strcmp(x->session.account, account) != 0))
            continue;
        ++*count;
        if (found == NULL || x->acted_ms < found->acted_ms)
            found = x;
    }
    return found;
}

static struct slot *free_slot(struct sessions *s, const char *account)
{
    size_t count;
    struct slot *x = longest_at_rest(s, account, &count);

    if (count >= SESSIONS_MAX_ACCOUNT)
        return x;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (!s->slots[i].used)
            return &s->slots[i];
    return longest_at_rest(s, NULL, &count);
}

/* -------------------------------------------------------------------- for all */

static void draw(char out[SESSION_TOKEN_BYTES])
{
    unsigned char bytes[32];

    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(out, SESSION_TOKEN_BYTES, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

void sessions_begin(struct sessions *s, struct session *of, int64_t idle_ms,
                    char token[SESSION_TOKEN_BYTES])
{
    int64_t now = s->clock->mono_ms(s->clock);
    struct slot *x;

    draw(token);
    draw(of->csrf);
    (void)pthread_mutex_lock(&s->lock);
    sweep(s, now);
    x = free_slot(s, of->account);
    *x = (struct slot){.used = true,
                       .session = *of,
                       .began_ms = now,
                       .acted_ms = now,
                       .idle_ms = idle_ms};
    hash_of(&x->token, token, strlen(token));
    (void)pthread_mutex_unlock(&s->lock);
}

bool sessions_find(struct sessions *s, const char *token, bool acts, struct session *out,
                   int64_t *left)
{
    int64_t now = s->clock->mono_ms(s->clock);
    struct slot *x;
    bool found;

    (void)pthread_mutex_lock(&s->lock);
    sweep(s, now);
    x = slot_of(s, token);
    found = x != NULL;
    if (found && acts)
        x->acted_ms = now;
    if (found)
        *out = x->session;
    if (found && left != NULL)
        *left = left_ms(x, now);
    (void)pthread_mutex_unlock(&s->lock);
    return found;
}

void sessions_end(struct sessions *s, const char *token)
{
    struct slot *x;

    (void)pthread_mutex_lock(&s->lock);
    x = slot_of(s, token);
    if (x != NULL)
        sodium_memzero(x, sizeof *x);
    (void)pthread_mutex_unlock(&s->lock);
}
