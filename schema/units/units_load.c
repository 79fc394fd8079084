#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "schema/units/table.h"
#include "schema/units/units_internal.h"

EMBED(units_acts_tsv, "schema/units/acts.tsv");
EMBED(units_units_tsv, "schema/units/units.tsv");
EMBED(units_aliases_tsv, "schema/units/aliases.tsv");

#define POOL_BYTES_MAX (8u << 20)

/* acts.tsv */
enum { ACT_KEY, ACT_DATE, ACT_MARK, ACT_MAP, ACT_NAME, ACT_CELLS };
/* units.tsv */
enum { AT_CODE, AT_KIND, AT_NAME, AT_PARENT, AT_BEGUN, AT_ENDED, AT_INTO, UNIT_CELLS };

/* What is needed only while it is loaded. */
struct loading {
    struct units *u;
    struct table t;
    struct act_places { /* in the pool, which moves while it grows */
        uint32_t key, name, mark, map;
    } places[UNIT_ACTS_MAX];
    size_t rows_room, into_room;
    struct err *e;
};

static const struct {
    const char *word;
    enum unit_kind kind;
    uint8_t levels; /* bits */
} kinds[] = {
    {"tinh", UNIT_TINH, 1 << UNIT_PROVINCE},
    {"tp", UNIT_THANH_PHO, 1 << UNIT_PROVINCE | 1 << UNIT_DISTRICT},
    {"q", UNIT_QUAN, 1 << UNIT_DISTRICT},
    {"h", UNIT_HUYEN, 1 << UNIT_DISTRICT},
    {"tx", UNIT_THI_XA, 1 << UNIT_DISTRICT},
    {"x", UNIT_XA, 1 << UNIT_COMMUNE},
    {"p", UNIT_PHUONG, 1 << UNIT_COMMUNE},
    {"tt", UNIT_THI_TRAN, 1 << UNIT_COMMUNE},
    {"dk", UNIT_DAC_KHU, 1 << UNIT_COMMUNE},
};

bool unit_code_read(const char *at, size_t bytes, uint8_t *level, uint32_t *code)
{
    if (bytes != 2 && bytes != 3 && bytes != 5)
        return false;
    *level = bytes == 2 ? UNIT_PROVINCE : bytes == 3 ? UNIT_DISTRICT : UNIT_COMMUNE;
    return cell_number((struct cell){at, bytes}, code);
}

static uint32_t pool_add(struct loading *l, struct cell c)
{
    uint32_t at = (uint32_t)l->u->pool.count;

    buffer_append(&l->u->pool, c.at, c.bytes);
    buffer_append_byte(&l->u->pool, 0);
    return at;
}

/* Doubles an array; the old one stays when there is no memory. */
static int grow(void **array, size_t *room, size_t item_bytes, struct err *e)
{
    size_t more = *room == 0 ? 1024 : *room * 2;
    void *bigger = realloc(*array, more * item_bytes);

    if (bigger == NULL)
        return err_set(e, ERR_MEMORY, "units: no memory");
    *array = bigger;
    *room = more;
    return 0;
}

/* "2025-07-01" */
static bool day_read(struct cell c, uint32_t *day)
{
    uint32_t year, month, date;

    if (c.bytes != 10 || c.at[4] != '-' || c.at[7] != '-' ||
        !cell_number((struct cell){c.at, 4}, &year) ||
        !cell_number((struct cell){c.at + 5, 2}, &month) ||
        !cell_number((struct cell){c.at + 8, 2}, &date))
        return false;
    *day = year * 10000 + month * 100 + date;
    return year >= 1800 && month >= 1 && month <= 12 && date >= 1 && date <= 31;
}

static bool act_find(const struct loading *l, struct cell key, uint16_t *out)
{
    *out = NO_ACT;
    if (cell_is(key, "-"))
        return true;
    for (uint16_t i = 0; i < l->u->acts_count; i++)
        if (cell_is(key, unit_text(l->u, l->places[i].key)))
            *out = i;
    return *out != NO_ACT;
}

static bool is_mark(struct cell c)
{
    return cell_is(c, "V") || cell_is(c, "V2") || cell_is(c, "U");
}

