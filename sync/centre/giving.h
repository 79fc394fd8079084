/* Giving: what a box lacks of its site's history when the site goes over to its line, as
 * frames of the centre's own (down_frame), in the order in which it was applied here:
 *
 *   the old line      3 ─► 4 ─► 5          ours      D, made having seen 4
 *   given to the box            4, D, 5
 *
 * That is: the old line's frames that the new one has not, word for word, and behind each
 * our own that were made having seen it. The box has passed those over (they stood on what
 * it had lost: line_path_stands()), and gets them now behind what they are about. Nothing
 * that it has, or that another of our frames brings it, is given twice.
 *
 * Each says how much of the new line had been applied here before it: what the box made
 * after that stands, as ever when two changes have not seen each other. */
#ifndef TRAM_SYNC_CENTRE_GIVING_H
#define TRAM_SYNC_CENTRE_GIVING_H

#include "sync/centre/lines.h"
#include "sync/rows/rows.h"

/* The site goes from a line to one of this epoch; `to` ends with it, open. Inside a
 * transaction. What of an old frame could be no change of a row is left out, and an alarm
 * says so: it is parked here. */
int giving_all(struct centre *c, const struct site_row *site, uint8_t epoch,
               const struct line_path *from, const struct line_path *to, struct err *e);

/* One frame of the box's, made having seen so much. */
int giving_frame(struct centre *c, uint16_t site, const struct rows_frame *f,
                 uint64_t seen, uint8_t seen_epoch, struct err *e);

#endif
