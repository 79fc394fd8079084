#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void note_stop(int number)
{
    (void)number;
    asked = 1;
}

void stop_listen(void)
{
    struct sigaction stop = {.sa_handler = note_stop, .sa_flags = (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

bool stop_asked(void)
{
    return asked != 0;
}
