-- What used points for an order, or holds them for it: for its return, and for the next payment of it.
CREATE INDEX entry_used_for ON points.entry (program_key, account_id, order_id)
    WHERE kind IN (3, 10, 11) AND order_id IS NOT NULL;
DROP INDEX points.entry_spent_on;
