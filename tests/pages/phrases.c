#include "tests/pages/phrases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/embed.h"

EMBED(phrases_txt, "tests/pages/phrases.txt");

#define SYMBOLS_MAX   160
#define LINES_MAX     64 /* alternatives of one symbol */
#define VARIABLES_MAX 64
#define DEPTH_MAX     8

struct symbol {
    char *name; /* lines of `text`, like the alternatives */
    char *lines[LINES_MAX];
    bool used[LINES_MAX];
    uint32_t count;
    uint32_t used_count;
};

struct variable {
    char *name;
    char *value;
};

struct phrases {
    char *text;
    struct symbol symbols[SYMBOLS_MAX];
    int symbol_count;
    struct variable variables[VARIABLES_MAX];
    int variable_count;
};

static int line_take(struct phrases *p, char *line, struct err *e)
{
    struct symbol *s;

    if (line[0] == '\0' || line[0] == '#')
        return 0;
    if (strncmp(line, "= ", 2) == 0) {
        if (p->symbol_count == SYMBOLS_MAX)
            return err_set(e, ERR_TOO_BIG, "phrases: more than %d symbols", SYMBOLS_MAX);
        p->symbols[p->symbol_count++].name = line + 2;
        return 0;
    }
    if (p->symbol_count == 0)
        return err_set(e, ERR_CORRUPT, "phrases: '%s' stands before any symbol", line);
    s = &p->symbols[p->symbol_count - 1];
    if (s->count == LINES_MAX)
        return err_set(e, ERR_TOO_BIG, "phrases: %s has too many lines", s->name);
    s->lines[s->count++] = line;
    return 0;
}

