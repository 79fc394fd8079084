/* The system call filter of a cage: a list of what is allowed; whatever is not on
 * it kills the process. The lists were measured with Tesseract 5.3, Leptonica 1.82,
 * libqpdf 11, libarchive 3.6 and pdftoppm 22.12 on Debian 12; a new release that
 * needs more shows as REFUSAL_FORBIDDEN, with the call in the kernel's log. */
#include "base/cage_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Memory, time, the descriptors that were given, and an end. A stat of a path can
 * not be told from the fstat() that the C library makes of it: a prisoner may learn
 * whether a name exists, if Landlock is absent, and can tell nobody but us. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat64),
    SCMP_SYS(fstatat64),
    SCMP_SYS(dup),
    SCMP_SYS(fadvise64),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrusage),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(uname),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address),
};

/* Questions that libraries ask and can do without an answer to. */
static const struct {
    int call;
    int answer;
} denied[] = {
    {SCMP_SYS(ioctl), ENOTTY},           /* isatty() of stdio */
    {SCMP_SYS(statx), ENOSYS},           /* falls back to newfstatat */
    {SCMP_SYS(clone3), ENOSYS},          /* falls back to clone, which kills */
    {SCMP_SYS(sysinfo), ENOSYS},         /* how much memory the machine has */
    {SCMP_SYS(copy_file_range), ENOSYS}, /* falls back to read and write */
};

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer asks for more while it reports, and gets nothing either; killed, it
 * could not finish its report. */
static const int denied_to_sanitizer[] = {
    SCMP_SYS(open),  SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(clone), SCMP_SYS(pipe2),  SCMP_SYS(prctl),    SCMP_SYS(socket),
};
#endif

/* What a program of the system needs beyond: to be found, linked and configured. */
static const int allowed_to_program[] = {
    SCMP_SYS(access),     SCMP_SYS(faccessat),  SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(fstatfs),    SCMP_SYS(fstatfs64),
    SCMP_SYS(stat),       SCMP_SYS(lstat),      SCMP_SYS(arch_prctl), SCMP_SYS(getcwd),
};

/* fontconfig would put its cache in order where fonts came or went. */
static const int denied_to_program[] = {
    SCMP_SYS(mkdir),    SCMP_SYS(mkdirat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(chmod),   SCMP_SYS(fchmodat),
};

static int add_memory(scmp_filter_ctx f, bool may_execute)
{
    const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)};
    int rc = 0;

    /* Nothing in a caged computation makes code. */
    for (size_t i = 0; i < COUNT(calls) && rc == 0; i++)
        rc = may_execute ? seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0)
                         : seccomp_rule_add(
                               f, SCMP_ACT_ALLOW, calls[i], 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)PROT_EXEC, 0));
    return rc;
}

/* Calls whose arguments matter, for both profiles. */
static int add_narrow(scmp_filter_ctx f)
{
    const int fcntls[] = {F_GETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC};
    const int calls[] = {SCMP_SYS(fcntl), SCMP_SYS(fcntl64)};
    int rc = 0;

    for (size_t c = 0; c < COUNT(calls); c++)
        for (size_t i = 0; i < COUNT(fcntls) && rc == 0; i++)
            rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[c], 1,
                                  SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntls[i]));
    /* Its own limits may be read. */
    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                              SCMP_A2(SCMP_CMP_EQ, 0));
    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(getrlimit), 0);
    /* abort() signals itself, and nobody else. */
    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return rc;
}

/* Opening to read goes through (to Landlock's and the user's rights); to write is
 * answered no, because fontconfig tries; anything stranger kills. */
static int add_opens(scmp_filter_ctx f)
{
    const scmp_datum_t writes =
        O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
    int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));

    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY));
    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR));
    return rc;
}

static int add_program(scmp_filter_ctx f, const char *program)
{
    int rc = add_opens(f);

    for (size_t i = 0; i < COUNT(allowed_to_program) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed_to_program[i], 0);
    for (size_t i = 0; i < COUNT(denied_to_program) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), denied_to_program[i], 0);
    /* The path must lie where ours lies now. Another exec would gain nothing (all of
     * the cage is inherited), so this is a hurdle and not a wall. */
    if (rc == 0)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(execve), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)(uintptr_t)program));
    return rc;
}

static int add_computation(scmp_filter_ctx f)
{
    int rc = 0;

    (void)f; /* no more than what both may do */
#ifdef __SANITIZE_ADDRESS__
    for (size_t i = 0; i < COUNT(denied_to_sanitizer) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), denied_to_sanitizer[i], 0);
#endif
    return rc;
}

int cage_filter_load(enum cage_profile profile, const char *program)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = f == NULL ? -ENOMEM : 0;

    for (size_t i = 0; i < COUNT(allowed) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < COUNT(denied) && rc == 0; i++)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO((uint32_t)denied[i].answer),
                              denied[i].call, 0);
    if (rc == 0)
        rc = add_memory(f, profile == CAGE_PROGRAM);
    if (rc == 0)
        rc = add_narrow(f);
    if (rc == 0)
        rc = profile == CAGE_PROGRAM ? add_program(f, program) : add_computation(f);
    if (rc == 0)
        rc = seccomp_load(f);
    if (f != NULL)
        seccomp_release(f);
    return rc == 0 ? 0 : -1;
}
