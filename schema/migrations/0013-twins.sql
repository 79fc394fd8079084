-- Migration 13: the same paper scanned twice. All local, at a box.

CREATE TABLE likeness (             -- local: how a page's ink is spread: ocr/small/likeness.h
    page INTEGER NOT NULL PRIMARY KEY, -- page.id
    rotation INTEGER NOT NULL,      -- quarter turns that it was looked at in
    cells BLOB NOT NULL,            -- struct likeness
    looked INTEGER NOT NULL DEFAULT 0 -- 1: twins of it were looked for
);
CREATE INDEX likeness_unlooked ON likeness (page) WHERE looked = 0;

CREATE TABLE twin (                 -- local: pages that look like one paper scanned twice: appliance/duplicates.h
    page INTEGER NOT NULL,          -- page.id: the later one
    other INTEGER NOT NULL,         -- page.id: the earlier one
    agreeing INTEGER NOT NULL,      -- per cent of the shorter one's words that both hold
    dismissed INTEGER NOT NULL DEFAULT 0, -- 1: a person has said that they are two papers
    PRIMARY KEY (page, other)
) WITHOUT ROWID;
CREATE INDEX twin_by_other ON twin (other);

INSERT INTO table_kind (name, kind) VALUES ('likeness', 'local'), ('twin', 'local');
