-- Migration 14: since when a paper is held for a secrecy stamp. Local, at a box.

ALTER TABLE intake ADD COLUMN held_wall_ms INTEGER; -- held: when that was, estimated Unix time; NULL: not held, or before this column
ALTER TABLE intake ADD COLUMN held_confidence INTEGER; -- enum wall_confidence of it
