#include "sync/core_internal.h"

#define CLASS_METERED_MAX SYNC_CLASS_CONFIGURATION
#define BLOCK_SENT_MAX    (BLOCK_BYTES_MAX + 64) /* with what is around it */

/* --------------------------------------------------------------------- budgets */

static bool has_room(uint64_t month, uint64_t spent)
{
    return month == 0 || (spent < month && month - spent >= BLOCK_SENT_MAX);
}

bool sync_budget_allows(const struct sync_budget *b, enum sync_class class)
{
    if (class == SYNC_CLASS_STATUS)
        return true;
    return !(b->metered && class > CLASS_METERED_MAX) &&
           has_room(b->month[class], b->spent[class]) &&
           has_room(b->month_all, b->spent_all);
}

bool class_allowed(const struct sync *s, enum sync_class class)
{
    return sync_budget_allows(&s->config.budget, class);
}

void class_withhold(struct sync *s, enum sync_class class, struct sync_actions *out)
{
    unsigned bit = 1u << class;

    if ((s->withheld & bit) != 0)
        return;
    s->withheld |= bit;
    sync_trace(out, "class %d is kept back: %s", (int)class,
               s->config.budget.metered && class > CLASS_METERED_MAX
                   ? "the link is metered"
                   : "its bytes of this month are spent");
}

static bool may_again(const struct sync *s)
{
    if (s->wanted_count > 0 && class_allowed(s, SYNC_CLASS_ORIGINALS))
        return true;
    for (int class = 0; class < SYNC_CLASSES; class ++)
        if ((s->withheld & (1u << class)) != 0 &&
            class_allowed(s, (enum sync_class) class))
            return true;
    return false;
}

void classes_budget(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    s->config.budget = in->as.budget;
    if (!may_again(s))
        return;
    if (s->state == SYNC_TALKING) {
        s->withheld = 0;
        blobs_anew(s);
    } else if (s->state == SYNC_IDLE) {
        contact_connect(s, in->now_ms, out);
    }
}

/* ----------------------------------------------------------------------- turns */

/* The highest that is ready; but first the lowest that has waited long enough. */
bool classes_next(const struct sync *s, enum sync_class *out)
{
    bool any = false;

    for (int i = SYNC_CLASSES - 1; i > SYNC_CLASS_STATUS; i--) {
        enum sync_class class = (enum sync_class)i;

        if (!outgoing_ready(s, class))
            continue;
        *out = class;
        any = true;
        if (s->contact.passed[class] >= SYNC_SHARE_BLOCKS ||
            sync_sabotaged(SYNC_NO_PREEMPTION))
            return true;
    }
    return any;
}

void classes_sent(struct sync *s, enum sync_class class, size_t bytes)
{
    struct contact *c = &s->contact;

    s->config.budget.spent[class] += bytes;
    s->config.budget.spent_all += bytes;
    c->passed[class] = 0;
    if (class == SYNC_CLASS_RECORDS)
        c->incoming_passed++;
    for (int i = class + 1; i < SYNC_CLASSES; i++)
        c->passed[i] = outgoing_ready(s, (enum sync_class)i) ? c->passed[i] + 1 : 0;
}
