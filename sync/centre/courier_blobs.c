#include "sync/centre/courier_parts.h"

#include <stdlib.h>
#include <string.h>

#include "sync/centre/originals.h"
#include "sync/sealed_blob.h"

/* Larger than any file that intake takes. */
#define ORIGINAL_BYTES_MAX (8ull << 30)

/* What a stick brings of an original may not have the last tenth of the disk, which is
 * for what boxes have signed; it must fit twice, since it is opened beside itself. */
#define FLOOR_SHARE 10

/* The answer names what the stick brought, also if it was here before: the box may
 * not have heard of it. What is too much is named when the box sends it again. */
static int name_blob(struct taking *t, const struct receipt_blob *blob, struct err *e)
{
    struct courier_site *s = courier_site_of(t->courier, t->site.site, e);
    struct receipt_blob *more;

    if (s == NULL)
        return -1;
    if (s->blobs_count == COURIER_NAMED_MAX ||
        (s->blobs_count > 0 &&
         hash_equal(&s->blobs[s->blobs_count - 1].sha256, &blob->sha256)))
        return 0; /* the latter: the next part of the same one */
    if ((s->blobs_count & (s->blobs_count + 1)) == 0) {
        more = realloc(s->blobs, (2 * s->blobs_count + 1) * sizeof *more);
        if (more == NULL)
            return err_set(e, ERR_MEMORY, "courier");
        s->blobs = more;
    }
    s->blobs[s->blobs_count++] = *blob;
    return 0;
}

/* ----------------------------------------------------------------- what may be kept */

/* Its first bytes say what its name says. */
static bool begins_well(const struct taking *t, const struct courier_entry *n)
{
    struct hash sha256;
    uint64_t bytes;

    return t->bytes.count >= SEALED_HEADER_BYTES &&
           sealed_header_read(t->bytes.bytes, t->site.site, &bytes, &sha256) &&
           bytes <= ORIGINAL_BYTES_MAX && sealed_bytes(bytes) == n->end &&
           memcmp(sha256.bytes, n->object.id, OBJECT_ID_BYTES) == 0;
}

static int has_room(struct taking *t, const struct courier_entry *n, bool begun,
                    bool *has, struct err *e)
{
    struct centre *c = t->courier->centre;
    struct disk_space space;

    if (disk_space(c->disk, c->dir, &space, e) != 0)
        return -1;
    *has = space.free_bytes >= space.total_bytes / FLOOR_SHARE + 2 * n->end;
    if (!*has || begun || t->bytes.count == n->end) /* what is whole leaves nothing */
        return 0;
    return courier_partial_begin(t, n, has, e);
}

static int may_keep(struct taking *t, const struct courier_entry *n, bool *may,
                    struct err *e)
{
    bool begun;

    *may = false;
    if (partial_begun(&t->place, &n->object, n->end, &begun, e) != 0)
        return -1;
    if (!begun && n->at > 0) {
        t->told.waiting++;
        return 0;
    }
    if (n->at == 0 && !begins_well(t, n)) {
        t->told.why = REFUSED_FORGED;
        return 0;
    }
    if (has_room(t, n, begun, may, e) != 0)
        return -1;
    t->told.crowded += !*may;
    return 0;
}

/* ---------------------------------------------------------------------------- parts */

static int blob_whole(struct taking *t, struct partial *p, struct err *e)
{
    struct receipt_blob blob;
    bool refused;

    if (original_take(t->courier->centre, &t->site, p, &blob, &refused, e) != 0 ||
        courier_partial_end(t, p, e) != 0)
        return -1;
    if (refused) {
        t->told.why = REFUSED_FORGED;
        return 0;
    }
    t->told.blobs++;
    return name_blob(t, &blob, e);
}

static int add_part(struct taking *t, struct partial *p, const struct courier_entry *n,
                    struct err *e)
{
    uint64_t here = partial_bytes(p), end = n->at + t->bytes.count;

    if (n->at > here) {
        t->told.waiting++;
        return 0;
    }
    if (end > here) {
        if (partial_add(p, t->bytes.bytes + (here - n->at), (size_t)(end - here), e) !=
                0 ||
            partial_sync(p, e) != 0 || courier_partial_grown(t, p, e) != 0)
            return -1;
        t->told.parts++;
    }
    return partial_bytes(p) == partial_total(p) ? blob_whole(t, p, e) : 0;
}

int courier_take_blob(struct taking *t, const struct courier_entry *n, struct err *e)
{
    struct receipt_blob blob;
    struct partial *p;
    bool held, may;
    int rc;

    if (n->at > n->end || t->bytes.count > n->end - n->at ||
        n->end > sealed_bytes(ORIGINAL_BYTES_MAX)) {
        t->told.damaged++;
        return 0;
    }
    if (original_held(t->courier->centre, t->site.site, &n->object, &blob, &held, e) != 0)
        return -1;
    if (held) {
        t->told.known++;
        return name_blob(t, &blob, e);
    }
    if (may_keep(t, n, &may, e) != 0)
        return -1;
    if (!may)
        return 0;
    if (partial_open(&p, &t->place, &n->object, n->end, e) != 0)
        return -1;
    rc = add_part(t, p, n, e);
    partial_close(p);
    return rc;
}
