#include "tests/lib/reader_fake.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/packed_fake.h"

#define PAPER_BYTES_MAX (4u << 20)
#define LINE_BYTES      4096

/* ------------------------------------------------------------------- papers */

static int read_paper(struct disk_file *f, struct buffer *out, struct err *e)
{
    char chunk[4096];
    size_t got;

    buffer_init(out, PAPER_BYTES_MAX);
    do {
        if (disk_file_read(f, chunk, sizeof chunk, out->count, &got, e) != 0)
            return -1;
        buffer_append(out, chunk, got);
    } while (got == sizeof chunk);
    return buffer_check(out, e);
}

/* The next line of `text` from *at on, without its end; false after the last. */
static bool next_line(const struct buffer *text, size_t *at, char line[LINE_BYTES])
{
    const char *from = (const char *)text->bytes + *at;
    size_t left = text->count - *at, bytes;
    const char *end;

    if (left == 0)
        return false;
    end = memchr(from, '\n', left);
    bytes = end != NULL ? (size_t)(end - from) : left;
    *at += bytes + (end != NULL);
    if (bytes >= LINE_BYTES)
        bytes = LINE_BYTES - 1;
    memcpy(line, from, bytes);
    line[bytes] = '\0';
    return true;
}

static const char *after(const char *line, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(line, prefix, n) == 0 ? line + n : NULL;
}

static enum refusal refusal_from(const char *name, size_t bytes)
{
    for (int r = 0; r < REFUSAL_COUNT; r++) {
        const char *known = refusal_name((enum refusal)r);

        if (strlen(known) == bytes && strncmp(known, name, bytes) == 0)
            return (enum refusal)r;
    }
    return REFUSAL_DAMAGED;
}

static enum media media_from(const char *name)
{
    static const struct {
        const char *name;
        enum media media;
    } kinds[] = {
        {"jpeg", MEDIA_JPEG}, {"png", MEDIA_PNG}, {"tiff", MEDIA_TIFF},
        {"pdf", MEDIA_PDF},   {"zip", MEDIA_ZIP}, {"tar", MEDIA_TAR},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].media;
    return MEDIA_UNKNOWN;
}

struct paper_page {
    enum secrecy secrecy;
    enum refusal look, read, small, read_again;
    char text[LINE_BYTES], again[LINE_BYTES];
};

/* "page mat read=crashed: text" */
static void parse_page(struct paper_page *out, const char *line)
{
    const char *colon = strchr(line, ':');
    char words[LINE_BYTES];

    *out = (struct paper_page){0};
    (void)snprintf(words, sizeof words, "%.*s", (int)(colon - line), line);
    (void)snprintf(out->text, sizeof out->text, "%s", colon[1] == ' ' ? colon + 2 : "");
    for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " ")) {
        if (after(w, "look=") != NULL)
            out->look = refusal_from(w + 5, strlen(w + 5));
        else if (after(w, "read=") != NULL)
            out->read = refusal_from(w + 5, strlen(w + 5));
        else if (after(w, "small=") != NULL)
            out->small = refusal_from(w + 6, strlen(w + 6));
        for (int s = SECRECY_MAT; s <= SECRECY_TUYET_MAT; s++)
            if (strcmp(w, secrecy_name((enum secrecy)s)) == 0)
                out->secrecy = (enum secrecy)s;
    }
}

/* Page `number` from 0 on; false if there are fewer. */
static bool find_page(const struct buffer *paper, uint32_t number, struct paper_page *out)
{
    char line[LINE_BYTES];
    size_t at = 0;

    while (next_line(paper, &at, line))
        if (after(line, "page") != NULL && strchr(line, ':') != NULL && number-- == 0) {
            parse_page(out, line);
            if (!next_line(paper, &at, line))
                return true;
            if (after(line, "again: ") != NULL)
                (void)snprintf(out->again, sizeof out->again, "%s", line + 7);
            if (after(line, "again read=") != NULL)
                out->read_again = refusal_from(line + 11, strcspn(line + 11, ":"));
            return true;
        }
    return false;
}

