#include "sync/centre/courier_parts.h"

#include <stdlib.h>

/* What a stick brings of an original proves itself only when it is whole, and until then
 * anybody may have written it. So it may not be many things at once, which every answer
 * to the site would have to name: more than bad blocks leave half of, and no more than
 * fits beside receipts. */
#define PARTIALS_MAX 256

/* ----------------------------------------------------------------------- the list */

static int list_one(void *arg, const struct partial_told *p, struct err *e)
{
    struct courier_site *s = arg;
    struct partial_told *more;

    if (p->object.kind != OBJECT_BLOB)
        return 0;
    if ((s->partials_count & (s->partials_count + 1)) == 0) {
        more = realloc(s->partials, (2 * s->partials_count + 1) * sizeof *more);
        if (more == NULL)
            return err_set(e, ERR_MEMORY, "courier");
        s->partials = more;
    }
    s->partials[s->partials_count++] = *p;
    return 0;
}

/* The site, with what has begun; NULL: -1. A link may add to it meanwhile: then there is
 * one more than there should be. */
static struct courier_site *listed(struct taking *t, struct err *e)
{
    struct courier_site *s = courier_site_of(t->courier, t->site.site, e);

    if (s == NULL || s->partials_listed)
        return s;
    s->partials_count = 0;
    if (partial_each(&t->place, list_one, s, e) != 0)
        return NULL;
    s->partials_listed = true;
    return s;
}

static struct partial_told *find(const struct courier_site *s,
                                 const struct object_id *object, uint64_t total_bytes)
{
    for (size_t i = 0; i < s->partials_count; i++)
        if (object_id_equal(&s->partials[i].object, object) &&
            s->partials[i].total_bytes == total_bytes)
            return &s->partials[i];
    return NULL;
}

static void strike(struct courier_site *s, struct partial_told *p)
{
    *p = s->partials[--s->partials_count];
}

/* ------------------------------------------------------------------ what it is worth */

/* What has come of it; half of that with each sweep in which it did not grow. So a forged
 * beginning goes for any box's part, soon after what a box has carried for days to get
 * there stays, and in the end it goes too. */
static uint64_t worth(const struct partial_told *p)
{
    return p->sweeps < 64 ? p->bytes >> p->sweeps : 0;
}

static struct partial_told *least(const struct courier_site *s)
{
    struct partial_told *out = s->partials;

    for (size_t i = 1; i < s->partials_count; i++)
        if (worth(&s->partials[i]) < worth(out))
            out = &s->partials[i];
    return out;
}

int courier_partial_begin(struct taking *t, const struct courier_entry *n, bool *may,
                          struct err *e)
{
    struct courier_site *s = listed(t, e);
    struct partial_told *p;

    *may = false;
    if (s == NULL)
        return -1;
    while (s->partials_count >= PARTIALS_MAX) {
        p = least(s);
        if (worth(p) >= t->bytes.count)
            return 0;
        if (partial_remove(&t->place, &p->object, p->total_bytes, e) != 0)
            return -1;
        strike(s, p);
    }
    *may = true;
    return list_one(s, &(struct partial_told){.object = n->object, .total_bytes = n->end},
                    e);
}

int courier_partial_grown(struct taking *t, const struct partial *p, struct err *e)
{
    struct courier_site *s = listed(t, e);
    struct partial_told *told;

    if (s == NULL)
        return -1;
    told = find(s, partial_object(p), partial_total(p));
    if (told != NULL) {
        told->bytes = partial_bytes(p);
        told->sweeps = 0;
    }
    return 0;
}

int courier_partial_end(struct taking *t, const struct partial *p, struct err *e)
{
    struct courier_site *s = listed(t, e);
    struct partial_told *told;

    if (s == NULL)
        return -1;
    told = find(s, partial_object(p), partial_total(p));
    if (told != NULL)
        strike(s, told);
    return partial_remove(&t->place, partial_object(p), partial_total(p), e);
}
