#include "schema/shown.h"

#include <stdlib.h>

int shown_find(struct records *r, const char *id, struct shown *out, struct err *e)
{
    char *end;
    unsigned long long number = strtoull(id, &end, 10);

    *out = (struct shown){0};
    if (id[0] < '0' || id[0] > '9' || *end != '\0' || number > INT64_MAX)
        return err_set(e, ERR_USAGE, "%s is not the number of a document or page", id);
    return record_find(r, number, &out->document, &out->page, e);
}

struct showing {
    struct records *records;
    uint64_t page; /* 0: all */
    struct buffer *out;
    unsigned pages;
};

static int append_page(void *arg, const struct page_row *p, struct err *e)
{
    struct showing *s = arg;

    if (s->page != 0 && p->id != s->page)
        return 0;
    if (s->pages++ > 0)
        buffer_append_byte(s->out, '\f');
    if (record_page_text(s->records, p->id, s->out, e) != 0)
        return -1;
    buffer_append_byte(s->out, '\n');
    return buffer_check(s->out, e);
}

int shown_text(struct records *r, const struct shown *what, struct buffer *out,
               struct err *e)
{
    struct showing s = {.records = r, .page = what->page, .out = out};

    return record_each_page(r, what->document, append_page, &s, e);
}
