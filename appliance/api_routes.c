#include "appliance/api_parts.h"

#define LOOK(p, n, f)                                                                    \
    {                                                                                    \
        .method = "GET", .path = p, .need = n, .answer = f                               \
    }
#define SEND(p, n, f)                                                                    \
    {                                                                                    \
        .method = "POST", .path = p, .need = n, .begin = api_body_begin,                 \
        .add = api_body_add, .done = api_body_done, .answer = f                          \
    }

/* Everything there is, and who may. */
static const struct http_route routes[] = {
    LOOK("/", NEED_NOTHING, api_answer_file),
    LOOK("/icon.svg", NEED_NOTHING, api_answer_file),
    LOOK("/desk.js", NEED_NOTHING, api_answer_file),
    LOOK("/desk.css", NEED_NOTHING, api_answer_file),

    /* openapi.json says of all that follows what is said here, and test_openapi holds it
     * to that. */
    LOOK("/api/v1/openapi.json", NEED_NOTHING, api_answer_file),
    LOOK("/api/v1/session", NEED_NOTHING, api_answer_session),
    SEND("/api/v1/session", NEED_NOTHING, api_answer_sign_in),
    SEND("/api/v1/first", NEED_NOTHING, api_answer_first),
    SEND("/api/v1/session/end", NEED_PERSON, api_answer_sign_out),
    SEND("/api/v1/session/password", NEED_PERSON, api_answer_password),
    SEND("/api/v1/session/second", NEED_PERSON, api_answer_second),
    SEND("/api/v1/session/second/sure", NEED_PERSON, api_answer_second_sure),

    LOOK("/api/v1/status", NEED_CLERK | NEED_READS | NEED_LOOKS, api_answer_status),
    LOOK("/api/v1/todo", NEED_CLERK | NEED_LOOKS, api_answer_todo),
    LOOK("/api/v1/sync", NEED_CLERK | NEED_READS | NEED_LOOKS, api_answer_sync),
    LOOK("/api/v1/search", NEED_CLERK | NEED_READS, api_answer_search),
    LOOK("/api/v1/documents/{}", NEED_CLERK | NEED_READS, api_answer_document),
    LOOK("/api/v1/documents/{}/pdf", NEED_CLERK | NEED_READS, api_answer_pdf),
    LOOK("/api/v1/pages/{}/hits", NEED_CLERK | NEED_READS, api_answer_hits),
    LOOK("/api/v1/pages/{}/picture", NEED_CLERK | NEED_READS, api_answer_picture),
    LOOK("/api/v1/pages/{}/text", NEED_CLERK | NEED_READS, api_answer_text),
    LOOK("/api/v1/pages/{}/suspects", NEED_CLERK | NEED_READS, api_answer_suspects),
    SEND("/api/v1/pages/{}/corrections", NEED_CLERK, api_answer_corrections),
    {.method = "POST",
     .path = "/api/v1/intake",
     .need = NEED_CLERK | NEED_IMPORTS,
     .begin = api_intake_begin,
     .add = api_intake_add,
     .done = api_intake_done,
     .answer = api_intake_answer},

    LOOK("/api/v1/people", NEED_ADMINISTRATOR, api_answer_people),
    SEND("/api/v1/people", NEED_ADMINISTRATOR, api_answer_person_add),
    SEND("/api/v1/people/{}", NEED_ADMINISTRATOR, api_answer_person_change),
    LOOK("/api/v1/tokens", NEED_ADMINISTRATOR, api_answer_tokens),
    SEND("/api/v1/tokens", NEED_ADMINISTRATOR, api_answer_token_make),
    SEND("/api/v1/tokens/{}/end", NEED_ADMINISTRATOR, api_answer_token_take_back),
    LOOK("/api/v1/audit", NEED_ADMINISTRATOR, api_answer_audit),
};

size_t api_routes(const struct http_route **out)
{
    *out = routes;
    return sizeof routes / sizeof *routes;
}
