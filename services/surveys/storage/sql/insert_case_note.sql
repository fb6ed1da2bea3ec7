INSERT INTO surveys.case_note (program_key, case_id, number, kind, text, actor, create_time)
VALUES ($1, $2, $3, $4, $5, $6, $7)
