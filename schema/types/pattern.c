#include "schema/types/pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Steps of one search, over all places where it may begin: PCRE2's own limit begins anew
 * at each. A page's line with a sound pattern takes some thousands. */
#define MATCH_STEPS_MAX    200000
#define MATCH_HEAP_KIB_MAX 4096

struct pattern {
    pcre2_code *code;
    char *expression;
    int value; /* the number of the group, 0 for the whole match */
};

static int refuse(int number, size_t at, struct err *e)
{
    char reason[160] = "";

    (void)pcre2_get_error_message(number, (PCRE2_UCHAR *)reason, sizeof reason);
    return err_set(e, ERR_REFUSED, "bad pattern at byte %zu: %s", at, reason);
}

static int compile(struct pattern *p, struct err *e)
{
    int number, value;
    PCRE2_SIZE at;

    p->code = pcre2_compile((PCRE2_SPTR)p->expression, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C |
                                PCRE2_AUTO_CALLOUT,
                            &number, &at, NULL);
    if (p->code == NULL)
        return refuse(number, at, e);
    value = pcre2_substring_number_from_name(p->code, (PCRE2_SPTR) "value");
    p->value = value > 0 ? value : 0;
    return 0;
}

int pattern_create(struct pattern **out, const char *expression, struct err *e)
{
    struct pattern *p;

    *out = NULL;
    if (expression[0] == '\0' || strlen(expression) > PATTERN_BYTES_MAX)
        return err_set(e, ERR_REFUSED, "a pattern has 1 to %d bytes", PATTERN_BYTES_MAX);
    p = calloc(1, sizeof *p);
    if (p == NULL || (p->expression = strdup(expression)) == NULL) {
        free(p);
        return err_set(e, ERR_MEMORY, "out of memory for a pattern");
    }
    if (compile(p, e) != 0) {
        pattern_destroy(p);
        return -1;
    }
    *out = p;
    return 0;
}

void pattern_destroy(struct pattern *p)
{
    if (p == NULL)
        return;
    pcre2_code_free(p->code);
    free(p->expression);
    free(p);
}

const char *pattern_expression(const struct pattern *p)
{
    return p->expression;
}

/* Called before each item of the expression is tried. */
static int count_step(pcre2_callout_block *block, void *steps)
{
    (void)block;
    return ++*(unsigned *)steps > MATCH_STEPS_MAX ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* The value's group, or the whole match, into *value. */
static bool match(const struct pattern *p, const char *text, size_t count, size_t from,
                  uint32_t options, struct span *value)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(p->code, NULL);
    const PCRE2_SIZE *ends;
    unsigned steps = 0;
    bool found = false;

    if (limits == NULL || data == NULL)
        goto out;
    (void)pcre2_set_callout(limits, count_step, &steps);
    (void)pcre2_set_match_limit(limits, MATCH_STEPS_MAX);
    (void)pcre2_set_heap_limit(limits, MATCH_HEAP_KIB_MAX);
    if (pcre2_match(p->code, (PCRE2_SPTR)text, count, from, options, data, limits) < 0)
        goto out;
    ends = pcre2_get_ovector_pointer(data);
    *value = (struct span){ends[2 * p->value], ends[2 * p->value + 1]};
    /* A group that took no part, or \K in a look-ahead, spans nothing. */
    found = value->from != PCRE2_UNSET && value->from <= value->to && value->to <= count;
out:
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    return found;
}

bool pattern_find(const struct pattern *p, const char *text, size_t count, size_t from,
                  struct span *value)
{
    return from <= count && match(p, text, count, from, 0, value);
}

bool pattern_is_all(const struct pattern *p, const char *text, size_t count)
{
    struct span value;

    return match(p, text, count, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED, &value);
}
