/* Fuzz: an enrolment file. What is taken has all its words, and is the same when it
 * is written and read again. */
#include <assert.h>
#include <string.h>

#include "sync/enrol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct enrolment f, again;
    struct buffer b, twice;
    struct err e;
    int rc;

    if (enrolment_decode(&f, bytes, count, &e) != 0) {
        assert(e.code == ERR_REFUSED);
        return 0;
    }
    assert(f.site > 0 && f.name[0] != '\0' && f.province[0] != '\0' && f.url[0] != '\0');
    buffer_init(&b, ENROL_FILE_MAX);
    rc = enrolment_encode(&f, &b, &e);
    assert(rc == 0);
    rc = enrolment_decode(&again, b.bytes, b.count, &e);
    assert(rc == 0 && again.site == f.site && again.epoch == f.epoch && f.epoch > 0);
    buffer_init(&twice, ENROL_FILE_MAX);
    rc = enrolment_encode(&again, &twice, &e);
    assert(rc == 0 && twice.count == b.count);
    assert(memcmp(twice.bytes, b.bytes, b.count) == 0);
    buffer_release(&twice);
    buffer_release(&b);
    return 0;
}
