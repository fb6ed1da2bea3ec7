-- The position of a program's newest event.
SELECT last_position FROM event_head WHERE program_key = $1
