#include "sync/centre/session_internal.h"

#include <string.h>

#include "sync/centre/lines.h"

/* Ten questions find a frame among all that a box can number, a seventh of a second's work
 * for a disk that needs a millisecond for each look; sixteen about one frame each, by the
 * names of so many epochs, two looks each; and a few how far those go. */
#define QUESTIONS_MAX 30

/* The last of the places whose hash we know. A chain's hash stands for all frames before
 * it too, so that what is known is known from the first place on. */
static int last_known(struct session *s, const struct message *m, unsigned *out,
                      bool *any, struct err *e)
{
    const struct chain_range *r = &m->as.chain.range;
    unsigned from = 0, to = chain_places(r);

    while (from < to) {
        unsigned middle = from + (to - from) / 2;
        bool known;

        if (line_knows(s->centre, s->site.site, chain_place(r, middle),
                       m->as.chain.hashes + (size_t)middle * CHAIN_HASH_BYTES,
                       CHAIN_HASH_BYTES, &known, e) != 0)
            return -1;
        if (known)
            from = middle + 1;
        else
            to = middle;
    }
    *any = from > 0;
    *out = from > 0 ? from - 1 : 0;
    return 0;
}

/* Only a box that has proved itself asks; what it asks about are its own lines. */
int session_chain(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e)
{
    const struct chain_range *r = &m->as.chain.range;
    struct chain_range answer;
    unsigned place;
    bool found;

    if (m->as.chain.hashes == NULL || s->chains == QUESTIONS_MAX) {
        s->state = SESSION_CLOSED; /* not a box's to send */
        return 0;
    }
    s->chains++;
    if (last_known(s, m, &place, &found, e) != 0)
        return -1;
    if (!found)
        return session_refuse(s, NULL, REFUSED_FORK, out); /* not even the beginning */
    if (site_find(s->centre, s->site.site, &s->site, &found, e) != 0)
        return -1;
    answer.first = chain_place(r, place);
    answer.last = chain_place(r, place + 1 < chain_places(r) ? place + 1 : place);
    message_chain_answer(out, &answer, s->site.epoch, s->binding, s->binding_count,
                         &s->centre->key);
    return 1;
}
