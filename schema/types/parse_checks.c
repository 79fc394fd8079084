/* "checks": [{"rule", "fields", "pattern"}] */
#include <stdlib.h>
#include <string.h>

#include "schema/types/parse.h"

/* What a rule is given, so that a type cannot ask whether a name is a day. */
struct rule {
    const char *name;
    size_t fields_count;
    /* Bits of 1 << enum field_kind. */
    unsigned kinds[CHECK_FIELDS_MAX];
    bool has_pattern;
};

#define DATE     (1U << FIELD_DATE)
#define CODE     (1U << FIELD_CODE)
#define SYMBOL   (1U << FIELD_SYMBOL)
#define IDENTITY (1U << FIELD_IDENTITY)
#define NUMBER   (1U << FIELD_NUMBER)
#define TEXT     (1U << FIELD_TEXT)

static const struct rule rules[] = {
    [CHECK_DATE_WORDS] = {"date_words", 2, {DATE, 1U << FIELD_DATE_WORDS}, false},
    [CHECK_DATE_ORDER] = {"date_order", 2, {DATE, DATE}, false},
    [CHECK_IDENTITY_BIRTH] = {"identity_birth", 2, {IDENTITY, DATE}, false},
    [CHECK_IDENTITY_SEX] = {"identity_sex", 2, {IDENTITY, CODE}, false},
    [CHECK_SYMBOL_KIND] = {"symbol_kind", 2, {SYMBOL, CODE}, false},
    [CHECK_FORM] = {"form", 1, {TEXT | SYMBOL | IDENTITY | NUMBER, 0}, true},
    [CHECK_NOT_MORE] = {"not_more", 2, {NUMBER, NUMBER}, false},
    [CHECK_PAGE_COUNT] = {"page_count", 1, {NUMBER, 0}, false},
    [CHECK_PAGE_SUM] = {"page_sum", 1, {NUMBER, 0}, false},
    [CHECK_DOCUMENT_COUNT] = {"document_count", 1, {NUMBER, 0}, false},
};
enum { RULES = sizeof rules / sizeof *rules, CHECKS_MAX = 100 };

const char *check_rule_name(enum check_rule rule)
{
    return rules[rule].name;
}

static int take_rule(struct type_reader *r, const json_t *check, struct check_def *c)
{
    const char *name;

    if (reader_text(r, check, "rule", true, &name) != 0)
        return -1;
    for (size_t i = 0; i < RULES; i++)
        if (strcmp(rules[i].name, name) == 0) {
            c->rule = (enum check_rule)i;
            return 0;
        }
    reader_enter(r, "rule");
    return reader_refuse(r, "no such rule: \"%.60s\"", name);
}

static int take_field(struct type_reader *r, const struct record_type *t,
                      const char *name, struct check_def *c)
{
    const struct field_def *f = type_field(t, name);

    if (f == NULL)
        return reader_refuse(r, "there is no field \"%.60s\"", name);
    if ((rules[c->rule].kinds[c->fields_count] & (1U << f->kind)) == 0)
        return reader_refuse(r, "rule \"%s\" is not for a field of kind \"%s\"",
                             rules[c->rule].name, field_kind_name(f->kind));
    if (c->rule == CHECK_SYMBOL_KIND && f->codes != NULL && !f->codes->has_symbols)
        return reader_refuse(r, "the codes of \"%s\" have no symbols", name);
    c->fields[c->fields_count++] = f;
    return 0;
}

static int take_fields(struct type_reader *r, const json_t *check,
                       const struct record_type *t, struct check_def *c)
{
    const char **names;
    size_t count;
    int rc = -1;

    if (reader_texts(r, check, "fields", &names, &count) != 0)
        goto out;
    if (count != rules[c->rule].fields_count) {
        rc = reader_refuse(r, "rule \"%s\" takes %zu fields", rules[c->rule].name,
                           rules[c->rule].fields_count);
        goto out;
    }
    reader_enter(r, "fields");
    for (size_t i = 0; i < count; i++) {
        reader_enter_at(r, i);
        if (take_field(r, t, names[i], c) != 0)
            goto out;
        reader_leave(r);
    }
    reader_leave(r);
    rc = 0;
out:
    free(names);
    return rc;
}

static int take_pattern(struct type_reader *r, const json_t *check, struct check_def *c)
{
    const char *expression;
    struct err why;

    if (reader_text(r, check, "pattern", rules[c->rule].has_pattern, &expression) != 0)
        return -1;
    if (expression == NULL)
        return 0;
    reader_enter(r, "pattern");
    if (!rules[c->rule].has_pattern)
        return reader_refuse(r, "rule \"%s\" takes none", rules[c->rule].name);
    if (pattern_create(&c->pattern, expression, &why) != 0)
        return reader_refuse(r, "%s", why.text);
    reader_leave(r);
    return 0;
}

int type_parse_checks(struct type_reader *r, const json_t *root, struct record_type *t)
{
    json_t *list, *check;
    size_t i;

    if (reader_list(r, root, "checks", CHECKS_MAX, &list) != 0)
        return -1;
    if (list == NULL)
        return 0;
    t->checks = calloc(json_array_size(list), sizeof *t->checks);
    if (t->checks == NULL)
        return reader_no_memory(r);
    reader_enter(r, "checks");
    json_array_foreach(list, i, check)
    {
        struct check_def *c = &t->checks[t->checks_count++];

        reader_enter_at(r, i);
        if (reader_object(r, check, "rule fields pattern mark source") != 0 ||
            reader_fact(r, check, &t->fact, &c->fact) != 0 ||
            take_rule(r, check, c) != 0 || take_fields(r, check, t, c) != 0 ||
            take_pattern(r, check, c) != 0)
            return -1;
        reader_leave(r);
    }
    reader_leave(r);
    return 0;
}
