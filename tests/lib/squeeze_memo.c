/* What squeeze() and unsqueeze() have answered before, in this process. The linker puts
 * these in their place where bundles are made and opened (tests/module.mk: --wrap), for
 * the tests alone: one that breaks a link or cuts the power at every instant makes the
 * same bundle hundreds of times, and nine tenths of its time were the predictor's.
 *
 *   - the same question gets the same answer: neither function has a state;
 *   - whatever was not asked before, byte for byte, is asked of the real one;
 *   - only what went well is kept.
 *
 * A place holds the newest of those that fall on it. test_squeeze asks the real ones. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "sync/squeeze.h"

#define PLACES     1024
#define ANSWER_MAX (64u << 10)

int __real_squeeze(const void *text, size_t count, const void *past, size_t past_count,
                   struct buffer *out, struct err *e);
int __wrap_squeeze(const void *text, size_t count, const void *past, size_t past_count,
                   struct buffer *out, struct err *e);
int __real_unsqueeze(unsigned char *text, size_t count, const void *squeezed,
                     size_t squeezed_count, const void *past, size_t past_count,
                     struct err *e);
int __wrap_unsqueeze(unsigned char *text, size_t count, const void *squeezed,
                     size_t squeezed_count, const void *past, size_t past_count,
                     struct err *e);

enum question { SQUEEZED = 1, UNSQUEEZED };

struct place {
    struct hash question;
    unsigned char *answer; /* NULL: none yet */
    size_t count;
};

static struct place places[PLACES];
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;

static struct place *place_of(const struct hash *question)
{
    uint32_t at;

    memcpy(&at, question->bytes, sizeof at);
    return &places[at % PLACES];
}

static bool recall(const struct hash *question, struct buffer *out)
{
    const struct place *p = place_of(question);
    bool known;

    (void)pthread_mutex_lock(&places_lock);
    known = p->answer != NULL && hash_equal(&p->question, question);
    if (known)
        buffer_append(out, p->answer, p->count);
    (void)pthread_mutex_unlock(&places_lock);
    return known;
}

static void keep(const struct hash *question, const unsigned char *answer, size_t count)
{
    struct place *p = place_of(question);
    unsigned char *copy = count > ANSWER_MAX ? NULL : malloc(count + 1);

    if (copy == NULL)
        return;
    if (count > 0)
        memcpy(copy, answer, count);
    (void)pthread_mutex_lock(&places_lock);
    free(p->answer);
    *p = (struct place){.question = *question, .answer = copy, .count = count};
    (void)pthread_mutex_unlock(&places_lock);
}

/* `expected`: how long a text has to come out. */
static void ask(struct hash *out, enum question kind, uint64_t expected, const void *a,
                size_t a_count, const void *past, size_t past_count)
{
    const uint64_t head[] = {kind, expected, a_count, past_count};
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, head, sizeof head);
    hasher_add(&h, a, a_count);
    hasher_add(&h, past, past_count);
    hasher_finish(&h, out);
}

int __wrap_squeeze(const void *text, size_t count, const void *past, size_t past_count,
                   struct buffer *out, struct err *e)
{
    size_t before = out->count;
    struct hash question;

    ask(&question, SQUEEZED, 0, text, count, past, past_count);
    if (recall(&question, out))
        return buffer_check(out, e);
    if (__real_squeeze(text, count, past, past_count, out, e) != 0)
        return -1;
    keep(&question, out->bytes + before, out->count - before);
    return 0;
}

int __wrap_unsqueeze(unsigned char *text, size_t count, const void *squeezed,
                     size_t squeezed_count, const void *past, size_t past_count,
                     struct err *e)
{
    struct hash question;
    struct buffer known;
    int rc = 0;

    buffer_init(&known, ANSWER_MAX);
    ask(&question, UNSQUEEZED, count, squeezed, squeezed_count, past, past_count);
    if (count > 0 && recall(&question, &known) && known.count == count) {
        memcpy(text, known.bytes, count);
    } else {
        rc = __real_unsqueeze(text, count, squeezed, squeezed_count, past, past_count, e);
        if (rc == 0)
            keep(&question, text, count);
    }
    buffer_release(&known);
    return rc;
}
