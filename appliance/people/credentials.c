#include <string.h>

#include <jansson.h>

#include "appliance/people/signin.h"

/* Absent and null are ""; what is no text, or too long, is no credential. */
static int take(json_t *j, const char *member, char *out, size_t bytes, struct err *e)
{
    json_t *value = json_object_get(j, member);
    size_t n = json_string_length(value);

    out[0] = '\0';
    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_string(value) || n >= bytes)
        return err_set(e, ERR_USAGE, "%s", member);
    memcpy(out, json_string_value(value), n + 1);
    return 0;
}

int credentials_parse(struct credentials *out, const void *json, size_t bytes,
                      struct err *e)
{
    json_t *j = json_loadb(json, bytes, JSON_REJECT_DUPLICATES, NULL);
    int rc = -1;

    *out = (struct credentials){0};
    if (!json_is_object(j))
        (void)err_set(e, ERR_USAGE, "no JSON object");
    else if (take(j, "name", out->name, sizeof out->name, e) == 0 &&
             take(j, "password", out->password, sizeof out->password, e) == 0 &&
             take(j, "code", out->code, sizeof out->code, e) == 0 &&
             take(j, "next", out->next, sizeof out->next, e) == 0)
        rc = 0;
    json_decref(j);
    return rc;
}
