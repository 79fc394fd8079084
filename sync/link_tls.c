#include "sync/link_tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define SEED_BYTES 32 /* of an Ed25519 key: the first half of its secret */

/* A ticket is good for a box that comes back within a day; the centre keeps so many. */
#define TICKET_S    86400
#define TICKETS_MAX 20000
/* As ALPN has it, behind its length; and what a browser would speak. */
#define OURS   "\x06" LINK_PROTOCOL
#define OFFERS OURS "\x08http/1.1"

struct link_tls {
    SSL_CTX *context;
    bool server;
    struct public_key pinned;
    SSL_SESSION *ticket; /* a box's newest, not used yet */
};

int link_tls_failed(SSL *tls, const char *what, struct err *e)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    ERR_clear_error();
    if (tls != NULL && SSL_get_verify_result(tls) == X509_V_ERR_APPLICATION_VERIFICATION)
        return err_set(e, ERR_REFUSED,
                       "%s: the other end does not have the key of the enrolment file",
                       what);
    return reason == NULL ? err_set(e, ERR_IO, "%s", what)
                          : err_set(e, ERR_IO, "%s: %s", what, reason);
}

/* --------------------------------------------------------------- certificate */

static int add_dates(X509 *x)
{
    /* Dates that nobody looks at, and that never end for those who do. */
    return ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20000101000000Z") &&
           ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "99991231235959Z");
}

/* Version 1, named "tram": what is not in it need not travel. */
static int make_certificate(X509 **out, EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_NAME_new();
    int made = x != NULL && name != NULL &&
               X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                          (const unsigned char *)"tram", -1, -1, 0) &&
               ASN1_INTEGER_set(X509_get_serialNumber(x), 1) && add_dates(x) &&
               X509_set_subject_name(x, name) && X509_set_issuer_name(x, name) &&
               X509_set_pubkey(x, key) && X509_sign(x, key, NULL) > 0;

    X509_NAME_free(name);
    if (!made) {
        X509_free(x);
        x = NULL;
    }
    *out = x;
    return made;
}

static EVP_PKEY *private_key(const struct key_pair *key)
{
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->secret, SEED_BYTES);
}

int link_tls_certificate(const struct key_pair *key, struct buffer *out, struct err *e)
{
    EVP_PKEY *k = private_key(key);
    X509 *x = NULL;
    unsigned char *der = NULL;
    int count = -1;

    if (k != NULL && make_certificate(&x, k))
        count = i2d_X509(x, &der);
    if (count > 0)
        buffer_append(out, der, (size_t)count);
    OPENSSL_free(der);
    X509_free(x);
    EVP_PKEY_free(k);
    if (count <= 0)
        return link_tls_failed(NULL, "certificate", e);
    return buffer_check(out, e);
}

/* ------------------------------------------------------------------ contexts */

/* Instead of OpenSSL's checks: the leaf's key is ours, nothing else matters. That
 * the other end holds its secret half, TLS itself proves. */
static int check_pinned(X509_STORE_CTX *store, void *arg)
{
    const struct link_tls *t = arg;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    EVP_PKEY *key = leaf == NULL ? NULL : X509_get0_pubkey(leaf);
    unsigned char raw[KEY_PUBLIC_BYTES];
    size_t count = sizeof raw;

    if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(key, raw, &count) == 1 && count == sizeof raw &&
        memcmp(raw, t->pinned.bytes, sizeof raw) == 0) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

