-- Members of a program on whose accounts something is due, those who have waited longest first.
SELECT program.program_id, member.member_id
FROM (
    SELECT account_id, next_due_time
    FROM points.account
    WHERE program_key = $1 AND next_due_time < 'infinity' AND next_due_time <= $2::timestamptz
    ORDER BY next_due_time
    LIMIT $3
) AS due
JOIN points.member ON member.program_key = $1 AND member.account_id = due.account_id
JOIN platform.program ON program.program_key = $1
ORDER BY due.next_due_time
