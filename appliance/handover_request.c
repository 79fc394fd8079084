#include "appliance/handover.h"

#include <stdlib.h>
#include <string.h>

#define FLAG_JSON         1
#define FLAG_ERR_TERMINAL 2
#define FLAG_OUT_TERMINAL 4
#define FLAGS             7

void handover_request_release(struct handover_request *r)
{
    for (int i = 0; i < r->argc; i++)
        free(r->argv[i]);
    free(r->argv);
    free(r->cwd);
    *r = (struct handover_request){0};
}

static void encode_text(struct buffer *out, const char *text)
{
    size_t count = strlen(text);

    buffer_append_varint(out, count);
    buffer_append(out, text, count);
}

void handover_request_encode(const struct handover_request *r, struct buffer *out)
{
    buffer_append_byte(out, (uint8_t)((r->json ? FLAG_JSON : 0) |
                                      (r->err_is_terminal ? FLAG_ERR_TERMINAL : 0) |
                                      (r->out_is_terminal ? FLAG_OUT_TERMINAL : 0)));
    buffer_append_byte(out, (uint8_t)r->language);
    encode_text(out, r->cwd);
    buffer_append_varint(out, (uint64_t)r->argc);
    for (int i = 0; i < r->argc; i++)
        encode_text(out, r->argv[i]);
}

/* A copy with a NUL behind it; NULL (and c->failed) if it is cut off or holds one. */
static char *decode_text(struct cursor *c)
{
    uint64_t count = cursor_varint(c);
    const unsigned char *bytes;

    if (count > cursor_left(c)) {
        c->failed = true;
        return NULL;
    }
    bytes = cursor_take(c, (size_t)count);
    if (bytes == NULL || memchr(bytes, '\0', (size_t)count) != NULL) {
        c->failed = true;
        return NULL;
    }
    return strndup((const char *)bytes, (size_t)count);
}

static int decode_words(struct handover_request *r, struct cursor *c, struct err *e)
{
    uint64_t count = cursor_varint(c);

    /* Each word takes a byte at least, so that this bounds what is allocated. */
    if (c->failed || count == 0 || count > HANDOVER_WORDS_MAX || count > cursor_left(c))
        return err_set(e, ERR_CORRUPT, "request names no sensible number of words");
    r->argv = calloc((size_t)count + 1, sizeof *r->argv);
    if (r->argv == NULL)
        return err_set(e, ERR_MEMORY, "request");
    for (uint64_t i = 0; i < count; i++) {
        r->argv[i] = decode_text(c);
        if (r->argv[i] == NULL)
            return err_set(e, ERR_CORRUPT, "request is cut off in a word");
        r->argc++;
    }
    return 0;
}

int handover_request_decode(struct handover_request *out, const void *bytes,
                            size_t bytes_count, struct err *e)
{
    struct handover_request r = {0};
    struct cursor c;
    uint8_t flags, language;

    *out = r;
    cursor_init(&c, bytes, bytes_count);
    flags = cursor_byte(&c);
    language = cursor_byte(&c);
    r.json = (flags & FLAG_JSON) != 0;
    r.err_is_terminal = (flags & FLAG_ERR_TERMINAL) != 0;
    r.out_is_terminal = (flags & FLAG_OUT_TERMINAL) != 0;
    r.language = language == LANGUAGE_EN ? LANGUAGE_EN : LANGUAGE_VI;
    r.cwd = decode_text(&c);
    if (r.cwd == NULL || r.cwd[0] != '/' || (flags & ~FLAGS) != 0 ||
        language > LANGUAGE_EN) {
        (void)err_set(e, ERR_CORRUPT, "request does not begin as one");
        goto out;
    }
    if (decode_words(&r, &c, e) != 0 || cursor_done(&c, "request", e) != 0)
        goto out;
    *out = r;
    return 0;
out:
    handover_request_release(&r);
    return -1;
}
