-- Everything that Baepo keeps.
--
-- ids        UUIDv7 as 16 bytes: they compare in the order of the time in them
-- sequence   the order in which rows were written; ids of one millisecond have none
-- *_at       milliseconds since 1970-01-01T00:00:00Z
-- revision   1 when inserted, one higher with every update: who updates names the one they read
-- JSON       as text, in the form that the domain's types have in serde

CREATE TABLE events (
    id               BLOB    NOT NULL PRIMARY KEY,
    owner            TEXT    NOT NULL,
    draft            TEXT    NOT NULL, -- JSON
    status           TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    approved_at      INTEGER,
    distributed_at   INTEGER,
    distribution     BLOB,
    publishing_by    BLOB,             -- the holder of the lease
    publishing_until INTEGER,
    revision         INTEGER NOT NULL,
    CHECK ((publishing_by IS NULL) = (publishing_until IS NULL))
) STRICT;
CREATE INDEX events_by_owner ON events (owner, id);
CREATE INDEX events_publishing ON events (id) WHERE publishing_by IS NOT NULL;

CREATE TABLE idempotency_keys (
    owner       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    event       BLOB    NOT NULL REFERENCES events (id),
    answer      TEXT,                  -- JSON; null while the first request runs
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE distributions (
    id           BLOB    NOT NULL PRIMARY KEY,
    event        BLOB    NOT NULL UNIQUE REFERENCES events (id),
    owner        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    completed_at INTEGER,
    revision     INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    sequence          INTEGER NOT NULL PRIMARY KEY,
    id                BLOB    NOT NULL UNIQUE,
    distribution      BLOB    NOT NULL REFERENCES distributions (id),
    event             BLOB    NOT NULL REFERENCES events (id),
    owner             TEXT    NOT NULL,
    channel           TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    generation        INTEGER NOT NULL,
    attempts          INTEGER NOT NULL,
    tries             INTEGER NOT NULL,
    release           TEXT,
    receipt           TEXT    NOT NULL, -- JSON
    findings          TEXT    NOT NULL, -- JSON
    action            TEXT,             -- JSON
    message           TEXT,
    due_at            INTEGER,
    execution_time_ms INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    revision          INTEGER NOT NULL,
    UNIQUE (distribution, channel)
) STRICT;
CREATE INDEX deliveries_open ON deliveries (sequence)
    WHERE status IN ('PENDING', 'RUNNING', 'ACCEPTED');

CREATE TABLE attempts (
    sequence     INTEGER NOT NULL PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE,
    delivery     BLOB    NOT NULL REFERENCES deliveries (id),
    distribution BLOB    NOT NULL REFERENCES distributions (id),
    channel      TEXT    NOT NULL,
    release      TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    ended        TEXT,                  -- JSON
    revision     INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_distribution ON attempts (distribution, sequence);

CREATE TABLE outbox (
    sequence   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never given twice
    id         BLOB    NOT NULL UNIQUE,
    key        TEXT    NOT NULL,
    topic      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    payload    TEXT    NOT NULL,        -- JSON
    created_at INTEGER NOT NULL,
    sent_at    INTEGER
) STRICT;
CREATE INDEX outbox_unsent ON outbox (sequence) WHERE sent_at IS NULL;

CREATE TABLE accounts (
    owner        TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    settings     TEXT    NOT NULL,      -- JSON
    secrets      TEXT    NOT NULL,      -- JSON: name to sealed bytes in hexadecimal digits
    connected_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    PRIMARY KEY (owner, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    sequence     INTEGER NOT NULL PRIMARY KEY,
    channel      TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reason       TEXT,
    bytes        INTEGER NOT NULL,
    installed_at INTEGER NOT NULL,
    promoted_at  INTEGER,
    revision     INTEGER NOT NULL,
    UNIQUE (channel, digest)
) STRICT;

CREATE TABLE components (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;
