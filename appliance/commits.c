#include "appliance/commits.h"

#include <string.h>
#include <unistd.h>

#include <sys/inotify.h>

#define LOG_NAME   "tram.db-wal"
#define NEWS_BYTES 4096
#define TURNS_MAX  64

int commits_watch(int *fd, const char *dir, struct err *e)
{
    *fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (*fd < 0)
        return err_set_errno(e, ERR_FAILED, "commits");
    /* The directory, because the log goes with its last user and comes again. */
    if (inotify_add_watch(*fd, dir, IN_MODIFY) >= 0)
        return 0;
    (void)err_set_errno(e, ERR_FAILED, "commits: %s", dir);
    (void)close(*fd);
    *fd = -1;
    return -1;
}

static bool is_log(const char *bytes, size_t count)
{
    struct inotify_event event;
    bool found = false;

    for (size_t at = 0; at + sizeof event <= count; at += sizeof event + event.len) {
        memcpy(&event, bytes + at, sizeof event);
        if ((event.mask & IN_Q_OVERFLOW) != 0 ||
            (event.len > 0 && strcmp(bytes + at + sizeof event, LOG_NAME) == 0))
            found = true;
    }
    return found;
}

bool commits_seen(int fd)
{
    char bytes[NEWS_BYTES];
    bool seen = false;
    ssize_t got = 1;

    for (int i = 0; i < TURNS_MAX && got > 0; i++) {
        got = read(fd, bytes, sizeof bytes);
        if (got > 0)
            seen = is_log(bytes, (size_t)got) || seen;
    }
    return seen;
}
