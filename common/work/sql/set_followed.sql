UPDATE followed SET position = $3 WHERE program_key = $1 AND source = $2
