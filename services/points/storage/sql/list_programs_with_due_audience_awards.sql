-- Up to $2 programs in which an award to an audience is due, by the program's test clock or at $1. One look into the index
-- for each program.
SELECT program_key
FROM platform.program
LEFT JOIN platform.test_clock USING (program_key)
WHERE EXISTS (SELECT FROM points.audience_award
              WHERE audience_award.program_key = program.program_key AND state IN (1, 2)
                AND award_time <= coalesce(test_clock.clock_time, $1::timestamptz))
ORDER BY program_key
LIMIT $2
