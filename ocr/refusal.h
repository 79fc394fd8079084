/* Why a document is not taken, or a page not read: the words that go into rows,
 * JSON and, through base/messages.tsv ("refusal.<name>"), to the clerk. */
#ifndef TRAM_OCR_REFUSAL_H
#define TRAM_OCR_REFUSAL_H

enum refusal {
    REFUSAL_NONE = 0,
    REFUSAL_EMPTY,      /* no bytes */
    REFUSAL_WRONG_TYPE, /* none of the kinds that we open */
    REFUSAL_CUT_OFF,    /* ends in the middle */
    REFUSAL_DAMAGED,    /* the decoder would not have it */
    REFUSAL_TOO_LARGE,  /* more pixels, pages, entries or bytes than we take */
    REFUSAL_BOMB,       /* unpacks to far more than it is */
    REFUSAL_BAD_PATH,   /* an archive entry named with "..", "/" or a control character */
    REFUSAL_LINK,       /* an archive entry that is a link or a device */
    REFUSAL_ENCRYPTED,  /* needs a password */
    REFUSAL_NO_PAGES,   /* opened, and nothing in it */
    REFUSAL_CRASHED,    /* the reader died of it */
    REFUSAL_FORBIDDEN,  /* the reader asked for what the cage denies */
    REFUSAL_TIMED_OUT,  /* the reader took longer than a page may take */
    REFUSAL_OUT_OF_MEMORY, /* or needed more memory than a page may have */
    REFUSAL_NESTED,        /* an archive inside an archive */
    REFUSAL_NO_FONT,       /* a PDF without its fonts, on a machine that lacks them */
};

#define REFUSAL_COUNT (REFUSAL_NO_FONT + 1)

/* "cut_off", …; never NULL. */
const char *refusal_name(enum refusal r);

#endif
