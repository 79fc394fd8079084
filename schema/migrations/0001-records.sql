-- Migration 1: the records of a commune, and what a box remembers for itself.
--
-- Migrations are DDL only, numbered, forward only; each runs in one transaction.
-- The only rows a migration writes are those of table_kind, which says of every
-- table whether it is *synced* (captured in changesets, equal at both ends) or
-- *local* (never captured, never sent). A schema test fails for a table that is
-- not named there.
--
-- Rules of synced tables: a declared NOT NULL key, no UNIQUE but the key, no
-- cascades, no DELETE (a tombstone column, `deleted`), columns only ever added,
-- at the end and nullable, because a changeset names them by position. The store
-- adds to each of them triggers that refuse a writer who is not the store.
--
-- An id is site (16 bits) | epoch (8) | counter (28): one 52-bit integer.

CREATE TABLE table_kind (           -- local: what each table is
    name TEXT NOT NULL PRIMARY KEY, -- the table
    kind TEXT NOT NULL CHECK (kind IN ('synced', 'local')) -- captured and sent, or not
) WITHOUT ROWID;

-- ---------------------------------------------------------------- synced

CREATE TABLE fonds (                -- synced: phông, the papers of one body
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    code TEXT NOT NULL,             -- as the archive numbers it
    title TEXT NOT NULL,            -- name of the body
    deleted INTEGER NOT NULL DEFAULT 0 -- 1: tombstone
);

CREATE TABLE dossier (              -- synced: hồ sơ
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    fonds INTEGER,                  -- fonds.id; NULL until a person has sorted it in
    code TEXT NOT NULL,             -- mã hồ sơ, as given with intake --dossier
    title TEXT,                     -- as on its cover; NULL: not written down yet
    deleted INTEGER NOT NULL DEFAULT 0 -- 1: tombstone
);
CREATE INDEX dossier_by_code ON dossier (code);

CREATE TABLE document (             -- synced: văn bản
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    dossier INTEGER,                -- dossier.id; NULL: in no dossier yet
    type TEXT,                      -- record type, as given with intake --type; NULL: unknown
    source TEXT,                    -- import --source; NULL: taken in here
    source_key TEXT,                -- the source's own number for it; with source it names the record
    configuration TEXT,             -- what the box believed when it was made ('built-in', a commit)
    deleted INTEGER NOT NULL DEFAULT 0 -- 1: tombstone
);
CREATE INDEX document_by_source ON document (source, source_key) WHERE source IS NOT NULL;
CREATE INDEX document_by_dossier ON document (dossier);

CREATE TABLE original (             -- synced: a file as it came; its bytes are a blob named by the hash
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    sha256 BLOB NOT NULL,           -- 32 bytes
    bytes INTEGER NOT NULL,         -- its length
    media TEXT NOT NULL,            -- image/jpeg, image/png, image/tiff, application/pdf
    pages INTEGER NOT NULL,         -- how many pages the file has
    name TEXT NOT NULL              -- what the file was called
);
CREATE INDEX original_by_sha256 ON original (sha256);

CREATE TABLE page (                 -- synced: (original, page number in it, rotation)
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    document INTEGER NOT NULL,      -- document.id; splitting and joining change it
    ordinal INTEGER NOT NULL,       -- place in the document, from 1
    original INTEGER,               -- original.id; NULL: an imported page, text without a picture
    original_page INTEGER,          -- number in the original, from 0
    rotation INTEGER NOT NULL DEFAULT 0, -- quarter turns clockwise that the clerk gave, 0..3
    hidden INTEGER NOT NULL DEFAULT 0,   -- 1: blank or unwanted; hidden, never removed
    deleted INTEGER NOT NULL DEFAULT 0 -- 1: tombstone
);
CREATE INDEX page_by_document ON page (document, ordinal);
CREATE INDEX page_by_original ON page (original);

CREATE TABLE reading (              -- synced, immutable: one reading of one page
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    page INTEGER NOT NULL,          -- page.id
    text TEXT NOT NULL,             -- NFC, as read; see ocr/layout.h
    layout BLOB,                    -- packed, ocr/layout.h; NULL: imported text
    engine TEXT NOT NULL,           -- how it was read
    configuration TEXT              -- under which configuration
);
CREATE INDEX reading_by_page ON reading (page);

CREATE TABLE correction (           -- synced: what a person changed in a reading
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    reading INTEGER NOT NULL,       -- reading.id
    word INTEGER NOT NULL,          -- number of the word in it, from 0
    box_left INTEGER NOT NULL,      -- the word's box, pixels of the original:
    box_top INTEGER NOT NULL,       -- the anchor when the page is read again
    box_width INTEGER NOT NULL,     -- … how wide
    box_height INTEGER NOT NULL,    -- … how high
    old_text TEXT NOT NULL,         -- the word as it was read
    new_text TEXT NOT NULL,         -- '' removes the word; may hold spaces
    deleted INTEGER NOT NULL DEFAULT 0 -- 1: tombstone
);
CREATE INDEX correction_by_reading ON correction (reading);

CREATE TABLE field (                -- synced: one value by one writer
    document INTEGER NOT NULL,      -- document.id
    name TEXT NOT NULL,             -- the record type's name for it
    ordinal INTEGER NOT NULL,       -- from 0, for fields that repeat
    source TEXT NOT NULL,           -- who writes this row: machine, clerk, province
    value TEXT,                     -- text as on paper ('1975', '03/1975'); NULL: nothing found
    confidence INTEGER,             -- per cent; NULL: a person wrote it
    page INTEGER,                   -- page.id it was found on; NULL: on none
    zone_left INTEGER,              -- where on it, pixels of the original;
    zone_top INTEGER,               -- NULL as page is
    zone_width INTEGER,             -- … how wide
    zone_height INTEGER,            -- … how high
    rule TEXT,                      -- which rule found it
    locked INTEGER NOT NULL DEFAULT 0, -- 1: the province has locked the value
    deleted INTEGER NOT NULL DEFAULT 0, -- 1: tombstone
    PRIMARY KEY (document, name, ordinal, source)
);

