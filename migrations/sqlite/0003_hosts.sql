-- Many hosts share what is due and what is to be sent; on SQLite there is one, and the tables are
-- the same.

-- Who was given a delivery that is due, so that others are given others; nobody, once it has moved.
ALTER TABLE deliveries ADD COLUMN taken_until INTEGER;
ALTER TABLE deliveries ADD COLUMN taken_by    BLOB
    CHECK ((taken_by IS NULL) = (taken_until IS NULL));
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (due_at, sequence) WHERE due_at IS NOT NULL;

-- Whose message it is to send. Those from before are nobody's.
ALTER TABLE outbox ADD COLUMN lease_by    BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE outbox ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;
DROP INDEX outbox_unsent;
CREATE INDEX outbox_unsent ON outbox (lease_by, sequence) WHERE sent_at IS NULL;

DROP INDEX events_publishing;
CREATE INDEX events_publishing ON events (publishing_until, id) WHERE publishing_by IS NOT NULL;

-- A delivery that had not begun is due no more by itself: the publish that goes on orders it.
UPDATE deliveries SET due_at = NULL
WHERE status = 'PENDING' AND attempts = 0 AND event IN (
    SELECT id FROM events WHERE publishing_by IS NOT NULL
);
