#include "tests/bench/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

struct started {
    pid_t pid;
    struct task *task;
};

/* In the child. */
static void send_to(const char *path, int fd)
{
    int to = open(path == NULL ? "/dev/null" : path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (to < 0 || dup2(to, fd) < 0)
        _exit(126);
}

static void become(const struct task *t)
{
    const char *const *argv = t->argv == NULL ? t->words : t->argv;
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing < 0 || dup2(nothing, 0) < 0)
        _exit(126);
    send_to(t->out_path, 1);
    send_to(t->err_path, 2);
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static int start(struct started *out, struct task *t, struct err *e)
{
    pid_t pid = fork();

    if (pid < 0)
        return err_set_errno(e, ERR_FAILED, "fork");
    if (pid == 0)
        become(t);
    *out = (struct started){pid, t};
    return 0;
}

/* Waits for one of the first `count`, and takes it out. */
static int wait_one(struct started *at, size_t count, struct err *e)
{
    struct rusage usage;
    int status;
    pid_t pid;

    while ((pid = wait4(-1, &status, 0, &usage)) < 0)
        if (errno != EINTR)
            return err_set_errno(e, ERR_FAILED, "wait");
    for (size_t i = 0; i < count; i++) {
        struct task *t = at[i].task;

        if (at[i].pid != pid)
            continue;
        t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        t->cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
        t->rss_kb_max = usage.ru_maxrss;
        at[i] = at[count - 1];
    }
    return 0;
}

int tasks_run(struct task *tasks, size_t count, unsigned at_once, double *wall_s,
              struct err *e)
{
    struct started *at = calloc(at_once, sizeof *at);
    int64_t begin = clock_mono_now_ms();
    size_t next = 0, running = 0;
    int rc = -1;

    if (at == NULL) {
        err_set(e, ERR_MEMORY, "%u tasks", at_once);
        goto out;
    }
    while (next < count || running > 0) {
        if (next < count && running < at_once) {
            if (start(&at[running], &tasks[next], e) != 0)
                goto out;
            next++;
            running++;
        } else {
            if (wait_one(at, running, e) != 0)
                goto out;
            running--;
        }
    }
    *wall_s = (double)(clock_mono_now_ms() - begin) / 1000;
    rc = 0;
out:
    free(at);
    return rc;
}
