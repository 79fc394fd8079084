#include "schema/units/identity_prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "schema/units/table.h"

EMBED(identity_prefixes_tsv, "schema/units/identity_prefixes.tsv");

#define DIGITS   3
#define PREFIXES 1000

struct identity_prefixes {
    size_t count;
    char places[PREFIXES][IDENTITY_PLACE_BYTES_MAX]; /* "" where there is none */
};

static int row_take(struct identity_prefixes *p, const struct table *t, struct err *e)
{
    struct cell prefix = t->cells[0], place = t->cells[1];
    uint32_t number;

    if (prefix.bytes != DIGITS || !cell_number(prefix, &number))
        return table_refuse(t, e, "a prefix is three digits");
    if (place.bytes == 0 || place.bytes >= IDENTITY_PLACE_BYTES_MAX)
        return table_refuse(t, e, "a province's name has 1 to %d bytes",
                            IDENTITY_PLACE_BYTES_MAX - 1);
    if (p->places[number][0] != '\0')
        return table_refuse(t, e, "prefix %03u is there already", (unsigned)number);
    memcpy(p->places[number], place.at, place.bytes);
    p->count++;
    return 0;
}

int identity_prefixes_create(struct identity_prefixes **out, const char *name,
                             const char *text, size_t bytes, struct err *e)
{
    struct identity_prefixes *p = calloc(1, sizeof *p);
    struct table t;
    bool more;
    int rc = -1;

    *out = NULL;
    if (p == NULL)
        return err_set(e, ERR_MEMORY, "%s: no memory", name);
    table_init(&t, name, text, bytes);
    for (;;) {
        if (table_next(&t, 2, &more, e) != 0)
            goto out;
        if (!more)
            break;
        if (row_take(p, &t, e) != 0)
            goto out;
    }
    *out = p;
    p = NULL;
    rc = 0;
out:
    identity_prefixes_destroy(p);
    return rc;
}

void identity_prefixes_destroy(struct identity_prefixes *p)
{
    free(p);
}

const char *identity_prefixes_place(const struct identity_prefixes *p, const char *number)
{
    uint32_t prefix;

    if (strnlen(number, DIGITS) != DIGITS ||
        !cell_number((struct cell){number, DIGITS}, &prefix))
        return NULL;
    return p->places[prefix][0] == '\0' ? NULL : p->places[prefix];
}

size_t identity_prefixes_count(const struct identity_prefixes *p)
{
    return p->count;
}
