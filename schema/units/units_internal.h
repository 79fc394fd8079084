/* What the files of units.h share. Rows are sorted by level, code and time, so the rows of
 * a code are neighbours, and a code is known by its first row. */
#ifndef TRAM_SCHEMA_UNITS_UNITS_INTERNAL_H
#define TRAM_SCHEMA_UNITS_UNITS_INTERNAL_H

#include "base/buffer.h"
#include "schema/units/units.h"

#define NO_ROW           UINT32_MAX
#define NO_ACT           UINT16_MAX
#define UNIT_KEY_BYTES   160 /* folded letters of a name, with the NUL */
#define UNIT_NAME_BYTES  128
#define UNIT_ROWS_MAX    60000
#define UNIT_ACTS_MAX    1000
#define UNIT_ALIASES_MAX 2000
#define UNIT_INTO_MAX    16 /* what one unit became */
#define UNIT_DAY_FOREVER 99999999u

struct unit_row {
    uint32_t name; /* in `pool` */
    uint32_t code;
    uint32_t parent; /* first row of the parent's code, or NO_ROW */
    uint32_t into;   /* in `into`: first rows of codes */
    uint16_t begun, ended;
    uint8_t level, kind, into_count;
};

struct unit_entry {
    uint32_t key, text; /* in `pool`: folded letters; the name they came from */
    uint32_t row;
};

struct units {
    struct buffer pool; /* NUL-terminated texts */
    struct unit_row *rows;
    size_t count;
    uint32_t *into;
    size_t into_count;
    struct unit_entry *entries; /* sorted by key, then row */
    size_t entries_count;
    uint32_t *words; /* in `pool`, sorted, each once */
    size_t words_count;
    struct unit_act *acts;
    uint16_t acts_count;
    uint32_t known_since;
};

/* Letters of a text run together, "Ea H'Leo" is eahleo, a number without its leading
 * zeros. False when there are none, or more than UNIT_KEY_BYTES hold. */
bool unit_key(const char *text, size_t bytes, bool exact, char key[UNIT_KEY_BYTES]);

static inline const char *unit_text(const struct units *u, uint32_t at)
{
    return (const char *)u->pool.bytes + at;
}

static inline uint32_t unit_from(const struct units *u, const struct unit_row *r)
{
    return r->begun == NO_ACT ? 0 : u->acts[r->begun].date;
}

/* The first day on which it is no more. */
static inline uint32_t unit_until(const struct units *u, const struct unit_row *r)
{
    return r->ended == NO_ACT ? UNIT_DAY_FOREVER : u->acts[r->ended].date;
}

static inline bool unit_any_time(struct unit_when when)
{
    return when.first == 0 && when.last == 0;
}

static inline bool unit_lives(const struct units *u, const struct unit_row *r,
                              struct unit_when when)
{
    return unit_any_time(when) ||
           (unit_from(u, r) <= when.last && unit_until(u, r) > when.first);
}

static inline bool unit_same_code(const struct unit_row *a, const struct unit_row *b)
{
    return a->level == b->level && a->code == b->code;
}

/* The first row of the code, or NO_ROW. */
uint32_t unit_first_row(const struct units *u, uint8_t level, uint32_t code);

/* Names, words and aliases into the index; the rows are there. units_names.c */
int units_index(struct units *u, const struct units_text *aliases, struct err *e);

/* "00004": its level and number. */
bool unit_code_read(const char *at, size_t bytes, uint8_t *level, uint32_t *code);

#endif
