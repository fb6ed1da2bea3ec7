-- A program by its id, with its test clock if it has one, and with its rules in force, by id.
SELECT program_key, program_id, display_name, currency_code, time_zone, points_singular, points_plural, rate_points,
       rate_per_units, rounding_mode, enrollment_mode, create_time, update_time, clock_time, policies,
       policies -> 'changed' ->> 'tiers' AS tiers_changed, policies -> 'changed' ->> 'celebrations' AS celebrations_changed,
       (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                             'rule_id', rule_id, 'version', version, 'conditions', conditions, 'effect', effect,
                             'maturity', maturity, 'limits', limits, 'group', rule_group,
                             'priority', nullif(priority, 0)))
                         ORDER BY rule_id)
        FROM points.earn_rule
        WHERE earn_rule.program_key = program.program_key AND replace_time IS NULL AND archive_time IS NULL) AS rules
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
LEFT JOIN points.settings USING (program_key)
WHERE program_id = $1
