-- For a database that was brought back to an earlier moment, BEFORE any host starts on it.
--
-- What was under way then may be out by now, and the database does not know: hosts would go on with
-- it and post it twice. So all of it becomes UNKNOWN, which no host repeats by itself. Where the
-- channel can ask its provider, the host asks at once: what is out becomes LIVE, what certainly is
-- not is attempted again. The others wait for a person.
--
-- What the provider had taken already (ACCEPTED) goes on: it is waited for, not sent again.
--
--     psql "$DATABASE" --no-psqlrc --file deploy/after-restore.sql

\set ON_ERROR_STOP on
\set now '(extract(epoch FROM now()) * 1000)::bigint'

BEGIN;

-- Not while a host works: it would go on with what it has in memory.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_stat_activity
        WHERE application_name = 'baepo' AND datname = current_database()
    ) THEN
        RAISE EXCEPTION 'hosts are connected to this database: stop them first; nothing was changed';
    END IF;
END $$;

UPDATE deliveries
SET status = 'UNKNOWN',
    message = 'the database was restored from an earlier moment; look before you publish it again',
    attempt = NULL, lease_by = NULL, lease_until = NULL, taken_by = NULL, taken_until = NULL,
    due_at = :now, probes = 0, updated_at = :now, revision = revision + 1
WHERE status IN ('PENDING', 'RUNNING');

-- Their publishes are over; the owner may publish again.
UPDATE events
SET publishing_by = NULL, publishing_until = NULL, updated_at = :now, revision = revision + 1
WHERE publishing_by IS NOT NULL;

COMMIT;
