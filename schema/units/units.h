/* Units: Vietnam's provinces, districts and communes, each with the time when it was in
 * force, what it became, and the way from the words of a paper to it.
 *
 * A unit here is a row: a code with one kind, name and parent for one span of time. Codes
 * are used again (24 was Bắc Giang, is Bắc Ninh), so a code needs a date, and a parent is
 * asked for at a date. Districts (quận, huyện, thị xã, thành phố thuộc tỉnh) end on
 * 01/07/2025. The table knows changes since units_known_since(); its first units have no
 * beginning and answer for every earlier date too, which may be wrong.
 *
 * Nothing here changes a name: a paper keeps what it says, and a place that is not found
 * is a warning (place_unknown). README.md names the sources, and what is how sure.
 *
 * Immutable once made, so any number of threads may ask. What it hands out points into
 * it and lives as long. */
#ifndef TRAM_SCHEMA_UNITS_UNITS_H
#define TRAM_SCHEMA_UNITS_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum unit_level { UNIT_PROVINCE, UNIT_DISTRICT, UNIT_COMMUNE };

enum unit_kind {
    UNIT_TINH,
    UNIT_THANH_PHO, /* of a province's or of a district's level */
    UNIT_QUAN,
    UNIT_HUYEN,
    UNIT_THI_XA,
    UNIT_XA,
    UNIT_PHUONG,
    UNIT_THI_TRAN,
    UNIT_DAC_KHU,
    UNIT_KINDS
};

/* Days are numbers like 20250701; 0 is none. */
struct unit_act {
    const char *name; /* "Nghị quyết 1656/NQ-UBTVQH15" */
    uint32_t date;    /* in force from */
    const char *mark; /* V, V2 or U: how sure the change and its date are */
    const char *map;  /* the same, of what the units became */
};

struct unit {
    uint32_t row; /* names it within its table */
    char code[6]; /* 2 digits: province, 3: district, 5: commune */
    enum unit_level level;
    enum unit_kind kind;
    const char *name;             /* without its kind */
    uint32_t from, to;            /* first day; day on which it was no more; 0: open */
    const struct unit_act *begun; /* NULL when `from` is 0 */
    const struct unit_act *ended; /* NULL when `to` is 0 */
};

/* Days of which any will do: a paper says "1975" or "03/2025". {0, 0} is any time. */
struct unit_when {
    uint32_t first, last;
};

/* "12/03/2024", "3/2024", "2024", "2024-03-12"; false when it is none of these. Days are
 * not checked against the calendar. */
bool unit_when_read(const char *text, struct unit_when *out);

struct units;

struct units_text {
    const char *name; /* the file's, for messages */
    const char *text;
    size_t bytes;
};

/* As the fleet's configuration may replace them. All or nothing: ERR_REFUSED names file,
 * line and reason, and *out is NULL. Copies what it needs. `aliases` may have no bytes. */
struct units_texts {
    struct units_text acts, units, aliases;
};

int units_create(struct units **out, const struct units_texts *texts, struct err *e);
/* NULL is fine. */
void units_destroy(struct units *u);
/* Those that come with the program. */
struct units_texts units_own(void);

uint32_t units_known_since(const struct units *u);
size_t units_count(const struct units *u); /* of rows */
size_t units_bytes(const struct units *u); /* of memory, about */

/* --- by code ----------------------------------------------------------------------- */

void units_get(const struct units *u, uint32_t row, struct unit *out);

/* The one with the code that is in force then; of several the last. */
bool units_by_code(const struct units *u, const char *code, struct unit_when when,
                   struct unit *out);

/* At `when` as far as the unit lived then, else in its last days. */
bool units_parent(const struct units *u, const struct unit *unit, struct unit_when when,
                  struct unit *out);

/* What it became on its last day: rows in force from then. A district that ended became
 * what its communes became. Returns how many there are, and writes at most `max`; 0: it is
 * in force, or nobody knows. */
size_t units_successors(const struct units *u, const struct unit *unit, struct unit *out,
                        size_t max);

/* What is in its place on `day` (as 20260101), over as many changes as it takes. */
size_t units_in_place_of(const struct units *u, const struct unit *unit, uint32_t day,
                         struct unit *out, size_t max);

/* --- by name ----------------------------------------------------------------------- */

enum unit_found { UNIT_UNKNOWN, UNIT_ONE, UNIT_SEVERAL };

#define UNIT_ANSWERS_MAX 8

struct unit_answer {
    enum unit_found found;
    struct unit units[UNIT_ANSWERS_MAX];
    size_t count, total; /* total may be more than there is room for */
    bool folded;         /* found by letters alone: accents differ or are missing */
    bool other_kind;     /* the paper says xã, the table phường */
    bool other_time;     /* none was in force then: this one was or is at another time */
    bool before_known;   /* the date lies before the table begins */
    size_t unknown_at, unknown_bytes; /* the part of the text that names no unit there */
};

/* A name or an address, smallest unit first: "P. 1, Q.3, TP.HCM", "xã Đông La huyện Hoài Đức,
 * Hà Nội", "thon 2, xa Ea H'leo". With or without accents, kinds and their short forms.
 * Finds the smallest unit; what it lies in must agree, where it is named. */
void units_find(const struct units *u, const char *text, struct unit_when when,
                struct unit_answer *out);

/* --- for others -------------------------------------------------------------------- */

/* Whether it is a word of any unit's name; `folded` as of schema/tokenizer.h. */
bool units_have_word(const struct units *u, const char *folded);

/* Every unit that is in force at any of these days, by level and code; stops at non-zero
 * and returns it. */
int units_each(const struct units *u, struct unit_when when,
               int (*each)(void *arg, const struct unit *unit), void *arg);

/* "xã", "thành phố"… */
const char *unit_kind_name(enum unit_kind kind);

#endif
