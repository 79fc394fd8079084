/* MQ: the adaptive binary arithmetic coder of JBIG2 (ITU-T T.88, annex E). The
 * caller keeps the contexts: a byte each, zero at first. */
#ifndef TRAM_OCR_MQ_H
#define TRAM_OCR_MQ_H

#include <stdbool.h>

#include "base/buffer.h"

struct mq {
    struct buffer *out;
    uint32_t code, interval;
    int shifts; /* until a byte is full */
    int held;   /* the last byte, which a carry may still raise; -1: none yet */
};

void mq_start(struct mq *m, struct buffer *out);
void mq_put(struct mq *m, uint8_t *context, bool bit);
/* Whether `bit` would cost little now. */
bool mq_expects(const uint8_t *context, bool bit);
void mq_end(struct mq *m);

#endif
