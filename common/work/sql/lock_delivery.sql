-- One delivery.
SELECT delivery.program_key, '' AS program_id, delivery_id, kind, cause, part, member_id, request_id, points, label, from_time,
       until_time, reversed_delivery, reason, occurred_time, state, attempts, next_attempt_time, create_time, end_time,
       refusal_reason, refusal_message
FROM delivery
WHERE program_key = $1 AND delivery_id = $2
FOR UPDATE
