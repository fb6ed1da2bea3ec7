-- All versions of a program's rules: what they limit, and when they were in force.
SELECT rule_id, version, limits, create_time, replace_time, archive_time
FROM points.earn_rule
WHERE program_key = $1
ORDER BY rule_id, version
