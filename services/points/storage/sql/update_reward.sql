UPDATE points.reward
SET display_name = $3, content = $4, update_time = $5
WHERE program_key = $1 AND reward_id = $2
