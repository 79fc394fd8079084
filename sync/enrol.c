#include "sync/enrol.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#define CLAIM_MAGIC       "TRC1"
#define CLAIM_KEY_AT      8
#define CLAIM_MAC_AT      40
#define CLAIM_SIGN_AT     72
#define MAC_BYTES         32
#define ENROLMENT_VERSION 1
#define EPOCH_FIRST       1 /* of a box in nobody's place: the file does not say it */

static void secret_to_hex(char out[HASH_HEX_BYTES], const uint8_t secret[32])
{
    struct hash h;

    memcpy(h.bytes, secret, sizeof h.bytes);
    hash_to_hex(out, &h);
}

int enrolment_encode(const struct enrolment *f, struct buffer *out, struct err *e)
{
    char centre[HASH_HEX_BYTES], tls[HASH_HEX_BYTES], secret[HASH_HEX_BYTES];
    json_t *file;
    char *text = NULL;

    public_key_to_hex(centre, &f->centre_key);
    public_key_to_hex(tls, &f->tls_key);
    secret_to_hex(secret, f->secret);
    file = json_pack("{s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:s, s:s}", "tram", "enrolment",
                     "version", ENROLMENT_VERSION, "site", (int)f->site, "name", f->name,
                     "province", f->province, "url", f->url, "centre_key", centre,
                     "tls_key", tls, "secret", secret);
    if (file != NULL && f->epoch > EPOCH_FIRST &&
        json_object_set_new(file, "epoch", json_integer(f->epoch)) != 0) {
        json_decref(file);
        return err_set(e, ERR_MEMORY, "enrolment");
    }
    if (file != NULL)
        text = json_dumps(file, JSON_INDENT(2));
    json_decref(file);
    if (text == NULL)
        return err_set(e, ERR_USAGE, "enrolment: a name is not UTF-8");
    buffer_append_text(out, text);
    buffer_append_byte(out, '\n');
    free(text);
    return buffer_check(out, e);
}

/* The string `name` of `file` into out; ERR_REFUSED if absent, empty or too long. */
static int take_text(json_t *file, const char *name, char *out, size_t out_bytes,
                     struct err *e)
{
    const char *text = json_string_value(json_object_get(file, name));

    if (text == NULL || text[0] == '\0')
        return err_set(e, ERR_REFUSED, "enrolment file: \"%s\" is missing", name);
    if (strlen(text) >= out_bytes)
        return err_set(e, ERR_REFUSED, "enrolment file: \"%s\" is longer than %zu bytes",
                       name, out_bytes - 1);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int take_key(json_t *file, const char *name, uint8_t out[32], struct err *e)
{
    struct hash h;
    const char *hex = json_string_value(json_object_get(file, name));

    if (hex == NULL || !hash_from_hex(&h, hex))
        return err_set(e, ERR_REFUSED,
                       "enrolment file: \"%s\" must be 64 hexadecimal digits", name);
    memcpy(out, h.bytes, sizeof h.bytes);
    return 0;
}

static int take_epoch(json_t *file, uint8_t *out, struct err *e)
{
    json_t *value = json_object_get(file, "epoch");
    json_int_t epoch = value == NULL ? EPOCH_FIRST : json_integer_value(value);

    if (epoch < EPOCH_FIRST || epoch > ENROL_EPOCH_LAST)
        return err_set(e, ERR_REFUSED, "enrolment file: \"epoch\" must be %d to %d",
                       EPOCH_FIRST, ENROL_EPOCH_LAST);
    *out = (uint8_t)epoch;
    return 0;
}

int enrolment_decode(struct enrolment *out, const void *bytes, size_t count,
                     struct err *e)
{
    int rc = -1;
    json_error_t why;
    json_t *file = json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &why);
    json_int_t site;
    const char *kind;

    *out = (struct enrolment){0};
    if (file == NULL) {
        err_set(e, ERR_REFUSED, "enrolment file: line %d: %.100s", why.line, why.text);
        goto out;
    }
    kind = json_string_value(json_object_get(file, "tram"));
    if (kind == NULL || strcmp(kind, "enrolment") != 0) {
        err_set(e, ERR_REFUSED, "not an enrolment file of Tram");
        goto out;
    }
    if (json_integer_value(json_object_get(file, "version")) != ENROLMENT_VERSION) {
        err_set(e, ERR_REFUSED, "enrolment file: made by a newer program; update this");
        goto out;
    }
    site = json_integer_value(json_object_get(file, "site"));
    if (site < 1 || site > 65534) {
        err_set(e, ERR_REFUSED, "enrolment file: \"site\" must be 1 to 65534");
        goto out;
    }
    out->site = (uint16_t)site;
    if (take_epoch(file, &out->epoch, e) != 0 ||
        take_text(file, "name", out->name, sizeof out->name, e) != 0 ||
        take_text(file, "province", out->province, sizeof out->province, e) != 0 ||
        take_text(file, "url", out->url, sizeof out->url, e) != 0 ||
        take_key(file, "centre_key", out->centre_key.bytes, e) != 0 ||
        take_key(file, "tls_key", out->tls_key.bytes, e) != 0 ||
        take_key(file, "secret", out->secret, e) != 0)
        goto out;
    rc = 0;
out:
    json_decref(file);
    return rc;
}

static void claim_mac(const uint8_t *bytes, const uint8_t secret[ENROL_SECRET_BYTES],
                      uint8_t mac[MAC_BYTES])
{
    (void)crypto_generichash(mac, MAC_BYTES, bytes, CLAIM_MAC_AT, secret,
                             ENROL_SECRET_BYTES);
}

void claim_encode(const struct claim *c, const uint8_t secret[ENROL_SECRET_BYTES],
                  const struct key_pair *box, uint8_t out[CLAIM_BYTES])
{
    memset(out, 0, CLAIM_BYTES);
    memcpy(out, CLAIM_MAGIC, 4);
    out[4] = (uint8_t)c->site;
    out[5] = (uint8_t)(c->site >> 8);
    out[6] = c->epoch;
    memcpy(out + CLAIM_KEY_AT, c->key.bytes, KEY_PUBLIC_BYTES);
    claim_mac(out, secret, out + CLAIM_MAC_AT);
    key_sign(box, out, CLAIM_SIGN_AT, out + CLAIM_SIGN_AT);
}

int claim_decode(struct claim *out, const void *bytes, size_t count, struct err *e)
{
    const uint8_t *at = bytes;

    if (count != CLAIM_BYTES || memcmp(at, CLAIM_MAGIC, 4) != 0 || at[7] != 0)
        return err_set(e, ERR_REFUSED, "not a claim of a box: %zu bytes", count);
    out->site = (uint16_t)(at[4] | at[5] << 8);
    out->epoch = at[6];
    memcpy(out->key.bytes, at + CLAIM_KEY_AT, KEY_PUBLIC_BYTES);
    if (!key_verify(&out->key, at, CLAIM_SIGN_AT, at + CLAIM_SIGN_AT))
        return err_set(e, ERR_REFUSED, "claim of site %u: not signed by its own key",
                       out->site);
    return 0;
}

bool claim_proved(const void *bytes, const uint8_t secret[ENROL_SECRET_BYTES])
{
    uint8_t mac[MAC_BYTES];

    claim_mac(bytes, secret, mac);
    return sodium_memcmp(mac, (const uint8_t *)bytes + CLAIM_MAC_AT, MAC_BYTES) == 0;
}
