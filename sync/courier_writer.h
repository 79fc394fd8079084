/* Courier's writer: one tar on a stick, by libarchive through the disk seam. Until
 * courier_writer_finish() returns 0 there is nothing but a .part, which _destroy takes
 * away again; from then on the tar is there, read again and found equal, whoever
 * pulls the stick out. The same entries make the same bytes. */
#ifndef TRAM_SYNC_COURIER_WRITER_H
#define TRAM_SYNC_COURIER_WRITER_H

#include "sync/courier.h"

struct courier_writer;

/* `room`: what the tar may have on the stick, all in all. */
int courier_writer_create(struct courier_writer **out, struct disk *stick,
                          const char *dir, const struct courier_name *name, uint64_t room,
                          struct err *e);
void courier_writer_destroy(struct courier_writer *w); /* NULL is fine */

/* How many bytes one more entry may have; 0: none. */
uint64_t courier_writer_room(const struct courier_writer *w);

/* Writes it whole; what, object, at and end are the caller's, the rest is filled in. */
int courier_writer_add(struct courier_writer *w, struct courier_entry entry,
                       const void *bytes, size_t count, struct err *e);

uint64_t courier_writer_bytes(const struct courier_writer *w); /* so far */
unsigned courier_writer_entries(const struct courier_writer *w);

/* Once, at its end. ERR_CORRUPT: what was read again is not what was written: a stick
 * that is worn out, or larger on its label than inside. */
int courier_writer_finish(struct courier_writer *w, struct err *e);

#endif
