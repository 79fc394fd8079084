/* tram-days: what a commune's office does on so many days, as files for `tram-box import`,
 * and the same contents bare:
 *
 *   tram-days DIR [--seed N] [--days 50] [--strange]
 *
 *   DIR/day-01.jsonl …  twenty new papers, two corrected, one page read again, and every
 *                       other day one deleted
 *   DIR/day-01.raw …    the contents alone, a value a line: what a packer is measured by */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/days/papers.h"

#define PAPERS_A_DAY 20
#define EDITS_A_DAY  2
#define KEPT         200 /* of which one may be looked at again */

struct office {
    struct papers *papers;
    struct paper_text kept[KEPT];
    size_t kept_count;
    struct buffer lines, raw, page;
};

/* ---------------------------------------------------------------------- writing */

static void json_text(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buffer_append_byte(out, '\\');
        if (*text == '\n')
            buffer_append_text(out, "\\n");
        else
            buffer_append_byte(out, (uint8_t)*text);
    }
    buffer_append_byte(out, '"');
}

static void raw_text(struct buffer *out, const char *text)
{
    buffer_append_text(out, text);
    buffer_append_byte(out, '\n');
}

static void begin_line(struct office *o, unsigned number)
{
    buffer_append_format(&o->lines, "{\"key\": \"%u\"", number);
}

static void put_fields(struct office *o, const struct paper_text *t)
{
    buffer_append_text(&o->lines, ", \"fields\": {");
    for (unsigned i = 0; i < PAPER_FIELDS; i++) {
        if (i > 0)
            buffer_append_text(&o->lines, ", ");
        json_text(&o->lines, paper_field_names[i]);
        buffer_append_text(&o->lines, ": ");
        json_text(&o->lines, t->fields[i]);
    }
    buffer_append_byte(&o->lines, '}');
}

/* As it is read today: all pages (-1), or page `again`, and the others as they were. */
static void put_pages(struct office *o, struct paper_text *t, int again)
{
    buffer_append_text(&o->lines, ", \"pages\": [");
    for (unsigned i = 0; i < t->pages; i++) {
        buffer_clear(&o->page);
        if (again < 0 || (unsigned)again == i) {
            papers_read(o->papers, t->clean[i], &o->page);
            raw_text(&o->raw, (const char *)o->page.bytes);
            free(t->read[i]);
            t->read[i] = strdup((const char *)o->page.bytes);
        }
        buffer_append_text(&o->lines, i > 0 ? ", {\"text\": " : "{\"text\": ");
        json_text(&o->lines, t->read[i]);
        buffer_append_byte(&o->lines, '}');
    }
    buffer_append_byte(&o->lines, ']');
}

/* -------------------------------------------------------------------------- days */

static void keep(struct office *o, struct paper_text *t)
{
    if (o->kept_count == KEPT) {
        paper_text_release(&o->kept[0]);
        memmove(o->kept, o->kept + 1, (KEPT - 1) * sizeof o->kept[0]);
        o->kept_count--;
    }
    o->kept[o->kept_count++] = *t;
}

static int new_paper(struct office *o, unsigned day, struct err *e)
{
    struct paper_text t;

    if (papers_next(o->papers, day, &t, e) != 0)
        return -1;
    begin_line(o, t.number);
    buffer_append_format(&o->lines, ", \"dossier\": \"HS-%02u\", \"type\": \"letter\"",
                         day / 3 + 1);
    put_fields(o, &t);
    for (unsigned i = 0; i < PAPER_FIELDS; i++)
        raw_text(&o->raw, t.fields[i]);
    put_pages(o, &t, -1);
    buffer_append_text(&o->lines, "}\n");
    keep(o, &t);
    return 0;
}

static struct paper_text *any_kept(struct office *o)
{
    return &o->kept[random_below(papers_random(o->papers), (uint32_t)o->kept_count)];
}

static int edit(struct office *o, struct err *e)
{
    struct paper_text *t = any_kept(o);
    unsigned field = random_below(papers_random(o->papers), PAPER_FIELDS);

    if (papers_field(o->papers, field, t->fields[field], e) != 0)
        return -1;
    begin_line(o, t->number);
    put_fields(o, t);
    buffer_append_text(&o->lines, "}\n");
    raw_text(&o->raw, t->fields[field]);
    return 0;
}

static void read_again(struct office *o)
{
    struct paper_text *t = any_kept(o);

    begin_line(o, t->number);
    put_pages(o, t, (int)random_below(papers_random(o->papers), t->pages));
    buffer_append_text(&o->lines, "}\n");
}

static void erase(struct office *o)
{
    struct paper_text *t = any_kept(o);

    begin_line(o, t->number);
    buffer_append_text(&o->lines, ", \"delete\": true}\n");
    paper_text_release(t);
    *t = o->kept[--o->kept_count];
}

static int work(struct office *o, unsigned day, struct err *e)
{
    buffer_clear(&o->lines);
    buffer_clear(&o->raw);
    for (unsigned i = 0; i < PAPERS_A_DAY; i++)
        if (new_paper(o, day, e) != 0)
            return -1;
    for (unsigned i = 0; i < EDITS_A_DAY; i++)
        if (edit(o, e) != 0)
            return -1;
    read_again(o);
    if (day % 2 == 1)
        erase(o);
    return buffer_check(&o->lines, e) == 0 ? buffer_check(&o->raw, e) : -1;
}

/* -------------------------------------------------------------------------- main */

static int write_file(const char *dir, unsigned day, const char *kind,
                      const struct buffer *bytes, struct err *e)
{
    char path[1024];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/day-%02u.%s", dir, day, kind);
    f = fopen(path, "w");
    if (f == NULL)
        return err_set(e, ERR_IO, "%s cannot be written", path);
    (void)fwrite(bytes->bytes, 1, bytes->count, f);
    return fclose(f) == 0 ? 0 : err_set(e, ERR_IO, "%s", path);
}

static int run(const char *dir, uint64_t seed, unsigned days, enum language l,
               struct err *e)
{
    struct office *o = calloc(1, sizeof *o);
    int rc = -1;

    if (o == NULL)
        return err_set(e, ERR_MEMORY, "days");
    buffer_init(&o->lines, 16u << 20);
    buffer_init(&o->raw, 16u << 20);
    buffer_init(&o->page, PAPER_TEXT_MAX * 2);
    if (papers_create(&o->papers, seed, l, e) != 0)
        goto out;
    for (unsigned day = 1; day <= days; day++)
        if (work(o, day, e) != 0 || write_file(dir, day, "jsonl", &o->lines, e) != 0 ||
            write_file(dir, day, "raw", &o->raw, e) != 0)
            goto out;
    rc = 0;
out:
    for (size_t i = 0; i < o->kept_count; i++)
        paper_text_release(&o->kept[i]);
    papers_destroy(o->papers);
    buffer_release(&o->lines);
    buffer_release(&o->raw);
    buffer_release(&o->page);
    free(o);
    return rc;
}

int main(int argc, char **argv)
{
    enum language l = LANGUAGE_OURS;
    uint64_t seed = 1;
    unsigned days = 50;
    struct err e;

    if (argc < 2) {
        fprintf(stderr, "usage: tram-days DIR [--seed N] [--days 50] [--strange]\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--strange") == 0)
            l = LANGUAGE_STRANGE;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--days") == 0 && i + 1 < argc)
            days = (unsigned)strtoul(argv[++i], NULL, 10);
    }
    if (run(argv[1], seed, days, l, &e) == 0)
        return 0;
    fprintf(stderr, "tram-days: %s\n", e.text);
    return 1;
}
