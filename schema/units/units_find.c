#include <string.h>

#include "schema/units/units_internal.h"
#include "schema/units/units_parts.h"

#define CANDIDATES_MAX 1024 /* "Phường 1" has some hundred */

/* Rows, rising. */
struct candidates {
    uint32_t rows[CANDIDATES_MAX];
    size_t count;
};

/* What may be overlooked when nothing fits as it is written. */
struct leniency {
    bool kind, time;
};

struct finding {
    const struct units *u;
    struct unit_when when;
    struct parts parts;
    bool accented;                    /* somewhere: else letters alone must do */
    struct candidates any[PARTS_MAX]; /* each part's, of any time */
    struct unit_answer *out;
};

static size_t entries_from(const struct units *u, const char *key)
{
    size_t low = 0, high = u->entries_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(unit_text(u, u->entries[middle].key), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool entry_has(const struct units *u, size_t i, const char *key)
{
    return i < u->entries_count && strcmp(unit_text(u, u->entries[i].key), key) == 0;
}

static bool reading_known(void *arg, const struct reading *r)
{
    const struct units *u = arg;

    for (size_t i = entries_from(u, r->key); entry_has(u, i, r->key); i++)
        if (r->kinds == 0 || (r->kinds >> u->rows[u->entries[i].row].kind & 1) != 0)
            return true;
    return false;
}

/* Keeps it rising, each once. */
static void candidate_add(struct candidates *c, uint32_t row)
{
    size_t at = c->count;

    while (at > 0 && c->rows[at - 1] > row)
        at--;
    if ((at > 0 && c->rows[at - 1] == row) || c->count == CANDIDATES_MAX)
        return;
    memmove(c->rows + at + 1, c->rows + at, (c->count - at) * sizeof *c->rows);
    c->rows[at] = row;
    c->count++;
}

static bool candidates_have(const struct candidates *c, uint32_t row)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->rows[middle] == row)
            return true;
        if (c->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A kind's level, as bits of kinds: xã may be phường, huyện may be quận. */
static uint16_t kinds_alike(uint16_t kinds)
{
    static const uint16_t levels[] = {
        1 << UNIT_TINH | 1 << UNIT_THANH_PHO,
        1 << UNIT_QUAN | 1 << UNIT_HUYEN | 1 << UNIT_THI_XA | 1 << UNIT_THANH_PHO,
        1 << UNIT_XA | 1 << UNIT_PHUONG | 1 << UNIT_THI_TRAN | 1 << UNIT_DAC_KHU,
    };
    uint16_t alike = kinds;

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if ((kinds & levels[i]) != 0)
            alike |= levels[i];
    return alike;
}

/* A part's rows. With accents in it, those written exactly so, if there are any. */
static void candidates_of(const struct finding *f, const struct part *part,
                          struct leniency lenient, bool exact, struct candidates *out)
{
    const struct units *u = f->u;
    char key[UNIT_KEY_BYTES];

    out->count = 0;
    for (size_t n = 0; n < part->readings_count; n++) {
        const struct reading *r = &part->readings[n];
        uint16_t kinds = lenient.kind ? kinds_alike(r->kinds) : r->kinds;

        /* The whole as a name stands behind the readings that take a kind off. */
        if (r->kinds == 0 && part->has_kind && out->count > 0)
            break;
        for (size_t i = entries_from(u, r->key); entry_has(u, i, r->key); i++) {
            const struct unit_entry *entry = &u->entries[i];
            const struct unit_row *row = &u->rows[entry->row];
            const char *name = unit_text(u, entry->text);

            if ((kinds != 0 && (kinds >> row->kind & 1) == 0) ||
                (!lenient.time && !unit_lives(u, row, f->when)))
                continue;
            if (exact &&
                (!unit_key(name, strlen(name), true, key) || strcmp(key, r->exact) != 0))
                continue;
            candidate_add(out, entry->row);
        }
    }
}

/* Whether the units that the parts from `part` on name hold `row`, on days of its life: in
 * turn, each holding the one before, or, not `strict`, each of them somehow, as one may be
 * named twice. A part of which nobody knows says nothing. */
static bool held(const struct finding *f, uint32_t row, size_t part, bool strict)
{
    const struct units *u = f->u;
    const struct unit_row *r = &u->rows[row];
    struct unit_when lived = {unit_from(u, r), unit_until(u, r) - 1};

    while (part < f->parts.count && f->any[part].count == 0)
        part++;
    if (part == f->parts.count)
        return true;
    if (!strict && candidates_have(&f->any[part], row) && held(f, row, part + 1, strict))
        return true;
    if (r->parent == NO_ROW)
        return false;
    for (uint32_t i = r->parent;
         i < u->count && unit_same_code(&u->rows[i], &u->rows[r->parent]); i++) {
        bool here = candidates_have(&f->any[part], i);

        if (unit_lives(u, &u->rows[i], lived) &&
            ((here && held(f, i, part + 1, strict)) || held(f, i, part, strict)))
            return true;
    }
    return false;
}

/* Leaves those that lie in what later parts name; false when none does. */
static bool parents_agree(const struct finding *f, size_t part, struct candidates *c)
{
    for (int strict = 1; strict >= 0; strict--) {
        struct candidates kept = {.count = 0};

        for (size_t i = 0; i < c->count; i++)
            if (held(f, c->rows[i], part + 1, strict != 0))
                kept.rows[kept.count++] = c->rows[i];
        if (kept.count > 0 || strict == 0)
            *c = kept;
        if (kept.count > 0)
            return true;
    }
    return false;
}

/* Of one code's rows of several times the last is enough. */
static void candidates_thin(const struct units *u, struct candidates *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++)
        if (i + 1 == c->count ||
            !unit_same_code(&u->rows[c->rows[i]], &u->rows[c->rows[i + 1]]))
            c->rows[kept++] = c->rows[i];
    c->count = kept;
}

static void answer(const struct finding *f, const struct candidates *c,
                   struct leniency lenient, bool exact)
{
    struct unit_answer *out = f->out;

    out->found = c->count == 1 ? UNIT_ONE : UNIT_SEVERAL;
    out->total = c->count;
    for (size_t i = 0; i < c->count && i < UNIT_ANSWERS_MAX; i++)
        units_get(f->u, c->rows[i], &out->units[out->count++]);
    out->folded = !exact;
    out->other_kind = lenient.kind;
    out->other_time = lenient.time;
}

static void step_find(const struct finding *f, size_t part, struct leniency lenient,
                      bool exact, struct candidates *out)
{
    candidates_of(f, &f->parts.all[part], lenient, exact, out);
    if (parents_agree(f, part, out) && (lenient.time || unit_any_time(f->when)))
        candidates_thin(f->u, out);
}

/* One part as the smallest unit of the address: exactly as written first, then with less
 * and less of it. Without a word for its kind it may be a street: no guessing there. */
static bool part_find(const struct finding *f, size_t i)
{
    static const struct leniency ladder[] = {
        {false, false}, {false, true}, {true, false}, {true, true}};
    const struct part *part = &f->parts.all[i];
    size_t steps = part->has_kind ? 4 : 2;
    struct candidates exact, folded;

    for (size_t k = 0; k < steps; k++) {
        if (ladder[k].time && unit_any_time(f->when))
            continue;
        step_find(f, i, ladder[k], true, &exact);
        step_find(f, i, ladder[k], false, &folded);
        if (folded.count == 0)
            continue;
        if (f->accented && exact.count > 0)
            folded = exact;
        answer(f, &folded, ladder[k], folded.count == exact.count);
        return true;
    }
    return false;
}

/* Which rows later parts may mean, whenever: they only have to hold the smaller ones. */
static void parents_gather(struct finding *f)
{
    for (size_t i = 0; i < f->parts.count; i++) {
        const struct part *part = &f->parts.all[i];

        f->accented = f->accented || part->accented;
        for (int step = 0; step < 4 && f->any[i].count == 0; step++)
            candidates_of(f, part, (struct leniency){step > 1, true},
                          step % 2 == 0 && part->accented, &f->any[i]);
    }
}

void units_find(const struct units *u, const char *text, struct unit_when when,
                struct unit_answer *out)
{
    struct finding f = {.u = u, .when = when, .out = out};

    *out = (struct unit_answer){.found = UNIT_UNKNOWN};
    out->before_known = !unit_any_time(when) && when.first < u->known_since;
    parts_cut(&f.parts, text, reading_known, (void *)u);
    parents_gather(&f);
    for (size_t i = 0; i < f.parts.count; i++) {
        const struct part *part = &f.parts.all[i];

        if (part_find(&f, i))
            return;
        if (part->has_kind && out->unknown_bytes == 0) {
            out->unknown_at = part->at;
            out->unknown_bytes = part->bytes;
        }
    }
}
