#include "appliance/pace.h"

/* Others' load that leaves no room: as much as there are cores. Half a process is
 * the noise of serve itself. */
#define LOAD_SLACK 0.5

const char *pace_reason_name(enum pace_reason r)
{
    switch (r) {
    case PACE_FREE:
        return "";
    case PACE_HOT:
        return "hot";
    case PACE_NO_MEMORY:
        return "no_memory";
    case PACE_BUSY:
        return "busy";
    }
    return "";
}

static bool too_hot(struct pace *p, const struct machine *m)
{
    int degrees = m->hottest_millidegrees;

    if (degrees >= PACE_HOT_MILLIDEGREES)
        p->resting = true;
    else if (degrees <= PACE_COOL_MILLIDEGREES)
        p->resting = false;
    return p->resting;
}

/* What those at work may still come to take is already spoken for only in part: a
 * child has most of its memory soon after its start, so what is free is free. */
static unsigned by_memory(const struct machine *m, unsigned jobs, unsigned at_work)
{
    int64_t spare = m->memory_available_bytes - PACE_KEEP_BYTES;
    uint64_t more = spare <= 0 ? 0 : (uint64_t)(spare / PACE_CHILD_BYTES);

    if (m->memory_available_bytes == MACHINE_UNKNOWN || at_work + more >= jobs)
        return jobs;
    return at_work + (unsigned)more;
}

static unsigned by_load(const struct machine *m, unsigned jobs, unsigned at_work)
{
    double others = m->load - at_work - LOAD_SLACK;
    double room = (double)m->cores - others;

    if (others <= 0 || room >= jobs)
        return jobs;
    return room < 1 ? 1 : (unsigned)room;
}

unsigned pace_jobs(struct pace *p, const struct machine *m, unsigned jobs,
                   unsigned at_work)
{
    unsigned memory = by_memory(m, jobs, at_work), load = by_load(m, jobs, at_work);

    p->reason = PACE_FREE;
    if (too_hot(p, m)) {
        p->reason = PACE_HOT;
        return 0;
    }
    if (memory < jobs)
        p->reason = PACE_NO_MEMORY;
    if (load < memory) {
        p->reason = PACE_BUSY;
        return load;
    }
    return memory;
}
