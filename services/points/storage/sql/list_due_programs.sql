-- Up to $2 programs in which something is due on an account, by the program's test clock or at $1. One look into the index
-- for each program.
SELECT program_key
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
WHERE EXISTS (SELECT FROM points.account
              WHERE account.program_key = program.program_key AND next_due_time < 'infinity'
                AND next_due_time <= coalesce(test_clock.clock_time, $1::timestamptz))
ORDER BY program_key
LIMIT $2
