-- What a release asks for, and who approved it; null where a version before installed it. Nothing is taken away: a host
-- of the version before reads and writes the other columns.
ALTER TABLE releases ADD COLUMN permissions TEXT; -- JSON
ALTER TABLE releases ADD COLUMN approval TEXT; -- JSON

-- Attempts that are not over are counted per release before it is deleted.
CREATE INDEX deliveries_attempting ON deliveries (release) WHERE attempt IS NOT NULL;
