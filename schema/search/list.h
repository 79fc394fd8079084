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

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

#define BLOCK_SLOTS_MAX   65536
#define LIST_BYTES_MAX    (256 * 1024 * 1024)
#define LIST_PLACES_MAX   0xffffffffu
#define LIST_PLACES_SHORT 8   /* read at once */
#define LIST_SLOTS        128 /* likewise */

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
    uint64_t passed;      /* places before them that nobody wants; the caller adds */
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

/* Some slots at once, so that what is done with one waits for no other. */
struct list_slots {
    uint32_t count;
    uint32_t slot[LIST_SLOTS], times[LIST_SLOTS];
};

/* The next of them; false: there are none. */
static inline bool list_slots_next(struct list_reader *r, struct list_slots *some)
{
    uint32_t count = 0;

    while (count < LIST_SLOTS) {
        const unsigned char *at = r->slots.at, *end = r->slots.end;
        uint32_t next = r->next;

        /* As list_next_short(), with all of it in registers. */
        while (count < LIST_SLOTS && end - at >= 2 && ((at[0] | at[1]) & 0x80) == 0 &&
               next + (at[0] >> 1) < BLOCK_SLOTS_MAX) {
            uint32_t more = at[0] & 1;

            some->slot[count] = next + (at[0] >> 1);
            some->times[count] = 1 + (-more & (at[1] + 1u));
            next = some->slot[count++] + 1;
            at += 1 + more;
        }
        r->slots.at = at;
        r->next = next;
        if (count == LIST_SLOTS || !list_next(r))
            break;
        some->slot[count] = r->slot;
        some->times[count++] = r->times;
    }
    some->count = count;
    return count > 0;
}

/* How many words each slot of a block has, as its row tells: at once, because it is done
 * for every slot of every question. */
void list_lengths(uint16_t *out, const void *words, size_t count);

/* Goes on behind the places that were passed. */
void list_skip(struct list_reader *r);

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

/* Of a few places of a byte each, which nearly all are, at once; false: one by one. Of
 * eight that are written the slot's own count. */
static inline bool list_places_short(struct list_reader *r, uint64_t place,
                                     uint32_t times, uint64_t *out)
{
    const unsigned char *at = r->places.at;
    uint64_t eight = 0;

    if (times > LIST_PLACES_SHORT || r->places.end - at < LIST_PLACES_SHORT)
        return false;
    memcpy(&eight, at, sizeof eight);
    eight = le64toh(eight);
    if ((eight & 0x8080808080808080u >> 8 * (LIST_PLACES_SHORT - times)) != 0)
        return false;
#pragma GCC unroll 8
    for (int i = 0; i < LIST_PLACES_SHORT; i++)
        out[i] = place += eight >> 8 * i & 0xff;
    r->places.at = at + times;
    return true;
}

/* All places of such a slot, each as slot << 32 | place, into room for so many and
 * LIST_PLACES_SHORT: how many. Of a damaged list no more than it says, and than it has. */
static inline size_t list_places(struct list_reader *r, uint32_t slot, uint32_t times,
                                 uint64_t *out)
{
    size_t count = 0;
    uint32_t place;

    if (r->passed > 0)
        list_skip(r);
    if (list_places_short(r, (uint64_t)slot << 32, times, out))
        return times;
    r->left = times;
    r->place = 0;
    while (list_place(r, &place))
        out[count++] = (uint64_t)slot << 32 | place;
    return count;
}

#endif
