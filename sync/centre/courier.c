#include "sync/centre/courier.h"

#include <stdlib.h>
#include <string.h>

const char *tar_state_name(enum tar_state s)
{
    static const char *const names[] = {
        [TAR_TAKEN] = "taken",     [TAR_KNOWN] = "known",     [TAR_STATUS] = "status",
        [TAR_FOREIGN] = "foreign", [TAR_UNKNOWN] = "unknown", [TAR_REFUSED] = "refused",
        [TAR_UNREAD] = "unread",
    };

    return names[s];
}

int courier_open(struct courier *out, struct centre *c, struct disk *stick,
                 const char *dir, struct err *e)
{
    *out = (struct courier){.centre = c, .stick = stick, .dir = dir};
    courier_tag(out->tag, &c->key.public_key);
    if (courier_list_read(&out->list, stick, dir, e) != 0)
        return err_wrap(e, "courier");
    for (size_t i = 0; i < out->list.count; i++)
        if (out->list.names[i].direction == DIRECTION_UP && !out->list.names[i].part &&
            strcmp(out->list.names[i].line.tag, out->tag) == 0)
            out->bytes_in_all += out->list.bytes[i];
    return 0;
}

void courier_close(struct courier *c)
{
    for (size_t i = 0; i < c->sites_count; i++) {
        free(c->sites[i].blobs);
        free(c->sites[i].partials);
    }
    free(c->sites);
    courier_list_release(&c->list);
    *c = (struct courier){0};
}

struct courier_site *courier_site_of(struct courier *c, uint16_t site, struct err *e)
{
    struct courier_site *more;
    size_t at = c->sites_count;

    while (at > 0 && c->sites[at - 1].line.site >= site)
        at--;
    if (at < c->sites_count && c->sites[at].line.site == site)
        return &c->sites[at];
    more = realloc(c->sites, (c->sites_count + 1) * sizeof *more);
    if (more == NULL) {
        (void)err_set(e, ERR_MEMORY, "courier");
        return NULL;
    }
    c->sites = more;
    memmove(more + at + 1, more + at, (c->sites_count - at) * sizeof *more);
    c->sites_count++;
    more[at] = (struct courier_site){.line.site = site};
    memcpy(more[at].line.tag, c->tag, sizeof c->tag);
    return &more[at];
}

int courier_add_site(struct courier *c, uint16_t site, struct err *e)
{
    return courier_site_of(c, site, e) == NULL ? -1 : 0;
}
