#include "schema/search/told.h"

#include <string.h>

static const char *const order_names[] = {
    [SEARCH_BY_RANK] = "rank", [SEARCH_BY_DATE] = "date", [SEARCH_BY_COMING] = "newest"};

const char *search_order_name(enum search_order o)
{
    return order_names[o];
}

bool search_order_of(const char *name, enum search_order *out)
{
    for (size_t i = 0; i < sizeof order_names / sizeof *order_names; i++)
        if (strcmp(order_names[i], name) == 0) {
            *out = (enum search_order)i;
            return true;
        }
    return false;
}

/* Names come from records, which hold valid UTF-8; what is none is left out. */
static json_t *value_json(const struct search_value *v)
{
    return json_pack("{s:o, s:I}", "value",
                     v->name[0] != '\0' ? json_string(v->name)
                                        : json_integer((json_int_t)v->number),
                     "hits", (json_int_t)v->hits);
}

json_t *search_counts_json(const struct search_counts *c)
{
    static const char *const names[SEARCH_FACETS] = {[SEARCH_KINDS] = "kind",
                                                     [SEARCH_ISSUERS] = "issuer",
                                                     [SEARCH_YEARS] = "year",
                                                     [SEARCH_SITES] = "site"};
    json_t *all = json_object();

    for (size_t i = 0; i < SEARCH_FACETS; i++) {
        json_t *values = json_array();

        for (size_t j = 0; j < c->counts[i]; j++)
            (void)json_array_append_new(values, value_json(&c->values[i][j]));
        (void)json_object_set_new(
            all, names[i],
            json_pack("{s:o, s:b}", "values", values, "more", (int)c->more[i]));
    }
    return all;
}
