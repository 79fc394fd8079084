/* Programs: the real ones, run as a clerk's shell would, on a data directory of the
 * test's own. They are looked for in TRAM_BUILD, else beside the test's build. */
#ifndef TRAM_TESTS_PROGRAM_H
#define TRAM_TESTS_PROGRAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buffer.h"

/* A directory below /tmp for one test; `data` is where its box is. */
struct bench {
    char dir[64];
    char data[80];
};

void bench_create(struct bench *b);
void bench_make_box(struct bench *b); /* tram-box init --demo */
void bench_destroy(struct bench *b);  /* removes all of it */

/* DIR/name, valid until the fourth next call. */
/* Whether anything in the bench's directory has a name of this pattern. */
bool bench_has(const struct bench *b, const char *pattern);
const char *bench_path(const struct bench *b, const char *name);
void bench_write(const struct bench *b, const char *name, const void *bytes,
                 size_t count);

/* The absolute path of one of the sample pages, valid until the fourth next call. */
const char *bench_sample(const char *name);

struct ran {
    int status;           /* exit status; 128 + signal */
    long resident_kb_max; /* the largest of it and of all its children */
    struct buffer out, err;
};
void ran_release(struct ran *r);

/* Runs it to its end (at most two minutes), in the bench's directory. For tram-box
 * the bench's data directory is in TRAM_DATA; TRAM_LANG is en. */
void run(struct bench *b, struct ran *out, const char *program, ...)
    __attribute__((sentinel));

#define EXPECT_STATUS(r, expected)                                                       \
    do {                                                                                 \
        if ((r).status != (expected))                                                    \
            fail_msg("exit %d, not %d; out: %s err: %s", (r).status, (expected),         \
                     (char *)(r).out.bytes, (char *)(r).err.bytes);                      \
    } while (0)

/* Takes this file in, which must succeed: its document. */
int64_t bench_take(struct bench *b, const char *path);

/* A tram-box that runs on. */
struct running {
    pid_t pid;
    int out_fd;
    FILE *err;        /* to a program that passes it on to ours */
    char address[64]; /* serve: "http://127.0.0.1:1234/" */
    uint16_t port;
};
/* serve --listen 127.0.0.1:0, ready. */
void serve_begin(struct bench *b, struct running *out);
/* Makes an API token of the box that serves, which http_get() brings along from now on. */
void serve_let_in(struct bench *b);
/* "Authorization: Bearer …\r\n" with it. */
const char *http_authorization(void);
/* Any other; out_fd is the reading end of its standard output. */
void run_begin(struct bench *b, struct running *out, const char *program, ...)
    __attribute__((sentinel));
/* Sends the signal (0: none) and waits for the end: its exit status. */
int running_end(struct running *r, int signal);

/* The nth line of JSON on its standard output; fails the test if there is none. The
 * caller lets it go. */
json_t *ran_json(const struct ran *r, size_t line);
size_t ran_lines(const struct ran *r);

/* How many lines are on standard error. */
size_t ran_err_lines(const struct ran *r);

/* The member's text or number; fails the test if it is of another kind. */
const char *json_text_of(const json_t *j, const char *member);
int64_t json_number_of(const json_t *j, const char *member);

/* One HTTP request as bytes (with "Connection: close"), the whole answer into `out`;
 * the result is the status. */
int http_exchange(uint16_t port, const char *request, size_t request_bytes,
                  struct buffer *out);
/* GET of this path with our own host and token. *body points into `out`. */
int http_get(uint16_t port, const char *path, struct buffer *out, const char **body);

#endif
