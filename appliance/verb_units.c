#include "appliance/verbs.h"

#include <stdio.h>
#include <string.h>

#include "appliance/verb_io.h"
#include "schema/units/units.h"

#define NOW          99991231u /* as far as the table goes: the box's clock may be wrong */
#define BECAME_MAX   32
#define LINE_BYTES   1024
#define DAY_BYTES    16
#define LEVELS_ABOVE 2

struct asking {
    const struct units *u;
    struct verb_io *io;
    struct unit_when when;
};

/* "01/07/2025" */
static void day_write(char out[DAY_BYTES], uint32_t day)
{
    (void)snprintf(out, DAY_BYTES, "%02u/%02u/%04u", (unsigned)(day % 100),
                   (unsigned)(day / 100 % 100), (unsigned)(day / 10000));
}

/* "xã Cổ Đông, thị xã Sơn Tây, thành phố Hà Nội" */
static void name_write(char out[LINE_BYTES], const struct asking *a,
                       const struct unit *unit)
{
    struct unit above = *unit, parent;
    size_t n = (size_t)snprintf(out, LINE_BYTES, "%s %s", unit_kind_name(unit->kind),
                                unit->name);

    for (int i = 0; i < LEVELS_ABOVE && units_parent(a->u, &above, a->when, &parent);
         i++) {
        n += (size_t)snprintf(out + n, LINE_BYTES - n, ", %s %s",
                              unit_kind_name(parent.kind), parent.name);
        above = parent;
    }
}

static json_t *unit_short_json(const struct unit *unit)
{
    return json_pack("{s:s, s:s, s:s}", "code", unit->code, "kind",
                     unit_kind_name(unit->kind), "name", unit->name);
}

static json_t *act_json(const struct unit_act *act, bool map)
{
    char day[DAY_BYTES];

    if (act == NULL)
        return json_null();
    (void)snprintf(day, sizeof day, "%04u-%02u-%02u", (unsigned)(act->date / 10000),
                   (unsigned)(act->date / 100 % 100), (unsigned)(act->date % 100));
    return json_pack("{s:s, s:s, s:s, s:s*}", "date", day, "name", act->name, "mark",
                     act->mark, "map", map ? act->map : NULL);
}

static json_t *parents_json(const struct asking *a, const struct unit *unit)
{
    json_t *list = json_array();
    struct unit above = *unit, parent;

    for (int i = 0; i < LEVELS_ABOVE && units_parent(a->u, &above, a->when, &parent);
         i++) {
        (void)json_array_append_new(list, unit_short_json(&parent));
        above = parent;
    }
    return list;
}

static json_t *became_json(const struct asking *a, const struct unit *unit)
{
    json_t *list = json_array();
    struct unit became[BECAME_MAX];
    size_t count =
        unit->to == 0 ? 0 : units_in_place_of(a->u, unit, NOW, became, BECAME_MAX);

    for (size_t i = 0; i < count && i < BECAME_MAX; i++)
        (void)json_array_append_new(list, unit_short_json(&became[i]));
    return list;
}

static json_t *unit_json(const struct asking *a, const struct unit *unit)
{
    json_t *j = unit_short_json(unit);

    (void)json_object_set_new(j, "in", parents_json(a, unit));
    (void)json_object_set_new(j, "begun", act_json(unit->begun, false));
    (void)json_object_set_new(j, "ended", act_json(unit->ended, true));
    (void)json_object_set_new(j, "now", became_json(a, unit));
    return j;
}

static int answer_json(const struct asking *a, const struct unit_answer *answer,
                       const char *text)
{
    static const char *const found[] = {
        [UNIT_UNKNOWN] = "unknown", [UNIT_ONE] = "one", [UNIT_SEVERAL] = "several"};
    json_t *list = json_array();

    for (size_t i = 0; i < answer->count; i++)
        (void)json_array_append_new(list, unit_json(a, &answer->units[i]));
    return verb_json(
        a->io,
        json_pack("{s:s, s:I, s:b, s:b, s:b, s:b, s:s%, s:o}", "found",
                  found[answer->found], "total", (json_int_t)answer->total, "folded",
                  (int)answer->folded, "other_kind", (int)answer->other_kind,
                  "other_time", (int)answer->other_time, "before_known",
                  (int)answer->before_known, "unknown", text + answer->unknown_at,
                  answer->unknown_bytes, "units", list));
}

