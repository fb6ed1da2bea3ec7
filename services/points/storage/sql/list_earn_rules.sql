-- A page of a program's rules, after an id; those that are archived too if so asked.
SELECT rule_id, display_name, conditions, effect, create_time, archive_time
FROM points.earn_rule
WHERE program_key = $1 AND rule_id > $2 AND (archive_time IS NULL OR $3)
ORDER BY rule_id
LIMIT $4
