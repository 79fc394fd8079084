#include "appliance/api_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/people/api_tokens.h"
#include "appliance/people/seldom.h"

#define BEARER "Bearer "
enum { NOBODY = 401, FORBIDDEN = 403, BUSY = 503 };

void api_set_cookie(const struct api *a, struct http_reply *r, const char *token)
{
    (void)snprintf(r->cookie, sizeof r->cookie,
                   API_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s", token,
                   a->tls ? "; Secure" : "", token[0] == '\0' ? "; Max-Age=0" : "");
}

const char *api_actor(const struct http_request *q)
{
    const struct visitor *v = q->visitor;

    return v == NULL ? "?" : v->actor;
}

/* ---------------------------------------------------------------------- who it is */

int api_visitor_find(struct api *a, struct box *b, const struct http_request *q,
                     bool acts, struct visitor *out, int64_t *left_ms, bool *found,
                     struct err *e)
{
    const char *token = http_cookie(q, API_COOKIE);

    *found =
        token != NULL && sessions_find(a->sessions, token, acts, &out->session, left_ms);
    if (!*found)
        return 0;
    if (accounts_find(b->store, out->session.account, &out->account, found, e) != 0)
        return -1;
    *found = *found && out->account.enabled &&
             out->account.generation == out->session.generation;
    if (!*found)
        sessions_end(a->sessions, token);
    (void)snprintf(out->actor, sizeof out->actor, "%s", out->account.name);
    return 0;
}

/* A page elsewhere can make a browser send the cookie, but cannot read what goes with it. */
static bool brings_csrf(const struct http_request *q, const struct session *s)
{
    const char *sent = http_header(q, "X-Tram-CSRF");

    if (strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0)
        return true;
    return sent != NULL && strlen(sent) == strlen(s->csrf) &&
           sodium_memcmp(sent, s->csrf, strlen(sent)) == 0;
}

static bool has_role(const struct account *a, unsigned need)
{
    switch (need & NEED_ROLE) {
    case NEED_ADMINISTRATOR:
        return a->role == ROLE_ADMINISTRATOR;
    case NEED_REVIEWER:
        return a->role != ROLE_CLERK;
    default:
        return true;
    }
}

/* ------------------------------------------------------------------ what is refused */

static int refuse_role(struct box *b, struct http_request *q, const struct visitor *v,
                       struct http_reply *r, struct err *e)
{
    if (audit_seldom(b->store, "forbidden", v->actor, q->path, q->method, e) != 0)
        return -1;
    api_refuse(r, FORBIDDEN, "role", "");
    return 0;
}

/* 1: in; 0: refused; -1. */
static int admit_person(struct api *a, struct box *b, unsigned need,
                        struct http_request *q, struct visitor *v, struct http_reply *r,
                        struct err *e)
{
    bool found;

    if (api_visitor_find(a, b, q, (need & NEED_LOOKS) == 0, v, NULL, &found, e) != 0)
        return -1;
    if (!found)
        api_refuse(r, NOBODY, "nobody", "");
    else if (!brings_csrf(q, &v->session))
        api_refuse(r, FORBIDDEN, "csrf", "");
    else if ((need & NEED_ROLE) == NEED_PERSON)
        return 1;
    else if (account_must(&v->account) == MUST_CHANGE_PASSWORD)
        api_refuse(r, FORBIDDEN, "must_password", "");
    else if (account_must(&v->account) == MUST_ADD_SECOND)
        api_refuse(r, FORBIDDEN, "must_second", "");
    else
        return has_role(&v->account, need) ? 1 : refuse_role(b, q, v, r, e);
    return 0;
}

static int admit_token(struct box *b, const char *text, unsigned need,
                       struct http_request *q, struct visitor *v, struct http_reply *r,
                       struct err *e)
{
    struct api_token t;
    bool found;

    if (api_tokens_find(b->store, text, &t, &found, e) != 0)
        return -1;
    if (!found) {
        api_refuse(r, NOBODY, "token", "");
        return 0;
    }
    (void)snprintf(v->actor, sizeof v->actor, "token %s", t.name);
    if ((need & NEED_READS) != 0 || ((need & NEED_IMPORTS) != 0 && t.imports))
        return 1;
    return refuse_role(b, q, v, r, e);
}

static int admit(struct api *a, struct box *b, unsigned need, struct http_request *q,
                 struct http_reply *r, struct err *e)
{
    const char *authorization = http_header(q, "Authorization");
    struct visitor *v = calloc(1, sizeof *v);
    size_t bearer = strlen(BEARER);

    if (v == NULL)
        return err_set(e, ERR_MEMORY, "a visitor");
    q->visitor = v;
    if (authorization != NULL && strncmp(authorization, BEARER, bearer) == 0)
        return admit_token(b, authorization + bearer, need, q, v, r, e);
    return admit_person(a, b, need, q, v, r, e);
}

bool api_admit(void *arg, const struct http_route *route, struct http_request *q,
               struct http_reply *r)
{
    struct api *a = arg;
    struct box *b;
    struct err e;
    int in = 0;

    if ((route->need & NEED_ROLE) == NEED_NOTHING)
        return true;
    b = boxes_borrow(a->desk, API_BOX_WAIT_MS);
    if (b == NULL)
        api_refuse(r, BUSY, "busy", "");
    else
        in = admit(a, b, route->need, q, r, &e);
    if (in < 0)
        api_failed(r, &e);
    boxes_return(a->desk, b);
    return in == 1;
}

void api_leave(void *arg, struct http_request *q)
{
    (void)arg;
    sodium_memzero(q->visitor, sizeof(struct visitor));
    free(q->visitor);
    q->visitor = NULL;
}
