#include "sync/courier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 100000 /* more of ours are on no stick */

static const char *const whats[COURIER_WHATS] = {
    [COURIER_CLAIM] = "claim",   [COURIER_HEARD] = "heard", [COURIER_HELLO] = "hello",
    [COURIER_BUNDLE] = "bundle", [COURIER_BLOB] = "blob",   [COURIER_RECEIPT] = "receipt",
    [COURIER_LINES] = "lines",   [COURIER_HAVE] = "have",   [COURIER_TOOK] = "took",
};

void courier_tag(char out[COURIER_TAG_BYTES], const struct public_key *centre)
{
    char hex[HASH_HEX_BYTES];

    public_key_to_hex(hex, centre);
    memcpy(out, hex, COURIER_TAG_BYTES - 1);
    out[COURIER_TAG_BYTES - 1] = '\0';
}

bool courier_line_equal(const struct courier_line *a, const struct courier_line *b)
{
    return a->site == b->site && strcmp(a->tag, b->tag) == 0;
}

/* ---------------------------------------------------------------- reading words */

/* A name as it is read from left to right; `failed` sticks. */
struct scan {
    const char *at;
    bool failed;
};

static void scan_word(struct scan *s, const char *word)
{
    size_t n = strlen(word);

    s->failed = s->failed || strncmp(s->at, word, n) != 0;
    if (!s->failed)
        s->at += n;
}

static bool scan_if(struct scan *s, const char *word)
{
    if (s->failed || strncmp(s->at, word, strlen(word)) != 0)
        return false;
    s->at += strlen(word);
    return true;
}

/* At most eleven digits: what any blob or sequence here has. */
static uint64_t scan_number(struct scan *s)
{
    uint64_t value = 0;
    int digits = 0;

    while (!s->failed && *s->at >= '0' && *s->at <= '9' && digits < 12) {
        value = value * 10 + (uint64_t)(*s->at++ - '0');
        digits++;
    }
    s->failed = s->failed || digits == 0 || digits > 11;
    return value;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void scan_hex(struct scan *s, uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count && !s->failed; i++) {
        int high = digit_of(s->at[0]), low = high < 0 ? -1 : digit_of(s->at[1]);

        s->failed = low < 0;
        if (s->failed)
            return;
        out[i] = (uint8_t)(high << 4 | low);
        s->at += 2;
    }
}

static void scan_line(struct scan *s, struct courier_line *out)
{
    uint8_t tag[(COURIER_TAG_BYTES - 1) / 2] = {0};
    uint64_t site = scan_number(s);

    scan_word(s, "-");
    scan_hex(s, tag, sizeof tag);
    s->failed = s->failed || site == 0 || site > UINT16_MAX;
    out->site = (uint16_t)site;
    for (size_t i = 0; i < sizeof tag; i++)
        (void)snprintf(out->tag + 2 * i, 3, "%02x", tag[i]);
}

static bool scan_done(const struct scan *s)
{
    return !s->failed && *s->at == '\0';
}

/* ------------------------------------------------------------------------- names */

void courier_name_write(char out[COURIER_NAME_BYTES], const struct courier_name *n)
{
    (void)snprintf(out, COURIER_NAME_BYTES, "tram-%u-%s-%s-%05" PRIu32 ".tar%s",
                   n->line.site, n->line.tag,
                   n->direction == DIRECTION_UP ? "up" : "down", n->number,
                   n->part ? ".part" : "");
}

bool courier_name_read(struct courier_name *out, const char *name)
{
    struct scan s = {.at = name};
    uint64_t number;

    *out = (struct courier_name){.direction = DIRECTION_UP};
    scan_word(&s, "tram-");
    scan_line(&s, &out->line);
    if (scan_if(&s, "-down-"))
        out->direction = DIRECTION_DOWN;
    else
        scan_word(&s, "-up-");
    number = scan_number(&s);
    s.failed = s.failed || number == 0 || number > COURIER_NUMBER_MAX;
    out->number = (uint32_t)number;
    scan_word(&s, ".tar");
    out->part = scan_if(&s, ".part");
    return scan_done(&s);
}