/* For any other protocol none is named: then it is HTTP. */
static int choose_protocol(SSL *tls, const unsigned char **out, unsigned char *out_count,
                           const unsigned char *theirs, unsigned theirs_count, void *arg)
{
    unsigned char *chosen;

    (void)tls, (void)arg;
    if (SSL_select_next_proto(&chosen, out_count, (const unsigned char *)OFFERS,
                              sizeof OFFERS - 1, theirs,
                              theirs_count) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int keep_ticket(SSL *tls, SSL_SESSION *ticket)
{
    struct link_tls *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

    SSL_SESSION_free(t->ticket);
    t->ticket = ticket;
    return 1; /* it is ours now */
}

static bool set_resumption(struct link_tls *t)
{
    SSL_CTX *c = t->context;

    (void)SSL_CTX_set_timeout(c, TICKET_S);
    if (!t->server) {
        (void)SSL_CTX_set_app_data(c, t);
        (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT |
                                                    SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(c, keep_ticket);
        return SSL_CTX_set_alpn_protos(c, (const unsigned char *)OURS, sizeof OURS - 1) ==
               0;
    }
    /* OpenSSL takes out of its memory what is used: that makes a ticket good once. */
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_SERVER);
    (void)SSL_CTX_sess_set_cache_size(c, TICKETS_MAX);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, NULL);
    return SSL_CTX_set_num_tickets(c, 1) == 1 &&
           SSL_CTX_set_max_early_data(c, LINK_EARLY_BYTES_MAX) == 1 &&
           SSL_CTX_set_recv_max_early_data(c, 2 * LINK_EARLY_BYTES_MAX) == 1;
}

static bool set_up(struct link_tls *t)
{
    SSL_CTX *c = SSL_CTX_new(t->server ? TLS_server_method() : TLS_client_method());

    t->context = c;
    if (c == NULL)
        return false;
    (void)SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    return set_resumption(t) && SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set1_sigalgs_list(c, "ed25519") == 1 &&
           SSL_CTX_set1_groups_list(c, "X25519") == 1;
}

static bool set_certificate(struct link_tls *t, const struct key_pair *key)
{
    EVP_PKEY *k = private_key(key);
    X509 *x = NULL;
    bool set = k != NULL && make_certificate(&x, k) &&
               SSL_CTX_use_certificate(t->context, x) == 1 &&
               SSL_CTX_use_PrivateKey(t->context, k) == 1;

    X509_free(x);
    EVP_PKEY_free(k);
    return set;
}

int link_tls_server(struct link_tls **out, const struct key_pair *key, struct err *e)
{
    struct link_tls *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return err_set(e, ERR_MEMORY, "TLS");
    t->server = true;
    if (!set_up(t) || !set_certificate(t, key)) {
        link_tls_destroy(t);
        return link_tls_failed(NULL, "TLS", e);
    }
    *out = t;
    return 0;
}

int link_tls_client(struct link_tls **out, const struct public_key *pinned, struct err *e)
{
    struct link_tls *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return err_set(e, ERR_MEMORY, "TLS");
    t->pinned = *pinned;
    if (!set_up(t)) {
        link_tls_destroy(t);
        return link_tls_failed(NULL, "TLS", e);
    }
    SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(t->context, check_pinned, t);
    *out = t;
    return 0;
}

void link_tls_destroy(struct link_tls *t)
{
    if (t == NULL)
        return;
    SSL_SESSION_free(t->ticket);
    SSL_CTX_free(t->context);
    free(t);
}

/* Used or not, it is not used again. */
static bool use_ticket(struct link_tls *t, SSL *tls)
{
    const unsigned char *name;
    size_t count;
    bool good;

    if (t->ticket == NULL)
        return false;
    SSL_SESSION_get0_alpn_selected(t->ticket, &name, &count);
    good = SSL_SESSION_get_max_early_data(t->ticket) >= LINK_EARLY_BYTES_MAX &&
           count == strlen(LINK_PROTOCOL) && memcmp(name, LINK_PROTOCOL, count) == 0 &&
           SSL_set_session(tls, t->ticket) == 1;
    SSL_SESSION_free(t->ticket);
    t->ticket = NULL;
    return good;
}

int link_tls_connection(struct link_tls *t, SSL **out, bool *early, struct err *e)
{
    *early = false;
    *out = SSL_new(t->context);
    if (*out == NULL)
        return link_tls_failed(NULL, "TLS", e);
    if (t->server) {
        SSL_set_accept_state(*out);
        return 0;
    }
    SSL_set_connect_state(*out);
    *early = use_ticket(t, *out);
    return 0;
}

bool link_tls_speaks_ours(SSL *tls)
{
    const unsigned char *name;
    unsigned count;

    SSL_get0_alpn_selected(tls, &name, &count);
    return count == strlen(LINK_PROTOCOL) && memcmp(name, LINK_PROTOCOL, count) == 0;
}
