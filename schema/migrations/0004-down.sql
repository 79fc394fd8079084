-- Migration 4: what the centre changes goes down to its boxes.

CREATE TABLE conflict (             -- synced: two changes met in one column; made at the centre only
    id INTEGER NOT NULL PRIMARY KEY, -- the box's site | 255 | counter: sync/centre/down.h
    subject INTEGER NOT NULL,       -- the id that the row's key begins with
    name TEXT NOT NULL,             -- the row's table
    row TEXT NOT NULL,              -- JSON object: its key
    field TEXT NOT NULL,            -- the column
    box_value TEXT NOT NULL,        -- JSON: what the box wrote
    centre_value TEXT NOT NULL,     -- JSON: what the centre had
    taken TEXT NOT NULL,            -- whose stands: box, centre
    epoch INTEGER NOT NULL,         -- the box's frame: its epoch
    sequence INTEGER NOT NULL,      -- … and its number
    closed_by TEXT,                 -- who has looked at it; NULL: nobody yet
    closed_wall_ms INTEGER          -- when, estimated Unix time; NULL: not yet
);
CREATE INDEX conflict_by_subject ON conflict (subject);
CREATE INDEX conflict_open ON conflict (id) WHERE closed_by IS NULL;

CREATE TABLE parked (               -- synced: a change that could not be applied at the other end
    id INTEGER NOT NULL PRIMARY KEY, -- made at the centre: the box's site | 255 | counter; at the box: its own
    subject INTEGER NOT NULL,       -- the id that the row's key begins with; 0: it has none
    name TEXT NOT NULL,             -- the row's table; '': the whole frame
    row TEXT NOT NULL,              -- JSON object: its key
    reason TEXT NOT NULL,           -- why
    incoming TEXT NOT NULL,         -- JSON of the change as it came
    here TEXT,                      -- JSON of the row as it stood there; NULL: it was not there
    waits_for INTEGER,              -- parked.id that must be applied first; NULL: none
    epoch INTEGER NOT NULL,         -- the frame that brought it: its writer's epoch
    sequence INTEGER NOT NULL,      -- … and its number
    applied INTEGER NOT NULL DEFAULT 0, -- 1: the reason was gone later, and it was applied
    closed_by TEXT,                 -- who has closed it, a person or the program that applied it; NULL: open
    closed_wall_ms INTEGER          -- when, estimated Unix time; NULL: not yet
);
CREATE INDEX parked_by_subject ON parked (subject);
CREATE INDEX parked_open ON parked (id) WHERE closed_by IS NULL;

-- ------------------------------------------------------------- at both ends

CREATE TABLE parked_change (        -- local: the change itself, at the end that could not apply it
    parked INTEGER NOT NULL PRIMARY KEY, -- parked.id
    schema INTEGER NOT NULL,        -- its frame's
    seen INTEGER NOT NULL,          -- its frame's
    seen_epoch INTEGER NOT NULL,    -- its frame's
    changeset BLOB NOT NULL         -- of one change
);

-- ------------------------------------------------------------- at a box

-- A number names a frame of the centre only together with the centre's epoch.
ALTER TABLE sync_state ADD COLUMN seen_epoch INTEGER NOT NULL DEFAULT 0; -- the centre's epoch that `seen` is of
ALTER TABLE changelog ADD COLUMN seen_epoch INTEGER NOT NULL DEFAULT 0;  -- the centre's epoch that `seen` is of

CREATE TABLE incoming_frame (       -- local: the centre's frames, in order, without gaps; kept, as changelog is
    centre_epoch INTEGER NOT NULL,  -- the centre's when it was made
    sequence INTEGER NOT NULL,      -- from 1; applied up to sync_state.seen
    schema INTEGER NOT NULL,        -- that it is written in
    seen INTEGER NOT NULL,          -- our last sequence that the centre had applied
    seen_epoch INTEGER NOT NULL,    -- our epoch that this number is of
    chain BLOB NOT NULL,            -- as changelog has it, begun with the line's own label: schema/chain.h
    changeset BLOB NOT NULL,        -- of the session extension
    PRIMARY KEY (centre_epoch, sequence)
);

-- ---------------------------------------------------------- at the centre

ALTER TABLE site ADD COLUMN schema INTEGER;                            -- that the box has; NULL: not said yet
ALTER TABLE site ADD COLUMN applied_epoch INTEGER NOT NULL DEFAULT 0;   -- the box's epoch that `applied` is of
ALTER TABLE site ADD COLUMN down_seen INTEGER NOT NULL DEFAULT 0;       -- our last sequence applied at the box
ALTER TABLE site ADD COLUMN down_seen_epoch INTEGER NOT NULL DEFAULT 0; -- our epoch that this number is of
ALTER TABLE site ADD COLUMN down_counter INTEGER NOT NULL DEFAULT 0;    -- the last id given out: sync/centre/down.h

CREATE TABLE down_frame (           -- local: what the centre itself changed in a box's records, in order
    site INTEGER NOT NULL,          -- whose records
    sequence INTEGER NOT NULL,      -- from 1, without gaps
    centre_epoch INTEGER NOT NULL,  -- centre_state.epoch when it was made
    schema INTEGER NOT NULL,        -- that it is written in
    seen INTEGER NOT NULL,          -- the box's last sequence applied here
    seen_epoch INTEGER NOT NULL,    -- the box's epoch that this number is of
    chain BLOB NOT NULL,            -- as changelog has it, begun with the line's own label: schema/chain.h
    changeset BLOB NOT NULL,        -- of the session extension
    PRIMARY KEY (site, sequence)
);

CREATE TABLE down_bundle (          -- local: sealed bundles for a box until it has applied them
    site INTEGER NOT NULL,          -- for whom
    first INTEGER NOT NULL,         -- sequences in it: from this one
    last INTEGER NOT NULL,          -- … to this one
    object BLOB NOT NULL,           -- sync/message.h's object id, 17 bytes
    bytes BLOB NOT NULL,            -- the bundle, as it goes on every road
    PRIMARY KEY (site, first)
);

CREATE TABLE down_waiting (         -- local: rows that the box's schema cannot hold; they follow when it can
    id INTEGER NOT NULL PRIMARY KEY, -- in order
    site INTEGER NOT NULL,          -- for whom
    schema INTEGER NOT NULL,        -- the box needs at least this one
    subject INTEGER NOT NULL,       -- the id that the row's key begins with
    changeset BLOB NOT NULL         -- of one change, which names the row
);
CREATE INDEX down_waiting_by_subject ON down_waiting (site, subject);

INSERT INTO table_kind (name, kind) VALUES
    ('conflict', 'synced'), ('parked', 'synced'), ('parked_change', 'local'),
    ('incoming_frame', 'local'), ('down_frame', 'local'), ('down_bundle', 'local'),
    ('down_waiting', 'local');
