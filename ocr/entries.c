/* The entry stream of reading.h: its encoder, and the parser that distrusts it. */
#include "ocr/reading.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "ocr/opener.h"

#define NAME_BYTES_MAX  1024
#define PIECE_BYTES_MAX 65536
#define VARINT_MAX      10 /* bytes */

/* What a path would be climbed or rooted with is written with a look-alike that
 * no file system knows: the clerk still reads what was in the archive. */
#define LOOKS_LIKE_DOTS  "\xe2\x80\xa5" /* U+2025, for ".." */
#define LOOKS_LIKE_SLASH "\xe2\x88\x95" /* U+2215, for the first "/" */
#define NOT_A_LETTER     "\xef\xbf\xbd" /* U+FFFD, for what is no text */

/* --- encoder ------------------------------------------------------------- */

static bool climbs(const unsigned char *component, size_t bytes)
{
    return bytes == 2 && component[0] == '.' && component[1] == '.';
}

static bool is_control(utf8proc_int32_t letter)
{
    return letter < ' ' || (letter >= 0x7f && letter < 0xa0);
}

/* The letter at `at`, or a replacement for one that cannot be shown; how many
 * bytes of the name it takes. */
static size_t clean_letter(const unsigned char *at, size_t left, const char **out,
                           size_t *out_bytes)
{
    utf8proc_int32_t letter = -1;
    utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &letter);

    if (n <= 0 || is_control(letter)) {
        *out = NOT_A_LETTER;
        *out_bytes = strlen(NOT_A_LETTER);
        return n <= 0 ? 1 : (size_t)n;
    }
    *out = (const char *)at;
    *out_bytes = (size_t)n;
    return (size_t)n;
}

/* Cuts at NAME_BYTES_MAX, between letters. */
static void clean_name(struct buffer *out, const char *name)
{
    const unsigned char *at = (const unsigned char *)name;
    size_t left = strlen(name);
    bool first = true;

    while (left > 0) {
        size_t component = strcspn((const char *)at, "/"), bytes, taken;
        const char *letter;

        if (first && climbs(at, component)) {
            letter = LOOKS_LIKE_DOTS;
            bytes = strlen(letter);
            taken = 2;
        } else if (*at == '/' && out->count == 0) {
            letter = LOOKS_LIKE_SLASH;
            bytes = strlen(letter);
            taken = 1;
        } else {
            taken = clean_letter(at, left, &letter, &bytes);
        }
        first = *at == '/';
        if (out->count + bytes > NAME_BYTES_MAX) {
            /* Cut off, "..." must not become "..". */
            while (out->count > 0 && out->bytes[out->count - 1] == '.')
                out->count--;
            break;
        }
        buffer_append(out, letter, bytes);
        at += taken;
        left -= taken;
    }
    if (out->count == 0)
        buffer_append_text(out, NOT_A_LETTER);
}

void entry_encode_begin(struct buffer *out, const char *name)
{
    struct buffer clean;

    buffer_init(&clean, NAME_BYTES_MAX);
    clean_name(&clean, name);
    if (clean.failed != ERR_NONE && out->failed == ERR_NONE)
        out->failed = clean.failed;
    buffer_append_byte(out, 'E');
    buffer_append_varint(out, clean.count);
    buffer_append(out, clean.bytes, clean.count);
    buffer_release(&clean);
}

void entry_encode_bytes(struct buffer *out, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;

    while (count > 0) {
        size_t piece = count < PIECE_BYTES_MAX ? count : PIECE_BYTES_MAX;

        buffer_append_byte(out, 'D');
        buffer_append_varint(out, piece);
        buffer_append(out, at, piece);
        at += piece;
        count -= piece;
    }
}

void entry_encode_end(struct buffer *out, enum refusal r)
{
    if (r == REFUSAL_NONE)
        buffer_append_byte(out, 'F');
    else
        entry_encode_refusal(out, r);
}

