#include "appliance/page_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"

/* What a person wrote in the place of a word; by word, ascending. */
struct page_fix {
    uint32_t word;
    char *text; /* owned */
};

void page_words_release(struct page_words *w)
{
    for (size_t i = 0; i < w->fixes_count; i++)
        free(w->fixes[i].text);
    free(w->fixes);
    free(w->list);
    layout_release(&w->layout);
    buffer_release(&w->text);
    *w = (struct page_words){0};
}

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "words: out of memory");
}

static int take_correction(void *arg, const struct correction_row *c, struct err *e)
{
    struct page_words *w = arg;
    struct page_fix *more = realloc(w->fixes, (w->fixes_count + 1) * sizeof *more);

    if (more == NULL)
        return out_of_memory(e);
    w->fixes = more;
    more[w->fixes_count] = (struct page_fix){c->word, strdup(c->new_text)};
    if (more[w->fixes_count].text == NULL)
        return out_of_memory(e);
    w->fixes_count++;
    return 0;
}

static int by_word(const void *one, const void *other)
{
    const struct page_fix *a = one, *b = other;

    return (a->word > b->word) - (a->word < b->word);
}

void page_words_now(void *words, uint32_t number, const char **word, size_t *bytes)
{
    const struct page_words *w = words;
    const struct page_fix key = {.word = number}, *fix = NULL;

    if (w->fixes_count > 0)
        fix = bsearch(&key, w->fixes, w->fixes_count, sizeof key, by_word);
    if (fix == NULL)
        return;
    *word = fix->text;
    *bytes = strlen(*word);
}

/* A word that was removed hands the beginning of its line on. */
static int list_words(struct page_words *w, struct err *e)
{
    const char *text = w->text.count == 0 ? "" : (const char *)w->text.bytes, *word;
    enum word_start start = WORD_IN_LINE;
    size_t at = 0, bytes;

    w->list = calloc(w->layout.words_count + 1, sizeof *w->list);
    if (w->list == NULL)
        return out_of_memory(e);
    for (uint32_t i = 0;
         i < w->layout.words_count && words_next(text, &at, &word, &bytes); i++) {
        const struct word *read = &w->layout.words[i];

        start = layout_start_greater(start, read->start);
        page_words_now(w, i, &word, &bytes);
        if (bytes == 0)
            continue;
        w->list[w->count++] = (struct page_word){
            start, read->left, read->top, read->width, read->height, word, bytes};
        start = WORD_IN_LINE;
    }
    return 0;
}

int page_words_read(struct page_words *out, struct records *r, uint64_t page,
                    struct err *e)
{
    struct buffer packed;
    uint64_t reading;
    int rc = -1;

    *out = (struct page_words){0};
    buffer_init(&out->text, RECORD_TEXT_BYTES_MAX);
    buffer_init(&packed, RECORD_LAYOUT_BYTES_MAX);
    if (record_newest_reading(r, page, &reading, &out->text, &packed, e) != 0)
        goto out;
    if (reading != 0 && packed.count > 0 &&
        (layout_unpack(&out->layout, packed.bytes, packed.count, e) != 0 ||
         record_each_correction(r, reading, take_correction, out, e) != 0))
        goto out;
    rc = list_words(out, e);
out:
    buffer_release(&packed);
    return rc;
}

uint8_t page_words_turns(const struct page_words *w, const struct page_row *page)
{
    return page->rotation != 0 ? page->rotation : w->layout.rotation;
}
