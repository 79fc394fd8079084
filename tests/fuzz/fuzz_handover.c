/* Fuzz: what a command sends to the process that serves. A request that is taken
 * has words, an absolute directory, and means the same when it is sent again. */
#include <assert.h>
#include <string.h>

#include "appliance/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_same(const struct handover_request *a, const struct handover_request *b)
{
    assert(a->argc == b->argc && a->language == b->language && a->json == b->json);
    assert(strcmp(a->cwd, b->cwd) == 0);
    for (int i = 0; i < a->argc; i++)
        assert(strcmp(a->argv[i], b->argv[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct handover_request r, again;
    struct buffer b;
    struct err e;
    int rc;

    if (handover_request_decode(&r, bytes, count, &e) != 0) {
        assert(e.code == ERR_CORRUPT && r.argv == NULL);
        return 0;
    }
    assert(r.argc > 0 && r.argv[r.argc] == NULL && r.cwd[0] == '/');
    buffer_init(&b, HANDOVER_REQUEST_BYTES_MAX);
    handover_request_encode(&r, &b);
    rc = handover_request_decode(&again, b.bytes, b.count, &e);
    assert(rc == 0);
    check_same(&r, &again);
    handover_request_release(&again);
    handover_request_release(&r);
    buffer_release(&b);
    return 0;
}
