#include "ocr/format_tree.h"

#include "base/words.h"

struct walk {
    const char *text;
    size_t at; /* of the next word in the text */
    const struct layout *layout;
    void (*open)(void *arg, const struct branch *b);
    void (*close)(void *arg, const struct branch *b);
    void *arg;
    unsigned numbers[BRANCH_WORD + 1]; /* given so far, by kind */
};

/* What begins a new branch of a kind; finer than all is the word itself. */
static const enum word_start starts[] = {
    [BRANCH_BLOCK] = WORD_NEW_BLOCK,
    [BRANCH_PARAGRAPH] = WORD_NEW_PARAGRAPH,
    [BRANCH_LINE] = WORD_NEW_LINE,
    [BRANCH_WORD] = WORD_IN_LINE,
};

/* The word behind the branch of `kind` that begins with word `first`, before `end`. */
static size_t branch_end(const struct walk *w, enum branch_kind kind, size_t first,
                         size_t end)
{
    size_t i = first + 1;

    while (i < end && w->layout->words[i].start < starts[kind])
        i++;
    return i;
}

static struct word box_around(const struct word *words, size_t count)
{
    struct word box = words[0];

    for (size_t i = 1; i < count; i++) {
        const struct word *w = &words[i];
        int32_t right = box.left + box.width, bottom = box.top + box.height;

        if (w->left + w->width > right)
            right = w->left + w->width;
        if (w->top + w->height > bottom)
            bottom = w->top + w->height;
        if (w->left < box.left)
            box.left = w->left;
        if (w->top < box.top)
            box.top = w->top;
        box.width = right - box.left;
        box.height = bottom - box.top;
    }
    return box;
}

static void count_within(struct branch *b, unsigned n)
{
    unsigned *const within[] = {&b->block, &b->paragraph, &b->line, &b->word};

    *within[b->kind] = n;
}

/* The branches of `kind` among words first..end-1, and all below them. */
static void walk_kind(struct walk *w, const struct branch *above, enum branch_kind kind,
                      size_t first, size_t end)
{
    unsigned n = 0;

    for (size_t i = first, next; i < end; i = next) {
        struct branch b = *above;

        next = branch_end(w, kind, i, end);
        b.kind = kind;
        b.number = ++w->numbers[kind];
        b.box = box_around(w->layout->words + i, next - i);
        b.first_in_line = i == first;
        count_within(&b, ++n);
        if (kind == BRANCH_WORD && !words_next(w->text, &w->at, &b.text, &b.text_bytes))
            return;
        w->open(w->arg, &b);
        if (kind != BRANCH_WORD)
            walk_kind(w, &b, (enum branch_kind)(kind + 1), i, next);
        w->close(w->arg, &b);
    }
}

void format_tree_walk(const char *text, const struct layout *l,
                      void (*open)(void *arg, const struct branch *b),
                      void (*close)(void *arg, const struct branch *b), void *arg)
{
    struct walk w = {.text = text, .layout = l, .open = open, .close = close, .arg = arg};
    const struct branch page = {0};

    walk_kind(&w, &page, BRANCH_BLOCK, 0, l->words_count);
}
