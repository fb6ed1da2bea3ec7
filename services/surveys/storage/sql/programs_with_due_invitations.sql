-- Up to $2 programs with open invitations whose time is over, by the program's test clock or at $1. One look into the index
-- for each program.
SELECT program_key
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
WHERE EXISTS (SELECT FROM surveys.invitation
              WHERE invitation.program_key = program.program_key AND state = 1
                AND expire_time <= coalesce(test_clock.clock_time, $1::timestamptz))
ORDER BY program_key
LIMIT $2
