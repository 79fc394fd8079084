/* What comes out of the cage: answers to identify, look and read, as the caged
 * child encodes them and the distrusting caller decodes them. Encoder and decoder
 * are neighbours in reading.c and entries.c; tests/fuzz/ has a target for each decoder. */
#ifndef TRAM_OCR_READING_H
#define TRAM_OCR_READING_H

#include "base/buffer.h"
#include "ocr/alternatives.h"
#include "ocr/layout.h"
#include "ocr/refusal.h"

enum media {
    MEDIA_UNKNOWN,
    MEDIA_JPEG,
    MEDIA_PNG,
    MEDIA_TIFF,
    MEDIA_PDF,
    MEDIA_ZIP,
    MEDIA_TAR, /* plain, gzip or zstd */
};

/* "image/jpeg", …; "application/octet-stream" for the unknown. */
const char *media_type(enum media m);
bool media_is_archive(enum media m);

#define PAGES_MAX 5000 /* in one document */

/* What a document is, before any pixel is decoded. */
struct identity {
    enum refusal refusal; /* not REFUSAL_NONE: the rest says nothing */
    enum media media;
    uint32_t pages;
};

enum secrecy { SECRECY_NONE, SECRECY_MAT, SECRECY_TOI_MAT, SECRECY_TUYET_MAT };

/* "none", "mat", "toi_mat", "tuyet_mat". */
const char *secrecy_name(enum secrecy s);

/* The look for a secrecy stamp on one page. */
struct look {
    enum refusal refusal;
    enum secrecy secrecy;
    uint32_t width, height, dpi;              /* of the page, pixels */
    int32_t left, top, box_width, box_height; /* of the stamp, if any */
};

struct reading {
    enum refusal refusal;
    struct buffer text; /* UTF-8, NFC, valid, no NUL; see layout.h */
    struct layout layout;
    struct alternatives alternatives;
    /* How it was read and what was done to the page before: ASCII, as "tesseract
     * 5.3.0 vie psm3 otsu; turned 180, straightened 1.25; cells; attempts 2". */
    char engine[256];
    uint32_t took_ms;
};

void reading_release(struct reading *r); /* a zeroed one is fine */

void identity_encode(const struct identity *i, struct buffer *out);
int identity_decode(struct identity *out, const void *bytes, size_t count, struct err *e);
void look_encode(const struct look *l, struct buffer *out);
int look_decode(struct look *out, const void *bytes, size_t count, struct err *e);
void reading_encode(const struct reading *r, struct buffer *out);
/* Checks all that is said above, and that text and layout agree. */
int reading_decode(struct reading *out, const void *bytes, size_t count, struct err *e);

/* Of a page's picture for a screen: pixels of its longer side, and the whole JPEG. */
#define VIEW_SIDE_MAX  1600
#define VIEW_BYTES_MAX (4u << 20)

#define ANSWER_BYTES_MAX                                                                 \
    (READING_TEXT_MAX + LAYOUT_BYTES_MAX + ALTERNATIVES_BYTES_MAX + 512)

/* Entries of an archive come as a stream, because they may be large:
 *
 *   'E' varint name_bytes, name  begin of an entry
 *   'D' varint count, bytes      more of its bytes (≤ 64 KiB)
 *   'F'                          its end: whole
 *   'X' u8 refusal               its end: refused (after E), or the archive's,
 *                                outside an entry
 *   'Z' varint entries           end of the archive
 *
 * A stream without 'Z' or a closing 'X' was cut off. Names are for people, never
 * paths: valid UTF-8 without "/" at the start, a component "..", NUL or control
 * characters; 1 to 1024 bytes. Numbers of entries and bytes keep opener.h's caps. */
struct entry_sink {
    int (*begin)(void *arg, const char *name, struct err *e);
    int (*bytes)(void *arg, const void *bytes, size_t count, struct err *e);
    int (*end)(void *arg, enum refusal r, struct err *e);
    void *arg;
};

struct entry_parser; /* keeps its place between pieces of the stream */
int entry_parser_create(struct entry_parser **out, const struct entry_sink *sink,
                        struct err *e);
void entry_parser_destroy(struct entry_parser *p);
/* ERR_CORRUPT: the stream is not one of ours; the sink's errors pass through. */
int entry_parser_feed(struct entry_parser *p, const void *bytes, size_t count,
                      struct err *e);
/* After the stream's end: 0 and the archive's refusal (REFUSAL_NONE if all well,
 * REFUSAL_CUT_OFF without an end), and the number of entries. */
void entry_parser_finish(struct entry_parser *p, enum refusal *refusal,
                         uint64_t *entries);

/* Any name will do: ".." and a leading "/" are written with look-alikes (U+2025,
 * U+2215), what is no text with U+FFFD, and what is too long is cut off. */
void entry_encode_begin(struct buffer *out, const char *name);
void entry_encode_bytes(struct buffer *out, const void *bytes, size_t count);
void entry_encode_end(struct buffer *out, enum refusal r);
void entry_encode_finish(struct buffer *out, uint64_t entries);
void entry_encode_refusal(struct buffer *out, enum refusal r);

#endif
