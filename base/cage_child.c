#include "base/cage_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_FD        3
#define FDS_MAX_COMPUTE 16 /* those given, and a few dup()s of libraries */
#define FDS_MAX_PROGRAM 64
#define CPU_GRACE_S     1 /* from SIGXCPU to SIGKILL */

struct cage_walls cage_walls_now;

static int set_limit(int which, uint64_t soft, uint64_t hard)
{
    const struct rlimit r = {soft, hard};

    return setrlimit(which, &r);
}

/* --- descriptors --------------------------------------------------------- */

/* Copies of the given ones above all the places that they will go to. */
static int lift(int *lifted, const struct cage_spec *spec)
{
    for (size_t i = 0; i < spec->fds_count; i++) {
        lifted[i] = fcntl(spec->fds[i], F_DUPFD_CLOEXEC, FIRST_FD + CAGE_FDS_MAX);
        if (lifted[i] < 0)
            return -1;
    }
    return 0;
}

static int null_at(int null, int place)
{
#ifdef __SANITIZE_ADDRESS__
    if (place == STDERR_FILENO)
        return 0; /* its report of an error is worth more than the silence */
#endif
    return dup2(null, place) == place ? 0 : -1;
}

/* Where the nth given descriptor goes. */
static int place_of(enum cage_profile profile, size_t n)
{
    return profile == CAGE_PROGRAM ? (int)n : FIRST_FD + (int)n;
}

static int arrange_descriptors(const struct cage_spec *spec)
{
    int lifted[CAGE_FDS_MAX];
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, FIRST_FD + CAGE_FDS_MAX);
    int first_unused = FIRST_FD;

    if (high < 0 || lift(lifted, spec) != 0)
        return -1;
    for (int place = 0; place < FIRST_FD; place++)
        if (null_at(high, place) != 0)
            return -1;
    for (size_t i = 0; i < spec->fds_count; i++) {
        int place = place_of(spec->profile, i);

        if (dup2(lifted[i], place) != place)
            return -1;
        if (place >= first_unused)
            first_unused = place + 1;
    }
    return close_range((unsigned)first_unused, ~0u, 0);
}

/* --- limits -------------------------------------------------------------- */

static int limit(const struct cage_spec *spec)
{
    const struct cage_limits *l = &spec->limits;
    rlim_t fds = spec->profile == CAGE_PROGRAM ? FDS_MAX_PROGRAM : FDS_MAX_COMPUTE;

#ifndef __SANITIZE_ADDRESS__
    /* Its shadow takes terabytes of address space. */
    if (set_limit(RLIMIT_AS, l->memory_bytes_max, l->memory_bytes_max) != 0)
        return -1;
#endif
    if (set_limit(RLIMIT_CPU, l->cpu_s_max, l->cpu_s_max + CPU_GRACE_S) != 0 ||
        set_limit(RLIMIT_FSIZE, l->file_bytes_max, l->file_bytes_max) != 0 ||
        set_limit(RLIMIT_NOFILE, fds, fds) != 0 || set_limit(RLIMIT_CORE, 0, 0) != 0)
        return -1;
    return 0;
}

/* --- namespaces and user ------------------------------------------------- */

static void take_namespaces(void)
{
    const int spaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;

    /* A namespace of processes would make the child its init, whom abort() cannot
     * end; the filter forbids it to fork or signal anyhow. */
    if (unshare(geteuid() == 0 ? spaces : spaces | CLONE_NEWUSER) == 0)
        cage_walls_now.namespaces = 1;
}

/* A new user namespace hands out capabilities within it. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    (void)syscall(SYS_capset, &header, none); /* we may have had none to drop */
}

static void become(const struct cage_user *user)
{
    if (geteuid() != 0)
        return;
    /* In a container with one user there is no other to become. */
    if (setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
        setresuid(user->uid, user->uid, user->uid) == 0)
        cage_walls_now.user = 1;
}

static int renounce(const struct cage_spec *spec, const struct cage_user *user)
{
    take_namespaces();
    become(user);
    drop_capabilities();
    /* After the user has changed, because execve() fails if he had too many
     * processes when he did; these three are forgotten by the change, too. */
    (void)set_limit(RLIMIT_NPROC, 0, 0); /* the filter forbids to fork anyhow */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    if (cage_landlock(spec->profile, &cage_walls_now.landlock) != 0)
        return -1;
    return cage_filter_load(spec->profile,
                            spec->profile == CAGE_PROGRAM ? spec->argv[0] : NULL);
}

/* --- the whole ----------------------------------------------------------- */

/* What the parent handles or blocks is nothing to the child. */
static void reset_signals(enum cage_profile profile)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        (void)sigaction(s, &usual, NULL); /* some cannot be set, and need not be */
#ifdef __SANITIZE_ADDRESS__
    /* Descriptor 2 stays open (null_at), and may be a file, which has no room under
     * the limits: a library's remark there must fail, and not kill. */
    if (profile == CAGE_COMPUTE)
        (void)signal(SIGXFSZ, SIG_IGN); /* its number is a signal's */
#else
    (void)profile; /* the same for both */
#endif
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* When the machine's memory is out, the kernel takes a child before whoever serves. */
static void go_first(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)!write(fd, "1000", 4); /* without it, it takes the largest */
    (void)close(fd);
}

static int close_cage(const struct cage_spec *spec, const struct cage_user *user)
{
    go_first();
    if (arrange_descriptors(spec) != 0 || limit(spec) != 0)
        return -1;
    if (spec->uncaged)
        return prctl(PR_SET_PDEATHSIG, SIGKILL);
    return renounce(spec, user);
}

_Noreturn void cage_child(const struct cage_spec *spec, const struct cage_user *user,
                          pid_t parent)
{
    static const char *const environment[] = {
        "PATH=/usr/bin:/bin",          "LC_ALL=C.UTF-8",
        "HOME=/nonexistent",           "OMP_THREAD_LIMIT=1",
        "XDG_CACHE_HOME=/nonexistent", NULL};

    reset_signals(spec->profile);
    if (setpgid(0, 0) != 0 || close_cage(spec, user) != 0)
        _exit(CAGE_EXIT_OPEN);
    /* Had it gone before it was asked for, no signal would tell. */
    if (getppid() != parent)
        _exit(CAGE_EXIT_OPEN);
    if (spec->profile == CAGE_COMPUTE)
        _exit(spec->run(spec->arg));
    (void)execve(spec->argv[0], (char *const *)spec->argv, (char *const *)environment);
    _exit(CAGE_EXIT_EXEC);
}
