/* Drawn pages: a document's pages as its fields are drawn from them. Those of both ends
 * are held at once, since heads are on the first and signatures on the last; a register's
 * cells are on all, which are gone through one at a time: a book of any length takes no
 * more memory than the pages of its ends. Pages in quarantine and damaged ones are passed
 * over. */
#ifndef TRAM_APPLIANCE_DRAWN_PAGES_H
#define TRAM_APPLIANCE_DRAWN_PAGES_H

#include "appliance/readings.h"
#include "ocr/fields/fields.h"

#define PAGES_EACH_END 16
#define PAGES_HELD_MAX (2 * PAGES_EACH_END)

struct drawn_page {
    uint32_t number; /* in the document, from 0 */
    struct reading_rows reading;
    struct layout layout;
};

struct drawn_pages {
    struct box *box; /* not owned */
    uint64_t *ids;   /* owned; of all pages, also of those that cannot be read */
    size_t count, room;
    struct drawn_page held[PAGES_HELD_MAX];
    size_t held_count;
};

/* On failure *out is to be closed too. */
int drawn_pages_open(struct drawn_pages *out, struct box *b, uint64_t document,
                     struct err *e);
void drawn_pages_close(struct drawn_pages *p); /* a zeroed one is fine */

/* Those that are held, p->held_count of them; they live as long as *p. */
void drawn_pages_held(const struct drawn_pages *p, struct fields_page *out);

/* Each page in its order, for as long as the call lasts. */
int drawn_pages_each(const struct drawn_pages *p,
                     int (*each)(void *arg, const struct fields_page *page,
                                 uint32_t number, struct err *e),
                     void *arg, struct err *e);

#endif
