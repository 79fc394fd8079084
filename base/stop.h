/* Stop: what a program does when it is told to end. The first Ctrl-C (or SIGTERM) is
 * noted, for it to end in good order after what is at work; the second ends it at
 * once. A closed pipe is an ordinary failure of the write. */
#ifndef TRAM_BASE_STOP_H
#define TRAM_BASE_STOP_H

#include <stdbool.h>

/* From now on. Once more after Ctrl-C was made the system's again. */
void stop_listen(void);

bool stop_asked(void);

#endif
