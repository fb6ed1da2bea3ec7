-- Nothing has been followed yet, unless something has.
INSERT INTO followed (program_key, source, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING
