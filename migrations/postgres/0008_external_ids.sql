-- What the provider calls a delivery's post, as in its receipt; so that a post that is found at the
-- provider is known to be of another delivery. Null in rows from before, and where there is none.
--
-- A replica of the version before writes none: such a delivery counts as one whose post is not known,
-- so nobody takes a post that may be its.
ALTER TABLE deliveries ADD COLUMN external_id text;
-- Of the beginning alone: an index holds no more than 2,704 bytes of a row, and providers say what they like.
CREATE INDEX deliveries_of_account ON deliveries (owner, channel, left(external_id, 200));
