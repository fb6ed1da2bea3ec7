UPDATE surveys.invitation SET state = 2, answer_time = $3
WHERE program_key = $1 AND invitation_id = $2
