-- Migration 3: small images of pages, originals in fewer bytes.

CREATE TABLE image (                -- synced: a picture of a page that a weak link can carry; its bytes are a blob
    page INTEGER NOT NULL,          -- page.id
    kind TEXT NOT NULL,             -- small: to be read by a person; thumbnail: for lists
    sha256 BLOB NOT NULL,           -- 32 bytes
    bytes INTEGER NOT NULL,         -- its length
    media TEXT NOT NULL,            -- application/pdf, image/jpeg
    width INTEGER NOT NULL,         -- of the page, upright, pixels of the original
    height INTEGER NOT NULL,        -- … how high
    rotation INTEGER NOT NULL,      -- page.rotation that it was made for; another one: it is made anew
    PRIMARY KEY (page, kind)
);
CREATE INDEX image_by_sha256 ON image (sha256);

-- ------------------------------------------------------------- at a box

CREATE TABLE image_refused (        -- local: pages of which no small image could be made
    page INTEGER NOT NULL PRIMARY KEY, -- page.id
    rotation INTEGER NOT NULL,      -- page.rotation then; turned, it is tried again
    reason TEXT NOT NULL            -- ocr/refusal.h's name
);

CREATE TABLE packing (              -- local: an original's packed form, tried once: ocr/repack/repack.h
    original BLOB NOT NULL PRIMARY KEY, -- 32 bytes: original.sha256
    packed BLOB,                    -- 32 bytes: the packed form's; NULL: there is none
    bytes INTEGER,                  -- its length; NULL: there is none
    here INTEGER NOT NULL,          -- 1: the packed form is a blob here, and travels for the original
    reason TEXT                     -- why there is none: no_gain, or ocr/refusal.h's name
) WITHOUT ROWID;
CREATE INDEX packing_by_packed ON packing (packed) WHERE packed IS NOT NULL;
CREATE INDEX packing_here ON packing (original) WHERE here = 1;

CREATE TABLE loose_blob (           -- local: blobs of this box's own making that no row names, yet or any more
    sha256 BLOB NOT NULL PRIMARY KEY -- 32 bytes; thrown away at the next start: appliance/loose.h
) WITHOUT ROWID;

-- ---------------------------------------------------------- at the centre

CREATE TABLE unpacking (            -- local: packed originals that came, and what became of them
    packed BLOB NOT NULL,           -- 32 bytes: what came
    site INTEGER NOT NULL,          -- who delivered it
    original BLOB NOT NULL,         -- 32 bytes: what it says that it holds
    original_bytes INTEGER NOT NULL, -- … and how long that is
    state TEXT NOT NULL             -- how far it is: sync/centre/unpacking.h
        CHECK (state IN ('waiting', 'failed', 'restored', 'done')),
    reason TEXT,                    -- failed: ocr/refusal.h's name
    PRIMARY KEY (packed, site)
) WITHOUT ROWID;
CREATE INDEX unpacking_open ON unpacking (state) WHERE state <> 'done';
CREATE INDEX unpacking_by_original ON unpacking (original, site);

INSERT INTO table_kind (name, kind) VALUES
    ('image', 'synced'), ('image_refused', 'local'), ('packing', 'local'),
    ('loose_blob', 'local'), ('unpacking', 'local');
