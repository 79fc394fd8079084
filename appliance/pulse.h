/* Pulse: how the contact at hand goes, for whoever asks in this process while an agent
 * works in another thread. One box a process. */
#ifndef TRAM_APPLIANCE_PULSE_H
#define TRAM_APPLIANCE_PULSE_H

#include "sync/core.h"

struct pulse {
    bool at_work; /* somebody keeps in contact here; else the rest says nothing */
    enum sync_state state;
    int64_t talking_ms; /* for how long, while it talks */
    /* Of the link at hand, on the wire; and what left of each class. */
    uint64_t bytes_out, bytes_in, class_bytes[SYNC_CLASSES];
    uint64_t bytes_s; /* that left, over the last seconds */
    unsigned round_trip_ms;
};

void pulse_show(const struct pulse *p);
void pulse_look(struct pulse *out);

#endif
