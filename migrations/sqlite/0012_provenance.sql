-- Where a release's component came from and which key vouched for it, as JSON. Null in rows from before, and in
-- those of a host of the version before.
ALTER TABLE releases ADD COLUMN provenance TEXT;
