-- How many cases each program has that somebody has to work on, and how many of them wait for a first reply that was due by
-- the program's test clock, or at $1. A program that never had a case is left out.
SELECT program.program_id AS program,
       count(*) FILTER (WHERE member_case.state NOT IN (5, 6)) AS open,
       count(*) FILTER (WHERE member_case.state NOT IN (5, 6) AND member_case.first_reply_time = 'infinity'
                          AND member_case.first_reply_due_time <= coalesce(test_clock.clock_time, $1::timestamptz)) AS past_due
FROM surveys.member_case
JOIN platform.program ON program.program_key = member_case.program_key
LEFT JOIN platform.test_clock ON test_clock.program_key = member_case.program_key
GROUP BY program.program_id
