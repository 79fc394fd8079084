#include "appliance/facsimile_layer.h"

#include "appliance/page_words.h"
#include "ocr/copy/layer.h"

int facsimile_layer(struct records *r, const struct page_row *page, struct buffer *out,
                    struct err *e)
{
    struct page_words w;
    const struct layer_words words = {page_words_now, &w};
    int rc = page_words_read(&w, r, page->id, e);

    if (rc == 0)
        rc = layer_of_reading(out, w.text.count == 0 ? "" : (const char *)w.text.bytes,
                              &w.layout, page_words_turns(&w, page), &words, e);
    page_words_release(&w);
    return rc;
}
