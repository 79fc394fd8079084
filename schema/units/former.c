#include "schema/units/former.h"

#include <string.h>

#include "schema/tokenizer.h"

#define NAME_BYTES 64

/* Folded, a space behind each word. Divided or joined between 1955 and 2008. */
static const char *const former[] = {
    "ha tay ",
    "ha bac ",
    "ha dong ",
    "son tay ",
    "hai hung ",
    "nam ha ",
    "ha nam ninh ",
    "vinh phu ",
    "bac thai ",
    "ha son binh ",
    "cao lang ",
    "ha tuyen ",
    "nghe tinh ",
    "phuc yen ",
    "kien an ",
    "hong quang ",
    "hoang lien son ",
    "nghia lo ",
    "nghia binh ",
    "phu khanh ",
    "thuan hai ",
    "song be ",
    "cuu long ",
    "minh hai ",
    "gia dinh ",
    "cho lon ",
    "thu dau mot ",
    "binh tri thien ",
    "quang nam da nang ",
    "gia lai kon tum ",
    "gia lai cong tum ",
};

struct name {
    char folded[NAME_BYTES];
    size_t count;
};

static int take(void *arg, const struct token *t)
{
    struct name *n = arg;

    if (n->count + t->folded_bytes + 2 > sizeof n->folded)
        return -1;
    memcpy(n->folded + n->count, t->folded, t->folded_bytes);
    n->count += t->folded_bytes;
    n->folded[n->count++] = ' ';
    n->folded[n->count] = '\0';
    return 0;
}

static bool is_former(const char *part, size_t bytes)
{
    static const char kind[] = "tinh ";
    struct name n = {.count = 0};
    const char *name = n.folded;

    if (tokens_each(part, bytes, take, &n) != 0)
        return false;
    if (strncmp(name, kind, sizeof kind - 1) == 0)
        name += sizeof kind - 1;
    for (size_t i = 0; i < sizeof former / sizeof *former; i++)
        if (strcmp(name, former[i]) == 0)
            return true;
    return false;
}

bool place_is_of_former_province(const char *text)
{
    for (;;) {
        size_t bytes = strcspn(text, ",;");

        if (is_former(text, bytes))
            return true;
        if (text[bytes] == '\0')
            return false;
        text += bytes + 1;
    }
}
