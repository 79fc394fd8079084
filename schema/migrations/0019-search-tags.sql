-- Migration 19: what hits may be narrowed and ordered by (schema/search/tags.h). All local,
-- and derived with the search index.

CREATE TABLE search_tag (           -- local: the tags of 256 slots of the index
    chunk INTEGER NOT NULL PRIMARY KEY, -- search.slot / 256
    tags BLOB NOT NULL              -- 14 bytes a slot: schema/search/tags.h
);

CREATE TABLE search_name (          -- local: kinds of papers, and who issues them
    number INTEGER NOT NULL PRIMARY KEY, -- from 1, as tags name it
    folded TEXT NOT NULL,           -- its words, folded, a blank between
    shown TEXT NOT NULL             -- as it was written first
);
CREATE UNIQUE INDEX search_name_by_words ON search_name (folded);

INSERT INTO table_kind (name, kind) VALUES ('search_tag', 'local'), ('search_name', 'local');
