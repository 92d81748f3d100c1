-- What an operator watches in the database; docs/operations.md says what each number means. Reads
-- only. The first four look at what is open, by index, and may be asked every few seconds; the
-- others read whole tables: every few minutes, or on a standby.
--
--     psql "$DATABASE" --no-psqlrc --file deploy/watch.sql

\set now '(extract(epoch FROM now()) * 1000)::bigint'

\echo 1. messages that the bus does not have
SELECT count(*) AS messages, (:now - min(created_at)) / 1000 AS oldest_s
FROM outbox WHERE sent_at IS NULL;

\echo 2. publishes under way or put off; ran_out: those that nobody has gone on with
SELECT count(*) AS publishes, count(*) FILTER (WHERE publishing_until < :now) AS ran_out,
       (:now - min(publishing_until)) / 1000 AS longest_s
FROM events WHERE publishing_by IS NOT NULL;

\echo 3. deliveries that are due and that nobody has taken
SELECT count(*) AS deliveries, (:now - min(due_at)) / 1000 AS longest_s
FROM deliveries WHERE due_at <= :now AND (taken_by IS NULL OR taken_until < :now);

\echo 4. attempts that run; ran_out: those that nobody has taken over
SELECT count(*) AS attempts, count(DISTINCT lease_by) AS hosts,
       count(*) FILTER (WHERE lease_until < :now) AS ran_out,
       (:now - min(lease_until)) / 1000 AS longest_s
FROM deliveries WHERE lease_by IS NOT NULL;

\echo 5. deliveries of which nobody knows whether they are out
SELECT channel, count(*) AS deliveries, count(*) FILTER (WHERE due_at IS NULL) AS given_up,
       (:now - min(updated_at)) / 1000 AS longest_s
FROM deliveries WHERE status = 'UNKNOWN' GROUP BY channel ORDER BY channel;

\echo 6. deliveries that moved in the last hour
SELECT channel, status, count(*) AS deliveries
FROM deliveries WHERE updated_at > :now - 3600000
GROUP BY channel, status ORDER BY channel, status;

\echo 7. connections of hosts
SELECT count(*) AS connections, count(*) FILTER (WHERE state = 'active') AS active,
       max(extract(epoch FROM now() - xact_start))::int AS longest_transaction_s
FROM pg_stat_activity WHERE application_name = 'baepo' AND datname = current_database();

\echo 8. sizes
SELECT relname AS "table", pg_size_pretty(pg_total_relation_size(oid)) AS size,
       greatest(reltuples, 0)::bigint AS about_rows
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(oid) DESC;
