/* Fuzz: the tables of units as a fleet's configuration may bring them, and an address as a
 * paper may have it. A table that is taken holds together: parents, codes, what became. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/units/identity_prefixes.h"
#include "schema/units/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

#define ACTS "-\t2019-01-01\tV\tU\tO\na\t2020-01-01\tV\tU\tA\nb\t2025-07-01\tV2\tV2\tB\n"
#define UNITS                                                                            \
    "01\ttinh\tMột\t-\t-\t-\t-\n001\th\tHai\t01\t-\tb\t-\n"                            \
    "00001\tx\tEa H'Leo\t001\t-\tb\t00001\n00001\tp\tBa\t01\tb\t-\t-\n"

static struct units *own;

static int check_unit(void *arg, const struct unit *unit)
{
    const struct units *u = arg;
    struct unit other, several[4];
    struct unit_when first = {unit->from, unit->from};

    assert(unit->name[0] != '\0' && unit->row < units_count(u));
    if (unit->level != UNIT_PROVINCE)
        assert(units_parent(u, unit, first, &other) && other.level < unit->level);
    if (unit->from != 0)
        assert(units_by_code(u, unit->code, first, &other) && other.row == unit->row);
    if (unit->to == 0)
        assert(units_successors(u, unit, several, 4) == 0);
    (void)units_in_place_of(u, unit, 20300101, several, 4);
    return 0;
}

static void check_table(const char *acts, const char *units, const char *aliases,
                        const char *text)
{
    struct units_texts texts = {{"a", acts, strlen(acts)},
                                {"u", units, strlen(units)},
                                {"n", aliases, strlen(aliases)}};
    struct unit_answer answer;
    struct units *u;
    struct err e;

    if (units_create(&u, &texts, &e) != 0) {
        assert(u == NULL && e.code == ERR_REFUSED);
        return;
    }
    assert(units_each(u, (struct unit_when){0, 0}, check_unit, u) == 0);
    units_find(u, text, (struct unit_when){20240101, 20241231}, &answer);
    units_destroy(u);
}

static void check_address(const char *text)
{
    static const struct unit_when times[] = {
        {0, 0}, {20240101, 20241231}, {20260101, 20260101}};
    struct unit_answer answer;
    struct unit_when when;

    (void)unit_when_read(text, &when);
    (void)units_have_word(own, text);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        units_find(own, text, times[i], &answer);
        assert(answer.count <= UNIT_ANSWERS_MAX && answer.count <= answer.total);
        assert((answer.found == UNIT_UNKNOWN) == (answer.count == 0));
        assert((answer.found == UNIT_ONE) == (answer.total == 1));
        assert(answer.unknown_at + answer.unknown_bytes <= strlen(text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct units_texts texts = units_own();
    struct identity_prefixes *prefixes;
    char *text = malloc(count + 1);
    struct err e;

    if (text == NULL || (own == NULL && units_create(&own, &texts, &e) != 0))
        abort();
    memcpy(text, bytes, count);
    text[count] = '\0';
    check_table(ACTS, text, "", "xã Một");
    check_table(text, UNITS, "", "xã Một");
    check_table(ACTS, UNITS, text, "Uno");
    check_table(ACTS, UNITS, "Uno\t01\n", text);
    check_address(text);
    if (identity_prefixes_create(&prefixes, "p", text, count, &e) == 0)
        identity_prefixes_destroy(prefixes);
    free(text);
    return 0;
}
