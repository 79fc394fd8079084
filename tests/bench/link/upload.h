/* Upload: what a careful programmer would do without us, over TLS 1.3: a server that
 * keeps what has come, and a client that asks how much that is and sends the rest
 * (HEAD, then PATCH with Upload-Offset, as tus has it), or sends chunks of 64 kB that
 * are answered one by one, or one PUT of all, from its beginning each time. All use what sockets offer: BBR where there is one,
 * TCP_USER_TIMEOUT of 12 s, no delay; a link that broke is tried again at once. */
#ifndef TRAM_BENCH_LINK_UPLOAD_H
#define TRAM_BENCH_LINK_UPLOAD_H

#include <stdbool.h>

#include "base/disk.h"
#include "sync/keys.h"

#define UPLOAD_CHUNK_BYTES 65536
#define UPLOAD_PORT        8444

enum upload_way { UPLOAD_RESUME, UPLOAD_CHUNKS, UPLOAD_WHOLE };

struct upload {
    enum upload_way way;
    const char *host;
    char from[DISK_PATH_BYTES], to[DISK_PATH_BYTES];
    struct key_pair key; /* of the server's certificate */
};

int upload_keys(struct upload *u, struct err *e);

/* For place_fork(): until they are killed; the sender, until all has arrived. */
void upload_serve(void *upload);
void upload_send(void *upload);

/* Both ends: a socket as both tune it; and a message's head, up to its empty line. */
#define UPLOAD_HEAD_BYTES 1024
struct ssl_st;
void upload_tune(int fd);
bool upload_read_head(struct ssl_st *tls, char out[UPLOAD_HEAD_BYTES]);
/* The number behind "Name: "; -1: there is none. */
long long upload_number(const char *head, const char *name);

#endif
