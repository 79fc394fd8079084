#include "tests/bench/suspects/reread.h"

#include <stdio.h>
#include <string.h>

static int box_of(const json_t *object, int32_t box[4])
{
    return json_unpack(json_object_get(object, "box"), "[i,i,i,i]", &box[0], &box[1],
                       &box[2], &box[3]);
}

/* What stands between two words of the text says how the second starts. */
static enum word_start start_of(const char *from, const char *to)
{
    size_t feeds = 0;

    for (; from < to; from++) {
        if (*from == '\t')
            return WORD_NEW_CELL;
        feeds += *from == '\n';
    }
    return feeds == 0 ? WORD_IN_LINE : feeds == 1 ? WORD_NEW_LINE : WORD_NEW_BLOCK;
}

static int words_read(struct reread *r, const json_t *words, struct err *e)
{
    const char *at = r->text;
    size_t i;
    json_t *one;

    json_array_foreach((json_t *)(uintptr_t)words, i, one)
    {
        const char *word = json_string_value(json_object_get(one, "text"));
        const char *found = word == NULL ? NULL : strstr(at, word);
        struct word w = {.confidence = (uint8_t)json_integer_value(
                             json_object_get(one, "confidence"))};
        int32_t box[4];

        if (found == NULL || box_of(one, box) != 0)
            return err_set(e, ERR_CORRUPT, "word %zu is not in its text", i);
        w.left = box[0];
        w.top = box[1];
        w.width = box[2];
        w.height = box[3];
        w.start = start_of(at, found);
        at = found + strlen(word);
        if (layout_add(&r->layout, &w, e) != 0)
            return -1;
    }
    return 0;
}

static int alternatives_read(struct reread *r, const json_t *all, struct err *e)
{
    size_t i, k;
    json_t *one, *text;

    json_array_foreach((json_t *)(uintptr_t)all, i, one)
    {
        struct alternatives_word w = {
            .word = (uint32_t)json_integer_value(json_object_get(one, "word"))};

        json_array_foreach(json_object_get(one, "texts"), k, text)
        {
            if (w.count < ALTERNATIVES_EACH_MAX)
                (void)snprintf(w.texts[w.count++], ALTERNATIVE_BYTES, "%s",
                               json_string_value(text));
        }
        if (alternatives_add(&r->alternatives, &w, e) != 0)
            return -1;
    }
    return 0;
}

/* The fields of a paper that others rely on, as the record types say for the box. */
static void zones_read(struct reread *r, const json_t *fields)
{
    static const char *const keys[] = {"number", "symbol", "date", "signer"};
    size_t i;
    json_t *one;

    json_array_foreach((json_t *)(uintptr_t)fields, i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        int32_t box[4];

        for (size_t k = 0; name != NULL && k < sizeof keys / sizeof *keys; k++)
            if (strcmp(name, keys[k]) == 0 && box_of(one, box) == 0 &&
                r->zones_count < REREAD_ZONES_MAX)
                r->zones[r->zones_count++] = (struct suspects_zone){
                    box[0], box[1], box[2], box[3], strcmp(name, "signer") == 0};
    }
}

void reread_release(struct reread *r)
{
    layout_release(&r->layout);
    alternatives_release(&r->alternatives);
    *r = (struct reread){0};
}

int reread_page(struct reread *out, const json_t *page, struct err *e)
{
    struct reread r = {.text = json_string_value(json_object_get(page, "text"))};

    *out = (struct reread){0};
    if (words_read(&r, json_object_get(page, "words"), e) != 0 ||
        alternatives_read(&r, json_object_get(page, "alternatives"), e) != 0) {
        reread_release(&r);
        return -1;
    }
    zones_read(&r, json_object_get(page, "fields"));
    *out = r;
    return 0;
}
