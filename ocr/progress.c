#include "ocr/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define DONE_MIN     3    /* pages, before a time is told */
#define ELAPSED_MIN  2000 /* ms; the first pages wait for the model */
#define REFRESH_MS   200
#define MINUTES_FROM 90 /* seconds; fewer are told as seconds */

int64_t progress_left_s(int64_t elapsed_ms, uint64_t done, uint64_t pages)
{
    if (done < DONE_MIN || elapsed_ms < ELAPSED_MIN)
        return -1;
    return (int64_t)((double)elapsed_ms / (double)done * (double)(pages - done) / 1000.0 +
                     0.5);
}

void progress_begin(struct progress *p, bool wanted, enum language language,
                    uint64_t pages)
{
    *p = (struct progress){.wanted = wanted, .language = language, .pages = pages};
    p->started_ms = clock_mono_now_ms();
}

void progress_clear(struct progress *p)
{
    ssize_t n = p->shown ? write(STDERR_FILENO, "\r\033[K", 4) : 0;

    (void)n; /* a terminal that has gone needs no clearing */
    p->shown = false;
}

static const char *how_long(int64_t left_s, char *number, size_t number_bytes)
{
    if (left_s < 0)
        return "ocr.progress_early";
    if (left_s < MINUTES_FROM) {
        (void)snprintf(number, number_bytes, "%" PRId64, left_s);
        return "ocr.progress_seconds";
    }
    (void)snprintf(number, number_bytes, "%" PRId64, (left_s + 30) / 60);
    return "ocr.progress_minutes";
}

void progress_tell(struct progress *p, uint64_t done)
{
    int64_t now = clock_mono_now_ms();
    char so_far[24], all[24], left[24] = "";
    const char *const args[] = {so_far, all, left};
    struct buffer line;
    const char *key;
    ssize_t n;

    if (!p->wanted || (p->shown && now - p->told_ms < REFRESH_MS))
        return;
    key =
        how_long(progress_left_s(now - p->started_ms, done, p->pages), left, sizeof left);
    (void)snprintf(so_far, sizeof so_far, "%" PRIu64, done);
    (void)snprintf(all, sizeof all, "%" PRIu64, p->pages);
    progress_clear(p);
    buffer_init(&line, 1024);
    message_append(&line, key, p->language, args, 3);
    n = write(STDERR_FILENO, line.bytes, line.count);
    (void)n; /* nobody else to tell */
    buffer_release(&line);
    p->shown = true;
    p->told_ms = now;
}
