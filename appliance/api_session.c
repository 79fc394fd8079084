/* Signing in and out:
 *
 *   GET  /api/v1/session                 {"state": "first" | "out"} or {"state": "in",
 *                                         "account": {…}, "csrf", "must", "left_s"}
 *   POST /api/v1/session                 {"name", "password", "code", "next"}; as GET
 *   POST /api/v1/first                   {"code", "name", "full_name", "password"}; as GET
 *   POST /api/v1/session/end
 *   POST /api/v1/session/password        {"old", "new"}; as GET
 *   POST /api/v1/session/second          {"old"}; {"secret"}, for an authenticator
 *   POST /api/v1/session/second/sure     {"code", "next"}; as GET
 *
 * "must" is null, "password" or "second": until that is done, nothing else is. */
#include <stdio.h>
#include <string.h>

#include <sodium/randombytes.h>
#include <sodium/utils.h>

#include "appliance/api_parts.h"
#include "appliance/people/audit.h"
#include "appliance/people/first.h"
#include "appliance/people/people_json.h"
#include "appliance/people/signin.h"

enum { BAD_REQUEST = 400, NOBODY = 401, CONFLICT = 409 };

/* ----------------------------------------------------------------------- sessions */

static void reply_in(struct http_reply *r, const struct visitor *v, int64_t left_ms)
{
    static const char *const musts[] = {NULL, "password", "second"};

    api_reply(r, json_pack("{s:s, s:o, s:s, s:s?, s:I}", "state", "in", "account",
                           account_json(&v->account), "csrf", v->session.csrf, "must",
                           musts[account_must(&v->account)], "left_s",
                           (json_int_t)(left_ms / 1000)));
}

/* A new session of this account, in a cookie. */
static void begin_session(struct api *a, const struct account *who, struct http_reply *r)
{
    int64_t idle_ms =
        who->role == ROLE_ADMINISTRATOR ? SESSION_IDLE_MS_ADMIN : SESSION_IDLE_MS;
    struct visitor v = {.account = *who, .session = {.generation = who->generation}};
    char token[SESSION_TOKEN_BYTES];

    (void)snprintf(v.session.account, sizeof v.session.account, "%s", who->name);
    sessions_begin(a->sessions, &v.session, idle_ms, token);
    api_set_cookie(a, r, token);
    reply_in(r, &v, idle_ms);
    sodium_memzero(token, sizeof token);
}

/* The account after our own change, in a session of its own: that ended the others. What
 * somebody else changed since ends this one, too. */
static int begin_anew(struct api *a, struct box *b, const char *name, int64_t generation,
                      struct http_reply *r, struct err *e)
{
    struct account now;
    bool found;

    if (accounts_find(b->store, name, &now, &found, e) != 0)
        return -1;
    if (!found || now.generation != generation)
        api_refuse(r, NOBODY, "nobody", "");
    else
        begin_session(a, &now, r);
    return 0;
}

static int ask_session(struct api *a, struct box *b, struct http_request *q,
                       struct http_reply *r, struct err *e)
{
    struct visitor v = {0};
    int64_t left_ms, count;
    bool found;

    if (api_visitor_find(a, b, q, true, &v, &left_ms, &found, e) != 0 ||
        accounts_count(b->store, &count, e) != 0)
        return -1;
    if (found)
        reply_in(r, &v, left_ms);
    else
        api_reply(r, json_pack("{s:s}", "state", count == 0 ? "first" : "out"));
    return 0;
}

static int ask_sign_in(struct api *a, struct box *b, struct http_request *q,
                       struct http_reply *r, struct err *e)
{
    static const char *const outcomes[] = {[SIGNIN_WRONG] = "signin_wrong",
                                           [SIGNIN_LOCKED] = "signin_locked",
                                           [SIGNIN_OFF] = "signin_off",
                                           [SIGNIN_CODE_NEEDED] = "signin_code",
                                           [SIGNIN_CODE_WRONG] = "signin_code_wrong",
                                           [SIGNIN_CODES_NEEDED] = "signin_codes"};
    const struct buffer *body = api_body(q);
    struct credentials c = {0};
    struct account who;
    enum signin how;
    int rc = -1;

    if (body->failed != ERR_NONE) {
        api_refuse(r, BAD_REQUEST, "usage", "JSON");
        return 0;
    }
    if (credentials_parse(&c, body->bytes, body->count, e) == 0)
        rc = signin_try(b->store, &c, &how, &who, e);
    sodium_memzero(&c, sizeof c);
    if (rc != 0)
        return -1;
    if (how == SIGNIN_DONE)
        begin_session(a, &who, r);
    else
        api_fault(r, NOBODY, outcomes[how]);
    return 0;
}

static int ask_sign_out(struct api *a, struct box *b, struct http_request *q,
                        struct http_reply *r, struct err *e)
{
    const char *token = http_cookie(q, API_COOKIE);

    if (token != NULL)
        sessions_end(a->sessions, token);
    if (audit_write(b->store, "signed_out", api_actor(q), api_actor(q), "", e) != 0)
        return -1;
    api_set_cookie(a, r, "");
    api_reply(r, json_pack("{s:s}", "state", "out"));
    return 0;
}

