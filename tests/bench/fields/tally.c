#include "tests/bench/fields/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/edit.h"
#include "tests/bench/points.h"

#define SUBJECT_WRONG_MAX 0.05 /* of its letters */

static const char *const wanted[] = {"number", "date",    "kind",
                                     "issuer", "subject", "signer"};
/* What tram-pages names; page_count and recipients it does not. */
static const char *const known[] = {"number",    "symbol", "place",  "date",
                                    "parent",    "issuer", "kind",   "subject",
                                    "authority", "title",  "signer", "secrecy"};

static bool is_among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static struct tally_field *field_of(struct tally *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->fields[i].name, name) == 0)
            return &t->fields[i];
    if (t->count == TALLY_FIELDS_MAX)
        return &t->fields[TALLY_FIELDS_MAX - 1];
    (void)snprintf(t->fields[t->count].name, sizeof t->fields[0].name, "%s", name);
    return &t->fields[t->count++];
}

/* As compared: NFC, white space as one space; a subject may have some letters wrong. */
static int is_right(bool *out, const char *name, const char *truth, const char *value,
                    struct err *e)
{
    struct points a = {0}, b = {0};
    size_t distance = 0;
    int rc = -1;

    if (points_of(&a, truth, strlen(truth), e) != 0 ||
        points_of(&b, value, strlen(value), e) != 0 ||
        edit_distance(&distance, a.at, a.count, b.at, b.count, e) != 0)
        goto out;
    *out = distance == 0 || (strcmp(name, "subject") == 0 &&
                             distance <= SUBJECT_WRONG_MAX * (double)a.count);
    rc = 0;
out:
    points_release(&a);
    points_release(&b);
    return rc;
}

static bool points_hold(const struct points *all, const struct points *part)
{
    for (size_t i = 0; i + part->count <= all->count; i++)
        if (memcmp(all->at + i, part->at, part->count * sizeof *part->at) == 0)
            return true;
    return false;
}

/* Whether the value stands in the text of a page as it was read. */
static int is_legible(bool *out, const struct paper *p, const char *value, struct err *e)
{
    struct points part = {0}, all = {0};
    int rc = points_of(&part, value, strlen(value), e);

    *out = false;
    for (size_t i = 0; rc == 0 && !*out && i < p->pages_count; i++) {
        if (p->texts[i] == NULL)
            continue;
        rc = points_of(&all, p->texts[i], strlen(p->texts[i]), e);
        *out = rc == 0 && points_hold(&all, &part);
        points_release(&all);
    }
    points_release(&part);
    return rc;
}

static int tally_one(struct tally *t, const struct paper *p, const char *group,
                     const char *name, const char *truth, const struct field_found *v,
                     bool misses, struct err *e)
{
    struct tally_field *f = field_of(t, group);
    bool right = false, legible = false;

    if (truth != NULL && v != NULL && is_right(&right, name, truth, v->value, e) != 0)
        return -1;
    if (truth != NULL && is_legible(&legible, p, truth, e) != 0)
        return -1;
    f->there += truth != NULL;
    f->legible += legible;
    f->found += v != NULL;
    f->right += right;
    if (v != NULL) {
        t->sure_found[v->confidence * TALLY_SURES / 101]++;
        t->sure_right[v->confidence * TALLY_SURES / 101] += right;
    }
    if (misses && !right)
        printf("- %s %s%s: '%s', found '%s' (%s, %u)\n", p->id, name,
               truth != NULL && !legible ? " (not so in the text)" : "",
               truth != NULL ? truth : "", v != NULL ? v->value : "",
               v != NULL ? v->rule : "nothing", v != NULL ? v->confidence : 0);
    return 0;
}

/* All labelled values of a type are counted together, and so are its cells. */
static void group_name(char out[GROUP_BYTES], const char *type, bool is_cell)
{
    (void)snprintf(out, GROUP_BYTES, "%s, %s", type, is_cell ? "cells" : "labels");
}

