-- The answer that a request id got.
SELECT content, answer FROM request WHERE program_key = $1 AND request_id = $2
