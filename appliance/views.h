/* Views: pages' pictures for the desk's screen, made in the cage when they are asked for
 * (ocr/client.h, ocr_view), with a worker of their own that ends when nobody looks; the
 * last few are kept in memory, because a person goes back and forth. For any number of
 * threads, one picture at a time. */
#ifndef TRAM_APPLIANCE_VIEWS_H
#define TRAM_APPLIANCE_VIEWS_H

#include "appliance/box.h"

#define VIEWS_KEPT 8 /* some 300 kB each */

struct views;

int views_create(struct views **out, bool uncaged, struct err *e);
void views_destroy(struct views *v); /* NULL is fine; all must have been answered */

/* What is being made, now and later, ends within a moment with ERR_BUSY: for who stops. */
void views_interrupt(struct views *v);
void views_idle(struct views *v); /* called now and then */

enum view_lack {
    VIEW_HERE,
    VIEW_NONE,    /* the page has no picture: imported text */
    VIEW_AWAY,    /* its original left to make room; show --original asks it back */
    VIEW_REFUSED, /* it cannot be drawn: the page's reading says why */
};

/* Appends the JPEG of the page, upright, unless *lack says why not. */
int views_get(struct views *v, struct box *b, uint64_t page, struct buffer *out,
              enum view_lack *lack, struct err *e);

#endif
