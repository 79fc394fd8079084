#include <stdlib.h>

#include "appliance/backup_parts.h"
#include "base/order.h"

/* Names of objects, sorted once they are all there. */
struct names {
    struct copy_store *store;
    struct buffer hashes;
    uint64_t removed;
};

static void add_names(struct names *n, const struct hash *hashes, size_t count)
{
    struct hash name;

    for (size_t i = 0; i < count; i++) {
        copy_name(n->store, &hashes[i], &name);
        buffer_append(&n->hashes, name.bytes, HASH_BYTES);
    }
}

static void add_generation(struct names *n, const struct manifest *m,
                           const struct buffer *blobs)
{
    add_names(n, m->database.hashes, m->database.count);
    add_names(n, m->blobs.hashes, m->blobs.count);
    add_names(n, (const struct hash *)(void *)blobs->bytes, blobs->count / HASH_BYTES);
}

/* *whole is false if it does not open: then it is no generation to fall back on. */
static int add_before(struct making_copy *m, struct names *n, uint64_t before,
                      bool *whole, struct err *e)
{
    struct manifest old;
    struct buffer blobs;
    int rc;

    *whole = false;
    if (before == 0)
        return 0;
    buffer_init(&blobs, MANIFEST_BYTES_MAX);
    rc = copy_manifest_read(&old, &m->store, before, &m->key, e);
    if (rc == 0)
        rc = backup_read_pieces(&m->store, &old.blobs, &blobs, e);
    if (rc == 0)
        add_generation(n, &old, &blobs);
    *whole = rc == 0;
    copy_manifest_release(&old);
    buffer_release(&blobs);
    return rc == 0 || e->code != ERR_MEMORY ? 0 : -1;
}

static int remove_unnamed(void *arg, const struct hash *name, struct err *e)
{
    struct names *n = arg;

    if (n->hashes.count > 0 &&
        bsearch(name, n->hashes.bytes, n->hashes.count / HASH_BYTES, HASH_BYTES,
                order_hash) != NULL)
        return 0;
    n->removed++;
    return copy_remove(n->store, name, e);
}

/* Manifests before objects: one whose objects go is not to be found any more. */
static int remove_manifests(struct making_copy *m, uint64_t before, struct err *e)
{
    uint64_t *numbers;
    size_t count;
    int rc = 0;

    if (copy_manifest_list(&m->store, &numbers, &count, e) != 0)
        return -1;
    for (size_t i = 0; i < count && rc == 0; i++)
        if (numbers[i] != m->manifest.generation && numbers[i] != before)
            rc = copy_manifest_remove(&m->store, numbers[i], e);
    free(numbers);
    return rc;
}

int backup_sweep(struct making_copy *m, uint64_t before, struct err *e)
{
    struct names n = {.store = &m->store};
    bool whole;
    int rc = -1;

    buffer_init(&n.hashes, 4 * (size_t)MANIFEST_BYTES_MAX);
    add_generation(&n, &m->manifest, &m->blobs);
    if (add_before(m, &n, before, &whole, e) != 0 || buffer_check(&n.hashes, e) != 0 ||
        remove_manifests(m, whole ? before : 0, e) != 0)
        goto out;
    if (n.hashes.count > 0)
        qsort(n.hashes.bytes, n.hashes.count / HASH_BYTES, HASH_BYTES, order_hash);
    rc = copy_each(&m->store, remove_unnamed, &n, e);
out:
    buffer_release(&n.hashes);
    return rc;
}
