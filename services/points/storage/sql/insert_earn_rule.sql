INSERT INTO points.earn_rule (program_key, rule_id, display_name, conditions, effect, create_time)
VALUES ($1, $2, $3, $4, $5, $6)
