-- Migration 7: lines that boxes have left. All local, at the centre.

ALTER TABLE journal ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1; -- the box's, by the bundle's header
ALTER TABLE journal ADD COLUMN left_after INTEGER; -- NULL: of the box's line; else the last frame that it shares with it

CREATE TABLE left_frame (           -- local: frames of a line that the box has left: sync/centre/lines.h
    site INTEGER NOT NULL,          -- whose
    epoch INTEGER NOT NULL,         -- the line's
    sequence INTEGER NOT NULL,      -- its number in it
    chain BLOB NOT NULL,            -- chain hash after it, schema/chain.h
    PRIMARY KEY (site, sequence, epoch)
) WITHOUT ROWID;

INSERT INTO table_kind (name, kind) VALUES ('left_frame', 'local');
