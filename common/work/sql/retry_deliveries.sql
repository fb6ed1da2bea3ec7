-- Makes deliveries pending, to be tried at once.
UPDATE delivery
SET state = 1, next_attempt_time = $3, end_time = NULL
WHERE program_key = $1 AND delivery_id = ANY ($2::bigint[])
