/* History: the frames of a box that the journal holds, as the box's next bundles lean on
 * them (sync/bundle.h), and the journal's own bundles opened again.
 *
 * A bundle that leans on something is kept twice: sealed, as it came, for proof; and its
 * frames opened (journal.frames), so that it can be read when what it leaned on has gone,
 * and so that the next bundle's history is one read away, not a chain of bundles that
 * goes back to the first.
 *
 * A history is found backwards along the chain: from the frame whose hash the bundle
 * names, every frame is taken only if the hash before it and its changeset give the hash
 * after it. So it does not matter which bundle brought a frame, nor of which line it is
 * (lines.h): what the names agree on is the same bytes, or it is not here. */
#ifndef TRAM_SYNC_CENTRE_HISTORY_H
#define TRAM_SYNC_CENTRE_HISTORY_H

#include "sync/bundle.h"
#include "sync/centre/sites.h"

/* Where bundles of this site find what they lean on. Both must outlive `out`. */
struct history {
    struct centre *centre;
    const struct site_row *site;
};
void history_sources(struct history *h, struct bundle_sources *out);

/* Opens a bundle of the journal: columns `bytes_column` and the one behind it are a row's
 * bytes and frames. Fails as bundle_open() does. */
int journal_open(struct centre *c, const struct site_row *site, sqlite3_stmt *row,
                 int bytes_column, struct bundle *out, struct err *e);

#endif
