-- A change of the expiry policy may hold for points that are there: each lot becomes a new one, by an entry.
CREATE INDEX entry_expiry_change ON points.entry (program_key, account_id) WHERE kind = 26;
