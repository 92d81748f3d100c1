-- An event is published by itself at a time, a delivery is followed move by move, a secret is renewed
-- before it runs out, and who did what is kept.

ALTER TABLE events ADD COLUMN schedule   TEXT;    -- JSON
ALTER TABLE events ADD COLUMN publish_at INTEGER; -- when it is published by itself; null when it is not
CREATE INDEX events_scheduled ON events (publish_at, id) WHERE publish_at IS NOT NULL;

ALTER TABLE accounts ADD COLUMN expires  TEXT NOT NULL DEFAULT '{}'; -- JSON: name of a secret to time
ALTER TABLE accounts ADD COLUMN renew_at INTEGER;
ALTER TABLE accounts ADD COLUMN problem  TEXT;
CREATE INDEX accounts_to_renew ON accounts (renew_at, owner, channel) WHERE renew_at IS NOT NULL;

-- What a reader saw of a delivery after each of its moves; the last one stays. The triggers write it:
-- a statement of its own for each move would take a quarter of all that the writer does.
CREATE TABLE delivery_changes (
    delivery BLOB    NOT NULL,
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    view     TEXT    NOT NULL, -- JSON
    PRIMARY KEY (delivery, revision)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER deliveries_made AFTER INSERT ON deliveries BEGIN
INSERT INTO delivery_changes (delivery, revision, at, view)
VALUES (new.id, new.revision, new.updated_at, json_object(
    'channel', new.channel,
    'status', new.status,
    'generation', new.generation,
    'attempts', new.attempts,
    'receipt', json(new.receipt),
    'findings', json(new.findings),
    'message', new.message,
    'nextAttemptAt', strftime('%Y-%m-%dT%H:%M:%fZ', new.due_at / 1000.0, 'unixepoch')
));
END;

CREATE TRIGGER deliveries_moved AFTER UPDATE OF revision ON deliveries BEGIN
INSERT INTO delivery_changes (delivery, revision, at, view)
VALUES (new.id, new.revision, new.updated_at, json_object(
    'channel', new.channel,
    'status', new.status,
    'generation', new.generation,
    'attempts', new.attempts,
    'receipt', json(new.receipt),
    'findings', json(new.findings),
    'message', new.message,
    'nextAttemptAt', strftime('%Y-%m-%dT%H:%M:%fZ', new.due_at / 1000.0, 'unixepoch')
));
END;

-- Of the moves from before only the last is known.
INSERT INTO delivery_changes (delivery, revision, at, view)
SELECT id, revision, updated_at, json_object(
    'channel', channel,
    'status', status,
    'generation', generation,
    'attempts', attempts,
    'receipt', json(receipt),
    'findings', json(findings),
    'message', message,
    'nextAttemptAt', strftime('%Y-%m-%dT%H:%M:%fZ', due_at / 1000.0, 'unixepoch')
)
FROM deliveries;

-- Refers to nothing: what was done is known, whatever becomes of what it was done to.
CREATE TABLE audit (
    id           BLOB    NOT NULL PRIMARY KEY,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    owner        TEXT    NOT NULL,
    event        BLOB,
    distribution BLOB,
    channel      TEXT,
    detail       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_owner ON audit (owner, id);
