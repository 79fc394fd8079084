-- Migration 8: bundles that lean on what both ends have (sync/bundle.h). All local.

-- ------------------------------------------------------------- at a box

ALTER TABLE sync_state ADD COLUMN history_after INTEGER NOT NULL DEFAULT 0; -- the centre lacks frames up to this one: no history of them
ALTER TABLE sync_state ADD COLUMN dictionary_lacked INTEGER NOT NULL DEFAULT 0; -- number of the dictionary that it lacks; 0: none
CREATE INDEX incoming_frame_by_sequence ON incoming_frame (sequence);

-- ---------------------------------------------------------- at the centre

ALTER TABLE journal ADD COLUMN frames BLOB; -- what is in it, opened, where `bytes` lean on something; NULL: they do not, or it is not opened yet
ALTER TABLE site ADD COLUMN down_history_after INTEGER NOT NULL DEFAULT 0; -- the box lacks our frames up to this one: no history of them
