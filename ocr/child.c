#include "ocr/child.h"

#include <leptonica/allheaders.h>
#include <unistd.h>

#include "base/cage.h"
#include "ocr/copy/file.h"
#include "ocr/copy/picture.h"
#include "ocr/output.h"
#include "ocr/repack/repack.h"
#include "ocr/small/small.h"
#include "ocr/source.h"
#include "ocr/view.h"

#define DOCUMENT_FD 3
#define ANSWER_FD   4

/* Of drawn pages: both ends fit an exit status. */
#define DRAW_DPI_MIN 175
#define DRAW_DPI_MAX 300

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
    struct err e;

    if (answer->failed == ERR_MEMORY)
        return CAGE_EXIT_MEMORY;
    if (answer->failed != ERR_NONE)
        return CHILD_EXIT_LARGE;
    return output_write(ANSWER_FD, answer->bytes, answer->count, &e) == 0
               ? CHILD_EXIT_ANSWERED
               : CHILD_EXIT_MUTE;
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
        recognise_page(task->recogniser, page, task->question.quarter_turns,
                       task->question.way, &r, &e) != 0)
        r.refusal = refusal_of(&e);
    reading_encode(&r, answer);
    status = send_answer(answer);
    reading_release(&r);
    return status;
}

static int make_small(const struct child_task *task, struct opened_page *page,
                      struct buffer *answer)
{
    struct small s = {.refusal = page->refusal};
    struct err e;
    int status;

    if (s.refusal == REFUSAL_NONE &&
        small_make(&s, page, task->question.quarter_turns, &e) != 0) {
        small_release(&s);
        s = (struct small){.refusal = refusal_of(&e)};
    }
    small_encode(&s, answer);
    status = send_answer(answer);
    small_release(&s);
    return status;
}

/* Coarse pictures are drawn at twice their resolution: their pixels stay squares. */
static int draw_status(uint32_t dpi)
{
    if (dpi < DRAW_DPI_MIN)
        dpi *= 2;
    if (dpi < DRAW_DPI_MIN || dpi > DRAW_DPI_MAX)
        dpi = DRAW_DPI_MAX;
    return CHILD_EXIT_DRAW + (int)(dpi - DRAW_DPI_MIN);
}

uint32_t child_drawing_dpi(int status)
{
    bool draw = status >= CHILD_EXIT_DRAW &&
                status <= CHILD_EXIT_DRAW + DRAW_DPI_MAX - DRAW_DPI_MIN;

    return draw ? (uint32_t)(status - CHILD_EXIT_DRAW) + DRAW_DPI_MIN : 0;
}

/* The answer has no room for a refusal: it is the file itself. */
static int status_of(enum refusal r)
{
    return r == REFUSAL_NONE ? CHILD_EXIT_ANSWERED : CHILD_EXIT_REFUSED + (int)r;
}

static int give_picture(struct opened_page *page, struct buffer *answer)
{
    enum refusal r = page->refusal;

    if (r == REFUSAL_NONE)
        r = copy_picture_coded(page, answer);
    return r == REFUSAL_NONE ? send_answer(answer) : status_of(r);
}

static int give_view(const struct child_task *task, struct opened_page *page,
                     struct buffer *answer)
{
    enum refusal r = page->refusal;

    if (r == REFUSAL_NONE)
        r = view_make(page, task->question.quarter_turns, answer);
    return r == REFUSAL_NONE ? send_answer(answer) : status_of(r);
}

static int answer_of_page(const struct child_task *task, struct buffer *answer)
{
    const struct question *q = &task->question;
    struct opened_page page;
    enum opened opened = page_open(DOCUMENT_FD, task->drawn ? 0 : q->page, &page);
    int status;

    if (opened == OPENED_NEEDS_DRAWING)
        return task->drawn ? CHILD_EXIT_MUTE : draw_status(page.dpi);
    if (opened == OPENED_REFUSED && page.refusal == REFUSAL_NONE)
        page.refusal = REFUSAL_DAMAGED;
    if (opened == OPENED && task->drawn)
        page.dpi = task->drawn_dpi; /* a PNM cannot say */
    status = q->kind == QUESTION_LOOK      ? look(task, &page, answer)
             : q->kind == QUESTION_SMALL   ? make_small(task, &page, answer)
             : q->kind == QUESTION_PICTURE ? give_picture(&page, answer)
             : q->kind == QUESTION_VIEW    ? give_view(task, &page, answer)
                                           : read_page(task, &page, answer);
    pixDestroy(&page.pix);
    return status;
}

static int repack(void)
{
    bool gained; /* the client counts for itself */

    return status_of(repack_pack(DOCUMENT_FD, ANSWER_FD, &gained));
}

static int picture(const struct child_task *task, struct buffer *answer)
{
    if (!task->drawn && copy_picture_untouched(DOCUMENT_FD, task->question.page, answer))
        return send_answer(answer);
    return answer_of_page(task, answer);
}

/* Large pieces are the page's own bytes, or fewer than it has. */
static size_t answer_bytes_max(enum question_kind kind)
{
    return kind == QUESTION_SMALL     ? SMALL_ANSWER_BYTES_MAX
           : kind == QUESTION_PICTURE ? SOURCE_BYTES_MAX
           : kind == QUESTION_VIEW    ? VIEW_BYTES_MAX
                                      : ANSWER_BYTES_MAX;
}

int child_run(void *arg)
{
    const struct child_task *task = arg;
    struct buffer answer;
    int status = CHILD_EXIT_MUTE;

    if (set_new_handler != NULL)
        (void)set_new_handler(memory_ran_out);
    buffer_init(&answer, answer_bytes_max(task->question.kind));
    switch (task->question.kind) {
    case QUESTION_IDENTIFY:
        status = identify(&answer);
        break;
    case QUESTION_LOOK:
    case QUESTION_READ:
    case QUESTION_SMALL:
    case QUESTION_VIEW:
        status = answer_of_page(task, &answer);
        break;
    case QUESTION_UNPACK:
        archive_unpack(DOCUMENT_FD, ANSWER_FD);
        status = CHILD_EXIT_ANSWERED;
        break;
    case QUESTION_REPACK:
        status = repack();
        break;
    case QUESTION_RESTORE:
        status = status_of(repack_restore(DOCUMENT_FD, ANSWER_FD));
        break;
    case QUESTION_PICTURE:
        status = picture(task, &answer);
        break;
    case QUESTION_COPY:
        status = status_of(copy_file(DOCUMENT_FD, ANSWER_FD));
        break;
    }
    buffer_release(&answer);
    return status;
}
