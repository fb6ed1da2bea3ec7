UPDATE surveys.member_case
SET state = $3, owner = $4, state_time = $5, first_reply_time = $6, escalate_time = $7, resolve_time = $8,
    close_time = $9, resolution = $10, make_good_points = $11, note_count = $12
WHERE program_key = $1 AND case_id = $2
