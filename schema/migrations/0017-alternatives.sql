-- Migration 17: what the recogniser would have believed instead. Local, at a box.

CREATE TABLE alternative (          -- local: of a page's newest reading: ocr/alternatives.h
    reading INTEGER NOT NULL PRIMARY KEY, -- reading.id
    packed BLOB NOT NULL            -- by word
);

ALTER TABLE proposal ADD COLUMN alternatives BLOB; -- as in alternative; NULL: none, or before this column

INSERT INTO table_kind (name, kind) VALUES ('alternative', 'local');