void courier_entry_write(char out[COURIER_ENTRY_NAME_MAX + 1],
                         const struct courier_entry *n)
{
    char id[2 * OBJECT_ID_BYTES + 1], hash[2 * COURIER_HASH_BYTES + 1];

    for (size_t i = 0; i < OBJECT_ID_BYTES; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", n->object.id[i]);
    for (size_t i = 0; i < COURIER_HASH_BYTES; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", n->hash[i]);
    (void)snprintf(out, COURIER_ENTRY_NAME_MAX + 1,
                   "tram1/%u-%s/%s-%s-%" PRIu64 "-%" PRIu64 "-%s", n->line.site,
                   n->line.tag, whats[n->what], id, n->at, n->end, hash);
}

bool courier_entry_read(struct courier_entry *out, const char *name)
{
    struct scan s = {.at = name};
    int what = 0;

    *out = (struct courier_entry){.what = COURIER_CLAIM};
    scan_word(&s, "tram1/");
    scan_line(&s, &out->line);
    scan_word(&s, "/");
    while (what < COURIER_WHATS && !scan_if(&s, whats[what]))
        what++;
    if (what == COURIER_WHATS)
        return false;
    out->what = (enum courier_what)what;
    scan_word(&s, "-");
    scan_hex(&s, out->object.id, OBJECT_ID_BYTES);
    scan_word(&s, "-");
    out->at = scan_number(&s);
    scan_word(&s, "-");
    out->end = scan_number(&s);
    scan_word(&s, "-");
    scan_hex(&s, out->hash, COURIER_HASH_BYTES);
    out->object.kind = out->what == COURIER_BUNDLE ? OBJECT_BUNDLE : OBJECT_BLOB;
    return scan_done(&s);
}

void courier_entry_seal(struct courier_entry *n, const void *bytes, size_t count)
{
    struct hash h;

    hash_of(&h, bytes, count);
    memcpy(n->hash, h.bytes, COURIER_HASH_BYTES);
    n->bytes = count;
}

bool courier_entry_sound(const struct courier_entry *n, const void *bytes, size_t count)
{
    struct hash h;

    hash_of(&h, bytes, count);
    return n->bytes == count && memcmp(n->hash, h.bytes, COURIER_HASH_BYTES) == 0;
}

void courier_binding(uint8_t out[COURIER_BINDING_BYTES], const struct hash *heard)
{
    static const char label[16] = "tram courier 1";

    memcpy(out, label, sizeof label);
    memcpy(out + sizeof label, heard->bytes, HASH_BYTES);
}

/* ------------------------------------------------------------------------- lists */

static int list_add(void *arg, const char *name, struct err *e)
{
    struct courier_list *l = arg;
    struct courier_name n, *more;

    if (!courier_name_read(&n, name) || l->count == LISTED_MAX) {
        l->others++;
        return 0;
    }
    more = realloc(l->names, (l->count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(e, ERR_MEMORY, "the list of a stick");
    l->names = more;
    l->names[l->count++] = n;
    return 0;
}

static int by_line(const void *a, const void *b)
{
    const struct courier_name *x = a, *y = b;
    int tag = strcmp(x->line.tag, y->line.tag);

    if (tag != 0)
        return tag;
    if (x->line.site != y->line.site)
        return x->line.site < y->line.site ? -1 : 1;
    if (x->direction != y->direction)
        return x->direction < y->direction ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (int)x->part - (int)y->part;
}

static int read_sizes(struct courier_list *l, struct disk *stick, const char *dir,
                      struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat s;
    struct err worn; /* who reads this one finds out: the others are not refused for it */

    l->bytes = calloc(l->count + 1, sizeof *l->bytes);
    l->files = calloc(l->count + 1, sizeof *l->files);
    if (l->bytes == NULL || l->files == NULL)
        return err_set(e, ERR_MEMORY, "the list of a stick");
    for (size_t i = 0; i < l->count; i++) {
        if (courier_path(path, dir, &l->names[i], e) != 0)
            return -1;
        l->files[i] = disk_stat(stick, path, &s, &worn) == 0 && s.kind == DISK_FILE;
        l->bytes[i] = l->files[i] ? s.bytes : 0;
    }
    return 0;
}

int courier_list_read(struct courier_list *out, struct disk *stick, const char *dir,
                      struct err *e)
{
    *out = (struct courier_list){0};
    if (disk_list(stick, dir, list_add, out, e) != 0)
        goto failed;
    if (out->count > 0)
        qsort(out->names, out->count, sizeof *out->names, by_line);
    if (read_sizes(out, stick, dir, e) == 0)
        return 0;
failed:
    courier_list_release(out);
    return err_wrap(e, "stick");
}

void courier_list_release(struct courier_list *l)
{
    free(l->names);
    free(l->bytes);
    free(l->files);
    *l = (struct courier_list){0};
}

/* Of one line and direction they stand in order. */
uint32_t courier_number_free(const struct courier_list *l,
                             const struct courier_line *line, enum direction direction,
                             uint32_t after)
{
    uint32_t number = after + 1;

    for (size_t i = 0; i < l->count; i++)
        if (l->names[i].direction == direction && l->names[i].number == number &&
            courier_line_equal(&l->names[i].line, line))
            number++;
    return number;
}

int courier_path(char out[DISK_PATH_BYTES], const char *dir, const struct courier_name *n,
                 struct err *e)
{
    char name[COURIER_NAME_BYTES];

    courier_name_write(name, n);
    return disk_path(out, e, "%s/%s", dir, name);
}
