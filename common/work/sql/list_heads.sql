-- The positions of the newest events of all programs, a page of them, by the program's key.
SELECT program.program_key, program.program_id, event_head.last_position
FROM platform.program
JOIN event_head ON event_head.program_key = program.program_key
WHERE program.program_key > $1
ORDER BY program.program_key
LIMIT $2
