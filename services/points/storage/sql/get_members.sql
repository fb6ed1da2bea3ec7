-- What some members have now. A program without such members gives one row with its key only; no program, no row.
SELECT program.program_key, member.member_id, member.enroll_time, account.balance, account.last_sequence, account.labels
FROM platform.program
LEFT JOIN (
    points.member
    JOIN points.account ON account.program_key = member.program_key AND account.account_id = member.account_id
) ON member.program_key = program.program_key AND member.member_id = ANY ($2::text[])
WHERE program.program_id = $1
