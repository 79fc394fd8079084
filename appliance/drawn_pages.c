#include "appliance/drawn_pages.h"

#include <stdlib.h>

#include "appliance/box.h"

static int add_page(void *arg, const struct page_row *row, struct err *e)
{
    struct drawn_pages *p = arg;

    if (p->count == p->room) {
        size_t room = p->room == 0 ? 16 : p->room * 2;
        uint64_t *more = realloc(p->ids, room * sizeof *more);

        if (more == NULL)
            return err_set(e, ERR_MEMORY, "fields");
        p->ids = more;
        p->room = room;
    }
    p->ids[p->count++] = row->id;
    return 0;
}

static void page_release(struct drawn_page *p)
{
    reading_rows_release(&p->reading);
    layout_release(&p->layout);
}

/* A page of long ago may be damaged (`verify` tells): the others are read on, and
 * *readable is false. */
static int page_read(struct drawn_page *out, const struct drawn_pages *p, uint32_t number,
                     bool *readable, struct err *e)
{
    *out = (struct drawn_page){.number = number};
    *readable = false;
    if (reading_newest(p->box, p->ids[number], &out->reading, e) != 0)
        goto failed;
    *readable =
        out->reading.id != 0 && (out->reading.layout.count == 0 ||
                                 layout_unpack(&out->layout, out->reading.layout.bytes,
                                               out->reading.layout.count, e) == 0);
    if (*readable)
        return 0;
    if (out->reading.id != 0 && e->code != ERR_CORRUPT)
        goto failed;
    page_release(out);
    return 0;
failed:
    page_release(out);
    return err_wrap(e, "page %llu", (unsigned long long)p->ids[number]);
}

static bool is_held(const struct drawn_pages *p, size_t number)
{
    return number < PAGES_EACH_END || number >= p->count - PAGES_EACH_END ||
           p->count <= PAGES_HELD_MAX;
}

int drawn_pages_open(struct drawn_pages *out, struct box *b, uint64_t document,
                     struct err *e)
{
    *out = (struct drawn_pages){.box = b};
    if (record_each_page(b->records, document, add_page, out, e) != 0)
        return -1;
    for (size_t i = 0; i < out->count; i++) {
        bool readable;

        if (!is_held(out, i))
            continue;
        if (page_read(&out->held[out->held_count], out, (uint32_t)i, &readable, e) != 0)
            return -1;
        out->held_count += readable;
    }
    return 0;
}

void drawn_pages_close(struct drawn_pages *p)
{
    for (size_t i = 0; i < p->held_count; i++)
        page_release(&p->held[i]);
    free(p->ids);
    *p = (struct drawn_pages){0};
}

static struct fields_page page_seen(const struct drawn_page *p)
{
    return (struct fields_page){(const char *)p->reading.text.bytes, &p->layout};
}

void drawn_pages_held(const struct drawn_pages *p, struct fields_page *out)
{
    for (size_t i = 0; i < p->held_count; i++)
        out[i] = page_seen(&p->held[i]);
}

int drawn_pages_each(const struct drawn_pages *p,
                     int (*each)(void *arg, const struct fields_page *page,
                                 uint32_t number, struct err *e),
                     void *arg, struct err *e)
{
    size_t held = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < p->count; i++) {
        struct fields_page seen;
        struct drawn_page page;
        bool readable;

        if (held < p->held_count && p->held[held].number == i) {
            seen = page_seen(&p->held[held++]);
            rc = each(arg, &seen, (uint32_t)i, e);
            continue;
        }
        if (is_held(p, i)) /* it could not be read */
            continue;
        rc = page_read(&page, p, (uint32_t)i, &readable, e);
        if (rc != 0 || !readable)
            continue;
        seen = page_seen(&page);
        rc = each(arg, &seen, (uint32_t)i, e);
        page_release(&page);
    }
    return rc;
}
