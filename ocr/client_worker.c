#include "ocr/client_worker.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ocr/protocol.h"

#define NAME "tram-ocr"

/* tram-ocr in this program's directory; NULL if it is not there. */
static char *beside_us(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof NAME);
    char *slash;

    if (n <= 0)
        return NULL;
    path[n] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL)
        return NULL;
    memcpy(slash + 1, NAME, sizeof NAME);
    return access(path, X_OK) == 0 ? strdup(path) : NULL;
}

int client_worker_init(struct client_worker *w, const struct ocr_options *o,
                       struct err *e)
{
    const char *program = o->program;

    *w = (struct client_worker){
        .uncaged = o->uncaged, .without = o->without, .socket = -1};
    if (program == NULL)
        program = getenv("TRAM_OCR");
    w->program = program != NULL ? strdup(program) : beside_us();
    if (w->program == NULL)
        w->program = strdup(NAME);
    return w->program == NULL ? err_set(e, ERR_MEMORY, "reader: out of memory") : 0;
}

void client_worker_release(struct client_worker *w)
{
    client_worker_stop(w);
    free(w->program);
    w->program = NULL;
}

bool client_worker_runs(const struct client_worker *w)
{
    return w->pid != 0;
}

/* Ours, with one thread for OpenMP: it reads the limit when it is loaded, and more
 * only take turns. The strings stay environ's; the array is the caller's. */
static char **environment(void)
{
    static char one_thread[] = "OMP_THREAD_LIMIT=1";
    size_t count = 0;
    char **copy;

    while (environ[count] != NULL)
        count++;
    copy = calloc(count + 2, sizeof *copy);
    if (copy == NULL)
        return NULL;
    copy[0] = one_thread; /* the first of a name counts */
    memcpy(copy + 1, environ, count * sizeof *copy);
    return copy;
}

/* The socket and stderr, and no other descriptor. */
static int arrange(posix_spawn_file_actions_t *actions, int socket)
{
    if (posix_spawn_file_actions_adddup2(actions, socket, WORKER_FD) != 0 ||
        posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0) != 0 ||
        posix_spawn_file_actions_addopen(actions, 1, "/dev/null", 1, 0) != 0)
        return -1;
    return posix_spawn_file_actions_addclosefrom_np(actions, WORKER_FD + 1);
}

/* A group of its own: Ctrl-C is for the program that asks, which then ends it. */
static int behave(posix_spawnattr_t *how)
{
    sigset_t none, all;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    if (posix_spawnattr_setsigmask(how, &none) != 0 ||
        posix_spawnattr_setsigdefault(how, &all) != 0 ||
        posix_spawnattr_setpgroup(how, 0) != 0)
        return -1;
    return posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct client_worker *w, int socket, struct err *e)
{
    char *argv[6] = {w->program, (char *)"--worker"};
    size_t argc = 2;
    char **environ_copy = environment();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t how;
    int rc = ENOMEM;

    if (w->uncaged)
        argv[argc++] = (char *)"--no-cage";
    if (w->without != NULL) {
        argv[argc++] = (char *)"--without";
        argv[argc++] = (char *)w->without;
    }
    (void)posix_spawn_file_actions_init(&actions); /* glibc's only zero */
    (void)posix_spawnattr_init(&how);
    if (environ_copy != NULL && arrange(&actions, socket) == 0 && behave(&how) == 0)
        rc = posix_spawnp(&w->pid, w->program, &actions, &how, argv, environ_copy);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&how);
    free(environ_copy);
    if (rc == 0)
        return 0;
    w->pid = 0;
    errno = rc;
    return err_set_errno(e, ERR_FAILED, "reader: %s cannot be started", w->program);
}

int client_worker_start(struct client_worker *w, bool *fresh, struct err *e)
{
    int ends[2], rc;

    *fresh = !client_worker_runs(w);
    if (!*fresh)
        return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return err_set_errno(e, ERR_FAILED, "reader: no socket");
    rc = spawn(w, ends[1], e);
    (void)close(ends[1]); /* the worker has it */
    if (rc == 0)
        w->socket = ends[0];
    else
        (void)close(ends[0]);
    return rc;
}

void client_worker_stop(struct client_worker *w)
{
    if (w->pid == 0)
        return;
    (void)close(w->socket);
    w->socket = -1;
    (void)kill(w->pid, SIGKILL); /* its children are told to die with it */
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
}
