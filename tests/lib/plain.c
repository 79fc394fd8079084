#include "tests/lib/plain.h"

#include <stdio.h>
#include <string.h>

#include "schema/tokenizer.h"

struct plain {
    char *out;
    size_t room, bytes;
    const char *of;
    size_t end; /* of the word before, in it */
};

static int word_add(void *arg, const struct token *t)
{
    struct plain *p = arg;
    const char *between = " ";

    if (p->bytes == 0)
        between = "";
    else if (memchr(p->of + p->end, ',', t->start - p->end) != NULL)
        between = ", ";
    if (p->bytes + strlen(between) + t->folded_bytes >= p->room)
        return 1;
    p->bytes += (size_t)snprintf(p->out + p->bytes, p->room - p->bytes, "%s%s", between,
                                 t->folded);
    p->end = t->end;
    return 0;
}

void plain_text(char *out, size_t room, const char *text)
{
    struct plain p = {.out = out, .room = room, .of = text};

    *out = '\0';
    (void)tokens_each(text, strlen(text), word_add, &p);
}
