/* Tokens: keys of other systems in the office to the desk's API. An administrator makes one,
 * it is shown once, and kept as its SHA-256. One is taken back at any time. */
#ifndef TRAM_APPLIANCE_PEOPLE_API_TOKENS_H
#define TRAM_APPLIANCE_PEOPLE_API_TOKENS_H

#include <stdbool.h>

#include "schema/store.h"

#define TOKEN_NAME_BYTES 33
#define TOKEN_BYTES      49 /* "tram_" and 256 bits as base64url, with the NUL */

struct api_token {
    char name[TOKEN_NAME_BYTES];
    bool imports; /* it may take in, too; all may read */
    bool enabled;
};

/* One of this name that was there is no good any more. *fault: "token_name". */
int api_tokens_make(struct store *s, const char *actor, const char *name, bool imports,
                    char out[TOKEN_BYTES], const char **fault, struct err *e);
/* *fault: "token_unknown". */
int api_tokens_take_back(struct store *s, const char *actor, const char *name,
                         const char **fault, struct err *e);

/* False: it is none, or none any more. */
int api_tokens_find(struct store *s, const char *text, struct api_token *out, bool *found,
                    struct err *e);
int api_tokens_each(struct store *s,
                    int (*each)(void *arg, const struct api_token *t, struct err *e),
                    void *arg, struct err *e);

#endif
