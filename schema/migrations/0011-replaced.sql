-- Migration 11: another machine in a lost box's place. All local, at the centre.

CREATE TABLE site_key (             -- local: keys that a site's boxes have had, of a site that was claimed more than once: sync/centre/site_keys.h
    site INTEGER NOT NULL,          -- whose
    from_epoch INTEGER NOT NULL,    -- what its boxes write under this epoch, and later ones up to the next row's, this key proves
    key BLOB NOT NULL,              -- Ed25519; the last one is site.key
    PRIMARY KEY (site, from_epoch)
) WITHOUT ROWID;

INSERT INTO table_kind (name, kind) VALUES ('site_key', 'local');

ALTER TABLE site ADD COLUMN again_epoch INTEGER; -- NULL, or a new box may claim the site by `secret`, and begins with this epoch