/* -------------------------------------------------------------------- first start */

static int ask_first(struct api *a, struct box *b, struct http_request *q,
                     struct http_reply *r, struct err *e)
{
    json_t *j = api_body_object(q, r);
    const struct account_new n = {.name = api_text_of(j, "name"),
                                  .full_name = api_text_of(j, "full_name"),
                                  .role = ROLE_ADMINISTRATOR,
                                  .password = api_text_of(j, "password")};
    const char *fault;
    int rc = 0;

    if (j == NULL)
        return 0;
    rc = first_take(b->store, api_text_of(j, "code"), &n, &fault, e);
    if (rc == 0 && fault != NULL)
        api_fault(r, CONFLICT, fault);
    else if (rc == 0)
        rc = begin_anew(a, b, n.name, 2, r, e); /* made, and given a password */
    json_decref(j);
    return rc;
}

/* ----------------------------------------------------------------------- password */

/* Who sits at an open desk need not be who opened it. *fault: why it is not the password. */
static int check_old(struct box *b, const struct account *who, const json_t *j,
                     const char **fault, struct err *e)
{
    bool right;

    *fault = account_is_locked(who) ? "signin_locked" : NULL;
    if (*fault != NULL)
        return 0;
    if (password_check(who->password, api_text_of(j, "old"), &right, e) != 0)
        return -1;
    if (right)
        return 0;
    *fault = "password_wrong";
    return signin_failed(b->store, who, "password", e);
}

static int change_password(struct api *a, struct box *b, const struct visitor *v,
                           const json_t *j, struct http_reply *r, struct err *e)
{
    const char *name = v->account.name, *fault = NULL;

    if (check_old(b, &v->account, j, &fault, e) != 0)
        return -1;
    if (fault == NULL &&
        accounts_set_password(b->store, name, name, api_text_of(j, "new"), false, &fault,
                              e) != 0)
        return -1;
    if (fault == NULL)
        return begin_anew(a, b, name, v->account.generation + 1, r, e);
    api_fault(r, CONFLICT, fault);
    return 0;
}

static int ask_password(struct api *a, struct box *b, struct http_request *q,
                        struct http_reply *r, struct err *e)
{
    json_t *j = api_body_object(q, r);
    int rc = j == NULL ? 0 : change_password(a, b, q->visitor, j, r, e);

    json_decref(j);
    return rc;
}

/* ------------------------------------------------------------------ second factor */

static int draw_second(struct box *b, const struct visitor *v, const json_t *j,
                       struct http_reply *r, struct err *e)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    char base32[TOTP_BASE32_BYTES];
    const char *fault;

    if (check_old(b, &v->account, j, &fault, e) != 0)
        return -1;
    randombytes_buf(secret, sizeof secret);
    if (fault == NULL &&
        accounts_set_second(b->store, v->actor, v->account.name, secret, &fault, e) != 0)
        return -1;
    totp_base32(base32, secret);
    if (fault != NULL)
        api_fault(r, CONFLICT, fault);
    else
        api_reply(r, json_pack("{s:s}", "secret", base32));
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(base32, sizeof base32);
    return 0;
}

static int ask_second(struct api *a, struct box *b, struct http_request *q,
                      struct http_reply *r, struct err *e)
{
    json_t *j = api_body_object(q, r);
    int rc = j == NULL ? 0 : draw_second(b, q->visitor, j, r, e);

    (void)a;
    json_decref(j);
    return rc;
}

/* Wrong ones are counted as at the door. */
static int confirm_second(struct box *b, const struct account *who, const json_t *j,
                          const char **fault, struct err *e)
{
    int64_t step;

    *fault = who->second_sure         ? "second_there"
             : account_is_locked(who) ? "signin_locked"
                                      : "second_wrong";
    if (who->second_sure || account_is_locked(who))
        return 0;
    if (signin_first_step(b->store, who, api_text_of(j, "code"), api_text_of(j, "next"),
                          &step, e) != 0)
        return -1;
    return step < 0 ? signin_failed(b->store, who, "code", e)
                    : accounts_confirm_second(b->store, who, step, fault, e);
}

static int ask_second_sure(struct api *a, struct box *b, struct http_request *q,
                           struct http_reply *r, struct err *e)
{
    const struct visitor *v = q->visitor;
    json_t *j = api_body_object(q, r);
    const char *fault = NULL;
    int rc = 0;

    if (j == NULL)
        return 0;
    rc = confirm_second(b, &v->account, j, &fault, e);
    json_decref(j);
    if (rc == 0 && fault == NULL)
        return begin_anew(a, b, v->account.name, v->account.generation + 1, r, e);
    if (rc == 0)
        api_fault(r, CONFLICT, fault);
    return rc;
}

/* ------------------------------------------------------------------------- routes */

void api_answer_session(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_session);
}

void api_answer_sign_in(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_door(arg, q, r, ask_sign_in);
}

void api_answer_sign_out(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_sign_out);
}

void api_answer_first(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_door(arg, q, r, ask_first);
}

void api_answer_password(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_door(arg, q, r, ask_password);
}

void api_answer_second(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_door(arg, q, r, ask_second);
}

void api_answer_second_sure(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask_door(arg, q, r, ask_second_sure);
}
