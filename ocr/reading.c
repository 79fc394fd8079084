#include "ocr/reading.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/words.h"

/* The first byte of every answer; another number is another program. */
#define ANSWER_VERSION 2
#define TOOK_MS_MAX    86400000u

static const char *const media_types[] = {
    [MEDIA_UNKNOWN] = "application/octet-stream",
    [MEDIA_JPEG] = "image/jpeg",
    [MEDIA_PNG] = "image/png",
    [MEDIA_TIFF] = "image/tiff",
    [MEDIA_PDF] = "application/pdf",
    [MEDIA_ZIP] = "application/zip",
    [MEDIA_TAR] = "application/x-tar",
};

const char *media_type(enum media m)
{
    return media_types[(unsigned)m <= MEDIA_TAR ? m : MEDIA_UNKNOWN];
}

bool media_is_archive(enum media m)
{
    return m == MEDIA_ZIP || m == MEDIA_TAR;
}

const char *secrecy_name(enum secrecy s)
{
    static const char *const names[] = {
        [SECRECY_NONE] = "none",
        [SECRECY_MAT] = "mat",
        [SECRECY_TOI_MAT] = "toi_mat",
        [SECRECY_TUYET_MAT] = "tuyet_mat",
    };

    /* The unknown is held like the highest. */
    return names[(unsigned)s <= SECRECY_TUYET_MAT ? s : SECRECY_TUYET_MAT];
}

void reading_release(struct reading *r)
{
    buffer_release(&r->text);
    layout_release(&r->layout);
    alternatives_release(&r->alternatives);
    *r = (struct reading){0};
}

static uint32_t take_number(struct cursor *c, uint64_t max)
{
    uint64_t value = cursor_varint(c);

    if (value > max)
        c->failed = true;
    return c->failed ? 0 : (uint32_t)value;
}

/* Every answer begins: u8 version | u8 refusal, and ends there if refused. */
static void append_head(struct buffer *out, enum refusal r)
{
    buffer_append_byte(out, ANSWER_VERSION);
    buffer_append_byte(out, (uint8_t)r);
}

static enum refusal take_head(struct cursor *c)
{
    unsigned version = cursor_byte(c), refusal = cursor_byte(c);

    if (version != ANSWER_VERSION || refusal >= REFUSAL_COUNT)
        c->failed = true;
    return c->failed ? REFUSAL_NONE : (enum refusal)refusal;
}

/* head | u8 media | varint pages */
void identity_encode(const struct identity *i, struct buffer *out)
{
    append_head(out, i->refusal);
    if (i->refusal != REFUSAL_NONE)
        return;
    buffer_append_byte(out, (uint8_t)i->media);
    buffer_append_varint(out, i->pages);
}

int identity_decode(struct identity *out, const void *bytes, size_t count, struct err *e)
{
    struct cursor c;
    struct identity i = {0};

    *out = (struct identity){0};
    cursor_init(&c, bytes, count);
    i.refusal = take_head(&c);
    if (i.refusal == REFUSAL_NONE) {
        unsigned media = cursor_byte(&c);

        i.pages = take_number(&c, PAGES_MAX);
        if (media == MEDIA_UNKNOWN || media > MEDIA_TAR)
            c.failed = true;
        i.media = c.failed ? MEDIA_UNKNOWN : (enum media)media;
        if (!media_is_archive(i.media) && i.pages == 0)
            c.failed = true;
    }
    if (cursor_done(&c, "answer to identify", e) != 0)
        return -1;
    *out = i;
    return 0;
}

/* head | varint width | height | dpi | u8 secrecy
 * and with a stamp: varint left | top | width | height */
void look_encode(const struct look *l, struct buffer *out)
{
    append_head(out, l->refusal);
    if (l->refusal != REFUSAL_NONE)
        return;
    buffer_append_varint(out, l->width);
    buffer_append_varint(out, l->height);
    buffer_append_varint(out, l->dpi);
    buffer_append_byte(out, (uint8_t)l->secrecy);
    if (l->secrecy == SECRECY_NONE)
        return;
    buffer_append_varint(out, (uint32_t)l->left);
    buffer_append_varint(out, (uint32_t)l->top);
    buffer_append_varint(out, (uint32_t)l->box_width);
    buffer_append_varint(out, (uint32_t)l->box_height);
}

static void take_look(struct cursor *c, struct look *l)
{
    unsigned secrecy;

    l->width = take_number(c, LAYOUT_SIDE_MAX);
    l->height = take_number(c, LAYOUT_SIDE_MAX);
    l->dpi = take_number(c, LAYOUT_SIDE_MAX);
    secrecy = cursor_byte(c);
    if (secrecy > SECRECY_TUYET_MAT)
        c->failed = true;
    if (c->failed || secrecy == SECRECY_NONE)
        return;
    l->secrecy = (enum secrecy)secrecy;
    l->left = (int32_t)take_number(c, l->width);
    l->top = (int32_t)take_number(c, l->height);
    l->box_width = (int32_t)take_number(c, l->width - (uint32_t)l->left);
    l->box_height = (int32_t)take_number(c, l->height - (uint32_t)l->top);
}

