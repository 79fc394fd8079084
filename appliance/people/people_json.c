#include "appliance/people/people_json.h"

#include "base/web/json_text.h"

const char *account_state(const struct account *a)
{
    if (!a->enabled)
        return "off";
    if (account_is_locked(a))
        return "locked";
    switch (account_must(a)) {
    case MUST_CHANGE_PASSWORD:
        return "temporary";
    case MUST_ADD_SECOND:
        return "no_second";
    case MUST_NOTHING:
        break;
    }
    return "fine";
}

/* null where the box did not know the time. */
static json_t *wall_json(const struct moment *m)
{
    return m->confidence == WALL_UNKNOWN ? json_null() : json_integer(m->wall_ms);
}

json_t *account_json(const struct account *a)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:b, s:o, s:I}", "name", a->name, "full_name",
                     json_any_text(a->full_name), "role", role_name(a->role), "state",
                     account_state(a), "second", (int)a->second_sure, "seen_wall_ms",
                     wall_json(&a->seen), "seen_age_ms", (json_int_t)a->seen_ms);
}

json_t *api_token_json(const struct api_token *t)
{
    return json_pack("{s:s, s:s, s:b}", "name", t->name, "scope",
                     t->imports ? "import" : "read", "enabled", (int)t->enabled);
}

json_t *audit_json(const struct audit_row *r)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)r->id, "kind",
                     json_any_text(r->kind), "actor", json_any_text(r->actor), "subject",
                     json_any_text(r->subject), "detail", json_any_text(r->detail),
                     "wall_ms", wall_json(&r->when));
}
