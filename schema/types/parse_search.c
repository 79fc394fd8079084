/* "find": {"from", "anchors", "sections", "side", "page", "zones", "patterns"} */
#include <stdlib.h>

#include "schema/types/parse.h"

enum { ZONES_MAX = 16, PATTERNS_MAX = 32 };

void field_search_release(struct field_search *s)
{
    for (size_t i = 0; i < s->patterns_count; i++)
        pattern_destroy(s->patterns[i]);
    free(s->patterns);
    free(s->zones);
    free(s->sections);
    free(s->anchors);
}

/* [left, top, right, bottom], each 0 to 1. */
static int take_zone(struct type_reader *r, const json_t *zone, struct zone *out)
{
    double at[4];

    if (!json_is_array(zone) || json_array_size(zone) != 4)
        return reader_refuse(r, "a zone is [left, top, right, bottom]");
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(zone, i);

        at[i] = json_number_value(number);
        if (!json_is_number(number) || at[i] < 0 || at[i] > 1)
            return reader_refuse(r, "a zone is in fractions of the page, 0 to 1");
    }
    if (at[0] >= at[2] || at[1] >= at[3])
        return reader_refuse(r, "the zone holds nothing: [left, top, right, bottom]");
    *out = (struct zone){at[0], at[1], at[2], at[3]};
    return 0;
}

static int take_zones(struct type_reader *r, const json_t *find, struct field_search *out)
{
    json_t *list, *zone;
    size_t i;

    if (reader_list(r, find, "zones", ZONES_MAX, &list) != 0)
        return -1;
    if (list == NULL)
        return 0;
    out->zones = calloc(json_array_size(list), sizeof *out->zones);
    if (out->zones == NULL)
        return reader_no_memory(r);
    reader_enter(r, "zones");
    json_array_foreach(list, i, zone)
    {
        reader_enter_at(r, i);
        if (take_zone(r, zone, &out->zones[out->zones_count++]) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}

static int take_pattern(struct type_reader *r, const json_t *text,
                        struct field_search *out)
{
    struct err why;

    if (!json_is_string(text))
        return reader_refuse(r, "must be a text");
    if (pattern_create(&out->patterns[out->patterns_count], json_string_value(text),
                       &why) != 0)
        return reader_refuse(r, "%s", why.text);
    out->patterns_count++;
    return 0;
}

static int take_patterns(struct type_reader *r, const json_t *find,
                         struct field_search *out)
{
    json_t *list, *text;
    size_t i;

    if (reader_list(r, find, "patterns", PATTERNS_MAX, &list) != 0)
        return -1;
    if (list == NULL)
        return 0;
    out->patterns = calloc(json_array_size(list), sizeof *out->patterns);
    if (out->patterns == NULL)
        return reader_no_memory(r);
    reader_enter(r, "patterns");
    json_array_foreach(list, i, text)
    {
        reader_enter_at(r, i);
        if (take_pattern(r, text, out) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}

int field_search_parse(struct type_reader *r, const json_t *field,
                       struct field_search *out)
{
    static const char *const sides[] = {"beside", "below", "beside_or_below"};
    static const char *const pages[] = {"first", "last", "any"};
    static const char *const rules[] = {
        "number", "symbol",  "place",     "date",      "parent",    "issuer",
        "kind",   "subject", "addressee", "recipient", "authority", "title",
        "signer", "secrecy", "urgency",   "page_count"};
    enum { RULES = sizeof rules / sizeof *rules };
    const json_t *find = json_object_get(field, "find");
    unsigned side = BESIDE_ANCHOR, page = PAGE_FIRST, from = RULES;

    if (find == NULL)
        return 0;
    reader_enter(r, "find");
    if (reader_object(r, find, "from anchors sections side page zones patterns") != 0 ||
        reader_choice(r, find, "from", rules, RULES, &from) != 0 ||
        reader_texts(r, find, "anchors", &out->anchors, &out->anchors_count) != 0 ||
        reader_texts(r, find, "sections", &out->sections, &out->sections_count) != 0 ||
        reader_choice(r, find, "side", sides, 3, &side) != 0 ||
        reader_choice(r, find, "page", pages, 3, &page) != 0 ||
        take_zones(r, find, out) != 0 || take_patterns(r, find, out) != 0)
        return -1;
    out->from = from < RULES ? rules[from] : NULL;
    out->side = (enum anchor_side)side;
    out->page = (enum zone_page)page;
    reader_leave(r);
    return 0;
}
