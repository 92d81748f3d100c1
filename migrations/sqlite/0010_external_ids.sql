-- What the provider calls a delivery's post, as in its receipt; so that a post that is found at the
-- provider is known to be of another delivery. Null in rows from before, and where there is none.
ALTER TABLE deliveries ADD COLUMN external_id TEXT;
CREATE INDEX deliveries_of_account ON deliveries (owner, channel, external_id);
