UPDATE surveys.invitation SET state = 3
WHERE program_key = $1 AND invitation_id = ANY ($2::bigint[])
