-- Deliveries that are to be finished, that nobody has claimed and that are never due are looked for
-- every few seconds, though there are none but for a moment: before their distribution is ordered.
CREATE INDEX deliveries_orphaned ON deliveries (updated_at)
    WHERE status IN ('PENDING', 'RUNNING', 'ACCEPTED') AND lease_by IS NULL AND due_at IS NULL;
