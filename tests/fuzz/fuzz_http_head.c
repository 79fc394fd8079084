/* Fuzz: a head of HTTP/1.1, as a request and as an answer. What is taken lies in
 * what came; a whole head is the same head however many bytes follow it; and a head
 * that is cut off is never taken. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sync/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

typedef int parser(struct http_head *out, size_t *used, const void *bytes, size_t count,
                   struct err *e);

static void check_inside(struct http_text t, const char *bytes, size_t count)
{
    assert(t.count == 0 || (t.bytes >= bytes && t.bytes + t.count <= bytes + count));
    for (size_t i = 0; i < t.count; i++)
        assert(t.bytes[i] != '\r' && t.bytes[i] != '\n' && t.bytes[i] != '\0');
}

static void check_head(const struct http_head *h, const char *bytes, size_t used)
{
    char value[128];
    struct http_text field;

    assert(used <= HTTP_HEAD_BYTES_MAX && h->fields_count <= HTTP_HEAD_FIELDS_MAX);
    for (size_t i = 0; i < h->fields_count; i++) {
        check_inside(h->fields[i].name, bytes, used);
        check_inside(h->fields[i].value, bytes, used);
    }
    (void)http_head_field(h, "Upgrade", &field);
    (void)http_head_lists(h, "Connection", "upgrade");
    if (h->target.count > 0) {
        check_inside(h->target, bytes, used);
        check_inside(http_head_path(h), bytes, used);
        if (http_head_query(h, "q", value, sizeof value))
            assert(strlen(value) < sizeof value);
    }
}

static void run(parser *parse, const char *bytes, size_t count)
{
    struct http_head whole, part;
    size_t used, part_used;
    struct err e;
    int rc = parse(&whole, &used, bytes, count, &e);

    if (rc < 0) {
        assert(e.code == ERR_REFUSED || e.code == ERR_TOO_BIG);
        return;
    }
    assert((rc == 1) == (used > 0));
    if (rc == 0)
        return;
    check_head(&whole, bytes, used);
    assert(parse(&part, &part_used, bytes, used, &e) == 1 && part_used == used);
    for (size_t cut = 0; cut < used; cut++)
        assert(parse(&part, &part_used, bytes, cut, &e) == 0 && part_used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    char *copy = malloc(count > 0 ? count : 1); /* so that one byte too far is seen */

    assert(copy != NULL);
    memcpy(copy, bytes, count);
    run(http_request_parse, copy, count);
    run(http_answer_parse, copy, count);
    free(copy);
    return 0;
}