static void identify_paper(const struct buffer *paper, struct identity *out)
{
    char line[LINE_BYTES] = "";
    size_t at = 0;
    const char *word;
    bool whole = false;

    *out = (struct identity){0};
    if (next_line(paper, &at, line) && (word = after(line, "fake ")) != NULL)
        out->media = media_from(word);
    if (out->media == MEDIA_UNKNOWN) {
        out->refusal = REFUSAL_WRONG_TYPE;
        return;
    }
    while (next_line(paper, &at, line)) {
        out->pages += after(line, "page") != NULL;
        if ((word = after(line, "is ")) != NULL)
            out->refusal = refusal_from(word, strlen(word));
        whole = strcmp(line, "end") == 0;
    }
    if (out->refusal == REFUSAL_NONE && !whole)
        out->refusal = REFUSAL_CUT_OFF;
}

/* ---------------------------------------------------------------- questions */

static int may_ask(struct reader_fake *r, struct err *e)
{
    if (r->gone)
        return err_set(e, ERR_FAILED, "the fake reader is gone");
    if (r->unpacking) {
        r->told_while_unpacking++;
        return err_set(e, ERR_FAILED, "the fake reader was asked while it unpacked");
    }
    return 0;
}

static int fake_identify(struct reader *reader, struct disk_file *f, struct identity *out,
                         struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct buffer paper = {0};
    int rc;

    if (may_ask(r, e) != 0)
        return -1;
    r->identified++;
    rc = read_paper(f, &paper, e);
    if (rc == 0)
        identify_paper(&paper, out);
    buffer_release(&paper);
    return rc;
}

static int fake_look(struct reader *reader, struct disk_file *f, uint32_t page,
                     struct look *out, struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct buffer paper = {0};
    void (*meanwhile)(void *) = r->on_look;
    struct paper_page p;
    int rc;

    if (may_ask(r, e) != 0)
        return -1;
    r->looked++;
    r->on_look = NULL;
    if (meanwhile != NULL)
        meanwhile(r->on_look_arg);
    *out = (struct look){.width = 2480, .height = 3508, .dpi = 300};
    rc = read_paper(f, &paper, e);
    if (rc == 0 && !find_page(&paper, page, &p))
        out->refusal = REFUSAL_DAMAGED;
    else if (rc == 0) {
        out->refusal = p.look;
        out->secrecy = p.secrecy;
    }
    buffer_release(&paper);
    return rc;
}

static int unpack_paper(const struct buffer *paper, const struct entry_sink *sink,
                        enum refusal *refusal, struct err *e)
{
    char line[LINE_BYTES];
    size_t at = 0;
    bool in_entry = false;
    const char *rest;

    while (next_line(paper, &at, line)) {
        if (in_entry && line[0] == '|') {
            if (sink->bytes(sink->arg, line + 1, strlen(line + 1), e) != 0 ||
                sink->bytes(sink->arg, "\n", 1, e) != 0)
                return -1;
            continue;
        }
        if (in_entry && sink->end(sink->arg, REFUSAL_NONE, e) != 0)
            return -1;
        in_entry = false;
        if ((rest = after(line, "entry ")) != NULL) {
            in_entry = true;
            if (sink->begin(sink->arg, rest, e) != 0)
                return -1;
        } else if ((rest = after(line, "refuse ")) != NULL) {
            const char *name = strchr(rest, ' ');

            if (sink->begin(sink->arg, name + 1, e) != 0 ||
                sink->end(sink->arg, refusal_from(rest, (size_t)(name - rest)), e) != 0)
                return -1;
        } else if ((rest = after(line, "close ")) != NULL) {
            *refusal = refusal_from(rest, strlen(rest));
        }
    }
    return 0;
}

