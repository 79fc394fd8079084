#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/disk.h"

struct lock {
    int fd;
};

int lock_try(struct lock **out, const char *dir, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct lock *l;
    int fd = -1;
    int rc = -1;

    *out = NULL;
    if (disk_path(path, e, "%s/lock", dir) != 0)
        return -1;
    /* Not through struct disk: a lock holds no bytes and must not outlive us. */
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_set_errno(e, ERR_IO, "%s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        rc = errno == EWOULDBLOCK ? 0 : err_set_errno(e, ERR_IO, "%s", path);
        goto out;
    }
    l = malloc(sizeof *l);
    if (l == NULL) {
        (void)err_set(e, ERR_MEMORY, "lock");
        goto out;
    }
    l->fd = fd;
    fd = -1; /* now the lock's */
    *out = l;
    rc = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

void lock_release(struct lock *l)
{
    if (l == NULL)
        return;
    (void)close(l->fd); /* and the lock with it */
    free(l);
}
