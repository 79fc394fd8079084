#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/people/api_tokens.h"
#include "appliance/people/audit.h"
#include "appliance/people/first.h"
#include "appliance/people/people_json.h"
#include "appliance/verb_io.h"

/* Whoever may write the data folder is asked for no password: he is above all accounts. */

#define LOG_ROWS 50

/* What a word of accounts is done with. */
struct asking {
    struct box *box;
    struct verb_io *io;
    char **words; /* behind the word itself */
    const char *limit;
};

static int tell_fault(struct verb_io *io, const char *fault)
{
    char key[64];

    (void)snprintf(key, sizeof key, "people.%s", fault);
    say(io, key, NULL, 0);
    return EXIT_FAILED;
}

/* The end of a change: `rc` and `fault` as the change gave them. */
static int ended(struct asking *a, int rc, const char *fault, const struct err *e)
{
    if (rc != 0)
        return verb_failed(a->io, e);
    if (fault != NULL)
        return tell_fault(a->io, fault);
    say(a->io, "accounts.done", (const char *const[]){a->words[0]}, 1);
    return EXIT_DONE;
}

/* Something that is shown this once. */
static int tell_secret(struct asking *a, const char *member, const char *secret)
{
    char key[64];

    if (a->io->json)
        return verb_json(a->io, json_pack("{s:s, s:s}", "name", a->words[0], member,
                                          secret)) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    (void)snprintf(key, sizeof key, "accounts.%s", member);
    tell(a->io, key, (const char *const[]){a->words[0], secret}, 2);
    return EXIT_DONE;
}

/* -------------------------------------------------------------------- looking */

static int tell_account(void *arg, const struct account *x, struct err *e)
{
    struct asking *a = arg;
    char role[32], state[32], seen[VERB_WHEN_BYTES];
    struct buffer words[2];

    (void)e;
    if (a->io->json)
        return verb_json(a->io, account_json(x));
    (void)snprintf(role, sizeof role, "people.role_%s", role_name(x->role));
    (void)snprintf(state, sizeof state, "people.state_%s", account_state(x));
    verb_when(seen, x->seen.wall_ms, x->seen.confidence);
    for (size_t i = 0; i < 2; i++) {
        buffer_init(&words[i], 256);
        message_append(&words[i], i == 0 ? role : state, a->io->language, NULL, 0);
    }
    tell(a->io, "accounts.account",
         (const char *const[]){x->name, x->full_name, (char *)words[0].bytes,
                               (char *)words[1].bytes, seen},
         5);
    buffer_release(&words[0]);
    buffer_release(&words[1]);
    return 0;
}

static int list(struct asking *a)
{
    int64_t count;
    struct err e;

    if (accounts_count(a->box->store, &count, &e) != 0 ||
        accounts_each(a->box->store, tell_account, a, &e) != 0)
        return verb_failed(a->io, &e);
    if (count == 0)
        say(a->io, "accounts.none", NULL, 0);
    return EXIT_DONE;
}

static int first(struct asking *a)
{
    char code[PASSWORD_DRAWN_BYTES];
    bool needed;
    struct err e;

    if (first_code(a->box->store, code, &needed, &e) != 0)
        return verb_failed(a->io, &e);
    if (!needed)
        return tell_fault(a->io, "first_gone");
    if (a->io->json)
        return verb_json(a->io, json_pack("{s:s}", "first_code", code)) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    tell(a->io, "serve.first_code", (const char *const[]){code}, 1);
    return EXIT_DONE;
}

static int tell_token(void *arg, const struct api_token *t, struct err *e)
{
    struct asking *a = arg;

    (void)e;
    if (a->io->json)
        return verb_json(a->io, api_token_json(t));
    tell(a->io, t->enabled ? "accounts.token_line" : "accounts.token_line_back",
         (const char *const[]){t->name, t->imports ? "import" : "read"}, 2);
    return 0;
}

static int tokens(struct asking *a)
{
    struct err e;

    return api_tokens_each(a->box->store, tell_token, a, &e) == 0
               ? EXIT_DONE
               : verb_failed(a->io, &e);
}

static int tell_row(void *arg, const struct audit_row *r, struct err *e)
{
    struct asking *a = arg;
    char when[VERB_WHEN_BYTES], id[24];

    (void)e;
    if (a->io->json)
        return verb_json(a->io, audit_json(r));
    verb_when(when, r->when.wall_ms, r->when.confidence);
    (void)snprintf(id, sizeof id, "%" PRIu64, r->id);
    tell(a->io, "accounts.row",
         (const char *const[]){id, when, r->kind, r->actor, r->subject, r->detail}, 6);
    return 0;
}

