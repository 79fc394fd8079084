-- Migration 6: originals that leave to make room and come back; the second copy.
-- All local, at a box.

ALTER TABLE blob_sent ADD COLUMN centre_epoch INTEGER NOT NULL DEFAULT 0; -- the centre's epoch that said so last

CREATE TABLE away_blob (            -- local: originals that need not be here, for the centre has them safe: appliance/room.h
    sha256 BLOB NOT NULL PRIMARY KEY, -- 32 bytes: original.sha256
    gone INTEGER NOT NULL           -- 0: its file is about to be removed; 1: it was
) WITHOUT ROWID;
CREATE INDEX away_blob_leaving ON away_blob (sha256) WHERE gone = 0;

CREATE TABLE wanted_blob (          -- local: originals that somebody here has asked to have back
    sha256 BLOB NOT NULL PRIMARY KEY, -- 32 bytes: original.sha256
    back INTEGER NOT NULL,          -- 0: the centre is to be asked; 1: it came back, and leaves last
    boot INTEGER NOT NULL,          -- when it was asked for, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL -- … enum wall_confidence
) WITHOUT ROWID;

CREATE TABLE second_copy (          -- local: the newest copy of this box that was made whole: appliance/backup.h; one row
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    generation INTEGER NOT NULL,    -- its number in its directory
    sequence INTEGER NOT NULL,      -- the last frame in it
    original INTEGER NOT NULL,      -- the last original.id in it; 0: none
    lacking INTEGER NOT NULL,       -- blobs that could not be copied, for they are damaged or absent here
    boot INTEGER NOT NULL,          -- when it was begun, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL -- … enum wall_confidence
);

INSERT INTO table_kind (name, kind) VALUES
    ('away_blob', 'local'), ('wanted_blob', 'local'), ('second_copy', 'local');
