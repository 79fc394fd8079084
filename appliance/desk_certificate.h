/* The desk's certificate: DIR/keys/desk.pem, a private key and certificates in PEM. One that
 * is there is used as it is, be it the province's; else one is made: P-256, self-signed, for
 * the names and addresses that this machine has then. Its dates never end, since the box
 * may wake in 1970; who comes first compares the fingerprint that serve prints. It is in no
 * second copy: a box that was restored makes another. */
#ifndef TRAM_APPLIANCE_DESK_CERTIFICATE_H
#define TRAM_APPLIANCE_DESK_CERTIFICATE_H

#include "base/buffer.h"
#include "base/disk.h"

#define DESK_FINGERPRINT_BYTES 97 /* "AB:CD:…", SHA-256, and room for one more colon */

/* `pem` gets all of the file: it serves as key and as certificate. */
int desk_certificate(struct disk *d, const char *dir, struct buffer *pem,
                     char fingerprint[DESK_FINGERPRINT_BYTES], struct err *e);

#endif
