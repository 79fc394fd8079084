/* A box's ordinary day, for tests that stop it at an instant: files of every kind
 * are taken in, pages read, records imported, small images made and originals packed. What the clerk was told is in
 * w->told and in the story, outside the box, and must be true afterwards. */
#ifndef TRAM_TESTS_BOX_STORY_H
#define TRAM_TESTS_BOX_STORY_H

#include "tests/lib/box_world.h"

enum story_phase {
    STORY_INTAKE,
    STORY_READING,
    STORY_IMPORT,
    STORY_AFTERWARDS,
    STORY_OVER
};
#define STORY_PHASES 4

struct story {
    bool with_import;
    enum story_phase phase; /* where it stopped */
    uint64_t pages_read;    /* that were told as done */
    uint64_t records;       /* imported, that were told as added */
};

/* The day, from an open box on; -1 when the machine dies under it. */
int story_live(struct story *s, struct box_world *w, struct err *e);

/* After a restart: resume, read what waits, and what comes afterwards. */
int story_recover(struct box_world *w, struct err *e);

/* NULL if all that was told is true: everything kept is there, once, with its
 * bytes and its text, and found; nothing held or refused has become a document;
 * `verify` is content. Else what is wrong, until the next call. */
const char *story_loss(const struct story *s, struct box_world *w);

#endif
