/* Bytes of a simulated file, in pages that images share until one of them writes: what
 * was synced and what readers see differ in few pages. A page of nothing is not there. */
#include "base/disk_sim_internal.h"

#include <stdlib.h>
#include <string.h>

struct sim_page {
    size_t refs;
    unsigned char bytes[SIM_PAGE_BYTES];
};

static void page_drop(struct sim_page *p)
{
    if (p != NULL && --p->refs == 0)
        free(p);
}

static struct sim_page *page_hold(struct sim_page *p)
{
    if (p != NULL)
        p->refs++;
    return p;
}

/* The page at an index, this image's alone. */
static struct sim_page *page_own(struct sim_image *i, size_t index)
{
    struct sim_page *old = i->pages[index], *p = old;

    if (old != NULL && old->refs == 1)
        return old;
    p = old == NULL ? sim_alloc(sizeof *p) : malloc(sizeof *p);
    if (p == NULL)
        abort();
    if (old != NULL)
        memcpy(p->bytes, old->bytes, SIM_PAGE_BYTES);
    p->refs = 1;
    page_drop(old);
    i->pages[index] = p;
    return p;
}

static size_t pages_of(size_t count)
{
    return (count + SIM_PAGE_BYTES - 1) / SIM_PAGE_BYTES;
}

static void pages_reserve(struct sim_image *i, size_t pages)
{
    size_t capacity = i->capacity == 0 ? 8 : i->capacity;

    if (pages <= i->capacity)
        return;
    while (capacity < pages)
        capacity *= 2;
    i->pages = realloc(i->pages, capacity * sizeof(i->pages[0]));
    if (i->pages == NULL)
        abort();
    memset(i->pages + i->capacity, 0, (capacity - i->capacity) * sizeof(i->pages[0]));
    i->capacity = capacity;
}

void sim_image_resize(struct sim_image *i, size_t count)
{
    size_t used = count % SIM_PAGE_BYTES, pages = pages_of(count);

    pages_reserve(i, pages);
    for (size_t at = pages; at < pages_of(i->count); at++) {
        page_drop(i->pages[at]);
        i->pages[at] = NULL;
    }
    /* What comes after the end is zeros, should it grow again. */
    if (count < i->count && used != 0 && i->pages[pages - 1] != NULL)
        memset(page_own(i, pages - 1)->bytes + used, 0, SIM_PAGE_BYTES - used);
    i->count = count;
}

static bool is_zeros(const unsigned char *bytes, size_t count)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

void sim_image_write(struct sim_image *i, const void *bytes, size_t count,
                     uint64_t offset)
{
    const unsigned char *from = bytes;

    if (count == 0)
        return;
    if (offset + count > i->count)
        sim_image_resize(i, offset + count);
    while (count > 0) {
        size_t index = offset / SIM_PAGE_BYTES, at = offset % SIM_PAGE_BYTES;
        size_t part = SIM_PAGE_BYTES - at < count ? SIM_PAGE_BYTES - at : count;

        if (i->pages[index] != NULL || !is_zeros(from, part))
            memcpy(page_own(i, index)->bytes + at, from, part);
        from += part;
        offset += part;
        count -= part;
    }
}

void sim_image_read(const struct sim_image *i, void *bytes, size_t count, uint64_t offset)
{
    unsigned char *to = bytes;

    while (count > 0) {
        const struct sim_page *p = i->pages[offset / SIM_PAGE_BYTES];
        size_t at = offset % SIM_PAGE_BYTES;
        size_t part = SIM_PAGE_BYTES - at < count ? SIM_PAGE_BYTES - at : count;

        if (p == NULL)
            memset(to, 0, part);
        else
            memcpy(to, p->bytes + at, part);
        to += part;
        offset += part;
        count -= part;
    }
}

void sim_image_share(struct sim_image *to, const struct sim_image *from, uint64_t offset,
                     size_t count)
{
    size_t first = offset / SIM_PAGE_BYTES, end = pages_of(offset + count);

    if (end > pages_of(from->count))
        end = pages_of(from->count);
    sim_image_resize(to, from->count);
    for (size_t i = first; i < end; i++) {
        struct sim_page *p = page_hold(from->pages[i]);

        page_drop(to->pages[i]);
        to->pages[i] = p;
    }
}

void sim_image_release(struct sim_image *i)
{
    for (size_t at = 0; at < pages_of(i->count); at++)
        page_drop(i->pages[at]);
    free(i->pages);
    *i = (struct sim_image){0};
}
