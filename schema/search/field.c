#include "schema/search/field.h"

#include <string.h>

#include "schema/tokenizer.h"

#define NAME_BYTES  32 /* folded */
#define TYPED_BYTES 48 /* of what is typed before the colon */
#define DAY_LAST    99991231u

/* What people write, folded; and the names that records use (schema/types, and what an
 * import of another system's fields is likely to bring), folded too. */
static const struct {
    enum search_field field;
    const char *typed[6];
    const char *names[10];
} fields[] = {
    {SEARCH_FIELD_NUMBER,
     {"so", "so ky hieu", "so hieu", "ky hieu", "number"},
     {"number", "symbol", "so", "so ky hieu", "so hieu", "ky hieu", "so van ban", "code",
      "number symbol"}},
    {SEARCH_FIELD_DATE,
     {"ngay", "ngay thang", "nam", "date"},
     {"date", "ngay", "ngay van ban", "ngay ban hanh", "ngay thang", "ngay thang nam",
      "nam", "issued", "issue date", "document date"}},
    {SEARCH_FIELD_KIND,
     {"loai", "loai van ban", "kind", "type"},
     {"kind", "type", "loai", "loai van ban", "ten loai", "type name", "abbreviation"}},
    {SEARCH_FIELD_SIGNER,
     {"nguoi ky", "ky", "signer"},
     {"signer", "nguoi ky", "ho ten nguoi ky", "signed by", "signer name"}},
    {SEARCH_FIELD_SUBJECT,
     {"trich yeu", "ve viec", "subject"},
     {"subject", "trich yeu", "trich yeu noi dung", "ve viec", "tieu de", "title"}},
    {SEARCH_FIELD_ISSUER,
     {"co quan", "co quan ban hanh", "noi ban hanh", "issuer"},
     {"issuer", "co quan", "co quan ban hanh", "noi ban hanh", "organ", "issuing body",
      "organ name"}},
    {SEARCH_FIELD_DOSSIER, {"ho so", "dossier"}, {"dossier"}},
};

struct name {
    char text[NAME_BYTES];
    size_t bytes;
    bool too_long;
};

static int name_each(void *arg, const struct token *t)
{
    struct name *n = arg;

    if (n->bytes + t->folded_bytes + 2 > sizeof n->text) {
        n->too_long = true;
        return 1;
    }
    if (n->bytes > 0)
        n->text[n->bytes++] = ' ';
    memcpy(n->text + n->bytes, t->folded, t->folded_bytes);
    n->bytes += t->folded_bytes;
    n->text[n->bytes] = '\0';
    return 0;
}

/* Its words, folded, a blank between; false: none, or too long for any name. */
static bool name_fold(struct name *n, const char *text, size_t bytes)
{
    *n = (struct name){0};
    (void)tokens_each(text, bytes, name_each, n);
    return n->bytes > 0 && !n->too_long;
}

enum search_field search_field_begins(const char *text, size_t bytes, size_t *taken)
{
    const char *colon = memchr(text, ':', bytes < TYPED_BYTES ? bytes : TYPED_BYTES);
    struct name n;

    *taken = 0;
    if (colon == NULL || memchr(text, '"', (size_t)(colon - text)) != NULL ||
        !name_fold(&n, text, (size_t)(colon - text)))
        return SEARCH_FIELD_NONE;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t j = 0; j < 6 && fields[i].typed[j] != NULL; j++)
            if (strcmp(fields[i].typed[j], n.text) == 0) {
                *taken = (size_t)(colon - text) + 1;
                return fields[i].field;
            }
    return SEARCH_FIELD_NONE;
}

bool search_field_is(enum search_field f, const char *name)
{
    struct name n;

    if (!name_fold(&n, name, strlen(name)))
        return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t j = 0; fields[i].field == f && j < 10 && fields[i].names[j] != NULL;
             j++)
            if (strcmp(fields[i].names[j], n.text) == 0)
                return true;
    return false;
}

/* ----------------------------------------------------------------------- days */

/* The numbers of a text, up to three. */
static size_t numbers_of(const char *text, size_t bytes, uint32_t out[3])
{
    size_t count = 0;
    bool inside = false;

    for (size_t i = 0; i < bytes; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (digit && !inside) {
            if (count == 3)
                return 0;
            out[count++] = 0;
        }
        if (digit && out[count - 1] < 100000)
            out[count - 1] = out[count - 1] * 10 + (uint32_t)(text[i] - '0');
        inside = digit;
    }
    return count;
}

static bool is_year(uint32_t n)
{
    return n >= 1000 && n <= 9999;
}

bool search_days(const char *text, size_t bytes, uint32_t *from, uint32_t *to)
{
    uint32_t n[3] = {0}, year, month = 0, day = 0;
    size_t count = numbers_of(text, bytes, n);

    if (count == 0)
        return false;
    if (is_year(n[0])) { /* 2019-03-12 */
        year = n[0];
        month = count > 1 ? n[1] : 0;
        day = count > 2 ? n[2] : 0;
    } else {
        year = n[count - 1];
        month = count > 1 ? n[count - 2] : 0;
        day = count > 2 ? n[0] : 0;
    }
    if (!is_year(year) || month > 12 || day > 31)
        return false;
    *from = year * 10000 + month * 100 + day;
    *to = year * 10000 + (month == 0 ? 12 : month) * 100 + (day == 0 ? 31 : day);
    return true;
}

bool search_days_range(const char *text, size_t bytes, uint32_t *from, uint32_t *to)
{
    uint32_t unused;

    for (size_t i = 0; i + 1 < bytes; i++) {
        size_t rest = i + 2;
        bool first, last;

        if (text[i] != '.' || text[i + 1] != '.')
            continue;
        first = search_days(text, i, from, &unused);
        last = search_days(text + rest, bytes - rest, &unused, to);
        if (!first)
            *from = 0;
        if (!last)
            *to = DAY_LAST;
        return first || last;
    }
    return search_days(text, bytes, from, to);
}