static int act_take(struct loading *l)
{
    struct units *u = l->u;
    struct cell *c = l->t.cells;
    uint32_t day;
    uint16_t there;

    if (!day_read(c[ACT_DATE], &day))
        return table_refuse(&l->t, l->e, "a date is YYYY-MM-DD");
    if (!is_mark(c[ACT_MARK]) || !is_mark(c[ACT_MAP]))
        return table_refuse(&l->t, l->e, "a mark is V, V2 or U");
    if (c[ACT_KEY].bytes == 0 || c[ACT_NAME].bytes == 0)
        return table_refuse(&l->t, l->e, "key or name is missing");
    if (cell_is(c[ACT_KEY], "-")) {
        u->known_since = day;
        return 0;
    }
    if (act_find(l, c[ACT_KEY], &there))
        return table_refuse(&l->t, l->e, "key %.*s is there already",
                            (int)c[ACT_KEY].bytes, c[ACT_KEY].at);
    if (u->acts_count == UNIT_ACTS_MAX)
        return table_refuse(&l->t, l->e, "more than %d acts", UNIT_ACTS_MAX);
    l->places[u->acts_count] =
        (struct act_places){pool_add(l, c[ACT_KEY]), pool_add(l, c[ACT_NAME]),
                            pool_add(l, c[ACT_MARK]), pool_add(l, c[ACT_MAP])};
    u->acts[u->acts_count++].date = day;
    return 0;
}

static bool kind_read(struct cell c, uint8_t level, uint8_t *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!cell_is(c, kinds[i].word))
            continue;
        *kind = (uint8_t)kinds[i].kind;
        return (kinds[i].levels >> level & 1) != 0;
    }
    return false;
}

static int row_order(const struct unit_row *a, const struct unit_row *b)
{
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    return a->code < b->code ? -1 : a->code > b->code;
}

/* Its place behind the row before it: sorted, and one at a time of each code. */
static int check_order(struct loading *l, const struct unit_row *row)
{
    const struct units *u = l->u;
    const struct unit_row *before = u->count == 0 ? NULL : &u->rows[u->count - 1];
    int order = before == NULL ? -1 : row_order(before, row);

    if (unit_from(u, row) >= unit_until(u, row))
        return table_refuse(&l->t, l->e, "ended before it began");
    if (order > 0)
        return table_refuse(&l->t, l->e, "not sorted by level and code");
    if (order == 0 && unit_until(u, before) > unit_from(u, row))
        return table_refuse(&l->t, l->e, "two at once of one code");
    return 0;
}

/* Parents and successors are codes yet: those of communes come later in the file. */
static int into_take(struct loading *l, struct unit_row *row)
{
    struct cell c = l->t.cells[AT_INTO];
    struct units *u = l->u;

    row->into = (uint32_t)u->into_count;
    if (cell_is(c, "-"))
        return 0;
    for (const char *at = c.at, *end = c.at + c.bytes; at <= end;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        const char *stop = space == NULL ? end : space;
        uint32_t code;
        uint8_t level;

        if (!unit_code_read(at, (size_t)(stop - at), &level, &code))
            return table_refuse(&l->t, l->e, "what it became are codes");
        if (row->into_count == UNIT_INTO_MAX)
            return table_refuse(&l->t, l->e, "became more than %d", UNIT_INTO_MAX);
        if (u->into_count == l->into_room &&
            grow((void **)&u->into, &l->into_room, sizeof *u->into, l->e) != 0)
            return -1;
        u->into[u->into_count++] = (uint32_t)level << 24 | code;
        row->into_count++;
        at = stop + 1;
    }
    return row->ended == NO_ACT ? table_refuse(&l->t, l->e, "became others, but is there")
                                : 0;
}

static int row_take(struct loading *l)
{
    struct units *u = l->u;
    struct cell *c = l->t.cells;
    struct unit_row row = {.parent = NO_ROW};
    uint8_t parent_level;

    if (!unit_code_read(c[AT_CODE].at, c[AT_CODE].bytes, &row.level, &row.code))
        return table_refuse(&l->t, l->e, "a code is 2, 3 or 5 digits");
    if (!kind_read(c[AT_KIND], row.level, &row.kind))
        return table_refuse(&l->t, l->e, "no such kind at this level");
    if (c[AT_NAME].bytes == 0 || c[AT_NAME].bytes >= UNIT_NAME_BYTES)
        return table_refuse(&l->t, l->e, "a name has 1 to %d bytes", UNIT_NAME_BYTES - 1);
    if (!act_find(l, c[AT_BEGUN], &row.begun) || !act_find(l, c[AT_ENDED], &row.ended))
        return table_refuse(&l->t, l->e, "no such act");
    if (row.level != UNIT_PROVINCE) {
        if (!unit_code_read(c[AT_PARENT].at, c[AT_PARENT].bytes, &parent_level,
                            &row.parent) ||
            parent_level >= row.level)
            return table_refuse(&l->t, l->e, "its parent is of a higher level");
        row.parent = unit_first_row(u, parent_level, row.parent);
        if (row.parent == NO_ROW)
            return table_refuse(&l->t, l->e, "no such parent");
    } else if (!cell_is(c[AT_PARENT], "-")) {
        return table_refuse(&l->t, l->e, "a province has no parent");
    }
    if (check_order(l, &row) != 0 || into_take(l, &row) != 0)
        return -1;
    if (u->count == UNIT_ROWS_MAX)
        return table_refuse(&l->t, l->e, "more than %d units", UNIT_ROWS_MAX);
    if (u->count == l->rows_room &&
        grow((void **)&u->rows, &l->rows_room, sizeof *u->rows, l->e) != 0)
        return -1;
    row.name = pool_add(l, c[AT_NAME]);
    u->rows[u->count++] = row;
    return 0;
}

