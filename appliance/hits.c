#include "appliance/hits.h"

#include <string.h>

#include "appliance/verb_io.h"
#include "schema/search/told.h"

#define SNIPPET_BYTES_MAX 65536

static json_t *plain_snippet(const char *snippet)
{
    struct buffer b;
    json_t *j;

    buffer_init(&b, SNIPPET_BYTES_MAX);
    for (const char *c = snippet; *c != '\0'; c++)
        if (*c != SEARCH_HIT_BEGIN[0] && *c != SEARCH_HIT_END[0])
            buffer_append_byte(&b, (uint8_t)*c);
    j = json_any_text(b.bytes == NULL ? "" : (const char *)b.bytes);
    buffer_release(&b);
    return j;
}

static json_t *marked_snippet(const char *snippet)
{
    json_t *pieces = json_array();
    bool hit = false;

    for (const char *at = snippet; *at != '\0';) {
        size_t bytes = strcspn(at, SEARCH_HIT_BEGIN SEARCH_HIT_END);
        json_t *text = bytes == 0 ? NULL : json_stringn(at, bytes);

        if (text != NULL)
            (void)json_array_append_new(pieces, hit ? json_pack("[o]", text) : text);
        at += bytes;
        if (*at != '\0')
            hit = *at++ == SEARCH_HIT_BEGIN[0];
    }
    return pieces;
}

json_t *hit_json(const struct search_hit *hit, bool marked)
{
    bool in_page = hit->page != 0;

    return json_pack(
        "{s:I, s:o, s:o, s:o, s:i, s:b, s:b, s:s}", "document", (json_int_t)hit->document,
        "page", in_page ? json_integer((json_int_t)hit->page) : json_null(),
        "page_number", in_page ? json_integer(hit->page_number) : json_null(), "snippet",
        marked ? marked_snippet(hit->snippet) : plain_snippet(hit->snippet), "site",
        (int)hit->site, "exact", (int)hit->exact, "near", (int)hit->near, "order",
        search_order_name(hit->order));
}