void entry_encode_finish(struct buffer *out, uint64_t entries)
{
    buffer_append_byte(out, 'Z');
    buffer_append_varint(out, entries);
}

void entry_encode_refusal(struct buffer *out, enum refusal r)
{
    buffer_append_byte(out, 'X');
    buffer_append_byte(out, (uint8_t)r);
}

/* --- parser --------------------------------------------------------------
 *
 *   TAG ─'E'─► NAME_BYTES ─► NAME ─► TAG      (begin)
 *   TAG ─'D'─► PIECE_BYTES ─► PIECE ─► TAG    (bytes, as they come)
 *   TAG ─'F'─► TAG                            (end)
 *   TAG ─'X'─► REFUSAL ─► TAG, or OVER outside an entry
 *   TAG ─'Z'─► COUNT ─► OVER
 *   anything else, or an error of the sink ─► BROKEN, for good */

enum place { TAG, NAME_BYTES, NAME, PIECE_BYTES, PIECE, REFUSED, COUNT, OVER, BROKEN };

struct entry_parser {
    struct entry_sink sink;
    enum place place;
    bool in_entry;
    uint64_t number; /* the varint so far */
    unsigned number_bytes;
    size_t left; /* bytes of the name or the piece still to come */
    char name[NAME_BYTES_MAX + 1];
    size_t name_bytes;
    uint64_t entries, bytes;
    enum refusal refusal; /* once OVER */
};

int entry_parser_create(struct entry_parser **out, const struct entry_sink *sink,
                        struct err *e)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return err_set(e, ERR_MEMORY, "entry parser: out of memory");
    (*out)->sink = *sink;
    return 0;
}

void entry_parser_destroy(struct entry_parser *p)
{
    free(p);
}

static bool name_is_sound(const char *name, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)name;
    size_t left = bytes;
    bool first = true;

    if (bytes == 0 || *name == '/')
        return false;
    while (left > 0) {
        utf8proc_int32_t letter;
        utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &letter);

        if (n <= 0 || is_control(letter))
            return false;
        if (first && climbs(at, strcspn((const char *)at, "/")))
            return false;
        first = letter == '/';
        at += n;
        left -= (size_t)n;
    }
    return true;
}

static int no_such_stream(struct err *e, const char *what)
{
    return err_set(e, ERR_CORRUPT, "entry stream: %s", what);
}

/* One byte of a varint; 1 when it is whole, 0 when more must come. */
static int take_digit(struct entry_parser *p, uint8_t byte, uint64_t max, struct err *e)
{
    if (p->number_bytes == VARINT_MAX || (p->number_bytes == VARINT_MAX - 1 && byte > 1))
        return no_such_stream(e, "a number is too long");
    p->number |= (uint64_t)(byte & 0x7f) << (7 * p->number_bytes++);
    if (byte >= 0x80)
        return 0;
    return p->number > max ? no_such_stream(e, "a number is too large") : 1;
}

static void begin_number(struct entry_parser *p, enum place place)
{
    p->place = place;
    p->number = 0;
    p->number_bytes = 0;
}

static int take_tag(struct entry_parser *p, uint8_t tag, struct err *e)
{
    bool fits =
        tag == 'X' || (p->in_entry ? tag == 'D' || tag == 'F' : tag == 'E' || tag == 'Z');

    if (!fits)
        return no_such_stream(e, "a tag where it may not be");
    if (tag == 'E')
        begin_number(p, NAME_BYTES);
    else if (tag == 'D')
        begin_number(p, PIECE_BYTES);
    else if (tag == 'Z')
        begin_number(p, COUNT);
    else if (tag == 'X')
        p->place = REFUSED;
    else {
        p->in_entry = false;
        return p->sink.end(p->sink.arg, REFUSAL_NONE, e);
    }
    return 0;
}

static int take_refusal(struct entry_parser *p, uint8_t byte, struct err *e)
{
    if (byte == REFUSAL_NONE || byte >= REFUSAL_COUNT)
        return no_such_stream(e, "an unknown refusal");
    if (!p->in_entry) {
        p->refusal = (enum refusal)byte;
        p->place = OVER;
        return 0;
    }
    p->in_entry = false;
    p->place = TAG;
    return p->sink.end(p->sink.arg, (enum refusal)byte, e);
}

