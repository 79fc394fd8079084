#include "ocr/copy/sheaf.h"

#define MAGIC         0x31665354u /* "TSf1" */
#define END_BYTES     8
#define LENGTHS_BYTES 16
#define TURNS_MAX     3
#define SKEW_MAX      9000 /* a quarter turn */

/* ------------------------------------------------------------------------- layers */

void layer_encode_head(struct buffer *out, const struct layer_head *h)
{
    buffer_append_byte(out, h->shown_turns);
    buffer_append_byte(out, h->turns);
    buffer_append_signed(out, h->skew_centidegrees);
    buffer_append_varint(out, h->width);
    buffer_append_varint(out, h->height);
    buffer_append_varint(out, h->dpi);
    buffer_append_varint(out, h->words_count);
}

void layer_encode_word(struct buffer *out, const struct layer_word *w)
{
    buffer_append_byte(out, (uint8_t)w->start);
    buffer_append_signed(out, w->left);
    buffer_append_signed(out, w->top);
    buffer_append_signed(out, w->width);
    buffer_append_signed(out, w->height);
    buffer_append_varint(out, w->bytes);
    buffer_append(out, w->text, w->bytes);
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

int layer_open(struct layer *out, const void *bytes, size_t count, struct err *e)
{
    struct layer_head *h = &out->head;
    uint64_t width, height, dpi, words;
    int64_t skew;

    *out = (struct layer){0};
    cursor_init(&out->at, bytes, count);
    h->shown_turns = cursor_byte(&out->at);
    h->turns = cursor_byte(&out->at);
    skew = cursor_signed(&out->at);
    width = cursor_varint(&out->at);
    height = cursor_varint(&out->at);
    dpi = cursor_varint(&out->at);
    words = cursor_varint(&out->at);
    if (out->at.failed || h->shown_turns > TURNS_MAX || h->turns > TURNS_MAX ||
        !within(skew, -SKEW_MAX, SKEW_MAX) || width > LAYOUT_SIDE_MAX ||
        height > LAYOUT_SIDE_MAX || dpi > LAYOUT_SIDE_MAX || words > LAYOUT_WORDS_MAX)
        return err_set(e, ERR_CORRUPT, "layer: none of ours");
    h->skew_centidegrees = (int32_t)skew;
    h->width = (uint32_t)width;
    h->height = (uint32_t)height;
    h->dpi = (uint32_t)dpi;
    h->words_count = out->left = (uint32_t)words;
    return 0;
}

int layer_next(struct layer *l, struct layer_word *out, struct err *e)
{
    int64_t box[4];
    uint64_t bytes;
    unsigned start;
    bool good = true;

    if (l->left == 0)
        return cursor_done(&l->at, "layer", e);
    start = cursor_byte(&l->at);
    for (int i = 0; i < 4; i++) {
        box[i] = cursor_signed(&l->at);
        good = good && within(box[i], 0, LAYOUT_SIDE_MAX);
    }
    bytes = cursor_varint(&l->at);
    good = good && start <= WORD_CELL_LINE && bytes <= cursor_left(&l->at);
    if (l->at.failed || !good)
        return err_set(e, ERR_CORRUPT, "layer: a word is none of ours");
    *out = (struct layer_word){.start = (enum word_start)start,
                               .left = (int32_t)box[0],
                               .top = (int32_t)box[1],
                               .width = (int32_t)box[2],
                               .height = (int32_t)box[3],
                               .text = (const char *)cursor_take(&l->at, (size_t)bytes),
                               .bytes = (size_t)bytes};
    l->left--;
    return 1;
}

/* ------------------------------------------------------------------------- sheaves */

void sheaf_encode_end(struct buffer *out, const struct sheaf_lengths *pages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_append_u64(out, pages[i].picture);
        buffer_append_u64(out, pages[i].layer);
    }
    buffer_append_u32(out, (uint32_t)count);
    buffer_append_u32(out, MAGIC);
}

int sheaf_open(struct sheaf *out, const void *bytes, size_t count, struct err *e)
{
    struct cursor c;
    uint32_t pages, magic;

    *out = (struct sheaf){.bytes = bytes};
    if (count < END_BYTES)
        return err_set(e, ERR_CORRUPT, "sheaf: too short");
    cursor_init(&c, out->bytes + count - END_BYTES, END_BYTES);
    pages = cursor_u32(&c);
    magic = cursor_u32(&c);
    count -= END_BYTES;
    if (magic != MAGIC || pages == 0 || pages > SHEAF_PAGES_MAX ||
        count < (size_t)pages * LENGTHS_BYTES)
        return err_set(e, ERR_CORRUPT, "sheaf: none of ours");
    out->pages = pages;
    out->count = count - (size_t)pages * LENGTHS_BYTES; /* of pictures and layers */
    out->lengths = out->bytes + out->count;
    return 0;
}

int sheaf_next(struct sheaf *s, struct sheaf_page *out, struct err *e)
{
    size_t left = s->count - s->at;
    struct cursor c;
    uint64_t picture, layer;

    *out = (struct sheaf_page){0};
    if (s->page == s->pages)
        return left == 0 ? 0 : err_set(e, ERR_CORRUPT, "sheaf: more than its pages");
    cursor_init(&c, s->lengths + (size_t)s->page * LENGTHS_BYTES, LENGTHS_BYTES);
    picture = cursor_u64(&c);
    layer = cursor_u64(&c);
    if (picture > left || layer > left - picture || layer > SHEAF_LAYER_BYTES_MAX)
        return err_set(e, ERR_CORRUPT, "sheaf: page %u is cut off", s->page + 1);
    out->picture = s->bytes + s->at;
    out->picture_count = (size_t)picture;
    out->layer = out->picture + picture;
    out->layer_count = (size_t)layer;
    s->at += (size_t)(picture + layer);
    s->page++;
    return 1;
}
