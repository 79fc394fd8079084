-- Migration 18: whose fields are to be drawn. Local, at a box.

ALTER TABLE job ADD COLUMN undrawn INTEGER NOT NULL DEFAULT 0; -- how often the page was read, or set aside, since its document's fields were drawn: appliance/drawing.h
CREATE INDEX job_undrawn ON job (page) WHERE undrawn > 0;
