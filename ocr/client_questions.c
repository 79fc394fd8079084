/* The questions whose answer is one message, and an archive's entries. */
#include "ocr/client.h"

#include <string.h>

#include "ocr/client_asking.h"
#include "ocr/client_unpacking.h"

int ocr_identify(struct ocr_client *c, int fd, struct identity *out, struct err *e)
{
    struct client_job *j;
    struct err rubbish;
    enum refusal r;

    *out = (struct identity){0};
    if (client_ask(c, (struct question){.kind = QUESTION_IDENTIFY}, fd, NULL, &j, e) != 0)
        return -1;
    r = client_job_judge(j,
                         identity_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));
    if (r != REFUSAL_NONE)
        *out = (struct identity){.refusal = r};
    client_job_release(j);
    return 0;
}

int ocr_look(struct ocr_client *c, int fd, uint32_t page, struct look *out, struct err *e)
{
    struct client_job *j;
    struct err rubbish;
    enum refusal r;

    *out = (struct look){0};
    if (client_ask(c, (struct question){.kind = QUESTION_LOOK, .page = page}, fd, NULL,
                   &j, e) != 0)
        return -1;
    r = client_job_judge(j, look_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));
    if (r != REFUSAL_NONE)
        *out = (struct look){.refusal = r};
    client_job_release(j);
    return 0;
}

int ocr_read(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
             struct reading *out, struct err *e)
{
    const struct question q = {
        .kind = QUESTION_READ, .page = page, .quarter_turns = (uint8_t)quarter_turns};
    struct client_job *j;

    *out = (struct reading){0};
    if (client_ask(c, q, fd, NULL, &j, e) != 0)
        return -1;
    client_take_reading(j, out);
    client_job_release(j);
    return 0;
}

int ocr_small(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
              struct small *out, struct err *e)
{
    const struct question q = {
        .kind = QUESTION_SMALL, .page = page, .quarter_turns = (uint8_t)quarter_turns};
    struct client_job *j;
    struct err rubbish;
    enum refusal r;

    *out = (struct small){0};
    if (client_ask(c, q, fd, NULL, &j, e) != 0)
        return -1;
    r = client_job_judge(j, small_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));
    if (r != REFUSAL_NONE) {
        small_release(out);
        *out = (struct small){.refusal = r};
    }
    client_job_release(j);
    return 0;
}

/* Whoever shows it must know at least what kind of file it is given. */
static bool is_jpeg(const struct buffer *b)
{
    static const unsigned char begins[] = {0xff, 0xd8, 0xff};

    return b->count > sizeof begins && memcmp(b->bytes, begins, sizeof begins) == 0;
}

int ocr_view(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
             struct buffer *out, enum refusal *refusal, struct err *e)
{
    const struct question q = {
        .kind = QUESTION_VIEW, .page = page, .quarter_turns = (uint8_t)quarter_turns};
    struct client_job *j;

    *refusal = REFUSAL_NONE;
    if (client_ask(c, q, fd, NULL, &j, e) != 0)
        return -1;
    *refusal = client_job_judge(j, is_jpeg(&j->bytes) ? 0 : -1);
    if (*refusal == REFUSAL_NONE)
        buffer_append(out, j->bytes.bytes, j->bytes.count);
    client_job_release(j);
    return buffer_check(out, e);
}

int ocr_unpack(struct ocr_client *c, int fd, const struct entry_sink *sink,
               enum refusal *refusal, struct err *e)
{
    struct client_unpacking u;
    const struct client_taker taker = {client_unpacking_take, &u};
    struct client_job *j;
    int rc = -1;

    *refusal = REFUSAL_NONE;
    if (client_unpacking_init(&u, sink, e) != 0)
        return -1;
    if (client_ask(c, (struct question){.kind = QUESTION_UNPACK}, fd, &taker, &j, e) ==
        0) {
        rc = client_unpacking_finish(&u, j->verdict.refusal, refusal, e);
        client_job_release(j);
    } else {
        struct err later; /* the worker's end is the news */

        (void)client_unpacking_finish(&u, REFUSAL_CRASHED, refusal, &later);
    }
    client_unpacking_release(&u);
    return rc;
}
