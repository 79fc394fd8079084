-- Migration 10: what is parked is tried again when its reason may be gone. All local.

-- ------------------------------------------------------------- at both ends

ALTER TABLE parked_change ADD COLUMN tried INTEGER NOT NULL DEFAULT 0; -- 0: its reason may be gone; -1: it waits for another parked row; else the turn in which it was tried last: sync/rows/rows_retry.c
CREATE INDEX parked_change_turn ON parked_change (parked >> 36, tried);
CREATE INDEX parked_change_ready ON parked_change (parked >> 36) WHERE tried = 0;
CREATE INDEX parked_waiting ON parked (waits_for) WHERE waits_for IS NOT NULL;

-- Whoever closes it: who waited for it waits no more.
CREATE TRIGGER parked_closed AFTER UPDATE OF closed_by ON parked
    WHEN new.closed_by IS NOT NULL
BEGIN
    DELETE FROM parked_change WHERE parked = new.id;
    UPDATE parked_change SET tried = 0 WHERE parked IN
        (SELECT id FROM parked WHERE waits_for = new.id AND closed_by IS NULL);
END;