int look_decode(struct look *out, const void *bytes, size_t count, struct err *e)
{
    struct cursor c;
    struct look l = {0};

    *out = (struct look){0};
    cursor_init(&c, bytes, count);
    l.refusal = take_head(&c);
    if (l.refusal == REFUSAL_NONE)
        take_look(&c, &l);
    if (cursor_done(&c, "answer to look", e) != 0)
        return -1;
    *out = l;
    return 0;
}

/* head | varint took_ms | u8 engine_bytes | engine | varint text_bytes | text |
 * varint layout_bytes | the packed layout | the packed alternatives, to the end */
void reading_encode(const struct reading *r, struct buffer *out)
{
    size_t engine_bytes = strnlen(r->engine, sizeof r->engine - 1);
    struct buffer layout;

    append_head(out, r->refusal);
    if (r->refusal != REFUSAL_NONE)
        return;
    buffer_append_varint(out, r->took_ms);
    buffer_append_byte(out, (uint8_t)engine_bytes);
    buffer_append(out, r->engine, engine_bytes);
    buffer_append_varint(out, r->text.count);
    buffer_append(out, r->text.bytes, r->text.count);
    buffer_init(&layout, LAYOUT_BYTES_MAX);
    layout_pack(&r->layout, &layout);
    buffer_append_varint(out, layout.count);
    buffer_append(out, layout.bytes, layout.count);
    if (layout.failed != ERR_NONE && out->failed == ERR_NONE)
        out->failed = layout.failed;
    buffer_release(&layout);
    alternatives_pack(&r->alternatives, out);
}

/* Valid UTF-8 in NFC, and no control character but line feed and tab. */
static bool text_is_sound(const unsigned char *text, size_t bytes)
{
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t n;
    bool sound;

    for (size_t i = 0; i < bytes; i++)
        if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
            return false;
    n = utf8proc_map(text, (utf8proc_ssize_t)bytes, &normal,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    sound = n == (utf8proc_ssize_t)bytes && memcmp(normal, text, bytes) == 0;
    free(normal);
    return sound;
}

/* The text is the layout's words, joined as layout.h says, and nothing else. */
static bool text_fits_layout(const char *text, size_t text_bytes, const struct layout *l)
{
    size_t at = 0, end = 0, bytes;
    const char *word;

    for (size_t i = 0; i < l->words_count; i++) {
        const char *gap = i == 0 ? "" : layout_gap(l->words[i].start);

        if (!words_next(text, &at, &word, &bytes))
            return false;
        if ((size_t)(word - text) != end + strlen(gap) ||
            memcmp(text + end, gap, strlen(gap)) != 0)
            return false;
        end = at;
    }
    return end == text_bytes;
}

static void take_engine(struct cursor *c, char *engine, size_t engine_size)
{
    size_t bytes = cursor_byte(c);
    const unsigned char *text = cursor_take(c, bytes);

    if (text == NULL || bytes >= engine_size) {
        c->failed = true;
        return;
    }
    memcpy(engine, text, bytes);
    for (size_t i = 0; i < bytes; i++)
        if (engine[i] < ' ' || engine[i] > '~')
            c->failed = true;
}

static int take_reading(struct cursor *c, struct reading *r, struct err *e)
{
    const unsigned char *text, *layout, *alternatives;
    size_t text_bytes, layout_bytes, alternatives_bytes;

    r->took_ms = take_number(c, TOOK_MS_MAX);
    take_engine(c, r->engine, sizeof r->engine);
    text_bytes = take_number(c, READING_TEXT_MAX);
    text = cursor_take(c, text_bytes);
    layout_bytes = take_number(c, LAYOUT_BYTES_MAX);
    layout = cursor_take(c, layout_bytes);
    alternatives_bytes = cursor_left(c);
    alternatives = alternatives_bytes == 0 ? NULL : cursor_take(c, alternatives_bytes);
    if (alternatives == NULL) /* there is a head even without any */
        c->failed = true;
    if (c->failed)
        return cursor_done(c, "reading", e);
    if (!text_is_sound(text, text_bytes))
        return err_set(e, ERR_CORRUPT, "text is not clean UTF-8 in NFC");
    buffer_append(&r->text, text, text_bytes);
    if (buffer_check(&r->text, e) != 0 ||
        layout_unpack(&r->layout, layout, layout_bytes, e) != 0 ||
        alternatives_unpack(&r->alternatives, alternatives, alternatives_bytes,
                            r->layout.words_count, e) != 0)
        return -1;
    if (!text_fits_layout(text_bytes == 0 ? "" : (const char *)r->text.bytes, text_bytes,
                          &r->layout))
        return err_set(e, ERR_CORRUPT, "text and layout disagree");
    return cursor_done(c, "reading", e);
}

int reading_decode(struct reading *out, const void *bytes, size_t count, struct err *e)
{
    int rc = -1;
    struct cursor c;
    struct reading r = {0};

    *out = (struct reading){0};
    cursor_init(&c, bytes, count);
    buffer_init(&r.text, READING_TEXT_MAX);
    r.refusal = take_head(&c);
    if (r.refusal == REFUSAL_NONE && !c.failed) {
        if (take_reading(&c, &r, e) != 0)
            goto out;
    } else if (cursor_done(&c, "reading", e) != 0) {
        goto out;
    }
    *out = r;
    r = (struct reading){0}; /* now the caller's */
    rc = 0;
out:
    reading_release(&r);
    return rc;
}
