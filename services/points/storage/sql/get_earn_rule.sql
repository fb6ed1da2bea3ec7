-- A rule of a program in a version; 0: in its newest.
SELECT rule_id, version, display_name, conditions, effect, maturity, limits, rule_group, priority, create_time,
       replace_time, archive_time
FROM points.earn_rule
WHERE program_key = $1 AND rule_id = $2 AND (version = $3 OR ($3 = 0 AND replace_time IS NULL))
