-- Migration 12: pages that a person has read again. All local, at a box.

ALTER TABLE job ADD COLUMN way TEXT; -- NULL: read for the first time; else again, and this way: ocr/way.h

CREATE TABLE proposal (             -- local: another reading of a page, until a person has chosen: appliance/again.h
    page INTEGER NOT NULL PRIMARY KEY, -- page.id
    reading INTEGER NOT NULL,       -- reading.id beside which it stands; a newer one makes it void
    way TEXT NOT NULL,              -- how it was read: ocr/way.h
    text TEXT,                      -- as in reading; NULL: it could not be read this way
    layout BLOB,                    -- as in reading
    engine TEXT,                    -- as in reading
    reason TEXT                     -- why it could not: ocr/refusal.h's name
);

INSERT INTO table_kind (name, kind) VALUES ('proposal', 'local');
