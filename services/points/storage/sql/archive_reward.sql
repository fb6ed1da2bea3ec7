UPDATE points.reward SET archive_time = $3, update_time = $3 WHERE program_key = $1 AND reward_id = $2
