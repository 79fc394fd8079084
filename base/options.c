#include "base/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_wrong(struct option_wrong *wrong, const char *key, const char *arg)
{
    *wrong = (struct option_wrong){.key = key, .args = {arg}, .args_count = 1};
    return -1;
}

/* The option that `word` names; *value points behind its '=', or is NULL. */
static const struct option_word *find_option(const struct option_word *options,
                                             size_t count, const char *word,
                                             const char **value)
{
    size_t bytes = strcspn(word, "=");

    *value = word[bytes] == '=' ? word + bytes + 1 : NULL;
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == bytes &&
            strncmp(options[i].name, word, bytes) == 0)
            return &options[i];
    return NULL;
}

/* One option at argv[*at]; moves *at to its last word. */
static int take_option(const struct option_word *options, size_t count, int argc,
                       char **argv, int *at, struct option_wrong *wrong)
{
    const char *value;
    const struct option_word *o = find_option(options, count, argv[*at], &value);

    if (o == NULL || (o->value == NULL && value != NULL))
        return is_wrong(wrong, "error.option_unknown", argv[*at]);
    if (o->value == NULL) {
        *o->flag = true;
        return 0;
    }
    if (value == NULL && *at + 1 < argc)
        value = argv[++*at];
    if (value == NULL)
        return is_wrong(wrong, "error.option_value", o->name);
    *o->value = value;
    return 0;
}

int options_parse(const struct option_word *options, size_t count, int *argc, char **argv,
                  struct option_wrong *wrong)
{
    int kept = 1;
    bool ended = false;

    for (int i = 1; i < *argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && strncmp(argv[i], "--", 2) == 0) {
            if (take_option(options, count, *argc, argv, &i, wrong) != 0)
                return -1;
        } else {
            char *word = argv[i];

            argv[i] = argv[kept];
            argv[kept++] = word;
        }
    }
    *argc = kept;
    return 0;
}

int option_parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
                        uint64_t *out, struct option_wrong *wrong)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= min &&
        *out <= max)
        return 0;
    *wrong = (struct option_wrong){.key = "error.option_number",
                                   .args = {name, text, wrong->range},
                                   .args_count = 3};
    (void)snprintf(wrong->range, sizeof wrong->range, "%" PRIu64 "–%" PRIu64, min, max);
    return -1;
}
