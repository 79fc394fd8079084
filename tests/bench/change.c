#include "tests/bench/change.h"

#include <string.h>

#include "base/words.h"

#define TEXT_BYTES_MAX (1u << 20)

/* The text with word `number` as it was before. */
static int undo(struct buffer *out, const char *text, json_int_t number, const char *was,
                struct err *e)
{
    const char *word = text;
    size_t at = 0, bytes = 0;

    for (json_int_t i = 0; i <= number; i++)
        if (!words_next(text, &at, &word, &bytes))
            return err_set(e, ERR_CORRUPT, "a change of word %d, which is not there",
                           (int)number);
    buffer_append(out, text, (size_t)(word - text));
    buffer_append_text(out, was);
    buffer_append_text(out, word + bytes);
    return buffer_check(out, e);
}

int change_judge(const struct page *p, const json_t *change, enum outcome *out,
                 struct err *e)
{
    const struct score *with = &p->by[READER_OURS].score;
    const char *was = json_string_value(json_object_get(change, "was"));
    struct truth order = {.orders = {p->truth.orders[with->order]}, .orders_count = 1};
    struct buffer before;
    struct score s;
    int rc = -1;

    buffer_init(&before, TEXT_BYTES_MAX);
    if (undo(&before, p->by[READER_OURS].text,
             json_integer_value(json_object_get(change, "word")), was == NULL ? "" : was,
             e) != 0 ||
        score_page(&s, &order, (const char *)before.bytes, before.count, e) != 0)
        goto out;
    *out = s.words_wrong > with->words_wrong   ? OUTCOME_RIGHT
           : s.words_wrong < with->words_wrong ? OUTCOME_WRONG
                                               : OUTCOME_NONE;
    rc = 0;
out:
    buffer_release(&before);
    return rc;
}
