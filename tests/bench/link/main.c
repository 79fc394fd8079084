/* bench-sync-link: the real box and centre over a weak link that it makes itself, beside
 * peers on the same link in the same run. Prints Markdown. Exit 0: all bounds of the
 * issue were kept; 1: some were not; 2: the words make no sense; 3: it failed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/utsname.h>

#include <sodium/core.h>

#include "tests/bench/link/parts.h"

/* What is measured: the checkout as it is now, not as it was when this was compiled. */
static void find_version(char out[64])
{
    FILE *git = popen("git describe --always --dirty 2>/dev/null", "r");

    (void)snprintf(out, 64, "%s", TRAM_VERSION);
    if (git == NULL)
        return;
    if (fgets(out, 64, git) != NULL)
        out[strcspn(out, "\n")] = '\0';
    (void)pclose(git);
}

static void print_head(const struct link_plan *p)
{
    struct utsname u;
    char day[32], version[64];
    time_t now = time(NULL);

    find_version(version);
    (void)uname(&u);
    (void)strftime(day, sizeof day, "%Y-%m-%d", gmtime(&now));
    printf("# The link, %s, tram %s, Linux %s\n\n"
           "Round trip %u ms and what the rate adds; a queue of 32 packets each way; "
           "losses by --seed %llu.\n",
           day, version, u.release, 2 * p->delay_ms, (unsigned long long)p->seed);
}

static int run(const struct link_plan *p, unsigned *missed, struct err *e)
{
    print_head(p);
    if (p->idle && part_idle(p, missed, e) != 0)
        return -1;
    if (p->first && part_first(p, missed, e) != 0)
        return -1;
    return p->weak ? part_weak(p, missed, e) : 0;
}

int main(int argc, char **argv)
{
    static struct link_plan p;
    unsigned missed = 0;
    struct err e;
    int rc = 3;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)signal(SIGPIPE, SIG_IGN);
    if (link_plan_read(&p, argc, argv, &e) != 0 || p.help) {
        (void)fprintf(stderr, "%s%s%s", p.help ? "" : e.text, p.help ? "" : "\n",
                      link_plan_usage);
        return p.help ? 0 : 2;
    }
    (void)snprintf(p.scratch, sizeof p.scratch, "/tmp/tram-link-XXXXXX");
    if (sodium_init() < 0 || mkdtemp(p.scratch) == NULL) {
        (void)fprintf(stderr, "bench-sync-link: no scratch directory\n");
        return 3;
    }
    if (run(&p, &missed, &e) != 0) {
        (void)fprintf(stderr, "bench-sync-link: %s\n", e.text);
    } else {
        printf("\n%u bounds missed\n", missed);
        rc = missed == 0 ? 0 : 1;
    }
    if (p.keep || rc == 3) /* what failed tells why in there */
        printf("What was written stays in %s\n", p.scratch);
    else
        place_remove(p.scratch);
    return rc;
}