static int lines_take(struct loading *l, const struct units_text *text, size_t cells,
                      int (*take)(struct loading *l))
{
    bool more;

    table_init(&l->t, text->name, text->text, text->bytes);
    for (;;) {
        if (table_next(&l->t, cells, &more, l->e) != 0)
            return -1;
        if (!more)
            return 0;
        if (take(l) != 0)
            return -1;
    }
}

/* Whether the days from `from` to before `until` are covered by rows of that code. */
static bool covered(const struct units *u, uint32_t first, uint32_t from, uint32_t until)
{
    for (uint32_t i = first; i < u->count && unit_same_code(&u->rows[i], &u->rows[first]);
         i++)
        if (unit_from(u, &u->rows[i]) <= from && unit_until(u, &u->rows[i]) > from)
            from = unit_until(u, &u->rows[i]);
    return from >= until;
}

static int refuse_row(const struct loading *l, const struct unit_row *r, const char *why)
{
    return err_set(l->e, ERR_REFUSED, "%s: %0*u %s: %s", l->t.name,
                   r->level == UNIT_PROVINCE   ? 2
                   : r->level == UNIT_DISTRICT ? 3
                                               : 5,
                   (unsigned)r->code, unit_text(l->u, r->name), why);
}

/* What only the whole table can tell: no unit without a parent on any of its days, and
 * what units became was there on the day. */
static int check_whole(struct loading *l)
{
    struct units *u = l->u;

    if (u->count == 0)
        return err_set(l->e, ERR_REFUSED, "%s: no units in it", l->t.name);
    for (size_t i = 0; i < u->count; i++) {
        const struct unit_row *r = &u->rows[i];
        uint32_t until = unit_until(u, r);

        if (r->parent != NO_ROW && !covered(u, r->parent, unit_from(u, r), until))
            return refuse_row(l, r, "its parent was not there all the time");
        for (uint32_t k = r->into; k < r->into + r->into_count; k++) {
            uint32_t first =
                unit_first_row(u, (uint8_t)(u->into[k] >> 24), u->into[k] & 0xffffff);

            if (first == NO_ROW || !covered(u, first, until, until + 1))
                return refuse_row(l, r, "what it became was not there on the day");
            u->into[k] = first;
        }
    }
    return 0;
}

/* The pool stands still now. */
static void acts_settle(struct loading *l)
{
    for (uint16_t i = 0; i < l->u->acts_count; i++) {
        l->u->acts[i].name = unit_text(l->u, l->places[i].name);
        l->u->acts[i].mark = unit_text(l->u, l->places[i].mark);
        l->u->acts[i].map = unit_text(l->u, l->places[i].map);
    }
}

struct units_texts units_own(void)
{
    return (struct units_texts){
        .acts = {"acts.tsv", units_acts_tsv, units_acts_tsv_bytes},
        .units = {"units.tsv", units_units_tsv, units_units_tsv_bytes},
        .aliases = {"aliases.tsv", units_aliases_tsv, units_aliases_tsv_bytes}};
}

int units_create(struct units **out, const struct units_texts *texts, struct err *e)
{
    struct loading *l = calloc(1, sizeof *l);
    struct units *u = calloc(1, sizeof *u);
    int rc = -1;

    *out = NULL;
    if (l == NULL || u == NULL ||
        (u->acts = calloc(UNIT_ACTS_MAX, sizeof *u->acts)) == NULL) {
        (void)err_set(e, ERR_MEMORY, "units: no memory");
        goto out;
    }
    buffer_init(&u->pool, POOL_BYTES_MAX);
    l->u = u;
    l->e = e;
    if (lines_take(l, &texts->acts, ACT_CELLS, act_take) != 0 ||
        lines_take(l, &texts->units, UNIT_CELLS, row_take) != 0 || check_whole(l) != 0 ||
        units_index(u, &texts->aliases, e) != 0)
        goto out;
    acts_settle(l);
    *out = u;
    u = NULL;
    rc = 0;
out:
    free(l);
    units_destroy(u);
    return rc;
}

void units_destroy(struct units *u)
{
    if (u == NULL)
        return;
    buffer_release(&u->pool);
    free(u->rows);
    free(u->into);
    free(u->entries);
    free(u->words);
    free(u->acts);
    free(u);
}
