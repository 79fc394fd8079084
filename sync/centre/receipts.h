/* Receipts: what the centre can say of a site now, by any road. Reads committed rows
 * only: no write may be open. */
#ifndef TRAM_SYNC_CENTRE_RECEIPTS_H
#define TRAM_SYNC_CENTRE_RECEIPTS_H

#include "sync/centre/sites.h"
#include "sync/receipt.h"

/* The numbers and the time; no blobs yet. */
int site_receipt(struct centre *c, uint16_t site, struct receipt *out, struct err *e);

#endif
