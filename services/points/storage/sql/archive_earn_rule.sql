UPDATE points.earn_rule SET archive_time = $3 WHERE program_key = $1 AND rule_id = $2 AND replace_time IS NULL
