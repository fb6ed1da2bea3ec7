INSERT INTO surveys.member_case (program_key, survey_key, response_id, member_id, state, severity, owner, open_time,
                                 state_time, first_reply_due_time, first_reply_time, escalate_time, resolve_time,
                                 close_time, resolution, make_good_points, note_count)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
RETURNING case_id
