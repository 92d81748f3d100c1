-- Attempts are journaled: a delivery is claimed, sleeps, and goes on from its attempt's journal.

DROP INDEX deliveries_open;

ALTER TABLE deliveries ADD COLUMN attempt     BLOB;    -- begun and not ended
ALTER TABLE deliveries ADD COLUMN lease_until INTEGER;
ALTER TABLE deliveries ADD COLUMN lease_by    BLOB     -- the holder of the lease
    CHECK ((lease_by IS NULL) = (lease_until IS NULL));
ALTER TABLE deliveries ADD COLUMN probes      INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_claimed ON deliveries (lease_until) WHERE lease_by IS NOT NULL;

ALTER TABLE attempts ADD COLUMN beginning TEXT; -- JSON; null in those from before journals

CREATE INDEX attempts_journaled ON attempts (started_at)
    WHERE ended IS NOT NULL AND beginning IS NOT NULL;

CREATE TABLE journal_entries (
    attempt  BLOB    NOT NULL REFERENCES attempts (id),
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    step     BLOB    NOT NULL, -- JSON, after a byte that says whether it is compressed
    PRIMARY KEY (attempt, sequence)
) STRICT, WITHOUT ROWID;

-- Attempts that were cut off and have no journal: nobody knows whether their posts are out. They
-- are due, so that the provider is asked, where it can be, and their distributions complete.
UPDATE deliveries
SET status = 'UNKNOWN', due_at = 0, revision = revision + 1,
    message = 'the host stopped during the attempt, so the post may be out: '
        || 'look at the channel before you publish it again'
WHERE status IN ('RUNNING', 'ACCEPTED') AND due_at IS NULL;

UPDATE attempts
SET revision = revision + 1,
    ended = json_object(
        'at', strftime('%Y-%m-%dT%H:%M:%fZ', started_at / 1000.0, 'unixepoch'),
        'end', 'died',
        'message', 'the host stopped during the attempt',
        'usage', json_object('fuel', 0, 'memoryBytes', 0, 'hostCalls', 0, 'activeTimeMs', 0)
    )
WHERE ended IS NULL;

-- At most one release per channel is active, whoever promotes; the last promoted stays.
UPDATE releases AS other SET state = 'RETIRED', revision = revision + 1
WHERE state = 'ACTIVE' AND EXISTS (
    SELECT 1 FROM releases AS later
    WHERE later.channel = other.channel AND later.state = 'ACTIVE'
        AND (coalesce(later.promoted_at, 0), later.sequence)
            > (coalesce(other.promoted_at, 0), other.sequence)
);
CREATE UNIQUE INDEX releases_active ON releases (channel) WHERE state = 'ACTIVE';
