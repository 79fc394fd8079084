/* What accounts, tokens and the trail are in JSON, for the desk's API and --json. NULL: no
 * memory. Never a hash or a secret. */
#ifndef TRAM_APPLIANCE_PEOPLE_PEOPLE_JSON_H
#define TRAM_APPLIANCE_PEOPLE_PEOPLE_JSON_H

#include <jansson.h>

#include "appliance/people/accounts.h"
#include "appliance/people/api_tokens.h"
#include "appliance/people/audit.h"

/* "off", "locked", "temporary", "no_second" or "fine". */
const char *account_state(const struct account *a);

/* {"name", "full_name", "role", "state", "second", "seen_wall_ms", "seen_age_ms"} */
json_t *account_json(const struct account *a);
/* {"name", "scope", "enabled"} */
json_t *api_token_json(const struct api_token *t);
/* {"id", "kind", "actor", "subject", "detail", "wall_ms"} */
json_t *audit_json(const struct audit_row *r);

#endif
