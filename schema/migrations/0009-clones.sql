-- Migration 9: which frame is of which line; boxes whose cards were copied. All local.

-- ------------------------------------------------------------- at the centre

CREATE TABLE line (                 -- local: the lines that boxes have begun, one an epoch: sync/centre/lines.h
    site INTEGER NOT NULL,          -- whose
    epoch INTEGER NOT NULL,         -- the line's
    parent INTEGER NOT NULL,        -- its first frame follows one of this epoch's; 0: it is the site's first
    after INTEGER NOT NULL,         -- … namely this one
    PRIMARY KEY (site, epoch)
) WITHOUT ROWID;

ALTER TABLE journal_frame ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1; -- of the bundle that brought it
ALTER TABLE journal_frame ADD COLUMN late INTEGER NOT NULL DEFAULT 0;  -- as left_frame has it
-- 0: it came while its line was the site's; else after that: -1 not applied yet, else applied before the down frame
-- of this number, which gave it back
ALTER TABLE left_frame ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
CREATE INDEX left_frame_late ON left_frame (site, epoch, sequence) WHERE late < 0;
ALTER TABLE journal ADD COLUMN begins INTEGER NOT NULL DEFAULT 0; -- 1: held until all before it is applied: it begins a line
CREATE INDEX journal_begins ON journal (site) WHERE begins = 1;

ALTER TABLE down_frame ADD COLUMN given_epoch INTEGER; -- NULL: made here; 0: another down frame again; else a frame of the box's, of this epoch
ALTER TABLE down_frame ADD COLUMN given INTEGER;       -- … its number
CREATE INDEX down_frame_given ON down_frame (site, given_epoch, given) WHERE given IS NOT NULL;

INSERT INTO table_kind (name, kind) VALUES ('line', 'local');

-- ------------------------------------------------------------- at a box

ALTER TABLE incoming_frame ADD COLUMN passed INTEGER NOT NULL DEFAULT 0; -- 1: not applied: it stands on frames that this box lacks, and comes again behind them
