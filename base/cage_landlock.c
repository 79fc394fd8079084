/* Landlock by its raw system calls: Debian 12's headers end at ABI 2, and its C
 * library has no wrappers. */
#include "base/cage_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights that came after ABI 1, as the kernel numbers them. */
#define FS_RIGHTS_ABI_1            ((1ull << 13) - 1)
#define FS_REFER                   (1ull << 13) /* ABI 2 */
#define FS_TRUNCATE                (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV               (1ull << 15) /* ABI 5 */
#define NET_BIND_TCP               (1ull << 0)  /* ABI 4 */
#define NET_CONNECT_TCP            (1ull << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0) /* ABI 6 */
#define SCOPE_SIGNAL               (1ull << 1)

/* The kernel takes as much of this as its ABI knows; `bytes` says how much. */
struct ruleset {
    uint64_t handled_fs;
    uint64_t handled_net; /* ABI 4 */
    uint64_t scoped;      /* ABI 6 */
};

static long landlock_abi(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* Handles, and so denies, all that this kernel can deny. */
static long ruleset_create(long abi)
{
    struct ruleset r = {.handled_fs = FS_RIGHTS_ABI_1};
    size_t bytes = abi >= 6   ? sizeof r
                   : abi >= 4 ? 2 * sizeof(uint64_t)
                              : sizeof(uint64_t);

    if (abi >= 2)
        r.handled_fs |= FS_REFER;
    if (abi >= 3)
        r.handled_fs |= FS_TRUNCATE;
    if (abi >= 5)
        r.handled_fs |= FS_IOCTL_DEV;
    r.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
    r.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    return syscall(SYS_landlock_create_ruleset, &r, bytes, 0);
}

/* A directory that is not there needs no rule. */
static int allow_beneath(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    int fd = open(path, O_PATH | O_CLOEXEC);
    long rc;

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    rule.parent_fd = fd;
    rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(fd); /* only named a place */
    return rc == 0 ? 0 : -1;
}

static int allow_system(int ruleset)
{
    static const char *const paths[] = {"/usr", "/etc", "/lib", "/lib64",
                                        "/var/cache/fontconfig"};
    const uint64_t rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                            LANDLOCK_ACCESS_FS_READ_DIR;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (allow_beneath(ruleset, paths[i], rights) != 0)
            return -1;
    return 0;
}

int cage_landlock(enum cage_profile profile, uint8_t *abi)
{
    long version = landlock_abi(), ruleset;
    int rc = -1;

    *abi = 0;
    if (version <= 0)
        return 0; /* the kernel lacks it, or has it switched off */
    ruleset = ruleset_create(version);
    if (ruleset < 0)
        return -1;
    if ((profile != CAGE_PROGRAM || allow_system((int)ruleset) == 0) &&
        syscall(SYS_landlock_restrict_self, (int)ruleset, 0) == 0) {
        *abi = (uint8_t)version;
        rc = 0;
    }
    (void)close((int)ruleset);
    return rc;
}
