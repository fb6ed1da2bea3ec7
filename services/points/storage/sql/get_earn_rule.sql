-- A rule of a program.
SELECT rule_id, display_name, conditions, effect, create_time, archive_time
FROM points.earn_rule
WHERE program_key = $1 AND rule_id = $2
