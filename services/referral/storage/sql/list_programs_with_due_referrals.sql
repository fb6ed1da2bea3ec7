-- Up to $2 programs with referrals on which something is due, by the program's test clock or at $1. One look into the
-- index for each program.
SELECT program_key
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
WHERE EXISTS (SELECT FROM referral.referral
              WHERE referral.program_key = program.program_key
                AND due_time <= coalesce(test_clock.clock_time, $1::timestamptz))
ORDER BY program_key
LIMIT $2
