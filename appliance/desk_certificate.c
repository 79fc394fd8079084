#include "appliance/desk_certificate.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/hash.h"
#include "base/replacing.h"

#define NAMES_BYTES_MAX 4096

/* -------------------------------------------------------------------------- names */

static void add_address(struct buffer *names, const struct sockaddr *a)
{
    socklen_t bytes = a->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                              : sizeof(struct sockaddr_in6);
    char text[NI_MAXHOST];

    if (getnameinfo(a, bytes, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
        strchr(text, '%') == NULL) /* of one link only: no certificate can name it */
        buffer_append_format(names, ",IP:%s", text);
}

/* As openssl.cnf(5) has a subjectAltName. */
static void list_names(struct buffer *names)
{
    struct ifaddrs *all = NULL;
    char host[256] = "";

    buffer_append_text(names, "DNS:tram.local,DNS:localhost");
    if (gethostname(host, sizeof host - 1) == 0 && host[0] != '\0' &&
        strspn(host,
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
            strlen(host))
        buffer_append_format(names, ",DNS:%s,DNS:%s.local", host, host);
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
        if (i->ifa_addr != NULL &&
            (i->ifa_addr->sa_family == AF_INET || i->ifa_addr->sa_family == AF_INET6))
            add_address(names, i->ifa_addr);
    freeifaddrs(all);
}

/* --------------------------------------------------------------------- certificate */

static bool add_extension(X509 *x, int which, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, which, value);
    bool added = extension != NULL && X509_add_ext(x, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return added;
}

/* A browser that was told to trust one remembers it by issuer and number. */
static bool add_number(X509 *x)
{
    unsigned char bytes[8];
    BIGNUM *n;
    bool added;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] &= 0x7f;
    n = BN_bin2bn(bytes, sizeof bytes, NULL);
    added = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
    BN_free(n);
    return added;
}

static bool fill_certificate(X509 *x, EVP_PKEY *key, const char *names)
{
    X509_NAME *name = X509_get_subject_name(x);

    return X509_set_version(x, X509_VERSION_3) == 1 && add_number(x) &&
           ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20000101000000Z") == 1 &&
           ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "99991231235959Z") == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (const unsigned char *)"tram.local", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
           add_extension(x, NID_subject_alt_name, names) &&
           add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, NID_ext_key_usage, "serverAuth") &&
           X509_sign(x, key, EVP_sha256()) > 0;
}

static bool write_pem(struct buffer *pem, EVP_PKEY *key, X509 *x)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long count = 0;
    bool written =
        out != NULL &&
        PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_X509(out, x) == 1;

    if (written)
        count = BIO_get_mem_data(out, &bytes);
    if (count > 0)
        buffer_append(pem, bytes, (size_t)count);
    BIO_free(out);
    return written && pem->failed == ERR_NONE;
}

static int make(struct buffer *pem, struct err *e)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    struct buffer names;
    bool made;

    buffer_init(&names, NAMES_BYTES_MAX);
    list_names(&names);
    made = key != NULL && x != NULL && names.failed == ERR_NONE &&
           fill_certificate(x, key, (const char *)names.bytes) && write_pem(pem, key, x);
    buffer_release(&names);
    X509_free(x);
    EVP_PKEY_free(key);
    return made ? 0 : err_set(e, ERR_FAILED, "no certificate can be made");
}

/* --------------------------------------------------------------------------- file */

static int keep(struct disk *d, const char *path, const struct buffer *pem, struct err *e)
{
    struct replacing r = {0};
    int rc = -1;

    if (replacing_begin(&r, d, path, e) == 0 &&
        disk_file_write(r.file, pem->bytes, pem->count, 0, e) == 0)
        rc = replacing_commit(&r, e);
    replacing_release(&r);
    return rc;
}

static int read_or_make(struct disk *d, const char *dir, struct buffer *pem,
                        struct err *e)
{
    char keys[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    struct disk_stat there;

    if (disk_path(keys, e, "%s/keys", dir) != 0 ||
        disk_path(path, e, "%s/keys/desk.pem", dir) != 0 ||
        disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_FILE)
        return disk_read_all(d, path, pem, e);
    if (make(pem, e) != 0 || disk_make_dirs(d, keys, e) != 0)
        return -1;
    return keep(d, path, pem, e);
}

/* Of the first certificate there. */
static int look(const struct buffer *pem, char out[DESK_FINGERPRINT_BYTES], struct err *e)
{
    BIO *in = BIO_new_mem_buf(pem->bytes, (int)pem->count);
    X509 *x = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);
    struct hash h;
    unsigned bytes = HASH_BYTES;
    bool looked = x != NULL && X509_digest(x, EVP_sha256(), h.bytes, &bytes) == 1;

    X509_free(x);
    BIO_free(in);
    if (!looked)
        return err_set(e, ERR_CORRUPT, "keys/desk.pem holds no certificate");
    for (size_t i = 0; i < HASH_BYTES; i++)
        (void)snprintf(out + 3 * i, 4, "%02X:", h.bytes[i]);
    out[3 * HASH_BYTES - 1] = '\0';
    return 0;
}

int desk_certificate(struct disk *d, const char *dir, struct buffer *pem,
                     char fingerprint[DESK_FINGERPRINT_BYTES], struct err *e)
{
    if (read_or_make(d, dir, pem, e) != 0 || buffer_check(pem, e) != 0)
        return -1;
    return look(pem, fingerprint, e);
}
