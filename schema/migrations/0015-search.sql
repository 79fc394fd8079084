-- Migration 15: the search index in a form of its own (schema/search/index.h). All
-- local, and derived: it is made anew from the rows' current text after the next start.

DROP TABLE search;

CREATE TABLE search (               -- local: a page or document that is in the index, under the slot it has there
    slot INTEGER NOT NULL PRIMARY KEY, -- from 0, in the order of indexing, never used again: the newest is the highest
    id INTEGER NOT NULL,            -- page.id or document.id
    words INTEGER NOT NULL          -- how many words its text has
);
CREATE UNIQUE INDEX search_by_id ON search (id);

CREATE TABLE search_state (         -- local: sums over the index; one row
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    building INTEGER NOT NULL,      -- 0: made; else being made from the rows, up to the id before this
    slot_next INTEGER NOT NULL,     -- the slot that comes next
    rows INTEGER NOT NULL,          -- how many are in search
    words INTEGER NOT NULL,         -- the sum of their words
    fresh_bytes INTEGER NOT NULL,   -- what search_fresh holds, about
    block_last INTEGER NOT NULL,    -- the highest search_block.number ever
    word_last INTEGER NOT NULL      -- the highest search_word.number ever
);

CREATE TABLE search_fresh (         -- local: the newest slots, not pressed into a block yet
    slot INTEGER NOT NULL PRIMARY KEY, -- search.slot
    folded TEXT NOT NULL            -- its words, folded, each with a blank behind it
);

CREATE TABLE search_block (         -- local: a run of slots whose words were turned into lists
    first INTEGER NOT NULL PRIMARY KEY, -- its first slot
    number INTEGER NOT NULL,        -- which lists are its own
    slots INTEGER NOT NULL,         -- how many slots it spans
    level INTEGER NOT NULL,         -- how often it was pressed together with others
    dead INTEGER NOT NULL,          -- how many of search_dead are in it
    words BLOB NOT NULL             -- per slot how many words, u16 little-endian, 65535 for more
);

CREATE TABLE search_list (          -- local: where a word is in a block
    key INTEGER NOT NULL PRIMARY KEY, -- search_block.number << 32 | search_word.number
    pages INTEGER NOT NULL,         -- in how many slots
    slots BLOB NOT NULL,            -- which, and how often in each: schema/search/list.h
    places BLOB NOT NULL            -- the places in them
);

CREATE TABLE search_word (          -- local: the vocabulary of the blocks
    word TEXT NOT NULL PRIMARY KEY, -- folded
    number INTEGER NOT NULL,        -- from 1
    pages INTEGER NOT NULL          -- in how many slots it was when they were pressed
) WITHOUT ROWID;

CREATE TABLE search_dead (          -- local: slots in blocks whose page went or was indexed again
    slot INTEGER NOT NULL PRIMARY KEY -- no longer in search
);

INSERT INTO table_kind (name, kind) VALUES
    ('search_state', 'local'), ('search_fresh', 'local'), ('search_block', 'local'),
    ('search_list', 'local'), ('search_word', 'local'), ('search_dead', 'local');