static int trail(struct asking *a)
{
    uint64_t limit = LOG_ROWS;
    struct err e;

    if (a->limit != NULL &&
        option_number(a->io, "--limit", a->limit, 1, UINT32_MAX, &limit) != 0)
        return EXIT_WORDS;
    return audit_each(a->box->store, 0, (unsigned)limit, tell_row, a, &e) == 0
               ? EXIT_DONE
               : verb_failed(a->io, &e);
}

/* ------------------------------------------------------------------- changing */

static int role_word(struct asking *a, const char *word, enum role *role)
{
    if (role_find(word, role))
        return 0;
    say(a->io, "accounts.role_unknown", (const char *const[]){word}, 1);
    return -1;
}

static int add(struct asking *a)
{
    char password[PASSWORD_DRAWN_BYTES];
    struct account_new n = {.name = a->words[0],
                            .full_name = a->words[2],
                            .password = password,
                            .temporary = true};
    const char *fault;
    struct err e;

    if (role_word(a, a->words[1], &n.role) != 0)
        return EXIT_WORDS;
    password_draw(password);
    if (accounts_add(a->box->store, a->box->actor, &n, &fault, &e) != 0)
        return verb_failed(a->io, &e);
    return fault == NULL ? tell_secret(a, "password", password)
                         : tell_fault(a->io, fault);
}

static int set_role(struct asking *a)
{
    const char *fault = NULL;
    enum role role;
    struct err e;
    int rc;

    if (role_word(a, a->words[1], &role) != 0)
        return EXIT_WORDS;
    rc = accounts_set_role(a->box->store, a->box->actor, a->words[0], role, &fault, &e);
    return ended(a, rc, fault, &e);
}

static int draw_password(struct asking *a)
{
    char password[PASSWORD_DRAWN_BYTES];
    const char *fault;
    struct err e;

    password_draw(password);
    if (accounts_set_password(a->box->store, a->box->actor, a->words[0], password, true,
                              &fault, &e) != 0)
        return verb_failed(a->io, &e);
    return fault == NULL ? tell_secret(a, "password", password)
                         : tell_fault(a->io, fault);
}

static int forget_second(struct asking *a)
{
    const char *fault = NULL;
    struct err e;
    int rc =
        accounts_set_second(a->box->store, a->box->actor, a->words[0], NULL, &fault, &e);

    return ended(a, rc, fault, &e);
}

static int set_enabled(struct asking *a, bool enabled)
{
    const char *fault = NULL;
    struct err e;
    int rc = accounts_set_enabled(a->box->store, a->box->actor, a->words[0], enabled,
                                  &fault, &e);

    return ended(a, rc, fault, &e);
}

static int enable(struct asking *a)
{
    return set_enabled(a, true);
}

static int disable(struct asking *a)
{
    return set_enabled(a, false);
}

static int unlock(struct asking *a)
{
    const char *fault = NULL;
    struct err e;
    int rc = accounts_unlock(a->box->store, a->box->actor, a->words[0], &fault, &e);

    return ended(a, rc, fault, &e);
}

static int make_token(struct asking *a)
{
    bool imports = strcmp(a->words[1], "import") == 0;
    char text[TOKEN_BYTES];
    const char *fault;
    struct err e;

    if (!imports && strcmp(a->words[1], "read") != 0)
        return verb_usage(a->io, "accounts");
    if (api_tokens_make(a->box->store, a->box->actor, a->words[0], imports, text, &fault,
                        &e) != 0)
        return verb_failed(a->io, &e);
    return fault == NULL ? tell_secret(a, "token", text) : tell_fault(a->io, fault);
}

static int take_token_back(struct asking *a)
{
    const char *fault = NULL;
    struct err e;
    int rc = api_tokens_take_back(a->box->store, a->box->actor, a->words[0], &fault, &e);

    return ended(a, rc, fault, &e);
}

int verb_accounts(struct box *b, struct verb_io *io, int argc, char **argv)
{
    static const struct {
        const char *word;
        int words; /* behind it */
        int (*run)(struct asking *a);
    } table[] = {
        {"first-code", 0, first},
        {"add", 3, add},
        {"role", 2, set_role},
        {"password", 1, draw_password},
        {"second", 1, forget_second},
        {"enable", 1, enable},
        {"disable", 1, disable},
        {"unlock", 1, unlock},
        {"tokens", 0, tokens},
        {"token", 2, make_token},
        {"token-back", 1, take_token_back},
        {"log", 0, trail},
    };
    struct asking a = {.box = b, .io = io, .words = argv + 2};
    const struct option_word options[] = {{"--limit", &a.limit, NULL}};

    if (options_take(io, options, 1, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc == 1)
        return list(&a);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(argv[1], table[i].word) == 0 && argc == 2 + table[i].words)
            return table[i].run(&a);
    return verb_usage(io, "accounts");
}
