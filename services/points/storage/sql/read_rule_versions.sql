-- What all versions of a program's rules limit.
SELECT rule_id, version, limits
FROM points.earn_rule
WHERE program_key = $1
ORDER BY rule_id, version
