/* A restorer for tests: of the packed form of packed_fake.h, without a child. */
#ifndef TRAM_TESTS_RESTORER_FAKE_H
#define TRAM_TESTS_RESTORER_FAKE_H

#include "sync/centre/restorer.h"

struct restorer_fake {
    struct restorer restorer;
    unsigned asked;
    bool gone;            /* nobody can be asked */
    bool lies;            /* it says that it restored, and gave something else */
    enum refusal refusal; /* what comes of the next ones, unless REFUSAL_NONE */
};

void restorer_fake_init(struct restorer_fake *r);

#endif