static int tally_truths(struct tally *t, const struct paper *p,
                        const struct fields *found, const struct fields *typed,
                        bool misses, struct err *e)
{
    json_t *truths = json_object_get(p->truth, "fields"), *value;
    const char *name;

    json_object_foreach(truths, name, value)
    {
        const char *truth = json_string_value(value);
        struct truth_name n;
        char group[GROUP_BYTES];

        truth_name_read(&n, name);
        group_name(group, n.type, n.is_cell);
        if (n.type[0] == '\0' ? tally_one(t, p, name, name, truth,
                                          fields_get(found, name, 0), misses, e)
                              : tally_one(t, p, group, name, truth,
                                          fields_get(typed, n.field, n.row), misses, e))
            return -1;
    }
    return 0;
}

/* What was found of a type and the truth does not name: but for what heads and signatures
 * say, which is counted under its own name. */
static int tally_typed_others(struct tally *t, const struct paper *p,
                              const struct fields *typed, bool misses, struct err *e)
{
    json_t *truths = json_object_get(p->truth, "fields");
    char type[64], name[160], group[GROUP_BYTES];

    paper_type(p, type);
    for (size_t i = 0; i < typed->count; i++) {
        const struct field_found *v = &typed->values[i];
        bool is_cell = strcmp(v->rule, "column") == 0;

        if (!is_cell && strncmp(v->rule, "label", 5) != 0 && strcmp(v->rule, "zone") != 0)
            continue;
        if (is_cell)
            (void)snprintf(name, sizeof name, "%s.%s#%u", type, v->name, v->ordinal);
        else
            (void)snprintf(name, sizeof name, "%s.%s", type, v->name);
        group_name(group, type, is_cell);
        if (json_object_get(truths, name) == NULL &&
            tally_one(t, p, group, name, NULL, v, misses, e) != 0)
            return -1;
    }
    return 0;
}

int tally_paper(struct tally *t, const struct paper *p, const struct fields *found,
                const struct fields *typed, bool misses, struct err *e)
{
    json_t *truths = json_object_get(p->truth, "fields");

    if (tally_truths(t, p, found, typed, misses, e) != 0)
        return -1;
    for (size_t i = 0; i < found->count; i++) {
        const struct field_found *v = &found->values[i];

        if (v->ordinal == 0 && json_object_get(truths, v->name) == NULL &&
            is_among(v->name, known, sizeof known / sizeof *known) &&
            tally_one(t, p, v->name, v->name, NULL, v, misses, e) != 0)
            return -1;
    }
    return tally_typed_others(t, p, typed, misses, e);
}

double tally_precision(const struct tally_field *f)
{
    return f->found == 0 ? 1 : (double)f->right / f->found;
}

double tally_recall(const struct tally_field *f)
{
    return f->there == 0 ? 1 : (double)f->right / f->there;
}

double tally_f1(const struct tally_field *f)
{
    return f->found + f->there == 0 ? 1 : 2.0 * f->right / (f->found + f->there);
}

unsigned tally_print(const struct tally *t, const char *title, double least)
{
    unsigned missed = 0;

    printf("\n## %s\n\n| field | printed | read so | found | right | precision | recall "
           "| F1 | |\n| --- | --: | --: | --: | --: | --: | --: | --: | --- |\n",
           title);
    for (size_t i = 0; i < t->count; i++) {
        const struct tally_field *f = &t->fields[i];
        bool bound = is_among(f->name, wanted, sizeof wanted / sizeof *wanted);
        bool below = bound && tally_f1(f) < least;

        printf("| %s | %u | %u | %u | %u | %.3f | %.3f | %.3f |", f->name, f->there,
               f->legible, f->found, f->right, tally_precision(f), tally_recall(f),
               tally_f1(f));
        if (bound)
            printf(" %s %.2f |\n", below ? "**below**" : "at least", least);
        else
            printf(" |\n");
        missed += below;
    }
    printf("\nOf values that say to be so sure, so many are right:");
    for (size_t i = 0; i < TALLY_SURES; i++)
        printf(" %zu–%zu %%: %u of %u%s", i * 20, i * 20 + 20, t->sure_right[i],
               t->sure_found[i], i + 1 < TALLY_SURES ? ";" : ".\n");
    return missed;
}
