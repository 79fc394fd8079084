/* The inside of messages, for the files that share it: message.c writes and reads all but
 * those that a signature binds to the link, HELLO and CHAIN, which are in
 * message_signed.c. */
#ifndef TRAM_SYNC_MESSAGE_INTERNAL_H
#define TRAM_SYNC_MESSAGE_INTERNAL_H

#include "sync/message.h"

/* Writes a header whose length message_end() fills in; gives where the payload begins. */
size_t message_begin(struct buffer *out, enum message_type t);
void message_end(struct buffer *out, size_t payload_at);

/* From the payload; a cursor that failed says that it is none. */
void message_take_hello(struct message *m, struct cursor *c);
void message_take_chain(struct message *m, struct cursor *c);

#endif
