-- A program by its id, locked until the transaction ends.
SELECT program_key, program_id, display_name, currency_code, time_zone, points_singular, points_plural, rate_points,
       rate_per_units, rounding_mode, enrollment_mode, create_time, update_time, clock_time, policies,
       policies -> 'changed' ->> 'tiers' AS tiers_changed, policies -> 'changed' ->> 'celebrations' AS celebrations_changed
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
LEFT JOIN points.settings USING (program_key)
WHERE program_id = $1
FOR UPDATE OF program
