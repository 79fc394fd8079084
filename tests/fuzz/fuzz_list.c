/* Fuzz: u8 bytes of slots / 4 | slots | places, as a list of the search index whose row was
 * damaged. It ends, names no slot beyond a block and no more than its bytes tell, by either
 * way of reading; and what came out of it can be written and merged again. */
#include <assert.h>

#include "schema/search/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void read_one_by_one(const uint8_t *slots, size_t slots_count,
                            const uint8_t *places, size_t places_count,
                            struct list_writer *out)
{
    struct list_reader r;
    uint32_t place, next = 0;
    size_t read = 0;

    list_reader_init(&r, slots, slots_count, places, places_count);
    while (list_next(&r)) {
        assert(r.slot >= next && r.slot < BLOCK_SLOTS_MAX && r.times > 0);
        next = r.slot + 1;
        for (uint32_t last = 0; list_place(&r, &place); last = place) {
            assert(place >= last);
            list_writer_add(out, r.slot, place);
            read++;
        }
    }
    assert(read <= places_count);
    list_writer_end(out);
}

static void read_some_at_once(const uint8_t *slots, size_t slots_count)
{
    struct list_reader one, r;
    struct list_slots some;

    list_reader_init(&one, slots, slots_count, NULL, 0);
    list_reader_init(&r, slots, slots_count, NULL, 0);
    while (list_slots_next(&r, &some))
        for (uint32_t i = 0; i < some.count; i++) {
            bool is_there = list_next(&one);

            assert(is_there && one.slot == some.slot[i] && one.times == some.times[i]);
        }
    assert(!list_next(&one));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct list_writer once, again;
    size_t slots_count;

    if (count == 0)
        return 0;
    slots_count = (size_t)bytes[0] * 4;
    slots_count = slots_count < count - 1 ? slots_count : count - 1;
    bytes++;
    count -= 1 + slots_count;
    list_writer_init(&once);
    list_writer_init(&again);
    read_some_at_once(bytes, slots_count);
    read_one_by_one(bytes, slots_count, bytes + slots_count, count, &once);
    read_one_by_one(once.slots.bytes, once.slots.count, once.places.bytes,
                    once.places.count, &again);
    assert(again.pages == once.pages && again.slots.count == once.slots.count &&
           again.places.count == once.places.count);
    list_writer_release(&once);
    list_writer_release(&again);
    return 0;
}
