-- An event that could not be taken in.
INSERT INTO set_aside (program_key, source, position, event, error, attempts, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
