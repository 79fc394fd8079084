#include "tests/bench/link/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define LOOK_MS 20

/* A group of its own, so that what it starts ends with it. */
static pid_t begin(const struct net *n, enum net_end end)
{
    struct err e;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setpgid(0, 0);
    if (n != NULL && net_enter(n, end, &e) != 0) {
        (void)fprintf(stderr, "%s\n", e.text);
        _exit(126);
    }
    return 0;
}

pid_t place_fork(const struct net *n, enum net_end end, void (*work)(void *arg),
                 void *arg)
{
    pid_t pid = begin(n, end);

    if (pid != 0)
        return pid;
    work(arg);
    _exit(0);
}

static void send_to(const char *path, int fd)
{
    int to = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

    if (to < 0 || dup2(to, fd) < 0)
        _exit(126);
}

pid_t place_start(const struct net *n, enum net_end end, const char *out_path,
                  const char *const *words)
{
    char err_path[DISK_PATH_BYTES + 8];
    pid_t pid = begin(n, end);

    if (pid != 0)
        return pid;
    (void)snprintf(err_path, sizeof err_path, "%s%s", out_path,
                   strcmp(out_path, "/dev/null") == 0 ? "" : ".err");
    send_to(out_path, 1);
    send_to(err_path, 2);
    (void)execvp(words[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

int place_run(const struct net *n, enum net_end end, const char *out_path,
              const char *const *words, struct err *e)
{
    pid_t pid = place_start(n, end, out_path, words);
    int status = -1;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return err_set_errno(e, ERR_FAILED, "%s", words[0]);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(e, ERR_FAILED, "%s %s ended with %d: see %s.err", words[0],
                       words[3] == NULL ? "" : words[3],
                       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       out_path);
    return 0;
}

void place_end(pid_t pid, unsigned wait_ms)
{
    int64_t until = place_now_ms() + wait_ms;

    if (pid <= 0)
        return;
    (void)kill(-pid, SIGTERM);
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (place_now_ms() >= until)
            (void)kill(-pid, SIGKILL);
        place_sleep_ms(LOOK_MS);
    }
    (void)kill(-pid, SIGKILL); /* what it left behind */
}

void place_sleep_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    if (ms > 0)
        while (nanosleep(&t, &t) != 0)
            continue;
}

int64_t place_now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int place_copy(const char *from, const char *to, struct err *e)
{
    const char *const words[] = {"cp", "-a", from, to, NULL};

    return place_run(NULL, NET_BOX, "/dev/null", words, e);
}

void place_remove(const char *path)
{
    const char *const words[] = {"rm", "-rf", path, NULL};
    struct err ignored; /* it lies in /tmp */

    (void)place_run(NULL, NET_BOX, "/dev/null", words, &ignored);
}

uint64_t place_bytes(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
}

uint64_t place_largest(const char *dir)
{
    char path[DISK_PATH_BYTES * 2];
    uint64_t most = 0;
    struct dirent *d;
    DIR *all = opendir(dir);

    if (all == NULL)
        return 0;
    while ((d = readdir(all)) != NULL) {
        size_t count = strlen(d->d_name);
        uint64_t bytes;

        if (count > 3 && strcmp(d->d_name + count - 3, ".at") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, d->d_name);
        bytes = place_bytes(path);
        most = bytes > most ? bytes : most;
    }
    (void)closedir(all);
    return most;
}
