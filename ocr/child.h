/* Child: what one caged process does for one question. The document is its
 * descriptor 3, the answer goes to 4, and it exits with one of the numbers below. */
#ifndef TRAM_OCR_CHILD_H
#define TRAM_OCR_CHILD_H

#include "ocr/protocol.h"
#include "ocr/recognise.h"

#define CHILD_EXIT_ANSWERED 0
#define CHILD_EXIT_REFUSED  64  /* and more: this plus the enum refusal */
#define CHILD_EXIT_MUTE     101 /* the answer could not be written */
#define CHILD_EXIT_LARGE    102 /* it is larger than an answer may be */
/* page_open(): OPENED_NEEDS_DRAWING; and more: child_drawing_dpi(). */
#define CHILD_EXIT_DRAW 130

struct child_task {
    struct question question;
    bool drawn;                    /* the document is the page, as pdftoppm drew it */
    uint32_t drawn_dpi;            /* at this resolution */
    struct recogniser *recogniser; /* for LOOK and READ */
};

/* cage_spec.run; `task` is a struct child_task. */
int child_run(void *task);
/* The resolution that an exit status wants the page drawn at: that of the page's own
 * pictures, or a usual one; 0: it wants nothing drawn. */
uint32_t child_drawing_dpi(int status);

#endif
