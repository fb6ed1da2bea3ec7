-- A version of a rule, and the counter of its budget, which all versions share; empty texts are not given.
WITH budget AS (
    INSERT INTO points.counter (program_key, name, used) VALUES ($1, 'budget:' || $2, 0)
    ON CONFLICT (program_key, name) DO NOTHING
)
INSERT INTO points.earn_rule (program_key, rule_id, version, display_name, conditions, effect, maturity, limits,
                              rule_group, priority, create_time)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7, '')::jsonb, nullif($8, '')::jsonb, nullif($9, ''), $10, $11)
