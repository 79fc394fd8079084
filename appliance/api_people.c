/* The administrator's routes:
 *
 *   GET  /api/v1/people             {"people": [account_json()]}
 *   POST /api/v1/people             {"name", "full_name", "role"}; {"name", "password"}
 *   POST /api/v1/people/NAME        {"role"} or {"do": "enable" | "disable" | "unlock" |
 *                                    "second"}: {}; {"do": "password"}: {"password"}
 *   GET  /api/v1/tokens             {"tokens": [api_token_json()]}
 *   POST /api/v1/tokens             {"name", "scope"}; {"name", "token"}
 *   POST /api/v1/tokens/NAME/end    {}
 *   GET  /api/v1/audit?before=&limit=   {"rows": [audit_json()]}, the newest first
 *
 * A password or token that was drawn is shown this once. */
#include <stdlib.h>
#include <string.h>

#include "appliance/api_parts.h"
#include "appliance/people/people_json.h"

#define ROWS_MAX 200

enum { BAD_REQUEST = 400, CONFLICT = 409 };

/* ------------------------------------------------------------------------ looking */

static int add_json(json_t *list, json_t *j, struct err *e)
{
    return json_array_append_new(list, j) == 0 ? 0 : err_set(e, ERR_MEMORY, "a list");
}

static int add_account(void *arg, const struct account *x, struct err *e)
{
    return add_json(arg, account_json(x), e);
}

static int add_token(void *arg, const struct api_token *t, struct err *e)
{
    return add_json(arg, api_token_json(t), e);
}

static int add_row(void *arg, const struct audit_row *row, struct err *e)
{
    return add_json(arg, audit_json(row), e);
}

/* Takes `list`; `rc` is what became of it. */
static int reply_list(struct http_reply *r, const char *member, json_t *list, int rc)
{
    if (rc == 0)
        api_reply(r, json_pack("{s:O}", member, list));
    json_decref(list);
    return rc;
}

static int ask_people(struct api *a, struct box *b, struct http_request *q,
                      struct http_reply *r, struct err *e)
{
    json_t *list = json_array();

    (void)a;
    (void)q;
    return reply_list(r, "people", list, accounts_each(b->store, add_account, list, e));
}

static int ask_tokens(struct api *a, struct box *b, struct http_request *q,
                      struct http_reply *r, struct err *e)
{
    json_t *list = json_array();

    (void)a;
    (void)q;
    return reply_list(r, "tokens", list, api_tokens_each(b->store, add_token, list, e));
}

static uint64_t number_of(const struct http_request *q, const char *name)
{
    const char *text = http_query(q, name);

    return text == NULL ? 0 : strtoull(text, NULL, 10); /* what is no number is none */
}

static int ask_audit(struct api *a, struct box *b, struct http_request *q,
                     struct http_reply *r, struct err *e)
{
    uint64_t limit = number_of(q, "limit");
    json_t *list = json_array();

    (void)a;
    if (limit == 0 || limit > ROWS_MAX)
        limit = ROWS_MAX;
    return reply_list(
        r, "rows", list,
        audit_each(b->store, number_of(q, "before"), (unsigned)limit, add_row, list, e));
}

/* ----------------------------------------------------------------------- changing */

/* `secret` (may be NULL) is the member's value. */
static void reply_changed(struct http_reply *r, const char *fault, const char *name,
                          const char *member, const char *secret)
{
    if (fault != NULL)
        api_fault(r, CONFLICT, fault);
    else if (secret != NULL)
        api_reply(r, json_pack("{s:s, s:s}", "name", name, member, secret));
    else
        api_reply(r, json_object());
}

static int add_person(struct box *b, const struct http_request *q, const json_t *j,
                      struct http_reply *r, struct err *e)
{
    char password[PASSWORD_DRAWN_BYTES];
    struct account_new n = {.name = api_text_of(j, "name"),
                            .full_name = api_text_of(j, "full_name"),
                            .password = password,
                            .temporary = true};
    const char *fault;

    if (!role_find(api_text_of(j, "role"), &n.role)) {
        api_refuse(r, BAD_REQUEST, "usage", "role");
        return 0;
    }
    password_draw(password);
    if (accounts_add(b->store, api_actor(q), &n, &fault, e) != 0)
        return -1;
    reply_changed(r, fault, n.name, "password", password);
    return 0;
}

