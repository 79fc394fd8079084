/* One value: what its field's kind, length and code list ask of it. */
#include <stdio.h>
#include <string.h>

#include "schema/checks/date.h"
#include "schema/checks/identity.h"
#include "schema/checks/run.h"
#include "schema/checks/words.h"
#include "schema/units/former.h"

/* As VIETNAM.md marks them: the century's digit is read in the circular; that the older
 * card has 9 digits is not, and what the circular's annex does not name may be a country's
 * prefix, or one of a later list. */
static const struct fact century_fact = {
    FACT_READ, "NĐ 137/2015/NĐ-CP, điều 13; TT 07/2016/TT-BCA, điều 7"};
static const struct fact form_fact = {FACT_UNREAD, "CMND 9 số; CCCD 12 số"};
static const struct fact prefix_fact = {FACT_UNREAD,
                                        "TT 07/2016/TT-BCA, phụ lục I; mã quốc gia"};
static const struct fact units_fact = {FACT_RETOLD,
                                       "QĐ 19/2025/QĐ-TTg; schema/units/README.md"};
static const struct fact calendar_fact = {FACT_READ, "lịch"};

static void check_length(const struct check_run *c, const struct field_def *f,
                         unsigned ordinal, const char *value)
{
    char most[24], has[24];

    if (f->length_max == 0 || letters_count(value) <= f->length_max)
        return;
    (void)snprintf(has, sizeof has, "%zu", letters_count(value));
    (void)snprintf(most, sizeof most, "%zu", f->length_max);
    check_warn(c, "length", f, ordinal, &f->fact, NULL,
               (const char *const[]){has, most, NULL});
}

static void check_date(const struct check_run *c, const struct field_def *f,
                       unsigned ordinal, const char *value)
{
    struct paper_date d;

    if (!date_read(&d, value))
        check_warn(c, "date_form", f, ordinal, &calendar_fact, NULL,
                   (const char *const[]){value, NULL});
    else if (!date_exists(&d))
        check_warn(c, "date_exists", f, ordinal, &calendar_fact, NULL,
                   (const char *const[]){value, NULL});
}

static void check_date_words(const struct check_run *c, const struct field_def *f,
                             unsigned ordinal, const char *value)
{
    struct paper_date d;

    if (!date_read_words(&d, value))
        check_warn(c, "date_words_form", f, ordinal, &calendar_fact, NULL,
                   (const char *const[]){value, NULL});
    else if (!date_exists(&d))
        check_warn(c, "date_exists", f, ordinal, &calendar_fact, NULL,
                   (const char *const[]){value, NULL});
}

static void check_identity(const struct check_run *c, const struct field_def *f,
                           unsigned ordinal, const char *value)
{
    const struct identity_prefixes *prefixes = c->record->prefixes;
    struct identity id;

    identity_read(&id, value);
    if (id.kind == IDENTITY_UNCLEAR)
        check_warn(c, "identity_form", f, ordinal, &form_fact, NULL,
                   (const char *const[]){value, NULL});
    if (id.kind != IDENTITY_CITIZEN)
        return;
    if (prefixes != NULL && identity_prefixes_place(prefixes, id.place) == NULL)
        check_warn(c, "identity_place", f, ordinal, &prefix_fact, NULL,
                   (const char *const[]){value, id.place, NULL});
    if (!id.century_given)
        check_warn(c, "identity_century", f, ordinal, &century_fact, NULL,
                   (const char *const[]){value, NULL});
}

/* A place is of any time: a paper of today names where somebody was born. What says no
 * kind ("Bệnh viện huyện") is doubted only when nothing of it is known. */
static void check_place(const struct check_run *c, const struct field_def *f,
                        unsigned ordinal, const char *value)
{
    const struct units *units = c->record->units;
    char part[WARNING_ARG_BYTES];
    struct unit_answer answer;

    if (units == NULL)
        return;
    units_find(units, value, (struct unit_when){0, 0}, &answer);
    if ((answer.found != UNIT_UNKNOWN && answer.unknown_bytes == 0) ||
        place_is_of_former_province(value))
        return;
    (void)snprintf(part, sizeof part, "%.*s", (int)answer.unknown_bytes,
                   value + answer.unknown_at);
    check_warn(c, "place_unknown", f, ordinal, &units_fact, NULL,
               (const char *const[]){part[0] == '\0' ? value : part, NULL});
}

static bool is_digits(const char *value)
{
    return value[strspn(value, "0123456789")] == '\0';
}

void check_one(const struct check_run *c, const struct field_def *f, unsigned ordinal,
               const char *value)
{
    const char *const only[] = {value, NULL};

    switch (f->kind) {
    case FIELD_TEXT:
    case FIELD_NAME: /* never suspect by its letters */
    case FIELD_SYMBOL:
        break;
    case FIELD_PLACE:
        check_place(c, f, ordinal, value);
        break;
    case FIELD_NUMBER:
        if (!is_digits(value))
            check_warn(c, "number", f, ordinal, &f->fact, NULL, only);
        break;
    case FIELD_FLAG:
        if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
            check_warn(c, "flag", f, ordinal, &f->fact, NULL, only);
        return;
    case FIELD_CODE:
        if (!f->codes->is_open && code_named(f->codes, value) == NULL)
            check_warn(c, "code", f, ordinal, &f->codes->fact, NULL, only);
        return; /* the length is the code's, and a value may be the word */
    case FIELD_DATE:
        check_date(c, f, ordinal, value);
        return; /* as printed, it may be longer */
    case FIELD_DATE_WORDS:
        check_date_words(c, f, ordinal, value);
        break;
    case FIELD_IDENTITY:
        check_identity(c, f, ordinal, value);
        break;
    }
    check_length(c, f, ordinal, value);
}
