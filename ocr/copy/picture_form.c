#include "ocr/copy/picture_form.h"

#include "ocr/layout.h"

#define MAGIC           0x31635054u /* "TPc1" */
#define ORIENTATION_MAX 8

void picture_form_encode(struct buffer *out, const struct picture_form *f)
{
    buffer_append_u32(out, MAGIC);
    buffer_append_byte(out, (uint8_t)f->coding);
    buffer_append_byte(out, f->samples);
    buffer_append_byte(out, f->orientation);
    buffer_append_u32(out, f->width);
    buffer_append_u32(out, f->height);
    buffer_append_u32(out, f->dpi);
}

static bool is_sound(const struct picture_form *f)
{
    return (f->coding == CODING_JPEG || (f->coding == CODING_JBIG2 && f->samples == 1)) &&
           (f->samples == 1 || f->samples == 3) && f->orientation >= 1 &&
           f->orientation <= ORIENTATION_MAX && f->width > 0 && f->height > 0 &&
           f->width <= LAYOUT_SIDE_MAX && f->height <= LAYOUT_SIDE_MAX &&
           f->dpi <= LAYOUT_SIDE_MAX;
}

int picture_form_decode(struct picture_form *out, const unsigned char **coded,
                        size_t *coded_count, const void *bytes, size_t count,
                        struct err *e)
{
    struct cursor c;
    bool known;

    *out = (struct picture_form){0};
    cursor_init(&c, bytes, count);
    known = cursor_u32(&c) == MAGIC;
    out->coding = (enum picture_coding)cursor_byte(&c);
    out->samples = cursor_byte(&c);
    out->orientation = cursor_byte(&c);
    out->width = cursor_u32(&c);
    out->height = cursor_u32(&c);
    out->dpi = cursor_u32(&c);
    *coded_count = cursor_left(&c);
    *coded = cursor_take(&c, *coded_count);
    if (c.failed || !known || !is_sound(out) || *coded_count == 0)
        return err_set(e, ERR_CORRUPT, "picture: none of ours");
    return 0;
}