static int draw_password(struct box *b, const struct http_request *q, const char *name,
                         struct http_reply *r, struct err *e)
{
    char password[PASSWORD_DRAWN_BYTES];
    const char *fault;

    password_draw(password);
    if (accounts_set_password(b->store, api_actor(q), name, password, true, &fault, e) !=
        0)
        return -1;
    reply_changed(r, fault, name, "password", password);
    return 0;
}

static int change_person(struct box *b, const struct http_request *q, const json_t *j,
                         struct http_reply *r, struct err *e)
{
    const char *name = q->parts[0], *what = api_text_of(j, "do"), *by = api_actor(q);
    const char *fault = NULL;
    enum role role;
    int rc;

    if (strcmp(what, "password") == 0)
        return draw_password(b, q, name, r, e);
    if (strcmp(what, "enable") == 0 || strcmp(what, "disable") == 0)
        rc = accounts_set_enabled(b->store, by, name, what[0] == 'e', &fault, e);
    else if (strcmp(what, "unlock") == 0)
        rc = accounts_unlock(b->store, by, name, &fault, e);
    else if (strcmp(what, "second") == 0)
        rc = accounts_set_second(b->store, by, name, NULL, &fault, e);
    else if (role_find(api_text_of(j, "role"), &role))
        rc = accounts_set_role(b->store, by, name, role, &fault, e);
    else {
        api_refuse(r, BAD_REQUEST, "usage", "do");
        return 0;
    }
    if (rc == 0)
        reply_changed(r, fault, name, NULL, NULL);
    return rc;
}

static int make_token(struct box *b, const struct http_request *q, const json_t *j,
                      struct http_reply *r, struct err *e)
{
    const char *name = api_text_of(j, "name"), *scope = api_text_of(j, "scope"), *fault;
    bool imports = strcmp(scope, "import") == 0;
    char text[TOKEN_BYTES];

    if (!imports && strcmp(scope, "read") != 0) {
        api_refuse(r, BAD_REQUEST, "usage", "scope");
        return 0;
    }
    if (api_tokens_make(b->store, api_actor(q), name, imports, text, &fault, e) != 0)
        return -1;
    reply_changed(r, fault, name, "token", text);
    return 0;
}

static int with_object(struct box *b, struct http_request *q, struct http_reply *r,
                       int (*run)(struct box *b, const struct http_request *q,
                                  const json_t *j, struct http_reply *r, struct err *e),
                       struct err *e)
{
    json_t *j = api_body_object(q, r);
    int rc = j == NULL ? 0 : run(b, q, j, r, e);

    json_decref(j);
    return rc;
}

static int ask_person_add(struct api *a, struct box *b, struct http_request *q,
                          struct http_reply *r, struct err *e)
{
    (void)a;
    return with_object(b, q, r, add_person, e);
}

static int ask_person_change(struct api *a, struct box *b, struct http_request *q,
                             struct http_reply *r, struct err *e)
{
    (void)a;
    return with_object(b, q, r, change_person, e);
}

static int ask_token_make(struct api *a, struct box *b, struct http_request *q,
                          struct http_reply *r, struct err *e)
{
    (void)a;
    return with_object(b, q, r, make_token, e);
}

static int ask_token_take_back(struct api *a, struct box *b, struct http_request *q,
                               struct http_reply *r, struct err *e)
{
    const char *fault;

    (void)a;
    if (api_tokens_take_back(b->store, api_actor(q), q->parts[0], &fault, e) != 0)
        return -1;
    reply_changed(r, fault, NULL, NULL, NULL);
    return 0;
}

/* ------------------------------------------------------------------------- routes */

void api_answer_people(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_people);
}

void api_answer_person_add(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_person_add);
}

void api_answer_person_change(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_person_change);
}

void api_answer_tokens(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_tokens);
}

void api_answer_token_make(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_token_make);
}

void api_answer_token_take_back(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_token_take_back);
}

void api_answer_audit(void *arg, struct http_request *q, struct http_reply *r)
{
    api_ask(arg, q, r, ask_audit);
}
