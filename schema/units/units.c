#include "schema/units/units.h"

#include <stdio.h>
#include <string.h>

#include "schema/units/units_internal.h"

/* A chain of changes is short; a table that leads in a circle must end too. */
#define CHANGES_MAX 16

uint32_t units_known_since(const struct units *u)
{
    return u->known_since;
}

size_t units_count(const struct units *u)
{
    return u->count;
}

size_t units_bytes(const struct units *u)
{
    return u->pool.capacity + u->count * sizeof *u->rows +
           u->into_count * sizeof *u->into + u->entries_count * sizeof *u->entries +
           u->words_count * sizeof *u->words + UNIT_ACTS_MAX * sizeof *u->acts;
}

const char *unit_kind_name(enum unit_kind kind)
{
    static const char *const names[UNIT_KINDS] = {
        [UNIT_TINH] = "tỉnh",       [UNIT_THANH_PHO] = "thành phố",
        [UNIT_QUAN] = "quận",       [UNIT_HUYEN] = "huyện",
        [UNIT_THI_XA] = "thị xã",   [UNIT_XA] = "xã",
        [UNIT_PHUONG] = "phường",   [UNIT_THI_TRAN] = "thị trấn",
        [UNIT_DAC_KHU] = "đặc khu",
    };

    return names[kind];
}

void units_get(const struct units *u, uint32_t row, struct unit *out)
{
    static const int digits[] = {
        [UNIT_PROVINCE] = 2, [UNIT_DISTRICT] = 3, [UNIT_COMMUNE] = 5};
    const struct unit_row *r = &u->rows[row];

    *out = (struct unit){.row = row,
                         .level = (enum unit_level)r->level,
                         .kind = (enum unit_kind)r->kind,
                         .name = unit_text(u, r->name)};
    (void)snprintf(out->code, sizeof out->code, "%0*u", digits[r->level],
                   (unsigned)(r->code % 100000));
    if (r->begun != NO_ACT)
        out->begun = &u->acts[r->begun];
    if (r->ended != NO_ACT)
        out->ended = &u->acts[r->ended];
    out->from = out->begun == NULL ? 0 : out->begun->date;
    out->to = out->ended == NULL ? 0 : out->ended->date;
}

uint32_t unit_first_row(const struct units *u, uint8_t level, uint32_t code)
{
    size_t low = 0, high = u->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct unit_row *r = &u->rows[middle];

        if (r->level < level || (r->level == level && r->code < code))
            low = middle + 1;
        else
            high = middle;
    }
    return low < u->count && u->rows[low].level == level && u->rows[low].code == code
               ? (uint32_t)low
               : NO_ROW;
}

/* The last row of the code, of those from `first` on, that lives then; or NO_ROW. */
static uint32_t last_living(const struct units *u, uint32_t first, struct unit_when when)
{
    uint32_t found = NO_ROW;

    for (uint32_t i = first; i < u->count && unit_same_code(&u->rows[i], &u->rows[first]);
         i++)
        if (unit_lives(u, &u->rows[i], when))
            found = i;
    return found;
}

bool units_by_code(const struct units *u, const char *code, struct unit_when when,
                   struct unit *out)
{
    uint32_t number, row;
    uint8_t level;

    if (!unit_code_read(code, strlen(code), &level, &number))
        return false;
    row = unit_first_row(u, level, number);
    if (row != NO_ROW)
        row = last_living(u, row, when);
    if (row == NO_ROW)
        return false;
    units_get(u, row, out);
    return true;
}

/* The days of `when` on which the row lived; its last day when there is none. */
static struct unit_when when_within(const struct units *u, const struct unit_row *r,
                                    struct unit_when when)
{
    uint32_t from = unit_from(u, r), last = unit_until(u, r) - 1;

    if (unit_any_time(when) || !unit_lives(u, r, when))
        return (struct unit_when){last, last};
    return (struct unit_when){when.first > from ? when.first : from,
                              when.last < last ? when.last : last};
}

bool units_parent(const struct units *u, const struct unit *unit, struct unit_when when,
                  struct unit *out)
{
    const struct unit_row *r = &u->rows[unit->row];
    uint32_t row;

    if (r->parent == NO_ROW)
        return false;
    row = last_living(u, r->parent, when_within(u, r, when));
    if (row == NO_ROW)
        return false;
    units_get(u, row, out);
    return true;
}

/* Rows found so far, each once. */
struct found {
    const struct units *u;
    struct unit *out;
    size_t max, total;
    uint32_t rows[256];
};

static void found_add(struct found *f, uint32_t row)
{
    for (size_t i = 0; i < f->total; i++)
        if (f->rows[i] == row)
            return;
    if (row == NO_ROW || f->total == sizeof f->rows / sizeof f->rows[0])
        return;
    f->rows[f->total] = row;
    if (f->total < f->max)
        units_get(f->u, row, &f->out[f->total]);
    f->total++;
}

static void into_add(struct found *f, const struct unit_row *r)
{
    uint32_t day = unit_until(f->u, r);

    for (uint32_t k = r->into; k < r->into + r->into_count; k++)
        found_add(f, last_living(f->u, f->u->into[k], (struct unit_when){day, day}));
}

/* A district that ended and left it to its communes. */
static void communes_into_add(struct found *f, uint32_t row)
{
    const struct units *u = f->u;
    uint32_t first = row;

    while (first > 0 && unit_same_code(&u->rows[first - 1], &u->rows[row]))
        first--;
    for (uint32_t i = 0; i < u->count; i++)
        if (u->rows[i].parent == first && u->rows[i].ended != NO_ACT &&
            unit_until(u, &u->rows[i]) == unit_until(u, &u->rows[row]))
            into_add(f, &u->rows[i]);
}

static void successors_add(struct found *f, uint32_t row)
{
    const struct unit_row *r = &f->u->rows[row];

    if (r->ended == NO_ACT)
        return;
    if (r->into_count > 0)
        into_add(f, r);
    else if (r->level == UNIT_DISTRICT)
        communes_into_add(f, row);
}

size_t units_successors(const struct units *u, const struct unit *unit, struct unit *out,
                        size_t max)
{
    struct found f = {.u = u, .out = out, .max = max};

    successors_add(&f, unit->row);
    return f.total;
}

size_t units_in_place_of(const struct units *u, const struct unit *unit, uint32_t day,
                         struct unit *out, size_t max)
{
    struct found now = {.u = u}, next, ends = {.u = u, .out = out, .max = max};

    found_add(&now, unit->row);
    for (int change = 0; change < CHANGES_MAX && now.total > 0; change++) {
        next = (struct found){.u = u};
        for (size_t i = 0; i < now.total; i++) {
            if (unit_until(u, &u->rows[now.rows[i]]) > day)
                found_add(&ends, now.rows[i]);
            else
                successors_add(&next, now.rows[i]);
        }
        now = next;
    }
    return ends.total;
}

int units_each(const struct units *u, struct unit_when when,
               int (*each)(void *arg, const struct unit *unit), void *arg)
{
    struct unit unit;
    int rc = 0;

    for (uint32_t i = 0; i < u->count && rc == 0; i++) {
        if (!unit_lives(u, &u->rows[i], when))
            continue;
        units_get(u, i, &unit);
        rc = each(arg, &unit);
    }
    return rc;
}
