#include "sync/centre/verbs.h"

#include <string.h>

static const struct centre_verb verbs[] = {
    {"init", "init --name \"Tỉnh …\"", "centre.verb.init", centre_verb_init},
    {"enrol", "enrol --site \"Xã …\"|--again N --url URL --out FILE", "centre.verb.enrol",
     centre_verb_enrol},
    {"serve", "serve --listen ADDR:PORT [--open] [--no-cage]", "centre.verb.serve",
     centre_verb_serve},
    {"status", "status [--site N]", "centre.verb.status", centre_verb_status},
    {"search", "search QUERY [--limit N]", "centre.verb.search", centre_verb_search},
    {"show", "show ID [--text|--original OUT|--image OUT]", "centre.verb.show",
     centre_verb_show},
    {"courier", "courier import DIR | export DIR [--site N]", "centre.verb.courier",
     centre_verb_courier},
    {"verify", "verify", "centre.verb.verify", centre_verb_verify},
    {"backup", "backup DIR", "centre.verb.backup", centre_verb_backup},
    {"restore", "restore DIR", "centre.verb.restore", centre_verb_restore},
    {"dictionary", "dictionary train", "centre.verb.dictionary", centre_verb_dictionary},
    {"recovery", "recovery FILE", "centre.verb.recovery", centre_verb_recovery},
};

const struct centre_verb *centre_verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

size_t centre_verb_all(const struct centre_verb **out)
{
    *out = verbs;
    return sizeof verbs / sizeof *verbs;
}

int centre_verb_usage(struct console *c, const char *name)
{
    const struct centre_verb *v = centre_verb_find(name);

    console_say(c, "centre.usage", (const char *const[]){v == NULL ? name : v->usage}, 1);
    return CONSOLE_WORDS;
}
