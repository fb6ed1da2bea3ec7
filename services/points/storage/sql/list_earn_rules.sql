-- A page of a program's rules in their newest versions, after an id; those that are archived too if so asked.
SELECT rule_id, version, display_name, conditions, effect, maturity, limits, rule_group, priority, create_time,
       replace_time, archive_time
FROM points.earn_rule
WHERE program_key = $1 AND rule_id > $2 AND replace_time IS NULL AND (archive_time IS NULL OR $3)
ORDER BY rule_id
LIMIT $4
