#include "schema/checks/checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/checks/run.h"
#include "schema/checks/words.h"

const char *check_value_of(const struct check_run *c, const struct field_def *f)
{
    for (size_t i = 0; i < c->record->values_count; i++) {
        const struct check_value *v = &c->record->values[i];

        if (v->value != NULL && v->value[0] != '\0' && strcmp(v->field, f->name) == 0)
            return v->value;
    }
    return NULL;
}

/* As far as it fits, and never half a letter. */
static void arg_copy(char out[WARNING_ARG_BYTES], const char *text)
{
    size_t count = strlen(text);

    if (count >= WARNING_ARG_BYTES) {
        count = WARNING_ARG_BYTES - 1;
        while (count > 0 && ((unsigned char)text[count] & 0xC0) == 0x80)
            count--;
    }
    memcpy(out, text, count);
    out[count] = '\0';
}

void check_warn(const struct check_run *c, const char *rule, const struct field_def *f,
                unsigned ordinal, const struct fact *fact, const struct field_def *other,
                const char *const *args)
{
    struct warning w = {
        .rule = rule, .field = f, .ordinal = ordinal, .other = other, .fact = fact};

    for (size_t i = 0; i < WARNING_ARGS_MAX && args != NULL && args[i] != NULL; i++)
        arg_copy(w.args[i], args[i]);
    c->tell(c->arg, &w);
}

/* "warning.RULE" is the sentence: {0} the field, {1} the other one if the rule has one,
 * then the arguments. */
void warning_append(struct buffer *out, const struct warning *w, enum language language)
{
    const char *args[2 + WARNING_ARGS_MAX];
    size_t count = 0;
    char key[64];

    (void)snprintf(key, sizeof key, "warning.%s", w->rule);
    args[count++] = label_in(&w->field->label, language);
    if (w->other != NULL)
        args[count++] = label_in(&w->other->label, language);
    for (size_t i = 0; i < WARNING_ARGS_MAX; i++)
        args[count++] = w->args[i];
    message_append(out, key, language, args, count);
}

/* Values of one field, of any ordinal. */
static void check_values(const struct check_run *c, const struct field_def *f)
{
    for (size_t i = 0; i < c->record->values_count; i++) {
        const struct check_value *v = &c->record->values[i];

        if (v->value != NULL && v->value[0] != '\0' && strcmp(v->field, f->name) == 0)
            check_one(c, f, v->ordinal, v->value);
    }
}

/* A value may be the code or its word: "02" or "Số hóa". */
static bool is_named(const struct field_when *when, const char *value)
{
    const struct code_list *codes = when->field->codes;
    const struct code_value *named = codes == NULL ? NULL : code_named(codes, value);

    if (named != NULL)
        value = named->code;
    for (size_t i = 0; i < when->values_count; i++)
        if (strcmp(when->values[i], value) == 0)
            return true;
    return false;
}

/* A required field without a value, or one whose condition holds. */
static void check_need(const struct check_run *c, const struct field_def *f)
{
    const char *value;

    if (f->need == FIELD_OPTIONAL || check_value_of(c, f) != NULL)
        return;
    if (f->need == FIELD_REQUIRED) {
        check_warn(c, "required", f, 0, &f->fact, NULL, NULL);
        return;
    }
    value = check_value_of(c, f->when.field);
    if (value != NULL && is_named(&f->when, value))
        check_warn(c, "required_when", f, 0, &f->fact, f->when.field,
                   (const char *const[]){value, NULL});
}

void checks_run(const struct check_record *r,
                void (*tell)(void *arg, const struct warning *w), void *arg)
{
    const struct check_run c = {r, tell, arg};

    for (size_t i = 0; i < r->type->fields_count; i++) {
        check_need(&c, &r->type->fields[i]);
        check_values(&c, &r->type->fields[i]);
    }
    for (size_t i = 0; i < r->type->checks_count; i++)
        check_several(&c, &r->type->checks[i]);
}
