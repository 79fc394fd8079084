/* Where a web face listens, and under which names it may be asked. */
#ifndef TRAM_BASE_WEB_HTTP_LISTEN_H
#define TRAM_BASE_WEB_HTTP_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

#define HTTP_HOST_BYTES 264

/* A listening socket for "ADDR:PORT" in *fd, the caller's; its own name, with the
 * port that the system chose for 0, in `address` ("127.0.0.1:41234"). */
int http_listen(const char *where, bool open, int *fd, char address[HTTP_HOST_BYTES],
                struct err *e);

/* Whether such an address ("127.0.0.1:8420") is reached by this machine alone. */
bool http_listens_here_only(const char *where);

/* May a request name this host ("localhost:8420")? Those that are us whatever the
 * network says: our listening address, localhost, 127.0.0.1, [::1]; when other
 * machines may come (`open`) also any address as number, this machine's name, alone or
 * with ".local", and tram.local. */
bool http_host_allowed(const char *host, const char *address, bool open);

#endif
