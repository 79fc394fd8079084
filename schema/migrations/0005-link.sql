-- Migration 5: what a month may cost on the link, and what it has. All local.

ALTER TABLE centre_link ADD COLUMN metered INTEGER NOT NULL DEFAULT 0; -- 1: nothing behind records and configuration leaves

CREATE TABLE link_budget (          -- local: what may travel in a month; no row: any number of bytes
    class INTEGER NOT NULL PRIMARY KEY CHECK (class BETWEEN 0 AND 6), -- sync/message.h; 0: all classes, both ways
    bytes INTEGER NOT NULL CHECK (bytes > 0) -- on the wire
);

CREATE TABLE link_month (           -- local: what has travelled
    month INTEGER NOT NULL,         -- since January 1970, by this country's clocks
    class INTEGER NOT NULL,         -- as link_budget has it
    bytes INTEGER NOT NULL,         -- on the wire
    PRIMARY KEY (month, class)
) WITHOUT ROWID;

INSERT INTO table_kind (name, kind) VALUES ('link_budget', 'local'), ('link_month', 'local');
