/* Search list: where one word is in one block of the index, packed. Pure.
 *
 *   slots:   per slot  varint (slot - (slot before + 1)) << 1 | more
 *                      if more: varint times - 2   (else: once)
 *   places:  per slot  varint first place, then varint place - place before …
 *
 * Slots count from the block's first; a place is the number of a word in its text,
 * from 0. Two columns, because most questions need no places. Common words take a
 * byte a slot. The reader trusts nobody: it ends at the first thing that is wrong. */
#ifndef TRAM_SCHEMA_SEARCH_LIST_H
#define TRAM_SCHEMA_SEARCH_LIST_H

#include "base/buffer.h"

#define BLOCK_SLOTS_MAX 65536
#define LIST_BYTES_MAX  (256 * 1024 * 1024)
#define LIST_PLACES_MAX 0xffffffffu

struct list_writer {
    struct buffer slots, places;
    uint32_t pages;
    uint32_t next;               /* the least slot that may be told next */
    uint32_t slot, times, place; /* of the slot at hand; times 0: none */
};

void list_writer_init(struct list_writer *w);
void list_writer_release(struct list_writer *w);
void list_writer_clear(struct list_writer *w);
/* Ascending: slots, and places within one. */
void list_writer_add(struct list_writer *w, uint32_t slot, uint32_t place);
/* Writes what is at hand; none are added after it. */
void list_writer_end(struct list_writer *w);

struct list_reader {
    struct cursor slots, places;
    uint32_t next;
    uint32_t slot, times; /* after list_next() */
    uint32_t left, place; /* places of this slot that are still to come */
    uint64_t passed;      /* places before them that nobody wants */
};

/* places may be NULL, when none are asked for. */
void list_reader_init(struct list_reader *r, const void *slots, size_t slots_bytes,
                      const void *places, size_t places_bytes);
/* Here, because a question reads millions of slots. */
/* Nearly all are of one byte. */
static inline uint64_t list_varint(struct cursor *c)
{
    if (c->at < c->end && *c->at < 0x80)
        return *c->at++;
    return cursor_varint(c);
}

/* A slot of a byte or two, which nearly all are: without a branch on how often, which
 * nobody can foretell. */
static inline bool list_next_short(struct list_reader *r)
{
    const unsigned char *at = r->slots.at;
    uint32_t more, times, slot;

    if (r->slots.end - at < 2 || ((at[0] | at[1]) & 0x80) != 0)
        return false;
    more = at[0] & 1;
    times = 1 + (-more & (at[1] + 1u));
    slot = r->next + (at[0] >> 1);
    if (slot >= BLOCK_SLOTS_MAX)
        return false;
    r->slots.at = at + 1 + more;
    r->slot = slot;
    r->next = slot + 1;
    r->times = r->left = times;
    r->place = 0;
    return true;
}

static inline bool list_next(struct list_reader *r)
{
    uint64_t step, times = 1;

    if (list_next_short(r))
        return true;
    if (r->slots.at >= r->slots.end)
        return false;
    step = list_varint(&r->slots);
    if ((step & 1) != 0)
        times = list_varint(&r->slots) + 2;
    step >>= 1;
    if (r->slots.failed || step >= BLOCK_SLOTS_MAX - r->next || times > LIST_PLACES_MAX) {
        r->slots.at = r->slots.end; /* not a list of ours: it ends here */
        return false;
    }
    r->slot = r->next + (uint32_t)step;
    r->next = r->slot + 1;
    r->times = r->left = (uint32_t)times;
    r->place = 0;
    return true;
}

/* Goes on behind the places that were passed. */
void list_skip(struct list_reader *r);

/* Passes all places of the slot. */
static inline void list_pass(struct list_reader *r)
{
    r->passed += r->left;
    r->left = 0;
}

/* The next place of the slot; of each, all must be read or passed, if any is. */
static inline bool list_place(struct list_reader *r, uint32_t *place)
{
    uint64_t step;

    if (r->passed > 0)
        list_skip(r);
    if (r->left == 0 || r->places.at >= r->places.end)
        return false;
    step = list_varint(&r->places);
    if (r->places.failed || step > LIST_PLACES_MAX - r->place)
        return false;
    r->place += (uint32_t)step;
    r->left--;
    *place = r->place;
    return true;
}

#endif
