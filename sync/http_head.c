#include "sync/http_head.h"

#include <string.h>

#define VERSION       "HTTP/1.1"
#define VERSION_BYTES 8
#define METHOD_MAX    16

struct line {
    const char *at, *end; /* without CR LF */
};

/* ------------------------------------------------------------------ characters */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* RFC 9110's token. */
static bool is_token(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool all_tokens(struct http_text t)
{
    for (size_t i = 0; i < t.count; i++)
        if (!is_token(t.bytes[i]))
            return false;
    return t.count > 0;
}

/* Text as it may stand behind a field's name; bytes above 127 are opaque. */
static bool all_text(struct http_text t)
{
    for (size_t i = 0; i < t.count; i++)
        if (((unsigned char)t.bytes[i] < ' ' && t.bytes[i] != '\t') || t.bytes[i] == 0x7f)
            return false;
    return true;
}

bool http_text_is(struct http_text t, const char *text)
{
    return t.count == strlen(text) && memcmp(t.bytes, text, t.count) == 0;
}

static bool same_name(struct http_text a, const char *b)
{
    if (a.count != strlen(b))
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (lower(a.bytes[i]) != lower(b[i]))
            return false;
    return true;
}

static struct http_text trimmed(struct http_text t)
{
    while (t.count > 0 && is_space(t.bytes[0])) {
        t.bytes++;
        t.count--;
    }
    while (t.count > 0 && is_space(t.bytes[t.count - 1]))
        t.count--;
    return t;
}

/* ----------------------------------------------------------------------- lines */

/* The next line of [*at, end), which is known to end in CR LF. */
static struct line next_line(const char **at, const char *end)
{
    const char *lf = memchr(*at, '\n', (size_t)(end - *at));
    struct line l = {.at = *at, .end = lf - 1};

    *at = lf + 1;
    return l;
}

/* How long the head is; 0: not whole yet. Every line must end in CR LF. */
static int find_end(const char *bytes, size_t count, size_t *end, struct err *e)
{
    size_t line_at = 0;

    *end = 0;
    for (size_t i = 0; i < count && i < HTTP_HEAD_BYTES_MAX; i++) {
        if (bytes[i] != '\n')
            continue;
        if (i == line_at || bytes[i - 1] != '\r')
            return err_set(e, ERR_REFUSED, "HTTP: a line without CR LF");
        if (i == line_at + 1) {
            *end = i + 1;
            return 0;
        }
        line_at = i + 1;
    }
    if (count >= HTTP_HEAD_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "HTTP: a head of more than %d bytes",
                       HTTP_HEAD_BYTES_MAX);
    return 0;
}

static int take_field(struct http_head *out, struct line l, struct err *e)
{
    const char *colon = memchr(l.at, ':', (size_t)(l.end - l.at));
    struct http_text name, value;

    if (colon == NULL)
        return err_set(e, ERR_REFUSED, "HTTP: a field without a colon");
    if (out->fields_count == HTTP_HEAD_FIELDS_MAX)
        return err_set(e, ERR_TOO_BIG, "HTTP: more than %d fields", HTTP_HEAD_FIELDS_MAX);
    name = (struct http_text){l.at, (size_t)(colon - l.at)};
    value = trimmed((struct http_text){colon + 1, (size_t)(l.end - colon - 1)});
    if (!all_tokens(name) || !all_text(value))
        return err_set(e, ERR_REFUSED, "HTTP: a malformed field");
    out->fields[out->fields_count].name = name;
    out->fields[out->fields_count].value = value;
    out->fields_count++;
    return 0;
}

static int take_request_line(struct http_head *out, struct line l, struct err *e)
{
    const char *space = memchr(l.at, ' ', (size_t)(l.end - l.at));
    const char *version;

    if (space == NULL || l.end - space < VERSION_BYTES + 2 ||
        memcmp(l.end - VERSION_BYTES - 1, " " VERSION, VERSION_BYTES + 1) != 0)
        return err_set(e, ERR_REFUSED, "HTTP: not a request of " VERSION);
    version = l.end - VERSION_BYTES - 1;
    out->method = (struct http_text){l.at, (size_t)(space - l.at)};
    out->target = (struct http_text){space + 1, (size_t)(version - space - 1)};
    if (!all_tokens(out->method) || out->method.count > METHOD_MAX ||
        !all_text(out->target) || out->target.count == 0 || out->target.bytes[0] != '/' ||
        memchr(out->target.bytes, ' ', out->target.count) != NULL)
        return err_set(e, ERR_REFUSED, "HTTP: a malformed request");
    return 0;
}

static int take_answer_line(struct http_head *out, struct line l, struct err *e)
{
    const char *digits = l.at + VERSION_BYTES + 1;

    if (l.end - l.at < VERSION_BYTES + 4 ||
        memcmp(l.at, VERSION " ", VERSION_BYTES + 1) != 0 || !is_digit(digits[0]) ||
        !is_digit(digits[1]) || !is_digit(digits[2]) ||
        (digits + 3 < l.end && digits[3] != ' ') ||
        !all_text((struct http_text){l.at, (size_t)(l.end - l.at)}))
        return err_set(e, ERR_REFUSED, "HTTP: not an answer of " VERSION);
    out->status = (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 +
                  (unsigned)(digits[2] - '0');
    if (out->status < 100 || out->status > 599)
        return err_set(e, ERR_REFUSED, "HTTP: an answer numbered %u", out->status);
    return 0;
}

static int parse(struct http_head *out, size_t *used, const void *bytes, size_t count,
                 int (*take_first)(struct http_head *out, struct line l, struct err *e),
                 struct err *e)
{
    const char *at = bytes, *end;
    size_t head;

    *used = 0;
    memset(out, 0, sizeof *out);
    if (find_end(bytes, count, &head, e) != 0)
        return -1;
    if (head == 0)
        return 0;
    end = at + head - 2; /* without the empty line */
    if (end == at)
        return err_set(e, ERR_REFUSED, "HTTP: an empty head");
    if (take_first(out, next_line(&at, end), e) != 0)
        return -1;
    while (at < end)
        if (take_field(out, next_line(&at, end), e) != 0)
            return -1;
    *used = head;
    return 1;
}

int http_request_parse(struct http_head *out, size_t *used, const void *bytes,
                       size_t count, struct err *e)
{
    return parse(out, used, bytes, count, take_request_line, e);
}

int http_answer_parse(struct http_head *out, size_t *used, const void *bytes,
                      size_t count, struct err *e)
{
    return parse(out, used, bytes, count, take_answer_line, e);
}

/* ---------------------------------------------------------------------- asking */

bool http_head_field(const struct http_head *h, const char *name, struct http_text *out)
{
    for (size_t i = 0; i < h->fields_count; i++)
        if (same_name(h->fields[i].name, name)) {
            *out = h->fields[i].value;
            return true;
        }
    return false;
}

static bool lists(struct http_text list, const char *token)
{
    const char *at = list.bytes, *end = list.bytes + list.count;

    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma == NULL ? end : comma;

        if (same_name(trimmed((struct http_text){at, (size_t)(stop - at)}), token))
            return true;
        at = comma == NULL ? end : comma + 1;
    }
    return false;
}

bool http_head_lists(const struct http_head *h, const char *name, const char *token)
{
    for (size_t i = 0; i < h->fields_count; i++)
        if (same_name(h->fields[i].name, name) && lists(h->fields[i].value, token))
            return true;
    return false;
}

struct http_text http_head_path(const struct http_head *h)
{
    struct http_text path = h->target;
    const char *mark = memchr(path.bytes, '?', path.count);

    if (mark != NULL)
        path.count = (size_t)(mark - path.bytes);
    return path;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(struct http_text t, char *out, size_t out_bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < t.count; i++) {
        int byte = (unsigned char)t.bytes[i];

        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            if (t.count - i < 3 || hex_digit(t.bytes[i + 1]) < 0 ||
                hex_digit(t.bytes[i + 2]) < 0)
                return false;
            byte = hex_digit(t.bytes[i + 1]) * 16 + hex_digit(t.bytes[i + 2]);
            i += 2;
        }
        if (byte == 0 || n + 1 >= out_bytes)
            return false;
        out[n++] = (char)byte;
    }
    out[n] = '\0';
    return true;
}

bool http_head_query(const struct http_head *h, const char *name, char *out,
                     size_t out_bytes)
{
    struct http_text path = http_head_path(h);
    const char *at = path.bytes + path.count, *end = h->target.bytes + h->target.count;
    size_t name_count = strlen(name);

    while (at < end) {
        const char *amp = memchr(at + 1, '&', (size_t)(end - at - 1));
        const char *stop = amp == NULL ? end : amp;

        at++; /* past '?' or '&' */
        if ((size_t)(stop - at) > name_count && memcmp(at, name, name_count) == 0 &&
            at[name_count] == '=') {
            at += name_count + 1;
            return decode((struct http_text){at, (size_t)(stop - at)}, out, out_bytes);
        }
        at = stop;
    }
    return false;
}
