-- Events of a program after a position and up to another, the oldest first: of some types (none named: of all), and of
-- one member or of all.
SELECT position, type, member_id, cause, actor, occurred_time, recorded_time, payload
FROM outbox
WHERE program_key = $1 AND position > $2 AND position <= $3
  AND (cardinality($4::text[]) = 0 OR type = ANY ($4::text[])) AND ($5::text = '' OR member_id = $5::text)
ORDER BY position
LIMIT $6