static int fake_unpack(struct reader *reader, struct disk_file *f,
                       const struct entry_sink *sink, enum refusal *refusal,
                       struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct buffer paper = {0};
    int rc;

    if (may_ask(r, e) != 0)
        return -1;
    r->unpacked++;
    *refusal = REFUSAL_NONE;
    rc = read_paper(f, &paper, e);
    if (rc == 0) {
        r->unpacking = true;
        rc = unpack_paper(&paper, sink, refusal, e);
        r->unpacking = false;
    }
    buffer_release(&paper);
    return rc;
}

/* ------------------------------------------------------------------ reading */

static int fill_reading(struct reading *out, const struct paper_page *p, struct err *e)
{
    const struct alternatives_word offered = {0, 1, {"khác"}};
    size_t words = layout_count_words(p->text);

    buffer_init(&out->text, READING_TEXT_MAX);
    buffer_append_text(&out->text, p->text);
    (void)snprintf(out->engine, sizeof out->engine, "fake 1");
    out->took_ms = 40;
    out->layout.width = 2480;
    out->layout.height = 3508;
    out->layout.dpi = 300;
    for (size_t n = 0; n < words; n++) {
        struct word w = {.start = n == 0 ? WORD_NEW_BLOCK : WORD_IN_LINE,
                         .confidence = 91,
                         .left = (int32_t)(100 + 20 * (n % 100)),
                         .top = (int32_t)(200 + 40 * (n / 100)),
                         .width = 18,
                         .height = 30};

        if (n > 0 && n % 100 == 0)
            w.start = WORD_NEW_LINE;
        if (layout_add(&out->layout, &w, e) != 0)
            return -1;
    }
    if (words > 0 && alternatives_add(&out->alternatives, &offered, e) != 0)
        return -1;
    return buffer_check(&out->text, e);
}

static int fake_submit_read(struct reader *reader, uint64_t ticket, struct disk_file *f,
                            uint32_t page, unsigned quarter_turns, enum reading_way way,
                            struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct reader_fake_job *job = &r->jobs[r->jobs_count];
    struct buffer paper = {0};
    struct paper_page p = {.read = REFUSAL_DAMAGED};
    int rc;

    (void)quarter_turns; /* text has no upside */
    if (may_ask(r, e) != 0)
        return -1;
    assert(r->jobs_count < READER_FAKE_JOBS_MAX);
    r->submitted++;
    *job = (struct reader_fake_job){.ticket = ticket};
    rc = read_paper(f, &paper, e);
    if (rc == 0)
        (void)find_page(&paper, page, &p); /* none: damaged, as set above */
    if (way != WAY_USUAL && p.again[0] != '\0')
        memcpy(p.text, p.again, sizeof p.text);
    if (way != WAY_USUAL && p.read_again != REFUSAL_NONE)
        p.read = p.read_again;
    job->answer.refusal = p.read;
    if (rc == 0 && p.read == REFUSAL_NONE)
        rc = fill_reading(&job->answer, &p, e);
    if (rc == 0)
        r->jobs_count++;
    else
        reading_release(&job->answer);
    buffer_release(&paper);
    return rc;
}

static int fake_wait_read(struct reader *reader, int timeout_ms, uint64_t *ticket,
                          struct reading *out, struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;

    void (*meanwhile)(void *) = r->on_wait;

    (void)timeout_ms; /* its answers are ready at once */
    r->on_wait = NULL;
    if (meanwhile != NULL)
        meanwhile(r->on_wait_arg);
    if (r->gone)
        return err_set(e, ERR_FAILED, "the fake reader is gone");
    if (r->jobs_count == 0)
        return 0;
    *ticket = r->jobs[0].ticket;
    *out = r->jobs[0].answer;
    r->jobs_count--;
    memmove(&r->jobs[0], &r->jobs[1], r->jobs_count * sizeof r->jobs[0]);
    return 1;
}

/* ---------------------------------------------------------- after the reading */

