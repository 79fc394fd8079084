-- Migration 16: who may do what at the desk, and what was done about it. All local, at a
-- box: never captured, never sent, in no export; a second copy of the box has them.

CREATE TABLE account (              -- local: a person at the desk: appliance/people/accounts.h
    name TEXT NOT NULL PRIMARY KEY, -- what is typed at sign-in: a-z, 0-9, . _ -
    full_name TEXT NOT NULL,        -- what others see
    role TEXT NOT NULL,             -- clerk, reviewer, administrator
    enabled INTEGER NOT NULL DEFAULT 1, -- 0: put away, by a person or for not having come; rows stay, the trail names them
    generation INTEGER NOT NULL DEFAULT 1, -- raised by whatever ends the sessions there are
    password TEXT NOT NULL,         -- argon2id, as libsodium writes it
    temporary INTEGER NOT NULL,     -- 1: somebody else drew it, it must be changed
    second BLOB,                    -- secret of the second factor, 20 bytes; NULL: none
    second_sure INTEGER NOT NULL DEFAULT 0, -- 1: a code of it has been shown to us
    second_step INTEGER NOT NULL DEFAULT 0, -- the last one taken: no code counts twice
    failures INTEGER NOT NULL DEFAULT 0, -- wrong passwords and codes since the last right ones
    locked INTEGER NOT NULL DEFAULT 0 -- 1: since account_moment 'locked'
) WITHOUT ROWID;

CREATE TABLE account_moment (       -- local: when something of an account last happened
    account TEXT NOT NULL,          -- account.name
    what TEXT NOT NULL,             -- password, locked, seen: made, enabled or signed in
    boot INTEGER NOT NULL,          -- the moment, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL, -- … enum wall_confidence
    PRIMARY KEY (account, what)
) WITHOUT ROWID;

CREATE TABLE account_password (     -- local: the last ones, which are not taken again
    account TEXT NOT NULL,          -- account.name
    number INTEGER NOT NULL,        -- in order
    password TEXT NOT NULL,         -- as account.password
    PRIMARY KEY (account, number)
) WITHOUT ROWID;

CREATE TABLE account_token (        -- local: another system of the office: appliance/people/api_tokens.h
    name TEXT NOT NULL PRIMARY KEY, -- which one
    sha256 BLOB NOT NULL,           -- of the token, which was shown once
    scope TEXT NOT NULL,            -- read; import: reads, too
    enabled INTEGER NOT NULL DEFAULT 1 -- 0: taken back
) WITHOUT ROWID;

CREATE TABLE account_first (        -- local: the code that makes the first administrator; no row once there is an account
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    code TEXT NOT NULL,             -- as it is printed
    failures INTEGER NOT NULL DEFAULT 0 -- wrong ones; too many draw another code
);

CREATE TABLE audit (                -- local, append only: appliance/people/audit.h
    id INTEGER NOT NULL PRIMARY KEY, -- from 1, without gaps
    kind TEXT NOT NULL,             -- signed_in, refused, locked, role, exported, …
    actor TEXT NOT NULL,            -- who did it: an account, 'token NAME', or the program's name
    subject TEXT NOT NULL,          -- what it was done to
    detail TEXT NOT NULL,           -- a word, a JSON object, or ''
    boot INTEGER NOT NULL,          -- the moment, as base/clock.h has it
    mono_ms INTEGER NOT NULL,       -- … milliseconds since that boot
    wall_ms INTEGER NOT NULL,       -- … estimated Unix time
    wall_confidence INTEGER NOT NULL, -- … enum wall_confidence
    chain BLOB NOT NULL             -- over all of it and the row before
);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: rows never change'); END;
CREATE TRIGGER audit_never_leaves BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: rows are never deleted'); END;

CREATE TABLE audit_head (           -- local: the trail's last row, so that one cut at its end shows
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), -- so there is no second row
    id INTEGER NOT NULL,            -- audit.id
    chain BLOB NOT NULL             -- audit.chain
);

INSERT INTO table_kind (name, kind) VALUES
    ('account', 'local'), ('account_moment', 'local'), ('account_password', 'local'),
    ('account_token', 'local'), ('account_first', 'local'), ('audit', 'local'),
    ('audit_head', 'local');
