/* Where in a file a place is: jansson forgets that, so the text is walked again, but
 * only for a file that is refused. It is JSON, as the reader has found. */
#include <string.h>

#include "schema/types/reader.h"

struct walk {
    const char *at, *end;
};

static void skip_space(struct walk *w)
{
    while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL)
        w->at++;
}

static void skip_string(struct walk *w)
{
    for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
        if (*w->at == '\\')
            w->at++;
    if (w->at < w->end)
        w->at++;
}

/* A value of any depth: strings whole, so that no bracket within one counts. */
static void skip_value(struct walk *w)
{
    size_t depth = 0;

    skip_space(w);
    while (w->at < w->end) {
        if (depth == 0 && strchr(",]}", *w->at) != NULL)
            return;
        if (*w->at == '"') {
            skip_string(w);
            continue;
        }
        if (*w->at == '[' || *w->at == '{')
            depth++;
        else if (*w->at == ']' || *w->at == '}')
            depth--;
        w->at++;
    }
}

/* At the next member: behind the bracket that opens, or behind a comma. */
static bool to_member(struct walk *w)
{
    skip_space(w);
    if (w->at >= w->end || *w->at == ']' || *w->at == '}')
        return false;
    w->at++;
    skip_space(w);
    return w->at < w->end && *w->at != ']' && *w->at != '}';
}

/* At the value of a member whose key is at hand; true if it is this one. A key that
 * is written with escapes is not known again, and its object is told instead. */
static bool is_key(struct walk *w, const char *key)
{
    const char *from = w->at + 1;
    bool same;

    skip_string(w);
    same = w->at > from && (size_t)(w->at - 1 - from) == strlen(key) &&
           memcmp(from, key, strlen(key)) == 0;
    skip_space(w);
    if (w->at < w->end)
        w->at++; /* the colon */
    return same;
}

/* Into the member; false if it is not to be found, and w is past it. */
static bool step_into(struct walk *w, const struct type_step *step)
{
    size_t index = 0;

    skip_space(w);
    while (to_member(w)) {
        const char *member = w->at;

        if (step->key == NULL ? index++ == step->index : is_key(w, step->key)) {
            w->at = member;
            return true;
        }
        skip_value(w);
    }
    return false;
}

size_t type_file_line(const struct type_file *file, const struct type_step *steps,
                      size_t depth)
{
    struct walk w = {file->bytes, file->bytes + file->count};
    const char *found = w.at;
    size_t line = 1;

    for (size_t i = 0; i < depth && step_into(&w, &steps[i]); i++) {
        found = w.at;
        if (steps[i].key != NULL)
            (void)is_key(&w, steps[i].key); /* it is: on to its value */
    }
    for (const char *at = file->bytes; at < found && at < w.end; at++)
        line += *at == '\n';
    return line;
}
