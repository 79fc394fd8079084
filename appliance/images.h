/* Images: every page that has been read gets a small image and a thumbnail
 * (ocr/small/small.h), for links that cannot carry the scan. Both are one captured
 * write; their bytes are blobs. A page that is turned later gets new ones.
 *
 * Which pages lack them is found by asking the records, in the order of the pages, so
 * nothing is forgotten by a restart. A page of which none can be made is remembered
 * with its reason (image_refused) and tried again only when it is turned. */
#ifndef TRAM_APPLIANCE_IMAGES_H
#define TRAM_APPLIANCE_IMAGES_H

#include "appliance/box.h"

#define IMAGES_BATCH 64

/* Below this much free space none are made: the last of a disk is for records, whose
 * readings and frames are a few kilobytes a page where an image is forty. It is far below
 * the mark at which room is made (room.h) and packing stops: an original may leave only
 * when its image is there, so images must still be made when the disk is low, or nothing
 * could ever leave. A day's 2,000 pages take 80 MB of images; the records of three months
 * fit into what is left. On a small disk a sixteenth, a quarter of its floor there. */
#define IMAGES_FLOOR_BYTES_MAX (256ull << 20)
#define IMAGES_FLOOR_SHARE     16

struct image_task {
    uint64_t page; /* 0: none */
    uint32_t original_page;
    uint8_t rotation;
    struct hash sha256; /* of the original */
};

/* How far the looking is; zeroed: at the beginning. Documents that no frame has
 * touched since are not looked at again. */
struct images {
    uint64_t looked; /* all is made of what frames up to this one touched */
    uint64_t pass;   /* the last frame when this pass began; 0: none is under way */
    uint64_t after;  /* pages up to this one were looked at in this pass */
    struct image_task batch[IMAGES_BATCH];
    size_t batch_count, batch_at;
};

/* Makes the images of one page. 1: done with one (*made is false if it was refused);
 * 0: none lacks them, or the disk is too full; -1: trouble with the store, the disk or the
 * reader. */
int images_next(struct box *b, struct images *i, bool *made, struct err *e);

#endif
