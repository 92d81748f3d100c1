-- An event is published by itself at a time, a delivery is followed move by move, a secret is renewed
-- before it runs out, and who did what is kept.
--
-- A replica of the version before goes on: it leaves the new columns as they are, and keeps no moves.
-- So where both run, a delivery's revisions may have gaps in its moves.

-- What a reader saw of a delivery after each of its moves; the last one stays.
--
-- A move is kept by the very statement that makes it: looking its delivery up once more, for each,
-- would cost as much as it does for journal entries.
CREATE TABLE delivery_changes (
    delivery uuid   NOT NULL,
    revision bigint NOT NULL,
    at       bigint NOT NULL,
    view     text   NOT NULL, -- JSON
    PRIMARY KEY (delivery, revision)
);

-- Of the moves from before only the last is known. This comes first, because it takes the longest
-- and keeps nobody waiting.
INSERT INTO delivery_changes (delivery, revision, at, view)
SELECT id, revision, updated_at, json_build_object(
    'channel', channel,
    'status', status,
    'generation', generation,
    'attempts', attempts,
    'receipt', receipt::json,
    'findings', findings::json,
    'message', message,
    'nextAttemptAt', to_char(
        to_timestamp(due_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
    )
)
FROM deliveries;

-- Refers to nothing: what was done is known, whatever becomes of what it was done to.
CREATE TABLE audit (
    id           uuid   NOT NULL PRIMARY KEY,
    at           bigint NOT NULL,
    actor        text   COLLATE "C" NOT NULL,
    role         text   NOT NULL,
    action       text   NOT NULL,
    owner        text   COLLATE "C" NOT NULL,
    event        uuid,
    distribution uuid,
    channel      text   COLLATE "C",
    detail       text
);
CREATE INDEX audit_by_owner ON audit (owner, id);

ALTER TABLE events
    ADD COLUMN schedule   text,   -- JSON
    ADD COLUMN publish_at bigint; -- when it is published by itself; null when it is not
CREATE INDEX events_scheduled ON events (publish_at, id) WHERE publish_at IS NOT NULL;

ALTER TABLE accounts
    ADD COLUMN expires  text   NOT NULL DEFAULT '{}', -- JSON: name of a secret to time
    ADD COLUMN renew_at bigint,
    ADD COLUMN problem  text;
CREATE INDEX accounts_to_renew ON accounts (renew_at, owner, channel) WHERE renew_at IS NOT NULL;
