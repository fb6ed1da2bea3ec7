SELECT event FROM set_aside WHERE program_key = $1 AND source = $2 AND position = $3 FOR UPDATE
