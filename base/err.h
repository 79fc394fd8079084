/* Errors: one fixed object, owned by the caller, filled once and prefixed on
 * the way up, so that an operator reads "store: commit: disk full".
 *
 * Every fallible function returns 0 or -1 and fills `e`. `err_set` and
 * `err_wrap` return -1, so that reporting is one line. Nothing here allocates. */
#ifndef TRAM_BASE_ERR_H
#define TRAM_BASE_ERR_H

/* A code exists only where a caller does something different for it. */
enum err_code {
    ERR_NONE = 0,
    ERR_FAILED,   /* none of the others: tell the operator, give up this task */
    ERR_IO,       /* the disk or a pipe said no: what was kept stays kept */
    ERR_NO_SPACE, /* disk full: intake refuses, everything else goes on */
    ERR_TOO_BIG,  /* over a stated cap: nothing was changed */
    ERR_CORRUPT,  /* bytes are not what they must be: never guess on */
    ERR_REFUSED,  /* outside bytes that we will not take: the batch goes on */
    ERR_BUSY,     /* somebody else holds it: try again later */
    ERR_USAGE,    /* the caller's words make no sense: exit 2 */
    ERR_MEMORY,
};

struct err {
    enum err_code code;
    char text[256];
};

int err_set(struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and what errno says at the end; ENOSPC and EDQUOT make
 * the code ERR_NO_SPACE, whatever `code` says. */
int err_set_errno(struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<format>: " before the text that is there; keeps the code. */
int err_wrap(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
