/* The API's routes, a function each (api_routes.c says what they ask of who comes), and what
 * their files share. */
#ifndef TRAM_APPLIANCE_API_PARTS_H
#define TRAM_APPLIANCE_API_PARTS_H

#include "appliance/api.h"
#include "appliance/people/accounts.h"
#include "appliance/people/sessions.h"
#include "schema/shown.h"

#define API_BOX_WAIT_MS 10000 /* for a box of a pool; then ERR_BUSY */

void api_answer_status(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_todo(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_sync(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_search(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_document(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_text(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_hits(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_picture(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_pdf(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_suspects(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_corrections(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_file(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_session(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_sign_in(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_sign_out(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_first(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_password(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_second(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_second_sure(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_people(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_person_add(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_person_change(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_tokens(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_token_make(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_token_take_back(void *arg, struct http_request *q, struct http_reply *r);
void api_answer_audit(void *arg, struct http_request *q, struct http_reply *r);

/* What the path's {} names; *out zeroed, and the reply says it, if it is not here. */
int api_find_shown(struct box *b, struct http_request *q, struct http_reply *r,
                   struct shown *out, struct err *e);

/* Who was let in: http_request.visitor. */
struct visitor {
    char actor[ACCOUNT_NAME_BYTES + 8];
    struct account account; /* a person's, as the session */
    struct session session;
};

/* The cookie's name, and a reply that sets it; "" ends it. */
#define API_COOKIE "tram_session"
void api_set_cookie(const struct api *a, struct http_reply *r, const char *token);

/* Whose session the cookie is, without asking for anything else. *found false: nobody's. */
int api_visitor_find(struct api *a, struct box *b, const struct http_request *q,
                     bool acts, struct visitor *out, int64_t *left_ms, bool *found,
                     struct err *e);

/* A body of JSON, kept in q->task, for the routes that take one: begin, add and done. */
#define API_JSON_BYTES_MAX 8192
bool api_body_begin(void *arg, struct http_request *q, struct http_reply *r);
bool api_body_add(void *arg, struct http_request *q, const void *bytes, size_t count);
void api_body_done(void *arg, struct http_request *q);
/* The body as it came; it is zeroed after use, since passwords are in it. */
const struct buffer *api_body(const struct http_request *q);
/* An object; NULL: the reply says that it is none. */
json_t *api_body_object(const struct http_request *q, struct http_reply *r);
/* Its member, if that is a text; "" otherwise. */
const char *api_text_of(const json_t *j, const char *member);

#endif
