#include "appliance/differences.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *at;
    size_t bytes;
};

struct text_lines {
    struct line *list; /* owned */
    size_t count;
};

struct comparing {
    struct text_lines old, new;
    /* Of the lines from (i, j) on, how many are in both: (old + 1) × (new + 1). */
    uint16_t *common; /* owned; NULL: too many lines to compare */
    int (*each)(void *arg, enum line_side side, const char *line, size_t bytes,
                struct err *e);
    void *arg;
};

static int split(struct text_lines *out, const char *text, struct err *e)
{
    size_t capacity = 1;

    for (const char *c = text; *c != '\0'; c++)
        capacity += *c == '\n';
    out->list = calloc(capacity, sizeof *out->list);
    if (out->list == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a text's lines");
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");

        out->list[out->count++] = (struct line){text, bytes};
        text += bytes + (text[bytes] == '\n');
    }
    return 0;
}

static bool same(const struct line *a, const struct line *b)
{
    return a->bytes == b->bytes && memcmp(a->at, b->at, a->bytes) == 0;
}

static uint16_t *at(const struct comparing *c, size_t i, size_t j)
{
    return &c->common[i * (c->new.count + 1) + j];
}

static int count_common(struct comparing *c, struct err *e)
{
    if (c->old.count > DIFFERENCES_LINES_MAX || c->new.count > DIFFERENCES_LINES_MAX)
        return 0;
    c->common = calloc((c->old.count + 1) * (c->new.count + 1), sizeof *c->common);
    if (c->common == NULL)
        return err_set(e, ERR_MEMORY, "out of memory to compare two texts");
    for (size_t i = c->old.count; i-- > 0;)
        for (size_t j = c->new.count; j-- > 0;) {
            uint16_t down = *at(c, i + 1, j), right = *at(c, i, j + 1);

            *at(c, i, j) = same(&c->old.list[i], &c->new.list[j])
                               ? (uint16_t)(*at(c, i + 1, j + 1) + 1)
                           : down > right ? down
                                          : right;
        }
    return 0;
}

static int tell(const struct comparing *c, struct err *e)
{
    size_t i = 0, j = 0;

    while (i < c->old.count || j < c->new.count) {
        bool old_left = i < c->old.count, new_left = j < c->new.count;
        enum line_side side = old_left ? LINE_OLD : LINE_NEW;
        const struct line *line;

        if (old_left && new_left && c->common != NULL) {
            if (same(&c->old.list[i], &c->new.list[j]))
                side = LINE_BOTH;
            else if (*at(c, i, j + 1) > *at(c, i + 1, j))
                side = LINE_NEW;
        }
        line = side == LINE_NEW ? &c->new.list[j] : &c->old.list[i];
        i += side != LINE_NEW;
        j += side != LINE_OLD;
        if (c->each(c->arg, side, line->at, line->bytes, e) != 0)
            return -1;
    }
    return 0;
}

int differences(const char *old_text, const char *new_text,
                int (*each)(void *arg, enum line_side side, const char *line,
                            size_t bytes, struct err *e),
                void *arg, struct err *e)
{
    struct comparing c = {.each = each, .arg = arg};
    int rc = -1;

    if (split(&c.old, old_text, e) == 0 && split(&c.new, new_text, e) == 0 &&
        count_common(&c, e) == 0)
        rc = tell(&c, e);
    free(c.common);
    free(c.old.list);
    free(c.new.list);
    return rc;
}
