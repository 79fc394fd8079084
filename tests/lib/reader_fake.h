/* A reader for tests: no Tesseract, no child, and no chance. It reads plain text
 * that says what a document is, from any disk:
 *
 *   fake pdf                     its kind: jpeg, png, tiff, pdf, zip, tar
 *   page: Quyết định số 12       a page and its text
 *   page mat: …                  … with a stamp: mat, toi_mat, tuyet_mat
 *   page look=crashed: …         … the look at which ends with this refusal
 *   page read=timed_out: …       … the reading of which does
 *   page small=crashed: …        … of which no small image can be made
 *   again: Quyết định số 12      what the page above says when it is read in another way
 *                                than the usual one; "again read=timed_out:" how that ends
 *   pack no_gain                 nothing is gained by packing it, or a refusal
 *   is encrypted                 the whole document is refused with this
 *   entry scan/a.jpg             of an archive; its lines follow, with '|' before
 *   |fake jpeg                   them
 *   refuse bad_path ../a.jpg     an entry that is refused
 *   close bomb                   what becomes of the archive itself
 *   end                          without it the document is cut off
 *
 * Instead of a page's first word it offers "khác".
 *
 * Pages whose texts begin with the same word look alike.
 *
 * Small images and packed forms it makes of any bytes: an image says of which page of
 * which file it is, and how that was turned. */
#ifndef TRAM_TESTS_READER_FAKE_H
#define TRAM_TESTS_READER_FAKE_H

#include "appliance/reader.h"

#define READER_FAKE_JOBS_MAX 8

struct reader_fake_job {
    uint64_t ticket;
    struct reading answer;
};

struct reader_fake {
    struct reader reader;
    /* Questions so far. */
    unsigned identified, looked, unpacked, submitted, small, repacked;
    bool gone; /* the worker cannot be had: every question fails */
    bool unpacking;
    /* Called once, at the next look: what somebody else does meanwhile. */
    void (*on_look)(void *arg);
    void *on_look_arg;
    /* Called once, when an answer is waited for. */
    void (*on_wait)(void *arg);
    void *on_wait_arg;
    unsigned told_while_unpacking; /* questions in the middle of an answer */
    struct reader_fake_job jobs[READER_FAKE_JOBS_MAX];
    size_t jobs_count;
};

void reader_fake_init(struct reader_fake *r, unsigned jobs);
void reader_fake_release(struct reader_fake *r); /* drops what is at work */

/* The text of page `page` of a document, for what a test expects; false if it has
 * none. The caller releases *out. */
bool reader_fake_text(struct disk_file *f, uint32_t page, struct buffer *out);

#endif