static int take_count(struct entry_parser *p, uint8_t byte, struct err *e)
{
    int whole = take_digit(p, byte, ARCHIVE_ENTRIES_MAX, e);

    if (whole != 1)
        return whole;
    if (p->number != p->entries)
        return no_such_stream(e, "its count of entries is wrong");
    p->place = OVER;
    return 0;
}

static int take_name_bytes(struct entry_parser *p, uint8_t byte, struct err *e)
{
    int whole = take_digit(p, byte, NAME_BYTES_MAX, e);

    if (whole != 1)
        return whole;
    if (p->number == 0)
        return no_such_stream(e, "an entry without a name");
    p->left = (size_t)p->number;
    p->name_bytes = 0;
    p->place = NAME;
    return 0;
}

static int take_piece_bytes(struct entry_parser *p, uint8_t byte, struct err *e)
{
    int whole = take_digit(p, byte, PIECE_BYTES_MAX, e);

    if (whole != 1)
        return whole;
    p->bytes += p->number;
    if (p->bytes > ARCHIVE_BYTES_MAX)
        return no_such_stream(e, "more bytes than an archive may hold");
    p->left = (size_t)p->number;
    p->place = p->left == 0 ? TAG : PIECE;
    return 0;
}

static int take_name(struct entry_parser *p, const void *bytes, size_t count,
                     struct err *e)
{
    memcpy(p->name + p->name_bytes, bytes, count);
    p->name_bytes += count;
    p->left -= count;
    if (p->left > 0)
        return 0;
    p->name[p->name_bytes] = '\0';
    if (!name_is_sound(p->name, p->name_bytes))
        return no_such_stream(e, "a name that is none");
    if (++p->entries > ARCHIVE_ENTRIES_MAX)
        return no_such_stream(e, "more entries than an archive may hold");
    p->in_entry = true;
    p->place = TAG;
    return p->sink.begin(p->sink.arg, p->name, e);
}

static int take_piece(struct entry_parser *p, const void *bytes, size_t count,
                      struct err *e)
{
    p->left -= count;
    if (p->left == 0)
        p->place = TAG;
    return p->sink.bytes(p->sink.arg, bytes, count, e);
}

/* Takes at least one of the `count` bytes at `at`; *taken says how many. */
static int step(struct entry_parser *p, const unsigned char *at, size_t count,
                size_t *taken, struct err *e)
{
    *taken = 1;
    switch (p->place) {
    case TAG:
        return take_tag(p, *at, e);
    case NAME_BYTES:
        return take_name_bytes(p, *at, e);
    case PIECE_BYTES:
        return take_piece_bytes(p, *at, e);
    case REFUSED:
        return take_refusal(p, *at, e);
    case COUNT:
        return take_count(p, *at, e);
    case NAME:
        *taken = count < p->left ? count : p->left;
        return take_name(p, at, *taken, e);
    case PIECE:
        *taken = count < p->left ? count : p->left;
        return take_piece(p, at, *taken, e);
    case OVER:
        return no_such_stream(e, "it goes on after its end");
    case BROKEN:
        break;
    }
    return no_such_stream(e, "it was broken before");
}

int entry_parser_feed(struct entry_parser *p, const void *bytes, size_t count,
                      struct err *e)
{
    const unsigned char *at = bytes;

    while (count > 0) {
        size_t taken;

        if (step(p, at, count, &taken, e) < 0) {
            p->place = BROKEN;
            return -1;
        }
        at += taken;
        count -= taken;
    }
    return 0;
}

void entry_parser_finish(struct entry_parser *p, enum refusal *refusal, uint64_t *entries)
{
    *refusal = p->place == OVER ? p->refusal : REFUSAL_CUT_OFF;
    *entries = p->entries;
}
