-- Events that were set aside, after a source and position.
SELECT source, position, event, error, attempts, create_time
FROM set_aside
WHERE program_key = $1 AND (source, position) > ($2::text, $3::bigint)
ORDER BY source, position
LIMIT $4
