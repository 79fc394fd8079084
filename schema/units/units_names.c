#include <stdlib.h>
#include <string.h>

#include "schema/tokenizer.h"
#include "schema/units/table.h"
#include "schema/units/units_internal.h"

struct joined {
    char *key;
    size_t bytes;
    bool exact, too_long;
};

static int token_join(void *arg, const struct token *t)
{
    struct joined *j = arg;
    const char *at = j->exact ? t->exact : t->folded;
    size_t bytes = j->exact ? t->exact_bytes : t->folded_bytes;

    if (t->folded[strspn(t->folded, "0123456789")] == '\0')
        for (; bytes > 1 && *at == '0'; bytes--)
            at++;
    if (j->bytes + bytes >= UNIT_KEY_BYTES) {
        j->too_long = true;
        return 1;
    }
    memcpy(j->key + j->bytes, at, bytes);
    j->bytes += bytes;
    return 0;
}

bool unit_key(const char *text, size_t bytes, bool exact, char key[UNIT_KEY_BYTES])
{
    struct joined j = {.key = key, .exact = exact};

    (void)tokens_each(text, bytes, token_join, &j);
    key[j.bytes] = '\0';
    return j.bytes > 0 && !j.too_long;
}

struct indexing {
    struct units *u;
    size_t entries_room;
    size_t words_room;
    bool failed;
};

static uint32_t text_add(struct units *u, const char *text)
{
    uint32_t at = (uint32_t)u->pool.count;

    buffer_append(&u->pool, text, strlen(text) + 1);
    return at;
}

static int entry_add(struct indexing *x, uint32_t text, uint32_t row, struct err *e)
{
    struct units *u = x->u;
    char key[UNIT_KEY_BYTES];
    const char *name = unit_text(u, text);

    if (!unit_key(name, strlen(name), false, key))
        return err_set(e, ERR_REFUSED, "units: \"%s\" has no letters", name);
    u->entries[u->entries_count++] = (struct unit_entry){text_add(u, key), text, row};
    return buffer_check(&u->pool, e);
}

/* qsort_r's, over places in the pool. */
static int entry_order(const void *a, const void *b, void *arg)
{
    const struct unit_entry *x = a, *y = b;
    int order = strcmp(unit_text(arg, x->key), unit_text(arg, y->key));

    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static int word_order(const void *a, const void *b, void *arg)
{
    return strcmp(unit_text(arg, *(const uint32_t *)a),
                  unit_text(arg, *(const uint32_t *)b));
}

static int word_add(void *arg, const struct token *t)
{
    struct indexing *x = arg;
    struct units *u = x->u;

    if (u->words_count == x->words_room) {
        size_t room = x->words_room == 0 ? 4096 : x->words_room * 2;
        uint32_t *bigger = realloc(u->words, room * sizeof *bigger);

        if (bigger == NULL) {
            x->failed = true;
            return 1;
        }
        u->words = bigger;
        x->words_room = room;
    }
    u->words[u->words_count++] = text_add(u, t->folded);
    return 0;
}

/* Sorted, each once. */
static void words_settle(struct units *u)
{
    size_t kept = 0;

    qsort_r(u->words, u->words_count, sizeof *u->words, word_order, u);
    for (size_t i = 0; i < u->words_count; i++)
        if (kept == 0 ||
            strcmp(unit_text(u, u->words[i]), unit_text(u, u->words[kept - 1])) != 0)
            u->words[kept++] = u->words[i];
    u->words_count = kept;
}

/* Each name once: neighbours in the sorted entries have equal keys, so names that are
 * written alike are not far. */
static int words_index(struct indexing *x, struct err *e)
{
    struct units *u = x->u;

    for (size_t i = 0; i < u->entries_count; i++) {
        const struct unit_entry *entry = &u->entries[i];
        char *name;

        if (i > 0 &&
            strcmp(unit_text(u, entry->text), unit_text(u, u->entries[i - 1].text)) == 0)
            continue;
        name = strdup(unit_text(u, entry->text)); /* the pool moves */
        x->failed = x->failed || name == NULL;
        if (name != NULL)
            (void)tokens_each(name, strlen(name), word_add, x);
        free(name);
        if (x->failed)
            return err_set(e, ERR_MEMORY, "units: no memory");
    }
    words_settle(u);
    return buffer_check(&u->pool, e);
}

static int alias_take(struct indexing *x, const struct table *t, struct err *e)
{
    struct units *u = x->u;
    uint32_t code, first, text;
    uint8_t level;
    char name[UNIT_NAME_BYTES];

    if (t->cells[0].bytes == 0 || t->cells[0].bytes >= sizeof name)
        return table_refuse(t, e, "a name has 1 to %d bytes", UNIT_NAME_BYTES - 1);
    if (!unit_code_read(t->cells[1].at, t->cells[1].bytes, &level, &code))
        return table_refuse(t, e, "a code is 2, 3 or 5 digits");
    first = unit_first_row(u, level, code);
    if (first == NO_ROW)
        return table_refuse(t, e, "no unit has this code");
    memcpy(name, t->cells[0].at, t->cells[0].bytes);
    name[t->cells[0].bytes] = '\0';
    text = text_add(u, name);
    for (uint32_t i = first; i < u->count && unit_same_code(&u->rows[i], &u->rows[first]);
         i++) {
        if (u->entries_count == x->entries_room)
            return table_refuse(t, e, "more than %d other names", UNIT_ALIASES_MAX);
        if (entry_add(x, text, i, e) != 0)
            return -1;
    }
    return 0;
}

static int aliases_take(struct indexing *x, const struct units_text *aliases,
                        struct err *e)
{
    struct table t;
    bool more;

    table_init(&t, aliases->name, aliases->text, aliases->bytes);
    for (;;) {
        if (table_next(&t, 2, &more, e) != 0)
            return -1;
        if (!more)
            return 0;
        if (alias_take(x, &t, e) != 0)
            return -1;
    }
}

int units_index(struct units *u, const struct units_text *aliases, struct err *e)
{
    struct indexing x = {.u = u, .entries_room = u->count + UNIT_ALIASES_MAX};

    if (buffer_check(&u->pool, e) != 0)
        return -1;
    u->entries = malloc(x.entries_room * sizeof *u->entries);
    if (u->entries == NULL)
        return err_set(e, ERR_MEMORY, "units: no memory");
    for (uint32_t i = 0; i < u->count; i++)
        if (entry_add(&x, u->rows[i].name, i, e) != 0)
            return -1;
    if (aliases->bytes > 0 && aliases_take(&x, aliases, e) != 0)
        return -1;
    qsort_r(u->entries, u->entries_count, sizeof *u->entries, entry_order, u);
    return words_index(&x, e);
}

bool units_have_word(const struct units *u, const char *folded)
{
    size_t low = 0, high = u->words_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(unit_text(u, u->words[middle]), folded);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
