INSERT INTO surveys.invitation (program_key, survey_key, member_id, token, channel, segment, create_time, create_date,
                                expire_time, state, answer_time, order_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, ''))
RETURNING invitation_id
