UPDATE delivery SET state = 4, end_time = $3
WHERE program_key = $1 AND delivery_id = ANY ($2::bigint[]) AND state = 1