static void tell_became(const struct asking *a, const struct unit *unit)
{
    struct unit became[BECAME_MAX];
    char line[LINE_BYTES];
    size_t count = units_in_place_of(a->u, unit, NOW, became, BECAME_MAX);

    if (count == 0)
        tell(a->io, "units.now_nobody_knows", NULL, 0);
    for (size_t i = 0; i < count && i < BECAME_MAX; i++) {
        struct asking now = {.u = a->u};

        name_write(line, &now, &became[i]);
        tell(a->io, "units.now",
             (const char *const[]){became[i].code, line, unit->ended->map}, 3);
    }
}

static void tell_unit(const struct asking *a, const struct unit *unit)
{
    char line[LINE_BYTES], day[DAY_BYTES];

    name_write(line, a, unit);
    tell(a->io, "units.unit", (const char *const[]){unit->code, line}, 2);
    if (unit->begun != NULL) {
        day_write(day, unit->from);
        tell(a->io, "units.begun",
             (const char *const[]){day, unit->begun->name, unit->begun->mark}, 3);
    }
    if (unit->ended == NULL)
        return;
    day_write(day, unit->to);
    tell(a->io, "units.ended",
         (const char *const[]){day, unit->ended->name, unit->ended->mark}, 3);
    tell_became(a, unit);
}

/* What was overlooked to find it. */
static void say_doubts(const struct asking *a, const struct unit_answer *answer,
                       const char *text)
{
    char part[LINE_BYTES], since[DAY_BYTES], total[24];

    (void)snprintf(part, sizeof part, "%.*s", (int)answer->unknown_bytes,
                   text + answer->unknown_at);
    (void)snprintf(total, sizeof total, "%zu", answer->total);
    day_write(since, units_known_since(a->u));
    if (answer->found == UNIT_UNKNOWN)
        say(a->io, "units.unknown", NULL, 0);
    else if (answer->unknown_bytes > 0)
        say(a->io, "units.unknown_part", (const char *const[]){part}, 1);
    if (answer->found == UNIT_SEVERAL)
        say(a->io, "units.several", (const char *const[]){total}, 1);
    if (answer->folded)
        say(a->io, "units.folded", NULL, 0);
    if (answer->other_kind)
        say(a->io, "units.other_kind", NULL, 0);
    if (answer->other_time)
        say(a->io, "units.other_time", NULL, 0);
    if (answer->before_known)
        say(a->io, "units.before_known", (const char *const[]){since}, 1);
}

/* A code is as good as a name. */
static void find(const struct asking *a, const char *text, struct unit_answer *out)
{
    *out = (struct unit_answer){.found = UNIT_ONE, .count = 1, .total = 1};
    if (!units_by_code(a->u, text, a->when, &out->units[0]))
        units_find(a->u, text, a->when, out);
}

int verb_units(const char *dir, struct verb_io *io, int argc, char **argv)
{
    const char *date = NULL;
    const struct option_word options[] = {{"--date", &date, NULL}};
    struct units_texts texts = units_own();
    struct units *u = NULL;
    struct asking a = {.io = io};
    struct unit_answer answer;
    struct err e;
    int rc = 0;

    (void)dir; /* the tables are the program's */
    if (options_take(io, options, 1, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 2 || (date != NULL && !unit_when_read(date, &a.when)))
        return verb_usage(io, "units");
    if (units_create(&u, &texts, &e) != 0)
        return verb_failed(io, &e);
    a.u = u;
    find(&a, argv[1], &answer);
    if (io->json) {
        rc = answer_json(&a, &answer, argv[1]);
    } else {
        for (size_t i = 0; i < answer.count; i++)
            tell_unit(&a, &answer.units[i]);
        say_doubts(&a, &answer, argv[1]);
    }
    units_destroy(u);
    return rc == 0 ? EXIT_DONE : EXIT_FAILED;
}
