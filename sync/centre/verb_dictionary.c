#include "sync/centre/verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/history.h"
#include "sync/dictionary.h"

#define SAMPLES_BYTES_MAX (32u << 20)
#define SAMPLE_BYTES      8192 /* what a paper or two take */
#define SAMPLES_MAX       (SAMPLES_BYTES_MAX / SAMPLE_BYTES)
/* What a box's first days gain from it, before its own history is as long. */
#define DICTIONARY_BYTES 112640

struct learning {
    struct buffer bytes;
    size_t *samples; /* SAMPLES_MAX */
    size_t samples_count;
};

static void add_sample(struct learning *l, const unsigned char *bytes, size_t count)
{
    while (count > 0 && l->samples_count < SAMPLES_MAX) {
        size_t take = count < SAMPLE_BYTES ? count : SAMPLE_BYTES;

        buffer_append(&l->bytes, bytes, take);
        l->samples[l->samples_count++] = take;
        bytes += take;
        count -= take;
    }
}

/* A bundle that cannot be read now is `verify`'s to tell of. */
static int learn_bundle(struct learning *l, struct centre *c, sqlite3_stmt *s,
                        struct err *e)
{
    struct bundle b = {0};
    struct site_row site;
    struct err ignored;
    bool found;

    if (site_find(c, (uint16_t)sqlite3_column_int(s, 0), &site, &found, e) != 0)
        return -1;
    if (!found || journal_open(c, &site, s, 1, &b, &ignored) != 0)
        return 0;
    for (size_t i = 0; i < b.frames_count; i++)
        add_sample(l, b.frames[i].changeset, b.frames[i].changeset_bytes);
    bundle_release(&b);
    return buffer_check(&l->bytes, e);
}

/* The newest of each box before the older ones of any. */
static int learn(struct learning *l, struct centre *c, struct err *e)
{
    sqlite3_stmt *s;
    int row, rc = 0;

    if (centre_statement(c, &s,
                         "SELECT site, bytes, frames FROM journal WHERE state = 'applied'"
                         " ORDER BY row_number() OVER"
                         " (PARTITION BY site ORDER BY first DESC)",
                         e) != 0)
        return -1;
    while (rc == 0 && l->samples_count < SAMPLES_MAX && (row = statement_step(s, e)) != 0)
        rc = row < 0 ? -1 : learn_bundle(l, c, s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int train(struct centre *c, uint32_t *number, size_t *count, struct err *e)
{
    struct learning l = {.samples = calloc(SAMPLES_MAX, sizeof *l.samples)};
    struct buffer out;
    int rc = -1;

    buffer_init(&l.bytes, SAMPLES_BYTES_MAX);
    buffer_init(&out, DICTIONARY_BYTES);
    if (l.samples == NULL)
        err_set(e, ERR_MEMORY, "dictionary");
    else if (learn(&l, c, e) == 0 &&
             dictionary_train(l.bytes.bytes, l.samples, l.samples_count, DICTIONARY_BYTES,
                              &out, e) == 0)
        rc = dictionary_add(c->disk, c->dir, out.bytes, out.count, number, e);
    *count = out.count;
    free(l.samples);
    buffer_release(&l.bytes);
    buffer_release(&out);
    return rc;
}

static int tell(struct console *c, uint32_t number, size_t count)
{
    char hex[16], bytes[24];

    (void)snprintf(hex, sizeof hex, "%08" PRIx32, number);
    (void)snprintf(bytes, sizeof bytes, "%zu", count);
    if (c->json)
        return console_json(
            c, json_pack("{s:s, s:I}", "dictionary", hex, "bytes", (json_int_t)count));
    console_tell(c, "centre.dictionary.trained",
                 (const char *const[]){hex, bytes, DICTIONARY_FOLDER}, 3);
    return 0;
}

int centre_verb_dictionary(struct console *c, int argc, char **argv)
{
    struct centre *centre;
    uint32_t number = 0;
    size_t count;
    struct err e;
    int status;

    if (console_options(c, NULL, 0, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 2 || strcmp(argv[1], "train") != 0)
        return centre_verb_usage(c, "dictionary");
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    if (train(centre, &number, &count, &e) != 0)
        status = console_failed(c, &e);
    else
        status = tell(c, number, count) == 0 ? CONSOLE_DONE : CONSOLE_FAILED;
    centre_close(centre);
    return status;
}