static void describe_page(struct buffer *out, const char *magic, const char *what,
                          const struct buffer *paper, uint32_t page, unsigned turns)
{
    char hex[HASH_HEX_BYTES];
    struct hash h;

    hash_of(&h, paper->bytes, paper->count);
    hash_to_hex(hex, &h);
    buffer_init(out, LINE_BYTES);
    buffer_append_format(out, "%s %s of page %u of %s, turned %u\n", magic, what,
                         (unsigned)page, hex, turns);
}

static void likeness_by_word(struct likeness *out, const char *text)
{
    size_t bytes = strcspn(text, " ");

    for (size_t i = 0; bytes > 0 && i < LIKENESS_BYTES; i++)
        out->cells[i] = (uint8_t)(text[i % bytes] * (i + 7));
}

static int fake_small(struct reader *reader, struct disk_file *f, uint32_t page,
                      unsigned quarter_turns, struct small *out, struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct paper_page p = {0};
    struct buffer paper = {0};
    int rc;

    *out = (struct small){0};
    if (may_ask(r, e) != 0)
        return -1;
    r->small++;
    rc = read_paper(f, &paper, e);
    if (rc == 0) {
        (void)find_page(&paper, page, &p); /* other bytes than a paper's will do */
        out->refusal = p.small;
    }
    if (rc == 0 && p.small == REFUSAL_NONE) {
        out->width = 2480;
        out->height = 3508;
        out->dpi = 300;
        likeness_by_word(&out->likeness, p.text);
        describe_page(&out->image, "%PDF-1.4", "image", &paper, page, quarter_turns);
        describe_page(&out->thumbnail, "\xff\xd8\xff", "thumbnail", &paper, page,
                      quarter_turns);
    }
    buffer_release(&paper);
    return rc;
}

static int fake_repack(struct reader *reader, struct disk_file *f,
                       const struct hash *sha256, struct disk_file *packed, bool *gained,
                       enum refusal *refusal, struct err *e)
{
    struct reader_fake *r = (struct reader_fake *)reader;
    struct buffer paper = {0};
    char line[LINE_BYTES];
    const char *word = NULL;
    size_t at = 0;
    int rc;

    *gained = false;
    *refusal = REFUSAL_NONE;
    if (may_ask(r, e) != 0)
        return -1;
    r->repacked++;
    rc = read_paper(f, &paper, e);
    while (rc == 0 && word == NULL && next_line(&paper, &at, line))
        word = after(line, "pack ");
    if (word != NULL && strcmp(word, "no_gain") != 0)
        *refusal = refusal_from(word, strlen(word));
    *gained = rc == 0 && word == NULL;
    if (*gained)
        rc = packed_fake_pack(f, sha256, packed, e);
    buffer_release(&paper);
    return rc;
}

static unsigned fake_at_work(const struct reader *reader)
{
    return (unsigned)((const struct reader_fake *)reader)->jobs_count;
}

static void fake_idle(struct reader *reader)
{
    (void)reader;
}

void reader_fake_init(struct reader_fake *r, unsigned jobs)
{
    *r = (struct reader_fake){
        .reader = {.jobs = jobs,
                   .identify = fake_identify,
                   .look = fake_look,
                   .unpack = fake_unpack,
                   .submit_read = fake_submit_read,
                   .wait_read = fake_wait_read,
                   .small = fake_small,
                   .repack = fake_repack,
                   .at_work = fake_at_work,
                   .idle = fake_idle,
                   .interrupt = fake_idle,
                   .destroy = fake_idle}, /* the test's: reader_fake_release() */
    };
}

void reader_fake_release(struct reader_fake *r)
{
    for (size_t i = 0; i < r->jobs_count; i++)
        reading_release(&r->jobs[i].answer);
    r->jobs_count = 0;
}

bool reader_fake_text(struct disk_file *f, uint32_t page, struct buffer *out)
{
    struct buffer paper = {0};
    struct paper_page p;
    struct err e;
    bool found = read_paper(f, &paper, &e) == 0 && find_page(&paper, page, &p);

    buffer_init(out, LINE_BYTES);
    if (found)
        buffer_append_text(out, p.text);
    buffer_release(&paper);
    return found;
}
