-- Everything that Baepo keeps: the tables, columns and indexes of the migrations for SQLite, in
-- PostgreSQL's types.
--
-- ids        UUIDv7: they compare in the order of the time in them
-- sequence   the order in which rows were written; ids of one millisecond have none
-- *_at       milliseconds since 1970-01-01T00:00:00Z
-- revision   1 when inserted, one higher with every update: who updates names the one they read
-- JSON       as text, in the form that the domain's types have in serde: it may hold what `jsonb`
--            refuses, and is never looked into here
--
-- Names compare as bytes (COLLATE "C"), whatever the language of the server.
--
-- Replicas of two versions run side by side for a while, so a migration only adds (columns that
-- may be null or have a default, tables, indexes): the older ones go on. What they use may go
-- in a later version, whose migration says so in `schema_compatibility`.

-- The version that a Baepo must know to use these tables. One row.
CREATE TABLE schema_compatibility (
    oldest_usable bigint NOT NULL
);
INSERT INTO schema_compatibility VALUES (1);

CREATE TABLE events (
    id               uuid   NOT NULL PRIMARY KEY,
    owner            text   COLLATE "C" NOT NULL,
    draft            text   NOT NULL, -- JSON
    status           text   NOT NULL,
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    approved_at      bigint,
    distributed_at   bigint,
    distribution     uuid,
    publishing_by    uuid,            -- the holder of the lease
    publishing_until bigint,
    revision         bigint NOT NULL,
    CHECK ((publishing_by IS NULL) = (publishing_until IS NULL))
);
CREATE INDEX events_by_owner ON events (owner, id);
CREATE INDEX events_publishing ON events (publishing_until, id) WHERE publishing_by IS NOT NULL;

CREATE TABLE idempotency_keys (
    owner       text   COLLATE "C" NOT NULL,
    key         text   COLLATE "C" NOT NULL,
    fingerprint text   NOT NULL,
    event       uuid   NOT NULL REFERENCES events (id),
    answer      text,                 -- JSON; null while the first request runs
    created_at  bigint NOT NULL,
    PRIMARY KEY (owner, key)
);

CREATE TABLE distributions (
    id           uuid   NOT NULL PRIMARY KEY,
    event        uuid   NOT NULL UNIQUE REFERENCES events (id),
    owner        text   COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    completed_at bigint,
    revision     bigint NOT NULL
);

CREATE TABLE deliveries (
    sequence          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    id                uuid   NOT NULL PRIMARY KEY,
    distribution      uuid   NOT NULL REFERENCES distributions (id),
    event             uuid   NOT NULL REFERENCES events (id),
    owner             text   COLLATE "C" NOT NULL,
    channel           text   COLLATE "C" NOT NULL,
    status            text   NOT NULL,
    generation        bigint NOT NULL,
    attempts          bigint NOT NULL,
    tries             bigint NOT NULL,
    release           text,
    receipt           text   NOT NULL, -- JSON
    findings          text   NOT NULL, -- JSON
    action            text,            -- JSON
    message           text,
    due_at            bigint,
    execution_time_ms bigint NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    revision          bigint NOT NULL,
    attempt           uuid,            -- begun and not ended
    lease_until       bigint,
    lease_by          uuid,            -- the holder of the lease
    probes            bigint NOT NULL,
    taken_until       bigint,
    taken_by          uuid,            -- who was given it when it was due, until it moves
    UNIQUE (distribution, channel),
    CHECK ((lease_by IS NULL) = (lease_until IS NULL)),
    CHECK ((taken_by IS NULL) = (taken_until IS NULL))
);
CREATE INDEX deliveries_due ON deliveries (due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_claimed ON deliveries (lease_until) WHERE lease_by IS NOT NULL;

CREATE TABLE attempts (
    sequence     bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    id           uuid   NOT NULL PRIMARY KEY,
    delivery     uuid   NOT NULL REFERENCES deliveries (id),
    distribution uuid   NOT NULL REFERENCES distributions (id),
    channel      text   COLLATE "C" NOT NULL,
    release      text   NOT NULL,
    number       bigint NOT NULL,
    beginning    text,                 -- JSON; null when its journal was forgotten
    started_at   bigint NOT NULL,
    ended        text,                 -- JSON
    revision     bigint NOT NULL
);
CREATE INDEX attempts_by_distribution ON attempts (distribution, sequence);
CREATE INDEX attempts_journaled ON attempts (started_at)
    WHERE ended IS NOT NULL AND beginning IS NOT NULL;

-- Entries are appended under their delivery's lease, which names the attempt: looking it up once
-- more, for each of them, would take a quarter of all that the server does.
CREATE TABLE journal_entries (
    attempt  uuid   NOT NULL,
    sequence bigint NOT NULL,
    at       bigint NOT NULL,
    step     bytea  NOT NULL, -- JSON, after a byte that says whether it is compressed
    PRIMARY KEY (attempt, sequence)
);
-- What is long is compressed already.
ALTER TABLE journal_entries ALTER COLUMN step SET STORAGE EXTERNAL;

CREATE TABLE outbox (
    sequence    bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          uuid   NOT NULL UNIQUE,
    key         text   NOT NULL,
    topic       text   NOT NULL,
    kind        text   NOT NULL,
    payload     text   NOT NULL,       -- JSON
    created_at  bigint NOT NULL,
    sent_at     bigint,
    lease_by    uuid   NOT NULL,       -- whose it is to send
    lease_until bigint NOT NULL
);
CREATE INDEX outbox_unsent ON outbox (lease_by, sequence) WHERE sent_at IS NULL;

CREATE TABLE accounts (
    owner        text   COLLATE "C" NOT NULL,
    channel      text   COLLATE "C" NOT NULL,
    settings     text   NOT NULL,      -- JSON
    secrets      text   NOT NULL,      -- JSON: name to sealed bytes in hexadecimal digits
    connected_at bigint NOT NULL,
    updated_at   bigint NOT NULL,
    revision     bigint NOT NULL,
    PRIMARY KEY (owner, channel)
);

CREATE TABLE releases (
    sequence     bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    channel      text   COLLATE "C" NOT NULL,
    digest       text   COLLATE "C" NOT NULL,
    state        text   NOT NULL,
    reason       text,
    bytes        bigint NOT NULL,
    installed_at bigint NOT NULL,
    promoted_at  bigint,
    revision     bigint NOT NULL,
    UNIQUE (channel, digest)
);
CREATE UNIQUE INDEX releases_active ON releases (channel) WHERE state = 'ACTIVE';

CREATE TABLE components (
    digest text  COLLATE "C" NOT NULL PRIMARY KEY,
    bytes  bytea NOT NULL
);

-- Rows of these move many times and are looked for by where they stand: what is left of earlier
-- states is cleared away before it fills their indexes.
ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.05);
