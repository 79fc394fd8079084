#include "appliance/api_parts.h"

#include <stdio.h>

#include "appliance/page_suspects.h"
#include "appliance/readings.h"
#include "schema/shown.h"

#define WORDS_MAX 100 /* corrected at once */

enum { BAD_REQUEST = 400, NOT_FOUND = 404, BUSY = 503 };

/* The page that the path's {} names; 0: the reply says that there is none. */
static int find_page(struct box *b, struct http_request *q, struct http_reply *r,
                     uint64_t *page, struct err *e)
{
    struct shown what;

    if (shown_find(b->records, q->parts[0], &what, e) != 0)
        return -1;
    *page = what.page;
    if (what.page == 0)
        api_refuse(r, NOT_FOUND, "not_found", "");
    return 0;
}

static int tell(struct box *b, uint64_t page, struct http_reply *r, struct err *e)
{
    json_t *j;

    if (page_suspects_json(b, page, &j, e) != 0)
        return -1;
    api_reply(r, j);
    return 0;
}

static int ask_suspects(struct api *a, struct box *b, struct http_request *q,
                        struct http_reply *r, struct err *e)
{
    uint64_t page;

    (void)a;
    if (find_page(b, q, r, &page, e) != 0)
        return -1;
    return page == 0 ? 0 : tell(b, page, r, e);
}

void api_answer_suspects(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_suspects);
}

/* ------------------------------------------------------------------ corrections */

struct wish {
    uint64_t reading;
    struct correction list[WORDS_MAX]; /* texts are the JSON's */
    size_t count;
};

static bool wish_read(struct wish *w, const json_t *body)
{
    const json_t *list = json_object_get(body, "corrections");
    json_int_t reading = json_integer_value(json_object_get(body, "reading"));
    json_t *one;
    size_t i;

    *w = (struct wish){.reading = (uint64_t)reading, .count = json_array_size(list)};
    if (reading <= 0 || w->count == 0 || w->count > WORDS_MAX)
        return false;
    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        json_int_t word = json_integer_value(json_object_get(one, "word"));

        w->list[i].text = json_string_value(json_object_get(one, "text"));
        if (w->list[i].text == NULL || word < 1 || word > LAYOUT_WORDS_MAX)
            return false;
        w->list[i].word = (uint32_t)word - 1;
    }
    return true;
}

static int correct(struct box *b, struct http_request *q, const struct wish *w,
                   struct http_reply *r, struct err *e)
{
    char was[sizeof b->actor];
    uint64_t page;
    int rc;

    if (find_page(b, q, r, &page, e) != 0)
        return -1;
    if (page == 0)
        return 0;
    (void)snprintf(was, sizeof was, "%s", b->actor);
    (void)snprintf(b->actor, sizeof b->actor, "%s", api_actor(q));
    rc = reading_correct(b, page, w->reading, w->list, w->count, e);
    (void)snprintf(b->actor, sizeof b->actor, "%s", was);
    return rc == 0 ? tell(b, page, r, e) : -1;
}

void api_answer_corrections(void *arg, struct http_request *q, struct http_reply *r)
{
    struct api *a = arg;
    json_t *body = api_body_object(q, r);
    struct box *b = NULL;
    struct wish w;
    struct err e;

    if (body == NULL)
        return; /* told */
    if (!wish_read(&w, body)) {
        api_refuse(r, BAD_REQUEST, "usage", "corrections");
        goto out;
    }
    b = boxes_borrow(a->work, API_BOX_WAIT_MS);
    if (b == NULL)
        api_refuse(r, BUSY, "busy", "");
    else if (correct(b, q, &w, r, &e) != 0)
        api_failed(r, &e);
    boxes_return(a->work, b);
out:
    json_decref(body);
}
