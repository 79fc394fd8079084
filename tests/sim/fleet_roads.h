/* Both roads: a backlog that leaves over a link which is cut again and again, and on sticks
 * at the same time. What either road brings to the centre is looked at as it arrives,
 * byte range by byte range of each bundle and blob: the first to bring a byte has brought
 * it, all others have brought it twice. */
#ifndef TRAM_TESTS_SIM_FLEET_ROADS_H
#define TRAM_TESTS_SIM_FLEET_ROADS_H

#include "tests/sim/fleet.h"

enum road { ROAD_LINK, ROAD_STICK, ROADS };

/* What one road has brought of one kind of objects. */
struct road_bytes {
    uint64_t first;        /* before the other did */
    uint64_t twice[ROADS]; /* … after this road had */
    uint64_t gap;          /* behind what had not come: not taken */
};

/* From where on in an object a road was the first. */
struct road_stretch {
    uint64_t from;
    enum road road;
};

#define ROAD_STRETCHES_MAX 16
struct road_object {
    struct object_id id;
    uint64_t total_bytes, have;
    struct road_stretch stretches[ROAD_STRETCHES_MAX];
    unsigned stretches_count;
};

struct fleet_roads {
    struct road_bytes bytes[OBJECT_KINDS][ROADS];
    struct road_object *objects; /* owned */
    size_t objects_count, objects_capacity;
    unsigned documents, cuts, sticks; /* sticks: times that one was taken in */
    uint64_t frames, applied;
    uint64_t unfinished; /* objects that never came whole */
    int64_t took_ms;     /* from the first signal until all was received */
};

/* One box: takes so many documents in without a link, then sends them on both roads.
 * False if something failed; *out is told in any case. */
bool fleet_roads(struct fleet *f, unsigned documents, struct fleet_roads *out);
void fleet_roads_release(struct fleet_roads *r);
/* As a table. */
void fleet_roads_tell(const struct fleet_roads *r, struct buffer *out);

/* What arrives at the centre, before it takes it. */
void fleet_roads_block(struct fleet *f, const struct message *m);
void fleet_roads_stick(struct fleet *f, struct disk *stick, const char *dir);

#endif
