/* Values beside each other, and beside what is counted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/checks/date.h"
#include "schema/checks/identity.h"
#include "schema/checks/run.h"
#include "schema/checks/words.h"

/* The warning about a check's fields, with both values. */
static void warn_by(const struct check_run *c, const struct check_def *check,
                    const struct fact *fact, const char *a, const char *b,
                    const char *third)
{
    check_warn(c, check_rule_name(check->rule), check->fields[0], 0, fact,
               check->fields_count > 1 ? check->fields[1] : NULL,
               (const char *const[]){a, b, third});
}

static void warn(const struct check_run *c, const struct check_def *check, const char *a,
                 const char *b, const char *third)
{
    warn_by(c, check, &check->fact, a, b, third);
}

static void check_date_words(const struct check_run *c, const struct check_def *check,
                             const char *a, const char *b)
{
    struct paper_date date, words;

    if (date_read(&date, a) && date_read_words(&words, b) &&
        date_compare(&date, &words) != 0)
        warn(c, check, a, b, NULL);
}

static void check_date_order(const struct check_run *c, const struct check_def *check,
                             const char *a, const char *b)
{
    struct paper_date first, last;

    if (date_read(&first, a) && date_read(&last, b) && date_compare(&first, &last) > 0)
        warn(c, check, a, b, NULL);
}

static void check_identity_birth(const struct check_run *c, const struct check_def *check,
                                 const char *a, const char *b)
{
    struct paper_date born;
    struct identity id;
    char year[16];

    identity_read(&id, a);
    if (id.kind != IDENTITY_CITIZEN || !date_read(&born, b) || born.year == id.year)
        return;
    (void)snprintf(year, sizeof year, "%d", id.year);
    warn(c, check, a, b, year);
}

static void check_identity_sex(const struct check_run *c, const struct check_def *check,
                               const char *a, const char *b)
{
    const struct code_value *sex = code_named(check->fields[1]->codes, b);
    struct identity id;

    identity_read(&id, a);
    if (id.kind != IDENTITY_CITIZEN || sex == NULL)
        return;
    if (strcmp(sex->label.vi, id.female ? "Nam" : "Nữ") == 0)
        warn(c, check, a, sex->label.vi, id.female ? "Nữ" : "Nam");
}

static bool is_symbol(const struct code_list *kinds, const char *part)
{
    for (size_t i = 0; i < kinds->values_count; i++)
        if (kinds->values[i].symbol != NULL && strcmp(kinds->values[i].symbol, part) == 0)
            return true;
    return false;
}

/* A kind that has no abbreviation may have any symbol but another kind's. */
static void check_symbol_kind(const struct check_run *c, const struct check_def *check,
                              const char *a, const char *b)
{
    const struct code_list *kinds = check->fields[1]->codes;
    const struct code_value *kind = code_named(kinds, b);
    char part[32];

    symbol_kind_part(part, sizeof part, a);
    if (kind == NULL || part[0] == '\0')
        return;
    if (kind->symbol == NULL ? is_symbol(kinds, part) : strcmp(part, kind->symbol) != 0)
        /* As sure as the less sure of the rule and of this kind's abbreviation. */
        warn_by(c, check, kind->fact.mark > check->fact.mark ? &kind->fact : &check->fact,
                a, kind->label.vi, kind->symbol == NULL ? "–" : kind->symbol);
}

/* Numbers too long to count with are told by their length already. */
static bool number_of(const char *text, int64_t *out)
{
    size_t count = strlen(text);

    if (count == 0 || count > 15 || strspn(text, "0123456789") != count)
        return false;
    *out = strtoll(text, NULL, 10);
    return true;
}

static void check_not_more(const struct check_run *c, const struct check_def *check,
                           const char *a, const char *b)
{
    int64_t less, more;

    if (number_of(a, &less) && number_of(b, &more) && less > more)
        warn(c, check, a, b, NULL);
}

static void check_counted(const struct check_run *c, const struct check_def *check,
                          const char *value, int64_t counted)
{
    char text[24];
    int64_t said;

    if (counted == COUNT_UNKNOWN || !number_of(value, &said) || said == counted)
        return;
    (void)snprintf(text, sizeof text, "%" PRId64, counted);
    warn(c, check, value, text, NULL);
}

void check_several(const struct check_run *c, const struct check_def *check)
{
    const char *a = check_value_of(c, check->fields[0]);
    const char *b = check->fields_count > 1 ? check_value_of(c, check->fields[1]) : NULL;

    if (a == NULL || (check->fields_count > 1 && b == NULL))
        return;
    switch (check->rule) {
    case CHECK_DATE_WORDS:
        check_date_words(c, check, a, b);
        break;
    case CHECK_DATE_ORDER:
        check_date_order(c, check, a, b);
        break;
    case CHECK_IDENTITY_BIRTH:
        check_identity_birth(c, check, a, b);
        break;
    case CHECK_IDENTITY_SEX:
        check_identity_sex(c, check, a, b);
        break;
    case CHECK_SYMBOL_KIND:
        check_symbol_kind(c, check, a, b);
        break;
    case CHECK_FORM:
        if (!pattern_is_all(check->pattern, a, strlen(a)))
            warn(c, check, a, NULL, NULL);
        break;
    case CHECK_NOT_MORE:
        check_not_more(c, check, a, b);
        break;
    case CHECK_PAGE_COUNT:
        check_counted(c, check, a, c->record->pages);
        break;
    case CHECK_PAGE_SUM:
        check_counted(c, check, a, c->record->dossier_pages);
        break;
    case CHECK_DOCUMENT_COUNT:
        check_counted(c, check, a, c->record->documents);
        break;
    }
}
