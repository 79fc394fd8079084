#include "base/cage_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define USER_NAME     "tram-cage"
#define NOBODY        65534 /* where the package's user is not installed */
#define PROBE_WALL_MS 10000

/* Asked once: it opens files. */
static const struct cage_user *cage_user(void)
{
    static struct cage_user user;

    if (user.uid == 0) {
        const struct passwd *p = getpwnam(USER_NAME);
        bool found = p != NULL && p->pw_uid != 0;

        user.gid = found ? p->pw_gid : NOBODY;
        user.uid = found ? p->pw_uid : NOBODY;
    }
    return &user;
}

static int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int cage_start(struct cage *out, const struct cage_spec *spec, struct err *e)
{
    const struct cage_user *user = cage_user();
    pid_t parent = getpid(), pid;

    *out = (struct cage){.pidfd = -1};
    if (spec->fds_count > CAGE_FDS_MAX)
        return err_set(e, ERR_FAILED, "cage: %zu descriptors", spec->fds_count);
    pid = fork();
    if (pid < 0)
        return err_set_errno(e, ERR_FAILED, "cage: fork");
    if (pid == 0)
        cage_child(spec, user, parent);
    (void)setpgid(pid, pid); /* the child does it too; whoever comes first */
    *out = (struct cage){pid, pidfd_of(pid), clock_mono_now_ms(),
                         spec->limits.wall_ms_max, 0};
    if (out->pidfd < 0) {
        (void)err_set_errno(e, ERR_FAILED, "cage: pidfd_open");
        cage_kill(out);
        return -1;
    }
    return 0;
}

int cage_left_ms(const struct cage *c)
{
    int64_t left = c->started_ms + c->wall_ms_max - clock_mono_now_ms();

    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Before it is reaped, so that the number of its group is not another's yet. */
static void kill_group(const struct cage *c)
{
    (void)kill(-c->pid, SIGKILL); /* nobody there is fine */
    (void)kill(c->pid, SIGKILL);  /* it may not have made its group yet */
}

static int reap(struct cage *c)
{
    struct rusage usage = {0};
    int how = SIGKILL; /* unless we hear otherwise */

    while (wait4(c->pid, &how, 0, &usage) < 0 && errno == EINTR)
        ;
    c->rss_bytes_max = (uint64_t)usage.ru_maxrss * 1024;
    if (c->pidfd >= 0)
        (void)close(c->pidfd);
    c->pidfd = -1;
    c->pid = 0;
    return how;
}

static enum cage_end end_of(int how, int *status)
{
    if (WIFEXITED(how)) {
        *status = WEXITSTATUS(how);
        return CAGE_ENDED;
    }
    *status = WTERMSIG(how);
    if (*status == SIGSYS)
        return CAGE_FORBIDDEN;
    return *status == SIGXCPU ? CAGE_TIMED_OUT : CAGE_CRASHED;
}

int cage_check(struct cage *c, enum cage_end *end, int *status)
{
    siginfo_t info = {0};

    if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        info.si_pid = c->pid; /* not ours to wait for: it is over */
    if (info.si_pid == 0 && cage_left_ms(c) > 0)
        return 0;
    kill_group(c);
    *end = end_of(reap(c), status);
    if (info.si_pid == 0)
        *end = CAGE_TIMED_OUT;
    return 1;
}

void cage_kill(struct cage *c)
{
    if (c->pid == 0)
        return;
    kill_group(c);
    (void)reap(c);
}

/* --- report -------------------------------------------------------------- */

/* In the cage: tells what it is made of, then tries to get out. */
static int probe(void *arg)
{
    ssize_t n = write(3, &cage_walls_now, sizeof cage_walls_now);

    (void)arg;
    (void)syscall(SYS_kill, getppid(), 0);
    return n == (ssize_t)sizeof cage_walls_now ? 0 : 1;
}

static bool probe_dies(int fd)
{
    const struct cage_spec spec = {
        .profile = CAGE_COMPUTE,
        .limits = {1ull << 40, 10, PROBE_WALL_MS, 0},
        .fds = {fd},
        .fds_count = 1,
        .run = probe,
    };
    struct cage c;
    enum cage_end end;
    struct err e;
    int status;

    if (cage_start(&c, &spec, &e) != 0)
        return false;
    while (cage_check(&c, &end, &status) == 0) {
        struct pollfd p = {.fd = c.pidfd, .events = POLLIN};

        (void)poll(&p, 1, cage_left_ms(&c));
    }
    return end == CAGE_FORBIDDEN;
}

void cage_report(char *out, size_t out_bytes)
{
    struct cage_walls walls = {0};
    char landlock[8] = "absent";
    int ends[2];
    bool closed;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)snprintf(out, out_bytes, "none: no pipe to try it with");
        return;
    }
    closed = probe_dies(ends[1]);
    (void)close(ends[1]);
    closed = closed && read(ends[0], &walls, sizeof walls) == (ssize_t)sizeof walls;
    (void)close(ends[0]);
    if (!closed) {
        (void)snprintf(out, out_bytes, "none: system calls cannot be filtered here");
        return;
    }
    if (walls.landlock > 0)
        (void)snprintf(landlock, sizeof landlock, "%d", walls.landlock);
    (void)snprintf(out, out_bytes, "seccomp user%s namespaces%s landlock=%s%s",
                   walls.user ? "" : "=absent", walls.namespaces ? "" : "=absent",
                   landlock, walls.landlock > 0 ? "" : " files=open");
}
