#include "ocr/child.h"

#include <errno.h>
#include <leptonica/allheaders.h>
#include <unistd.h>

#include "base/cage.h"

#define DOCUMENT_FD 3
#define ANSWER_FD   4

/* std::set_new_handler(), by its linkage name: what allocates by `new` (Tesseract,
 * qpdf) ends here, before it throws what our C frames cannot catch. Weak, because
 * nothing of ours links the C++ library for itself. */
extern void (*set_new_handler(void (*handler)(void)))(void) __asm__(
    "_ZSt15set_new_handlerPFvvE") __attribute__((weak));

static void memory_ran_out(void)
{
    _exit(CAGE_EXIT_MEMORY);
}

static int send_answer(const struct buffer *answer)
{
    size_t sent = 0;

    if (answer->failed == ERR_MEMORY)
        return CAGE_EXIT_MEMORY;
    if (answer->failed != ERR_NONE)
        return CHILD_EXIT_LARGE;
    while (sent < answer->count) {
        ssize_t n = write(ANSWER_FD, answer->bytes + sent, answer->count - sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CHILD_EXIT_MUTE;
        sent += (size_t)n;
    }
    return CHILD_EXIT_ANSWERED;
}

static int identify(struct buffer *answer)
{
    struct identity i = {0};

    document_identify(DOCUMENT_FD, &i);
    identity_encode(&i, answer);
    return send_answer(answer);
}

static enum refusal refusal_of(const struct err *e)
{
    return e->code == ERR_MEMORY    ? REFUSAL_OUT_OF_MEMORY
           : e->code == ERR_TOO_BIG ? REFUSAL_TOO_LARGE
                                    : REFUSAL_DAMAGED;
}

static int look(const struct child_task *task, struct opened_page *page,
                struct buffer *answer)
{
    struct look l = {.refusal = page->refusal};
    struct err e;

    if (l.refusal == REFUSAL_NONE && secrecy_look(task->recogniser, page, &l, &e) != 0)
        l = (struct look){.refusal = refusal_of(&e)};
    look_encode(&l, answer);
    return send_answer(answer);
}

static int read_page(const struct child_task *task, struct opened_page *page,
                     struct buffer *answer)
{
    struct reading r = {.refusal = page->refusal};
    struct err e;
    int status;

    buffer_init(&r.text, READING_TEXT_MAX);
    if (r.refusal == REFUSAL_NONE &&
        recognise_page(task->recogniser, page, task->question.quarter_turns, &r, &e) != 0)
        r.refusal = refusal_of(&e);
    reading_encode(&r, answer);
    status = send_answer(answer);
    reading_release(&r);
    return status;
}

static int look_or_read(const struct child_task *task, struct buffer *answer)
{
    const struct question *q = &task->question;
    struct opened_page page;
    enum opened opened = page_open(DOCUMENT_FD, task->drawn ? 0 : q->page, &page);
    int status;

    if (opened == OPENED_NEEDS_DRAWING)
        return task->drawn ? CHILD_EXIT_MUTE : CHILD_EXIT_DRAW;
    if (opened == OPENED_REFUSED && page.refusal == REFUSAL_NONE)
        page.refusal = REFUSAL_DAMAGED;
    if (opened == OPENED && task->drawn)
        page.dpi = task->drawn_dpi; /* a PNM cannot say */
    status = q->kind == QUESTION_LOOK ? look(task, &page, answer)
                                      : read_page(task, &page, answer);
    pixDestroy(&page.pix);
    return status;
}

int child_run(void *arg)
{
    const struct child_task *task = arg;
    struct buffer answer;
    int status = CHILD_EXIT_MUTE;

    if (set_new_handler != NULL)
        (void)set_new_handler(memory_ran_out);
    buffer_init(&answer, ANSWER_BYTES_MAX);
    switch (task->question.kind) {
    case QUESTION_IDENTIFY:
        status = identify(&answer);
        break;
    case QUESTION_LOOK:
    case QUESTION_READ:
        status = look_or_read(task, &answer);
        break;
    case QUESTION_UNPACK:
        archive_unpack(DOCUMENT_FD, ANSWER_FD);
        status = CHILD_EXIT_ANSWERED;
        break;
    }
    buffer_release(&answer);
    return status;
}
