#include "appliance/pulse.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pulse shown;

void pulse_show(const struct pulse *p)
{
    pthread_mutex_lock(&lock);
    shown = *p;
    pthread_mutex_unlock(&lock);
}

void pulse_look(struct pulse *out)
{
    pthread_mutex_lock(&lock);
    *out = shown;
    pthread_mutex_unlock(&lock);
}
