/* Courier: what a stick carries between a box and its centre: the same bundles, sealed
 * blobs and receipts as the link, in tars beside whatever else is on it.
 *
 *   DIR/tram-17-7f3a9c21-up-00004.tar       of site 17, for the centre whose key begins
 *   DIR/tram-17-7f3a9c21-down-00002.tar     with these bytes; and from it to the site
 *   DIR/tram-17-7f3a9c21-up-00005.tar.part  begun and never finished: the next one that
 *                                           is written for this line removes it
 *
 * A tar is whole or it is not there: written as .part, synced, read again from the
 * stick and compared by hash, renamed, the directory synced. Numbers only rise on one
 * stick, until somebody has used them up: then what is numbered begins anew. Two sticks
 * know nothing of each other. Records make a tar of their own before
 * any image, and no tar passes COURIER_TAR_BYTES_MAX: who pulls the stick out early
 * takes with him all that was finished.
 *
 * Entries, plain files of a ustar with nothing in their headers but this name:
 *
 *   tram1/17-7f3a9c21/WHAT-ID-AT-END-HASH
 *
 *   WHAT     ID           AT .. END            bytes
 *   claim    0            0 .. 0               CLAIM, sync/enrol.h
 *   heard    0            0 .. 0               receipts that the box took from this stick,
 *                                              each u32 count, bytes
 *   hello    0            0 .. 0               SHA-256 of `heard` (or zeroes) 32, and
 *                                              HELLO, bound to it: courier_binding()
 *   bundle   its object   its sequences        a whole bundle, up or down
 *   blob     its object   offset .. in all     the sealed blob's bytes from there on
 *   receipt  0            0 .. 0               a receipt
 *   lines    0            0 .. 0               known_lines.h, before any receipt, for a box
 *                                              that seems not to know that its line was left
 *   have     its object   offset .. in all     none: so much of it the centre has; 0 in
 *                                              all: of one that is as long as it may be
 *   took     0            0 .. number          none: up tars to this one have been read
 *
 * ID is 32 hexadecimal digits, AT and END are decimal, HASH is the first 12 digits of
 * the bytes' SHA-256: it tells an entry that was damaged on its way from one that
 * somebody forged. It proves nothing, and need not: what is in the tar is believed
 * only as far as it proves itself (signatures, seals), as on the link. `have` and
 * `took` prove nothing at all: who forges them delays a stick, as he would by
 * keeping it.
 *
 * A stick's bytes are anybody's. How they are read is in courier_reader.h. */
#ifndef TRAM_SYNC_COURIER_H
#define TRAM_SYNC_COURIER_H

#include "base/disk.h"
#include "base/hash.h"
#include "sync/bundle.h"
#include "sync/message.h"

#define COURIER_TAG_BYTES       9 /* eight digits and the NUL */
#define COURIER_NAME_BYTES      48
#define COURIER_ENTRY_NAME_MAX  100 /* what a ustar header holds */
#define COURIER_HASH_BYTES      6
#define COURIER_ENTRY_BYTES_MAX BUNDLE_BYTES_MAX
#define COURIER_PART_BYTES      (1u << 20)   /* of a blob, in one entry */
#define COURIER_TAR_BYTES_MAX   (256u << 20) /* FAT ends at 4 GiB; a pull comes sooner */
#define COURIER_NUMBER_MAX      99999
/* From here on a stick's numbers count as used up. Nobody lives to write so many; who
 * forges one has used them up, and would else end the line. One export has room left. */
#define COURIER_NUMBER_USED_UP 99000

/* Between whom: one box and one centre. */
struct courier_line {
    uint16_t site;
    char tag[COURIER_TAG_BYTES]; /* the centre's, courier_tag() */
};

void courier_tag(char out[COURIER_TAG_BYTES], const struct public_key *centre);
bool courier_line_equal(const struct courier_line *a, const struct courier_line *b);

/* A tar of ours, by its name. */
struct courier_name {
    struct courier_line line;
    enum direction direction;
    uint32_t number;
    bool part; /* never finished */
};
void courier_name_write(char out[COURIER_NAME_BYTES], const struct courier_name *n);
bool courier_name_read(struct courier_name *out, const char *name);

enum courier_what {
    COURIER_CLAIM,
    COURIER_HEARD,
    COURIER_HELLO,
    COURIER_BUNDLE,
    COURIER_BLOB,
    COURIER_RECEIPT,
    COURIER_LINES,
    COURIER_HAVE,
    COURIER_TOOK,
    COURIER_WHATS
};

/* An entry, by its name. */
struct courier_entry {
    struct courier_line line;
    enum courier_what what;
    struct object_id object; /* its kind is by `what` */
    uint64_t at, end;
    uint8_t hash[COURIER_HASH_BYTES];
    uint64_t bytes; /* by the header, not by the name */
};
/* Without the NUL it has at most COURIER_ENTRY_NAME_MAX bytes. */
void courier_entry_write(char out[COURIER_ENTRY_NAME_MAX + 1],
                         const struct courier_entry *n);
/* All but `bytes`. */
bool courier_entry_read(struct courier_entry *out, const char *name);

void courier_entry_seal(struct courier_entry *n, const void *bytes, size_t count);
bool courier_entry_sound(const struct courier_entry *n, const void *bytes, size_t count);

/* What a hello on a stick is bound to, as one on a link is to its connection. */
#define COURIER_BINDING_BYTES (16 + HASH_BYTES)
void courier_binding(uint8_t out[COURIER_BINDING_BYTES], const struct hash *heard);

/* Which tars of ours are on a stick. */
struct courier_list {
    struct courier_name *names; /* by line, direction and number; owned */
    uint64_t *bytes;            /* of each; owned */
    bool *files; /* … whether it is one: a directory may be called so, and a
                                 * worn stick may not say; owned */
    size_t count;
    unsigned others; /* files that are none of ours */
};
int courier_list_read(struct courier_list *out, struct disk *stick, const char *dir,
                      struct err *e);
void courier_list_release(struct courier_list *l); /* a zeroed one is fine */

/* The lowest number above `after` that nothing on the list has; beyond
 * COURIER_NUMBER_MAX: there is none. */
uint32_t courier_number_free(const struct courier_list *l,
                             const struct courier_line *line, enum direction direction,
                             uint32_t after);

/* DIR/name */
int courier_path(char out[DISK_PATH_BYTES], const char *dir, const struct courier_name *n,
                 struct err *e);

#endif
