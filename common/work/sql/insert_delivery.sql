-- Notes a call to points, unless it is noted already. Answers its id in both cases.
INSERT INTO delivery (program_key, kind, cause, part, member_id, request_id, points, label, from_time, until_time,
                      reversed_delivery, reason, occurred_time, state, next_attempt_time, create_time, end_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16)
ON CONFLICT (program_key, cause, part, member_id) DO UPDATE SET cause = delivery.cause
RETURNING delivery_id
