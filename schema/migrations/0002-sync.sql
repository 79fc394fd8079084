-- Migration 2: what box and centre remember of each other. All local.

-- ------------------------------------------------------------- at a box

CREATE TABLE centre_link (          -- local: the province that this box belongs to; one row once enrolled
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- always 1
    province TEXT NOT NULL,         -- "Tỉnh …"
    url TEXT NOT NULL,              -- https://host:port
    centre_key BLOB NOT NULL,       -- Ed25519: signs receipts, opens bundles
    tls_key BLOB NOT NULL,          -- Ed25519 of the pinned certificate
    secret BLOB,                    -- one-time, until the first receipt; then NULL
    centre_epoch INTEGER NOT NULL DEFAULT 0 -- the newest that a receipt named
);

CREATE TABLE outbox (               -- local: sealed bundles until they are receipted
    first INTEGER NOT NULL PRIMARY KEY, -- sequences in it: from this one
    last INTEGER NOT NULL,          -- … to this one
    object BLOB NOT NULL,           -- sync/message.h's object id, 17 bytes
    bytes BLOB NOT NULL,            -- the bundle, as it goes on every road
    begun INTEGER NOT NULL DEFAULT 0 -- 1: some of it has left
);

CREATE TABLE blob_sent (            -- local: what the centre says of an original
    sha256 BLOB NOT NULL PRIMARY KEY, -- which
    state INTEGER NOT NULL          -- 0 begun, 1 received, 2 safe (sync/receipt.h)
) WITHOUT ROWID;

CREATE TABLE document_frame (       -- local: the last frame that changed anything of a document
    document INTEGER NOT NULL PRIMARY KEY, -- document.id
    sequence INTEGER NOT NULL       -- changelog.sequence; schema/touched.h
);
CREATE INDEX document_frame_by_sequence ON document_frame (sequence);

CREATE TABLE contact (              -- local: contacts with the centre
    id INTEGER NOT NULL PRIMARY KEY, -- in order
    boot INTEGER NOT NULL,          -- when it began, as base/clock.h has it:
    mono_ms INTEGER NOT NULL,       -- since that boot
    wall_ms INTEGER NOT NULL,       -- estimate
    wall_confidence INTEGER NOT NULL, -- of it
    took_ms INTEGER NOT NULL,       -- how long it lasted
    bytes_out INTEGER NOT NULL,     -- to the centre
    bytes_in INTEGER NOT NULL,      -- from it
    ended TEXT NOT NULL             -- drained, link_down, refused, …: appliance/agent.h
);

-- ---------------------------------------------------------- at the centre

CREATE TABLE site (                 -- local: the boxes of this province
    site INTEGER NOT NULL PRIMARY KEY, -- its number
    name TEXT NOT NULL,             -- "Xã …"
    secret BLOB,                    -- one-time; NULL once claimed
    key BLOB,                       -- the box's Ed25519 key, once claimed
    epoch INTEGER NOT NULL DEFAULT 0,    -- the box's, by its last bundle
    received INTEGER NOT NULL DEFAULT 0, -- last sequence journalled without a gap
    applied INTEGER NOT NULL DEFAULT 0,  -- … applied
    safe INTEGER NOT NULL DEFAULT 0,     -- … and in a verified backup
    chain BLOB NOT NULL,            -- chain hash after `received`
    status BLOB,                    -- what the last hello signed: sync/message.h
    boot INTEGER,                   -- last contact; NULL: never
    mono_ms INTEGER,                -- since that boot
    wall_ms INTEGER,                -- estimate
    wall_confidence INTEGER         -- of it
);

CREATE TABLE journal (              -- local: bundles as they came, until they are applied and safe
    site INTEGER NOT NULL,          -- whose
    first INTEGER NOT NULL,         -- sequences in it: from this one
    last INTEGER NOT NULL,          -- … to this one
    object BLOB NOT NULL,           -- object id, 17 bytes
    state TEXT NOT NULL CHECK (state IN ('held', 'ready', 'applied')), -- held: after a gap
    bytes BLOB NOT NULL,            -- the bundle, sealed, for proof
    PRIMARY KEY (site, first, object)
);
CREATE INDEX journal_by_object ON journal (site, object);
CREATE INDEX journal_ready ON journal (site, first) WHERE state = 'ready';
CREATE INDEX journal_held ON journal (site, first) WHERE state = 'held';

CREATE TABLE journal_frame (        -- local: every frame received without a gap, to know it again
    site INTEGER NOT NULL,          -- whose
    sequence INTEGER NOT NULL,      -- its number
    chain BLOB NOT NULL,            -- chain hash after it, schema/chain.h: another one is a fork
    PRIMARY KEY (site, sequence)
) WITHOUT ROWID;

CREATE TABLE held_blob (            -- local: originals that boxes have delivered
    sha256 BLOB NOT NULL,           -- which
    site INTEGER NOT NULL,          -- who delivered it
    state INTEGER NOT NULL,         -- 1 received, 2 safe
    told INTEGER NOT NULL DEFAULT 0, -- 2: the box has said that it heard of "safe"
    PRIMARY KEY (sha256, site)
) WITHOUT ROWID;
CREATE INDEX held_blob_untold ON held_blob (site, sha256) WHERE state = 2 AND told < 2;

CREATE TABLE alarm (                -- local: what an administrator must see
    id INTEGER NOT NULL PRIMARY KEY, -- in order
    site INTEGER NOT NULL,          -- about which box
    kind TEXT NOT NULL,             -- claim_used, forged, fork, not_yours, unknown_site, damaged
    detail TEXT NOT NULL,           -- a sentence
    boot INTEGER NOT NULL,          -- when, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- since that boot
    wall_ms INTEGER NOT NULL,       -- estimate
    wall_confidence INTEGER NOT NULL -- of it
);

CREATE TABLE centre_state (         -- local: the centre itself; one row
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- always 1
    epoch INTEGER NOT NULL,         -- how often it was restored
    next_site INTEGER NOT NULL      -- number of the next box that is enrolled
);

INSERT INTO table_kind (name, kind) VALUES
    ('centre_link', 'local'), ('outbox', 'local'), ('blob_sent', 'local'),
    ('document_frame', 'local'), ('contact', 'local'), ('site', 'local'), ('journal', 'local'),
    ('journal_frame', 'local'), ('held_blob', 'local'), ('alarm', 'local'), ('centre_state', 'local');
