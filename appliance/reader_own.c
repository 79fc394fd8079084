#include "appliance/reader_own.h"

int reader_own_begin(struct box *b, bool uncaged, struct reader **own, struct err *e)
{
    const struct ocr_options options = {.jobs = 1, .uncaged = uncaged};

    *own = NULL;
    if (b->reader != NULL)
        return 0;
    if (reader_ocr_create(own, &options, e) != 0)
        return -1;
    b->reader = *own;
    return 0;
}

void reader_own_end(struct box *b, struct reader *own)
{
    if (own == NULL)
        return;
    b->reader = NULL;
    own->destroy(own);
}
