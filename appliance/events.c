#include "appliance/events.h"

#include <stdlib.h>

int event_add(struct box *b, uint64_t subject, const char *kind, json_t *detail,
              struct err *e)
{
    char *text = detail == NULL ? NULL : json_dumps(detail, JSON_COMPACT);
    int rc = text == NULL ? err_set(e, ERR_MEMORY, "out of memory for an event")
                          : record_event(b->records, subject, kind, b->actor, text, e);

    free(text);
    json_decref(detail);
    return rc;
}
