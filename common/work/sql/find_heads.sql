-- The positions of the newest events of some programs.
SELECT program_key, last_position FROM event_head WHERE program_key = ANY ($1::bigint[])
