/* Wire: a port on loopback that carries to another one, counts, and breaks where a
 * test wants it: a weak signal without a radio. A thread of its own. */
#ifndef TRAM_TESTS_WIRE_H
#define TRAM_TESTS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

struct wire;

#define WIRE_WHOLE UINT64_MAX

/* Carries connections to 127.0.0.1:`port`, one at a time or several. */
struct wire *wire_start(uint16_t port);
void wire_stop(struct wire *w); /* NULL is fine; breaks what is there */
uint16_t wire_port(const struct wire *w);

/* Later connections break after so many bytes to the centre, or from it. */
void wire_break_after(struct wire *w, uint64_t up, uint64_t down);

/* … and do not break there but fall silent, so that neither end is told. */
void wire_fall_silent(struct wire *w, bool silent);

/* The centre's port has changed. */
void wire_carry_to(struct wire *w, uint16_t port);

/* So far, over all connections. */
uint64_t wire_bytes_up(struct wire *w);
uint64_t wire_bytes_down(struct wire *w);
unsigned wire_connections(struct wire *w);

#endif
