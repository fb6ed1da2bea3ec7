-- Up to $2 programs with cases whose first reply is late and that were not escalated, by the program's test clock or at $1.
-- One look into the index for each program.
SELECT program_key
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
WHERE EXISTS (SELECT FROM surveys.member_case
              WHERE member_case.program_key = program.program_key
                AND first_reply_due_time <= coalesce(test_clock.clock_time, $1::timestamptz)
                AND first_reply_time = 'infinity' AND escalate_time = 'infinity' AND state NOT IN (5, 6))
ORDER BY program_key
LIMIT $2