int phrases_create(struct phrases **out, struct err *e)
{
    int rc = -1;
    struct phrases *p = calloc(1, sizeof *p);
    char *line, *rest = NULL;

    *out = NULL;
    if (p == NULL)
        return err_set(e, ERR_MEMORY, "phrases");
    p->text = g_utf8_normalize(phrases_txt, (gssize)phrases_txt_bytes, G_NORMALIZE_NFC);
    if (p->text == NULL) {
        err_set(e, ERR_CORRUPT, "phrases.txt is not UTF-8");
        goto out;
    }
    for (line = strtok_r(p->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (line_take(p, line, e) != 0)
            goto out;
    *out = p;
    p = NULL;
    rc = 0;
out:
    phrases_destroy(p);
    return rc;
}

void phrases_clear(struct phrases *p)
{
    for (int i = 0; i < p->variable_count; i++) {
        g_free(p->variables[i].name);
        g_free(p->variables[i].value);
    }
    p->variable_count = 0;
    for (int i = 0; i < p->symbol_count; i++) {
        memset(p->symbols[i].used, 0, sizeof p->symbols[i].used);
        p->symbols[i].used_count = 0;
    }
}

void phrases_destroy(struct phrases *p)
{
    if (p == NULL)
        return;
    phrases_clear(p);
    g_free(p->text);
    free(p);
}

static struct variable *variable_find(const struct phrases *p, const char *name)
{
    for (int i = 0; i < p->variable_count; i++)
        if (strcmp(p->variables[i].name, name) == 0)
            return (struct variable *)&p->variables[i];
    return NULL;
}

int phrases_set(struct phrases *p, const char *name, const char *value, struct err *e)
{
    struct variable *v = variable_find(p, name);
    char *copy = g_utf8_normalize(value, -1, G_NORMALIZE_NFC);

    if (copy == NULL)
        return err_set(e, ERR_CORRUPT, "phrases: %s is not UTF-8", name);
    if (v == NULL) {
        if (p->variable_count == VARIABLES_MAX) {
            g_free(copy);
            return err_set(e, ERR_TOO_BIG, "phrases: too many variables");
        }
        v = &p->variables[p->variable_count++];
        *v = (struct variable){.name = g_strdup(name)};
    }
    g_free(v->value);
    v->value = copy;
    return 0;
}

const char *phrases_get(const struct phrases *p, const char *name)
{
    const struct variable *v = variable_find(p, name);

    return v == NULL ? "" : v->value;
}

int phrases_draw(struct phrases *p, struct random *r, const char *name,
                 const char *template, struct err *e)
{
    struct buffer b;
    int rc;

    buffer_init(&b, PHRASE_BYTES_MAX);
    rc = phrases_fill(p, r, &b, template, e);
    if (rc == 0)
        rc = phrases_set(p, name, (const char *)b.bytes, e);
    buffer_release(&b);
    return rc;
}

static const char *symbol_pick(struct symbol *s, struct random *r)
{
    uint32_t i = random_below(r, s->count);

    if (s->used_count >= s->count) {
        memset(s->used, 0, sizeof s->used);
        s->used_count = 0;
    }
    while (s->used[i])
        i = (i + 1) % s->count;
    s->used[i] = true;
    s->used_count++;
    return s->lines[i];
}

static struct symbol *symbol_find(struct phrases *p, const char *name)
{
    for (int i = 0; i < p->symbol_count; i++)
        if (strcmp(p->symbols[i].name, name) == 0)
            return &p->symbols[i];
    return NULL;
}

/* {#lo-hi}, {#width:lo-hi}, {#.:lo-hi} */
static int number_append(struct random *r, struct buffer *out, const char *spec,
                         struct err *e)
{
    int width = 1, low, high, n;
    const char *range = strchr(spec, ':');

    if (range != NULL && spec[0] != '.')
        width = atoi(spec);
    if (sscanf(range ? range + 1 : spec, "%d-%d", &low, &high) != 2)
        return err_set(e, ERR_CORRUPT, "phrases: bad number {#%s}", spec);
    n = random_between(r, low, high);
    if (spec[0] != '.' || n < 1000)
        buffer_append_format(out, "%0*d", width, n);
    else if (n < 1000000)
        buffer_append_format(out, "%d.%03d", n / 1000, n % 1000);
    else
        buffer_append_format(out, "%d.%03d.%03d", n / 1000000, n / 1000 % 1000, n % 1000);
    return 0;
}

static void capital_append(struct buffer *out, const char *text, bool all)
{
    const char *end = all ? text + strlen(text) : g_utf8_next_char(text);
    char *up = g_utf8_strup(text, end - text);

    buffer_append_text(out, up);
    buffer_append_text(out, end);
    g_free(up);
}

static int fill(struct phrases *p, struct random *r, struct buffer *out,
                const char *template, int depth, struct err *e);

static int slot_append(struct phrases *p, struct random *r, struct buffer *out,
                       const char *slot, int depth, struct err *e)
{
    int rc = -1, capitals = slot[0] == '^' ? (slot[1] == '^' ? 2 : 1) : 0;
    const struct variable *v = variable_find(p, slot + capitals);
    struct symbol *s = symbol_find(p, slot + capitals);
    struct buffer inner;

    if (slot[0] == '#')
        return number_append(r, out, slot + 1, e);
    if (depth == DEPTH_MAX || (v == NULL && (s == NULL || s->count == 0)))
        return err_set(e, ERR_CORRUPT, "phrases: nothing is called {%s}", slot);
    buffer_init(&inner, PHRASE_BYTES_MAX);
    if (fill(p, r, &inner, v ? v->value : symbol_pick(s, r), depth + 1, e) != 0)
        goto out;
    if (inner.count == 0)
        rc = 0;
    else if (capitals > 0)
        capital_append(out, (const char *)inner.bytes, capitals == 2);
    else
        buffer_append(out, inner.bytes, inner.count);
    rc = 0;
out:
    buffer_release(&inner);
    return rc;
}

static int fill(struct phrases *p, struct random *r, struct buffer *out,
                const char *template, int depth, struct err *e)
{
    const char *at = template, *open, *close;
    char slot[64];

    while ((open = strchr(at, '{')) != NULL) {
        close = strchr(open, '}');
        if (close == NULL || (size_t)(close - open) >= sizeof slot)
            return err_set(e, ERR_CORRUPT, "phrases: '{' without '}' in '%s'", template);
        memcpy(slot, open + 1, (size_t)(close - open - 1));
        slot[close - open - 1] = '\0';
        buffer_append(out, at, (size_t)(open - at));
        if (slot_append(p, r, out, slot, depth, e) != 0)
            return -1;
        at = close + 1;
    }
    buffer_append_text(out, at);
    return buffer_check(out, e);
}

int phrases_fill(struct phrases *p, struct random *r, struct buffer *out,
                 const char *template, struct err *e)
{
    buffer_clear(out);
    buffer_append_text(out, ""); /* so that an empty template has a NUL too */
    return fill(p, r, out, template, 0, e);
}
