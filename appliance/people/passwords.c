#include "appliance/people/passwords.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/randombytes.h>
#include <sodium/utils.h>
#include <utf8proc.h>

#define WAITING_MAX  6
#define NAME_LETTERS 4 /* a shorter account name is in most sentences */
#define DIFFERENT    5 /* letters that one must have, so that aaaaaaaaaaaaaa is none */

/* What libsodium calls interactive, and a Raspberry Pi does in about half a second. */
static unsigned long long passes = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static size_t memory_bytes = crypto_pwhash_MEMLIMIT_INTERACTIVE;

void passwords_are_cheap(void)
{
    passes = crypto_pwhash_OPSLIMIT_MIN;
    memory_bytes = crypto_pwhash_MEMLIMIT_MIN;
}

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static unsigned waiting;

/* ---------------------------------------------------------------------- rules */

static char *composed(const char *text)
{
    return strlen(text) > PASSWORD_BYTES_MAX
               ? NULL
               : (char *)utf8proc_NFC((const utf8proc_uint8_t *)text);
}

static void forget(char *text)
{
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    free(text);
}

/* Letters of NFC text, and how many different ones, up to DIFFERENT. */
static size_t letters_of(const char *text, size_t *different)
{
    utf8proc_int32_t seen[DIFFERENT], c;
    size_t letters = 0;

    *different = 0;
    for (const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text; *at != '\0';) {
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &c);
        size_t i = 0;

        if (n <= 0)
            break;
        while (i < *different && seen[i] != c)
            i++;
        if (i == *different && *different < DIFFERENT)
            seen[(*different)++] = c;
        letters++;
        at += n;
    }
    return letters;
}

const char *password_fault(const char *password, const char *account, bool second)
{
    size_t least = second ? PASSWORD_LETTERS_2ND : PASSWORD_LETTERS, letters, different;
    const char *fault = NULL;
    char *text;

    if (strlen(password) > PASSWORD_BYTES_MAX)
        return "password_long";
    text = composed(password);
    if (text == NULL)
        return "password_simple"; /* no UTF-8: no keyboard gave that */
    letters = letters_of(text, &different);
    if (letters < least)
        fault = second ? "password_short_second" : "password_short";
    else if (different < DIFFERENT)
        fault = "password_simple";
    else if (strlen(account) >= NAME_LETTERS && strcasestr(text, account) != NULL)
        fault = "password_name";
    forget(text);
    return fault;
}

/* -------------------------------------------------------------------- hashing */

static int take_turn(struct err *e)
{
    bool full;

    (void)pthread_mutex_lock(&counting);
    full = waiting >= WAITING_MAX;
    waiting += !full;
    (void)pthread_mutex_unlock(&counting);
    if (full)
        return err_set(e, ERR_BUSY, "too many passwords are being checked");
    (void)pthread_mutex_lock(&one_at_a_time);
    return 0;
}

static void give_turn(void)
{
    (void)pthread_mutex_unlock(&one_at_a_time);
    (void)pthread_mutex_lock(&counting);
    waiting--;
    (void)pthread_mutex_unlock(&counting);
}

int password_hash(char out[PASSWORD_HASH_BYTES], const char *password, struct err *e)
{
    char *text = composed(password);
    int made;

    if (text == NULL)
        return err_set(e, ERR_USAGE, "that is no password");
    if (take_turn(e) != 0) {
        forget(text);
        return -1;
    }
    made = crypto_pwhash_str(out, text, strlen(text), passes, memory_bytes);
    give_turn();
    forget(text);
    return made == 0 ? 0 : err_set(e, ERR_MEMORY, "no memory for a password's hash");
}

/* The same work for whom we do not know, so that its time tells nobody who is here. */
static void work_for_nobody(const char *text)
{
    static const unsigned char salt[crypto_pwhash_SALTBYTES];
    unsigned char out[32];

    /* Whether there was memory for it or not, it is nobody's. */
    if (crypto_pwhash(out, sizeof out, text, strlen(text), salt, passes, memory_bytes,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return;
}

int password_check(const char *hash, const char *password, bool *right, struct err *e)
{
    char *text = composed(password);

    *right = false;
    if (text == NULL)
        return 0; /* nobody's, then */
    if (take_turn(e) != 0) {
        forget(text);
        return -1;
    }
    if (hash == NULL)
        work_for_nobody(text);
    else
        *right = crypto_pwhash_str_verify(hash, text, strlen(text)) == 0;
    give_turn();
    forget(text);
    return 0;
}

/* -------------------------------------------------------------------- drawing */

void password_draw(char out[PASSWORD_DRAWN_BYTES])
{
    static const char letters[] =
        "abcdefghjkmnpqrstuvwxyz23456789"; /* no i, l, o, 0, 1 */
    size_t at = 0;

    for (int i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0)
            out[at++] = '-';
        out[at++] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    out[at] = '\0';
}

bool password_drawn_is(const char *drawn, const char *typed)
{
    unsigned differs = 0;

    for (;; drawn++, typed++) {
        while (*drawn == '-')
            drawn++;
        while (*typed == '-' || *typed == ' ')
            typed++;
        if (*drawn == '\0' || *typed == '\0')
            return differs == 0 && *drawn == *typed;
        differs |= (unsigned)((unsigned char)*drawn != tolower((unsigned char)*typed));
    }
}