CREATE TABLE event (                -- synced, append only: who did what, when
    id INTEGER NOT NULL PRIMARY KEY, -- site | epoch | counter
    subject INTEGER NOT NULL,       -- id of the row it is about
    kind TEXT NOT NULL,             -- taken, cleared, read, quarantined, imported, moved, …
    actor TEXT NOT NULL,            -- a person's account, or the program's name
    detail TEXT,                    -- JSON object, or NULL
    boot INTEGER NOT NULL,          -- the moment, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL -- … enum wall_confidence
);
CREATE INDEX event_by_subject ON event (subject);

-- ----------------------------------------------------------------- local

CREATE TABLE identity (             -- local: who this box is; one row
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    site INTEGER NOT NULL,          -- given by the centre at enrolment; 65535: a demo box
    epoch INTEGER NOT NULL,         -- raised by restore, before the first write
    counter INTEGER NOT NULL,       -- the last one given out in this epoch
    name TEXT NOT NULL              -- "Xã …", shown at the desk
);

CREATE TABLE boot (                 -- local: the boots of this box, for ages without a clock
    boot INTEGER NOT NULL PRIMARY KEY, -- from 1
    boot_id TEXT NOT NULL,          -- the kernel's
    first_mono_ms INTEGER NOT NULL, -- at this boot's first commit
    last_mono_ms INTEGER NOT NULL,  -- brought up to date by every commit
    first_wall_ms INTEGER NOT NULL, -- estimated Unix time then
    last_wall_ms INTEGER NOT NULL,  -- estimated Unix time of the last commit
    first_confidence INTEGER NOT NULL, -- enum wall_confidence of first_wall_ms
    last_confidence INTEGER NOT NULL -- … of last_wall_ms
);

CREATE TABLE changelog (            -- local: every captured transaction, in order, without gaps
    sequence INTEGER NOT NULL PRIMARY KEY, -- from 1
    epoch INTEGER NOT NULL,         -- identity.epoch when it was made
    schema INTEGER NOT NULL,        -- user_version when it was made
    seen INTEGER NOT NULL,          -- the centre's last sequence applied here
    chain BLOB NOT NULL,            -- h(n) = SHA-256(h(n-1) | n | schema | changeset), schema/chain.h
    changeset BLOB NOT NULL,        -- of the session extension
    changes INTEGER NOT NULL,       -- rows in it
    boot INTEGER NOT NULL,          -- the moment of the commit, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL -- … enum wall_confidence
);

CREATE TABLE intake (               -- local: a file on its way in; kept after, to know it again
    sha256 BLOB NOT NULL PRIMARY KEY, -- 32 bytes: the blob
    state TEXT NOT NULL             -- how far it is: appliance/intake.h
        CHECK (state IN ('taken', 'cleared', 'captured', 'held', 'refused')),
    name TEXT NOT NULL,             -- what the file was called
    bytes INTEGER NOT NULL,         -- its length
    media TEXT,                     -- known once it was identified
    pages INTEGER,                  -- how many pages; NULL until then
    looked INTEGER NOT NULL DEFAULT 0, -- pages that were looked at for a secrecy stamp
    reason TEXT,                    -- held: which stamp; refused: ocr/refusal.h's name
    dossier TEXT,                   -- as asked for
    type TEXT,                      -- as asked for
    document INTEGER                -- document.id once captured
) WITHOUT ROWID;
CREATE INDEX intake_by_state ON intake (state);

CREATE TABLE job (                  -- local: pages to read
    page INTEGER NOT NULL PRIMARY KEY, -- page.id
    state TEXT NOT NULL             -- how far its reading is: appliance/queue.h
        CHECK (state IN ('waiting', 'leased', 'done', 'quarantined')),
    lease_boot_id TEXT,             -- who reads it: the boot, the process, and when that
    lease_pid INTEGER,              -- process began (a pid comes again); a lease whose
    lease_started INTEGER,          -- holder is gone is free
    reason TEXT                     -- quarantined: ocr/refusal.h's name
);
CREATE INDEX job_by_state ON job (state);

CREATE TABLE sync_state (           -- local: how far the other side has got; one row
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    seen INTEGER NOT NULL,          -- the centre's last sequence applied here
    sent INTEGER NOT NULL,          -- our last sequence that left
    received INTEGER NOT NULL,      -- … that the centre has signed as received
    applied INTEGER NOT NULL,       -- … as applied
    safe INTEGER NOT NULL           -- … as in a verified backup or second copy
);

-- local: the search index; a row a page (its current text) and a row a document
-- (its field values), by id. Folded tokens only: schema/tokenizer.h.
CREATE VIRTUAL TABLE search USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'tram'
);

INSERT INTO table_kind (name, kind) VALUES
    ('table_kind', 'local'), ('fonds', 'synced'), ('dossier', 'synced'),
    ('document', 'synced'), ('original', 'synced'), ('page', 'synced'),
    ('reading', 'synced'), ('correction', 'synced'), ('field', 'synced'),
    ('event', 'synced'), ('identity', 'local'), ('boot', 'local'),
    ('changelog', 'local'), ('intake', 'local'), ('job', 'local'),
    ('sync_state', 'local'), ('search', 'local');
