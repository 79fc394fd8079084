/* Orders, as qsort(3) and bsearch(3) want them. */
#ifndef TRAM_BASE_ORDER_H
#define TRAM_BASE_ORDER_H

int order_u64(const void *a, const void *b);  /* of uint64_t: ids, rising */
int order_hash(const void *a, const void *b); /* of struct hash, or its bytes */

#endif
