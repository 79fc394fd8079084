#include "appliance/package_name.h"

#include <ctype.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#define ENDING ".pdf"

/* --------------------------------------------------------------------- values */

static bool is_year(const char *text)
{
    return strspn(text, "0123456789") == 4 && strspn(text + 4, " ") == strlen(text + 4);
}

void package_name_append(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];

        buffer_append_byte(
            out, c < 0x20 || c == 0x7f || strchr("<>:\"/\\|?*", c) != NULL ? '-' : c);
    }
}

/* False: there is nothing of it to put into a name. */
static bool append_value(struct buffer *out, const char *value)
{
    const char *slash;
    size_t count;

    if (value == NULL)
        return false;
    value += strspn(value, " \t");
    slash = strchr(value, '/');
    count = slash == NULL ? strlen(value) : (size_t)(slash - value);
    while (count > 0 && strchr(" \t", value[count - 1]) != NULL)
        count--;
    if (count == 0)
        return false;
    if (slash != NULL && is_year(slash + 1))
        buffer_append_format(out, "%.2s.", slash + 3);
    package_name_append(out, value, count);
    return true;
}

static void append_missing(struct buffer *missing, const struct record_type *t,
                           const char *field, enum language language)
{
    const struct field_def *f = type_field(t, field);

    if (missing->count > 0)
        buffer_append_text(missing, ", ");
    buffer_append_text(missing, f == NULL ? field : label_in(&f->label, language));
}

/* ------------------------------------------------------------------- the name */

/* Names of Windows's devices, whatever their ending. */
static bool is_device(const char *name)
{
    static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM", "LPT"};
    size_t count = strcspn(name, ".");

    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (strncasecmp(name, devices[i], 3) == 0 &&
            (i < 4 ? count == 3 : count == 4 && isdigit((unsigned char)name[3])))
            return true;
    return false;
}

/* Composed, of a length that all programs take, hidden nowhere, and a PDF's. */
static int finish(struct buffer *out, struct buffer *raw, struct err *e)
{
    utf8proc_uint8_t *composed;
    const char *text;
    size_t count;

    if (buffer_check(raw, e) != 0)
        return -1;
    composed = utf8proc_NFC(raw->bytes);
    if (composed == NULL)
        return err_set(e, ERR_REFUSED, "its name is no text");
    text = (const char *)composed;
    count = strlen(text);
    if (text[0] == '.' || is_device(text))
        buffer_append_byte(out, '_');
    buffer_append(out, text, count);
    if (count < sizeof ENDING ||
        strcasecmp(text + count - (sizeof ENDING - 1), ENDING) != 0)
        buffer_append_text(out, ENDING);
    free(composed);
    if (out->count > PACKAGE_NAME_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "its name is over %d bytes",
                       PACKAGE_NAME_BYTES_MAX);
    return buffer_check(out, e);
}

int package_name(struct buffer *out, struct buffer *missing, const struct record_type *t,
                 enum language language,
                 const char *(*value)(void *arg, const char *field), void *arg,
                 struct err *e)
{
    struct buffer raw;
    int rc;

    buffer_init(&raw, 1 << 20);
    for (const char *at = t->file_name; *at != '\0';) {
        char field[64]; /* parse.c has no longer one in braces */
        size_t count = strcspn(at, "{");

        package_name_append(&raw, at, count);
        at += count;
        if (*at == '\0')
            break;
        count = strcspn(++at, "}");
        (void)snprintf(field, sizeof field, "%.*s", (int)count, at);
        at += count + (at[count] == '}');
        if (!append_value(&raw, value(arg, field)))
            append_missing(missing, t, field, language);
    }
    rc = missing->count > 0 ? buffer_check(missing, e) : finish(out, &raw, e);
    buffer_release(&raw);
    return rc;
}

/* --------------------------------------------------------------- names that are taken */

struct taken {
    char *folded;  /* owned */
    unsigned next; /* number to try */
};

static int compare_taken(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;

    return strcmp(x->folded, y->folded);
}

static void taken_free(void *node)
{
    struct taken *t = node;

    free(t->folded);
    free(t);
}

void package_names_release(struct package_names *n)
{
    tdestroy(n->root, taken_free);
    n->root = NULL;
}

/* The node of this name; *there: it was taken before. NULL without memory. */
static struct taken *take(struct package_names *n, const char *name, bool *there)
{
    struct taken *t = calloc(1, sizeof *t), **found;

    *there = false;
    if (t == NULL)
        return NULL;
    t->next = 1;
    t->folded = (char *)utf8proc_NFKC_Casefold((const utf8proc_uint8_t *)name);
    found = t->folded == NULL ? NULL : tsearch(t, &n->root, compare_taken);
    if (found == NULL || *found != t) {
        *there = found != NULL;
        taken_free(t);
    }
    return found == NULL ? NULL : *found;
}

int package_names_take(struct package_names *n, struct buffer *name, bool *twice,
                       struct err *e)
{
    struct taken *first = take(n, (const char *)name->bytes, twice);
    size_t stem = name->count - (sizeof ENDING - 1);
    bool there = *twice;

    while (first != NULL && there) {
        char ending[32];

        (void)snprintf(ending, sizeof ending, "(%u)" ENDING, first->next++);
        name->count = stem;
        buffer_append_text(name, ending);
        if (buffer_check(name, e) != 0)
            return -1;
        if (take(n, (const char *)name->bytes, &there) == NULL)
            first = NULL;
    }
    return first == NULL ? err_set(e, ERR_MEMORY, "names: out of memory") : 0;
}
