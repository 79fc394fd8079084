/* Dictionary: bytes that a bundle may point back into from a box's first day on, before
 * there is any history (bundle.h). Its number is the first four bytes of its SHA-256, so
 * that who knows the number has these very bytes, whoever made them.
 *
 * One comes with the program, made from our own sample texts when it is built. Others
 * lie in DIR/dictionaries, a file each: "0001-" counted up, then the number in eight
 * hexadecimal digits. All are read with; the last one is written with, if there is any. */
#ifndef TRAM_SYNC_DICTIONARY_H
#define TRAM_SYNC_DICTIONARY_H

#include "base/buffer.h"
#include "base/disk.h"

#define DICTIONARY_FOLDER "dictionaries"

uint32_t dictionary_number(const void *bytes, size_t count); /* never 0 */

/* The one with this number: 1 and appended to `out`, 0 if it is not here. */
int dictionary_find(struct disk *d, const char *dir, uint32_t number, struct buffer *out,
                    struct err *e);

/* The one to write with, appended to `out`. */
int dictionary_newest(struct disk *d, const char *dir, uint32_t *number,
                      struct buffer *out, struct err *e);

/* Keeps another one, on disk when it returns; ERR_TOO_BIG above BUNDLE_DICTIONARY_MAX. */
int dictionary_add(struct disk *d, const char *dir, const void *bytes, size_t count,
                   uint32_t *number, struct err *e);

/* All that lie in one directory into another's, under the names they have; one that is
 * damaged, or cannot be read, is of no use to anybody and is passed over. */
int dictionary_copy_all(struct disk *d, const char *from, const char *to, struct err *e);

/* Trains one of at most `count_max` bytes from `samples`, which lie one behind the other
 * in `bytes`. ERR_USAGE: there is too little to learn from. */
int dictionary_train(const void *bytes, const size_t *samples, size_t samples_count,
                     size_t count_max, struct buffer *out, struct err *e);

#endif
