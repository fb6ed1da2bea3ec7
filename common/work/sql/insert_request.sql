INSERT INTO request (program_key, request_id, content, answer, create_time) VALUES ($1, $2, $3, $4, $5)
