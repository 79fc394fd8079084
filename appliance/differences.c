#include "appliance/differences.h"

#include <stdlib.h>
#include <string.h>

#include "base/subsequence.h"

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
    struct subsequence common; /* lines of both; without cells: too many to compare */
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

static bool same(const void *arg, size_t i, size_t j)
{
    const struct comparing *c = arg;
    const struct line *a = &c->old.list[i], *b = &c->new.list[j];

    return a->bytes == b->bytes && memcmp(a->at, b->at, a->bytes) == 0;
}

static int count_common(struct comparing *c, struct err *e)
{
    if (c->old.count > DIFFERENCES_LINES_MAX || c->new.count > DIFFERENCES_LINES_MAX)
        return 0;
    return subsequence_init(&c->common, c->old.count, c->new.count, same, c, e);
}

static int tell(const struct comparing *c, struct err *e)
{
    size_t i = 0, j = 0;

    while (i < c->old.count || j < c->new.count) {
        bool old_left = i < c->old.count, new_left = j < c->new.count;
        enum line_side side = old_left ? LINE_OLD : LINE_NEW;
        const struct line *line;

        if (old_left && new_left && c->common.cells != NULL) {
            if (same(c, i, j))
                side = LINE_BOTH;
            else if (subsequence_from(&c->common, i, j + 1) >
                     subsequence_from(&c->common, i + 1, j))
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
    subsequence_release(&c.common);
    free(c.old.list);
    free(c.new.list);
    return rc;
}
